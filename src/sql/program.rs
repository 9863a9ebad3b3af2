//! Where the body of a stored program ends: nested `BEGIN`, `IF`, `CASE`, loops.
//!
//! `END`, `BEGIN`, `IF` and `REPEAT` are also names of columns or functions, so a word counts
//! only where a statement can begin.

use super::lex::TokenKind;

/// What a body is nested in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Begin,
    If,
    CaseStatement,
    CaseExpression,
    Loop,
    While,
    Repeat,
    For,
}

/// What comes before a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// The body follows parameters and characteristics.
    Routine,
    /// … follows `FOR EACH ROW`.
    Trigger,
    /// … follows `DO`.
    Event,
    /// There is none.
    None,
}

/// The words after which a body is one simple statement.
const SIMPLE: &[&[u8]] = &[
    b"ALTER",
    b"ANALYZE",
    b"CALL",
    b"CLOSE",
    b"COMMIT",
    b"CREATE",
    b"DELETE",
    b"DROP",
    b"EXECUTE",
    b"FETCH",
    b"FLUSH",
    b"GET",
    b"GRANT",
    b"INSERT",
    b"ITERATE",
    b"LEAVE",
    b"OPEN",
    b"PREPARE",
    b"REPLACE",
    b"RESIGNAL",
    b"RETURN",
    b"REVOKE",
    b"ROLLBACK",
    b"SELECT",
    b"SET",
    b"SIGNAL",
    b"TRUNCATE",
    b"UPDATE",
    b"WITH",
];

/// The state within one program.
#[derive(Debug)]
pub(super) struct Program {
    header: Header,
    frames: Vec<Frame>,
    /// A statement can begin here.
    start: bool,
    /// The word before was the first of its statement, so a colon makes it a label.
    maybe_label: bool,
    /// The body (or the statement of a handler) is still to come, after things that are not
    /// statements.
    waiting: bool,
    /// The program's name is still to come.
    naming: bool,
    /// Parentheses open while waiting: parameters.
    parens: u32,
    after_end: bool,
    after_point: bool,
    /// The last word was one after which `SET` is a type or part of `CHARACTER SET`.
    before_type: bool,
    until: bool,
    handler: Handler,
}

/// How much of `DECLARE … HANDLER FOR` has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handler {
    No,
    Declare,
    Seen,
}

impl Program {
    /// Starts after the word that says what is created.
    pub fn new(header: Header) -> Self {
        Program {
            header,
            frames: Vec::new(),
            start: header == Header::None,
            maybe_label: false,
            waiting: header == Header::Routine,
            naming: header != Header::None,
            parens: 0,
            after_end: false,
            after_point: false,
            before_type: false,
            until: false,
            handler: Handler::No,
        }
    }

    /// Starts within `BEGIN NOT ATOMIC`.
    pub fn in_block() -> Self {
        let mut program = Program::new(Header::None);
        program.frames.push(Frame::Begin);
        program
    }

    /// A semicolon belongs to the body.
    pub fn holds(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Takes the next token that is neither whitespace nor comment; `upper` is a word in
    /// capitals.
    pub fn feed(&mut self, kind: TokenKind, upper: &[u8]) {
        if kind == TokenKind::CommentMarker {
            return;
        }
        let after_point = std::mem::take(&mut self.after_point);
        match kind {
            TokenKind::Word if after_point => self.name(),
            TokenKind::Word => self.word(upper),
            TokenKind::QuotedIdent => self.name(),
            TokenKind::Punct => self.punct(upper),
            _ => self.plain(),
        }
    }

    fn plain(&mut self) {
        self.start = false;
        self.maybe_label = false;
        self.after_end = false;
        self.before_type = false;
    }

    fn name(&mut self) {
        let start = self.start;
        self.plain();
        self.naming = false;
        self.maybe_label = start;
    }

    fn punct(&mut self, mark: &[u8]) {
        let label = self.maybe_label;
        self.plain();
        match mark {
            b"." => self.after_point = true,
            b":" if label => self.start = true,
            b"(" if self.waiting => self.parens += 1,
            b")" if self.waiting => self.parens = self.parens.saturating_sub(1),
            b";" => {
                self.start = true;
                self.handler = Handler::No;
                self.waiting = false;
            }
            _ => {}
        }
    }

    fn word(&mut self, word: &[u8]) {
        if self.parens > 0 {
            return;
        }
        if self.naming {
            // `IF NOT EXISTS` may come before the name.
            self.naming = matches!(word, b"IF" | b"NOT" | b"EXISTS");
            return;
        }
        let before_type = self.before_type;
        let start = self.start;
        let ended = self.after_end;
        self.plain();
        self.maybe_label = start;
        self.before_type = matches!(word, b"RETURNS" | b"CHARACTER" | b"CHAR");
        // `END IF`: the word belongs to the end.
        if ended || self.opens(word, start) || self.ends(word, start) {
            return;
        }
        self.other(word, start, before_type);
    }

    /// Takes a word that begins a block.
    fn opens(&mut self, word: &[u8], start: bool) -> bool {
        let here = start || self.waiting;
        let frame = match word {
            b"BEGIN" if here => Frame::Begin,
            b"IF" if here => Frame::If,
            b"LOOP" if here => Frame::Loop,
            b"WHILE" if here => Frame::While,
            b"REPEAT" if here => Frame::Repeat,
            b"FOR" if start || (self.waiting && self.handler == Handler::No) => Frame::For,
            b"CASE" if here => Frame::CaseStatement,
            b"CASE" if self.holds() => Frame::CaseExpression,
            _ => return false,
        };
        self.frames.push(frame);
        self.start = matches!(frame, Frame::Begin | Frame::Loop | Frame::Repeat);
        self.maybe_label = false;
        self.waiting = false;
        self.handler = Handler::No;
        self.header = Header::None;
        true
    }

    fn ends(&mut self, word: &[u8], start: bool) -> bool {
        if word != b"END" {
            return false;
        }
        match self.frames.last() {
            Some(Frame::CaseExpression) => {}
            Some(Frame::Repeat) if self.until => {}
            Some(_) if start => {}
            _ => return false,
        }
        let ended = self.frames.pop();
        self.after_end = ended != Some(Frame::CaseExpression);
        self.until &= !self.after_end;
        self.maybe_label = false;
        true
    }

    fn other(&mut self, word: &[u8], start: bool, before_type: bool) {
        let top = self.frames.last().copied();
        match word {
            b"THEN" | b"ELSE" => self.start = self.holds() && top != Some(Frame::CaseExpression),
            b"DO" if matches!(top, Some(Frame::While | Frame::For)) && !start => self.start = true,
            b"DO" if self.header == Header::Event => self.body_follows(),
            b"ROW" if self.header == Header::Trigger => self.body_follows(),
            b"FOLLOWS" | b"PRECEDES" if self.waiting => self.naming = true,
            b"UNTIL" if top == Some(Frame::Repeat) => self.until = true,
            b"DECLARE" if start => self.handler = Handler::Declare,
            b"HANDLER" if self.handler == Handler::Declare => self.handler = Handler::Seen,
            b"FOR" if self.handler == Handler::Seen => self.waiting = true,
            b"SET" if before_type => {}
            _ if self.waiting && SIMPLE.contains(&word) => self.waiting = false,
            _ => {}
        }
    }

    fn body_follows(&mut self) {
        self.header = Header::None;
        self.waiting = true;
    }
}
