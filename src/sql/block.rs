//! Which semicolons belong to the statement: bodies of functions, triggers and blocks.
//!
//! As the engines' own shells do it, from words alone, without a grammar.

use super::dialect::Dialect;
use super::lex::TokenKind;
use super::program::{Header, Program};

/// Longer than any word that matters here.
const LONGEST: usize = 16;

/// Follows the tokens of one statement.
#[derive(Debug)]
pub(super) struct Body {
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing has been seen yet.
    Start,
    /// After `CREATE`. Whether the last token was the `=` of `DEFINER =`.
    Create { after_equals: bool },
    /// After `BEGIN`, and whether `NOT` followed.
    Begin { not: bool },
    /// A function whose body may be `BEGIN ATOMIC … END`: how many `END`s are due.
    Function { due: u32, last: Last },
    /// A trigger that ends at `; END ;` and nowhere else.
    Trigger(TriggerEnd),
    /// A stored program.
    Program(Program),
    /// Nothing in it matters any more.
    Plain,
}

/// The last token of a function, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Begin,
    /// After it, a keyword is a name.
    AsOrPoint,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TriggerEnd {
    No,
    Semicolon,
    End,
}

impl Body {
    pub fn new() -> Self {
        Body { state: State::Start }
    }

    /// A semicolon now is part of the statement.
    pub fn holds(&self) -> bool {
        match &self.state {
            State::Function { due, .. } => *due > 0,
            State::Trigger(end) => *end != TriggerEnd::End,
            State::Program(program) => program.holds(),
            _ => false,
        }
    }

    /// No further token of this statement can change anything.
    pub fn is_plain(&self) -> bool {
        matches!(self.state, State::Plain)
    }

    /// Takes the next token that is neither whitespace nor comment.
    pub fn feed(&mut self, dialect: &Dialect, kind: TokenKind, text: &[u8]) {
        if kind == TokenKind::CommentMarker || self.is_plain() {
            return;
        }
        let mut upper = [0; LONGEST];
        let upper: &[u8] = match upper.get_mut(..text.len()) {
            Some(upper) => {
                upper.copy_from_slice(text);
                upper.make_ascii_uppercase();
                upper
            }
            None => b"",
        };
        let word = if kind == TokenKind::Word { upper } else { b"" };
        match &mut self.state {
            State::Start => self.state = start(dialect, word),
            State::Create { after_equals } => {
                let skip = std::mem::replace(after_equals, upper == b"=");
                if let Some(next) = create(dialect, kind, word, skip) {
                    self.state = next;
                }
            }
            State::Begin { not } => match (*not, word) {
                (false, b"NOT") => *not = true,
                (true, b"ATOMIC") => self.state = State::Program(Program::in_block()),
                _ => self.state = State::Plain,
            },
            State::Function { due, last } => {
                function(due, *last, word);
                *last = match upper {
                    b"BEGIN" => Last::Begin,
                    b"AS" | b"." => Last::AsOrPoint,
                    _ => Last::Other,
                };
            }
            State::Trigger(end) => {
                *end = match (*end, upper) {
                    (_, b";") => TriggerEnd::Semicolon,
                    (TriggerEnd::Semicolon, _) if word == b"END" => TriggerEnd::End,
                    _ => TriggerEnd::No,
                };
            }
            State::Program(program) => program.feed(kind, upper),
            State::Plain => {}
        }
    }
}

/// The state after the first word.
fn start(d: &Dialect, word: &[u8]) -> State {
    match word {
        b"CREATE" if d.atomic_bodies || d.trigger_bodies || d.stored_programs => {
            State::Create { after_equals: false }
        }
        b"ALTER" if d.stored_programs => State::Create { after_equals: false },
        b"EXPLAIN" | b"QUERY" | b"PLAN" if d.trigger_bodies => State::Start,
        b"BEGIN" if d.anonymous_blocks => State::Begin { not: false },
        b"IF" | b"CASE" | b"LOOP" | b"WHILE" | b"REPEAT" | b"FOR" if d.anonymous_blocks => {
            let mut program = Program::new(Header::None);
            program.feed(TokenKind::Word, word);
            State::Program(program)
        }
        _ => State::Plain,
    }
}

/// The state after a further token of `CREATE …`; `None` when it is still open what is created.
fn create(d: &Dialect, kind: TokenKind, word: &[u8], skip: bool) -> Option<State> {
    if kind != TokenKind::Word {
        // The user in `DEFINER = 'u'@'%'`.
        return if d.stored_programs { None } else { Some(State::Plain) };
    }
    let program = |header| Some(State::Program(Program::new(header)));
    match word {
        _ if skip => None,
        b"OR" | b"REPLACE" => None,
        b"TEMP" | b"TEMPORARY" if d.trigger_bodies => None,
        b"DEFINER" | b"AGGREGATE" | b"CURRENT_USER" | b"CURRENT_ROLE" if d.stored_programs => None,
        b"FUNCTION" | b"PROCEDURE" if d.atomic_bodies => Some(State::Function { due: 0, last: Last::Other }),
        b"TRIGGER" if d.trigger_bodies => Some(State::Trigger(TriggerEnd::No)),
        b"FUNCTION" | b"PROCEDURE" if d.stored_programs => program(Header::Routine),
        b"TRIGGER" if d.stored_programs => program(Header::Trigger),
        b"EVENT" if d.stored_programs => program(Header::Event),
        _ => Some(State::Plain),
    }
}

fn function(due: &mut u32, last: Last, word: &[u8]) {
    match word {
        b"ATOMIC" if last == Last::Begin && *due == 0 => *due = 1,
        _ if last == Last::AsOrPoint => {}
        // CASE also ends with END.
        b"CASE" if *due > 0 => *due += 1,
        b"END" => *due = due.saturating_sub(1),
        _ => {}
    }
}
