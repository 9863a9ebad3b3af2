//! Cuts a script into statements as it is read.
//!
//! Memory is bounded by the largest statement and every byte is looked at once, also when a
//! statement of a gigabyte arrives in small pieces.

use std::borrow::Cow;
use std::io::BufRead;

use super::block::Body;
use super::copy::CopyState;
use super::dialect::Dialect;
use super::input::{Input, Place};
use super::lex::TokenKind;
use super::scan::{Scanned, Scanner, is_word};
use super::split::{Item, Pending, SplitError, Statement};
use super::statement::{StatementKind, classify};

/// Reads a script and yields what it consists of.
pub struct Splitter<R> {
    pub(super) input: Input<R>,
    started: bool,
    failed: bool,

    pub(super) dialect: Dialect,
    backslash_commands: bool,
    delimiter: Vec<u8>,
    scanner: Scanner,
    classes: [Class; 256],

    /// Where the pending statement begins, which is at the input's mark.
    begun: Option<Place>,
    /// How far into it the whitespace and comments after the last code begin, if they begin with
    /// a comment.
    pub(super) tail: Option<usize>,
    /// What is to be left out of its text.
    pub(super) cuts: Vec<(usize, usize)>,
    pub(super) body: Body,
    parens: u32,
    /// Nothing but whitespace has come on this line.
    pub(super) line_is_blank: bool,
    pub(super) copy: Option<CopyState>,
    at_end: Pending,
}

/// What a byte within plain text can begin, for skipping quickly to what matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Skip,
    Stop,
    /// Matters only before a second one of its sort: `--`.
    Dash,
    /// Matters only before a star.
    Slash,
    /// Matters unless it is within a word.
    Dollar,
    Open,
    Close,
}

impl<R: BufRead> Splitter<R> {
    /// Reads statements of `dialect` from `reader`.
    pub fn new(reader: R, dialect: &Dialect) -> Self {
        Splitter {
            input: Input::new(reader),
            started: false,
            failed: false,
            dialect: *dialect,
            backslash_commands: false,
            delimiter: b";".to_vec(),
            scanner: Scanner::new(dialect),
            classes: classes(dialect, false),
            begun: None,
            tail: None,
            cuts: Vec::new(),
            body: Body::new(),
            parens: 0,
            line_is_blank: true,
            copy: None,
            at_end: Pending::None,
        }
    }

    /// Whether backslash commands of a shell are recognised, which dumps written for `psql` may
    /// also contain (`\connect`, `\restrict`). Off unless asked for.
    pub fn backslash_commands(mut self, on: bool) -> Self {
        self.backslash_commands = on;
        self.classes = classes(&self.dialect, on);
        self
    }

    /// Ends the statement that has been begun, as `\g` does.
    pub fn take_pending(&mut self) -> Option<Result<Item, SplitError>> {
        self.end_statement(0, true).transpose()
    }

    /// The statement that has been begun, so far.
    pub fn pending_text(&self) -> String {
        let text = self.statement_bytes();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Forgets the statement that has been begun, as `\r` does.
    pub fn discard_pending(&mut self) {
        self.reset();
    }

    /// What the input lacked when it ended; meaningful once the items have come to an end.
    pub fn at_end(&self) -> &Pending {
        &self.at_end
    }

    fn next_item(&mut self) -> Result<Option<Item>, SplitError> {
        if self.copy.is_some() {
            self.skip_copy_data()?;
        }
        if !self.started {
            self.input.skip_byte_order_mark()?;
            self.started = true;
        }
        loop {
            if self.input.pos >= self.input.buf.len() && !self.input.fill()? {
                return self.finish();
            }
            if self.is_plain() {
                self.skip_plain();
                if self.input.pos >= self.input.buf.len() {
                    continue;
                }
            }
            if let Some(item) = self.token()? {
                return Ok(Some(item));
            }
        }
    }

    /// The next token begins at `pos`, which is within the buffer.
    fn token(&mut self) -> Result<Option<Item>, SplitError> {
        if !self.scanner.is_open() && !self.scanner.in_executable_comment() {
            if self.has_delimiter() {
                match self.delimiter_at(self.input.pos) {
                    Some(true) => return self.end_statement(self.delimiter.len(), true),
                    Some(false) => {}
                    None => return self.input.fill().map(|_| None),
                }
            }
            if self.backslash_commands && self.input.buf[self.input.pos] == b'\\' {
                return self.meta();
            }
        }
        let input = &self.input;
        let Some(mut token) = self.scanner.scan(&input.buf, input.pos, input.eof) else {
            return self.input.fill().map(|_| None);
        };
        if self.has_delimiter() && !self.cut_at_delimiter(&mut token) {
            return self.input.fill().map(|_| None);
        }
        let text = &self.input.buf[self.input.pos..token.end];
        match token.kind {
            TokenKind::Whitespace => self.line_is_blank |= text.contains(&b'\n'),
            TokenKind::Comment if token.terminated => {
                // A hint is a comment to everyone but the planner; before a statement it is part
                // of it.
                if text.starts_with(b"/*+") && self.begun.is_none() {
                    self.begin_statement();
                }
                self.tail = self.tail.or(self.pending_len());
                self.line_is_blank = false;
            }
            _ => return self.code(token),
        }
        self.input.pos = token.end;
        Ok(None)
    }

    fn code(&mut self, token: Scanned) -> Result<Option<Item>, SplitError> {
        if !token.terminated {
            let text = &self.input.buf[self.input.pos..token.end];
            self.at_end = Pending::of_token(token.kind, text);
        }
        self.line_is_blank &= self.begun.is_none();
        let byte = self.input.buf[self.input.pos];
        let semicolon = byte == b';' && !self.has_delimiter();
        if semicolon && !self.holds_semicolon() {
            return self.end_statement(1, true);
        }
        if self.begun.is_none() {
            // To the server this is no comment, but no statement begins so either, and the engines'
            // own clients let lines like `-------` pass.
            if self.dialect.dashes_need_space && self.input.rest().starts_with(b"--") {
                self.input.pos += self.input.rest_of_line()?;
                return Ok(None);
            }
            if token.kind == TokenKind::Word && self.is_delimiter_command(token.end) {
                return self.delimiter_command(token.end).map(|()| None);
            }
            self.begin_statement();
        }
        self.tail = None;
        if self.dialect.parens_hold {
            match byte {
                b'(' => self.parens = self.parens.saturating_add(1),
                b')' => self.parens = self.parens.saturating_sub(1),
                _ => {}
            }
        }
        // With a delimiter of its own, the script says itself where bodies end.
        if !self.has_delimiter() {
            let text = &self.input.buf[self.input.pos..token.end];
            self.body.feed(&self.dialect, token.kind, text);
        }
        self.input.pos = token.end;
        Ok(None)
    }

    fn holds_semicolon(&self) -> bool {
        self.parens > 0 || self.scanner.in_executable_comment() || self.body.holds()
    }

    // ---- plain text ----

    /// Only quotes, comments, parentheses and semicolons can matter now.
    fn is_plain(&self) -> bool {
        self.body.is_plain() && !self.has_delimiter() && !self.scanner.has_context()
    }

    fn skip_plain(&mut self) {
        let (buf, start) = (&self.input.buf, self.input.pos);
        let mut at = start;
        loop {
            // Most bytes are of this sort: the tightest loop is for them.
            let skip = |b: &u8| self.classes[usize::from(*b)] == Class::Skip;
            at += buf[at..].iter().take_while(|b| skip(b)).count();
            let Some(&byte) = buf.get(at) else { break };
            match self.classes[usize::from(byte)] {
                Class::Skip => {}
                Class::Stop => break,
                Class::Dash if buf.get(at + 1).is_some_and(|b| *b != b'-') => {}
                Class::Slash if buf.get(at + 1).is_some_and(|b| *b != b'*') => {}
                Class::Dash | Class::Slash => break,
                Class::Dollar if at > 0 && is_word(buf[at - 1]) => {}
                Class::Dollar => break,
                Class::Open => self.parens = self.parens.saturating_add(1),
                Class::Close => self.parens = self.parens.saturating_sub(1),
            }
            at += 1;
        }
        if self.tail.is_some() && !buf[start..at].trim_ascii().is_empty() {
            self.tail = None;
        }
        self.input.pos = at;
    }

    // ---- delimiters ----

    /// A delimiter other than the semicolon is in force.
    fn has_delimiter(&self) -> bool {
        self.delimiter != b";"
    }

    /// Whether the delimiter is at `at`; `None` when that takes more input.
    fn delimiter_at(&self, at: usize) -> Option<bool> {
        let rest = &self.input.buf[at..];
        if !self.input.eof && rest.len() < self.delimiter.len() && self.delimiter.starts_with(rest) {
            return None;
        }
        Some(rest.starts_with(&self.delimiter))
    }

    /// Cuts a token off where the delimiter begins (`END$$` is one word to the lexer). False when
    /// that takes more input.
    fn cut_at_delimiter(&self, token: &mut Scanned) -> bool {
        use TokenKind::{Number, Operator, Other, Param, Variable, Word};
        if !matches!(token.kind, Word | Number | Operator | Other | Param | Variable)
            || self.scanner.in_executable_comment()
        {
            return true;
        }
        for at in self.input.pos + 1..token.end {
            match self.delimiter_at(at) {
                Some(true) => {
                    token.end = at;
                    return true;
                }
                Some(false) => {}
                None => return false,
            }
        }
        true
    }

    fn is_delimiter_command(&self, end: usize) -> bool {
        let word = &self.input.buf[self.input.pos..end];
        self.dialect.delimiter_command
            && self.line_is_blank
            && !self.scanner.in_executable_comment()
            && word.eq_ignore_ascii_case(b"delimiter")
            && self.input.buf.get(end).is_none_or(u8::is_ascii_whitespace)
    }

    fn delimiter_command(&mut self, end: usize) -> Result<(), SplitError> {
        let word = end - self.input.pos;
        let line = self.input.rest_of_line()?;
        let argument = self.input.rest()[word..line].trim_ascii();
        let argument = match argument {
            [quote @ (b'\'' | b'"' | b'`'), rest @ ..] => rest.split(|b| b == quote).next().unwrap_or(rest),
            bare => bare.split(u8::is_ascii_whitespace).next().unwrap_or(bare),
        };
        if argument.is_empty() {
            return Err(self.input.error("DELIMITER must be followed by a delimiter"));
        }
        self.delimiter = argument.to_vec();
        self.input.pos += line;
        Ok(())
    }

    // ---- statements ----

    fn begin_statement(&mut self) {
        self.begun = Some(self.input.place(self.input.pos));
        self.input.mark = Some(self.input.pos);
        self.tail = None;
    }

    /// How much of the pending statement has been read, if there is one.
    pub(super) fn pending_len(&self) -> Option<usize> {
        self.input.mark.map(|start| self.input.pos - start)
    }

    /// The pending statement up to the current position, as it would be sent.
    pub(super) fn statement_bytes(&self) -> Cow<'_, [u8]> {
        let (Some(start), Some(len)) = (self.input.mark, self.pending_len()) else {
            return Cow::Borrowed(&[]);
        };
        let len = self.tail.unwrap_or(len);
        let text = &self.input.buf[start..start + len];
        if self.cuts.is_empty() {
            return Cow::Borrowed(text.trim_ascii_end());
        }
        let mut kept = Vec::with_capacity(len);
        let mut from = 0;
        for &(cut, to) in &self.cuts {
            kept.extend_from_slice(text.get(from..cut.min(len)).unwrap_or(&[]));
            from = to;
        }
        kept.extend_from_slice(text.get(from..).unwrap_or(&[]));
        kept.truncate(kept.trim_ascii_end().len());
        Cow::Owned(kept)
    }

    /// Ends the pending statement here, where a delimiter of `skip` bytes is.
    fn end_statement(&mut self, skip: usize, terminated: bool) -> Result<Option<Item>, SplitError> {
        // Engines keep the text of definitions as it is, with the comments before the delimiter.
        if skip > 0 && self.defines() {
            self.tail = None;
        }
        let found = match self.begun {
            Some(place) => self.statement_at(place, terminated)?,
            None => None,
        };
        self.input.pos += skip;
        self.reset();
        Ok(found.map(|statement| {
            if self.data_follows(&statement.text) {
                self.copy = Some(CopyState::default());
                Item::CopyStatement(statement)
            } else {
                Item::Statement(statement)
            }
        }))
    }

    /// Whether the pending statement is a CREATE.
    fn defines(&self) -> bool {
        const WORD: &[u8] = b"create";
        let text = self.input.mark.and_then(|start| self.input.buf.get(start..start + WORD.len()));
        text.is_some_and(|text| text.eq_ignore_ascii_case(WORD))
    }

    fn data_follows(&self, sql: &str) -> bool {
        let from_stdin = StatementKind::Copy { from_stdin: true, to_stdout: false };
        // The first bytes decide almost always, and cost nothing.
        let first = sql.get(..4).unwrap_or("");
        self.dialect.copy_from_stdin
            && first.eq_ignore_ascii_case("copy")
            && classify(sql, &self.dialect) == from_stdin
    }

    fn statement_at(&self, begin: Place, terminated: bool) -> Result<Option<Statement>, SplitError> {
        let bytes = self.statement_bytes();
        if bytes.is_empty() {
            return Ok(None);
        }
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text.to_owned(),
            Err(e) => {
                let wrong = begin.after(&bytes[..e.valid_up_to()]);
                return Err(SplitError {
                    line: wrong.line,
                    column: wrong.column,
                    message: NOT_UTF8.to_owned(),
                    io: None,
                });
            }
        };
        Ok(Some(Statement {
            text,
            line: begin.line,
            column: begin.column,
            offset: self.input.offset(self.input.mark.unwrap_or(0)),
            terminated,
        }))
    }

    fn reset(&mut self) {
        self.begun = None;
        self.input.mark = None;
        self.tail = None;
        self.cuts.clear();
        self.body = Body::new();
        self.parens = 0;
        self.line_is_blank = false;
        self.scanner.leave_executable_comment();
    }

    fn finish(&mut self) -> Result<Option<Item>, SplitError> {
        if self.at_end == Pending::None {
            self.at_end = match () {
                () if self.statement_bytes().is_empty() => Pending::None,
                () if self.scanner.in_executable_comment() => Pending::Comment,
                () if self.parens > 0 => Pending::Paren,
                () => Pending::Statement,
            };
        }
        self.end_statement(0, false)
    }
}

impl<R: BufRead> Iterator for Splitter<R> {
    type Item = Result<Item, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_item().transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}

pub(super) const NOT_UTF8: &str = "the input is not valid UTF-8; convert it first";

fn classes(d: &Dialect, backslash_commands: bool) -> [Class; 256] {
    let mut classes = [Class::Skip; 256];
    let mut set = |byte: u8, class, on: bool| {
        if on {
            classes[usize::from(byte)] = class;
        }
    };
    for byte in *b"'\";" {
        set(byte, Class::Stop, true);
    }
    set(b'-', Class::Dash, true);
    set(b'/', Class::Slash, true);
    set(b'`', Class::Stop, d.backtick_idents);
    set(b'[', Class::Stop, d.bracket_idents);
    set(b'#', Class::Stop, d.hash_comments);
    set(b'\\', Class::Stop, backslash_commands);
    set(b'$', Class::Dollar, d.dollar_quotes);
    set(b'(', Class::Open, d.parens_hold);
    set(b')', Class::Close, d.parens_hold);
    classes
}
