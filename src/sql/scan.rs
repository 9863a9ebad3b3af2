//! The state machine below both the lexer and the splitter.
//!
//! It works on a window of bytes that may end anywhere. When a token does not end within the
//! window, the machine remembers how far it got, so that however large a string or comment is
//! and however small the pieces it arrives in, each byte is looked at once.
//!
//! All tokens begin and end at ASCII bytes or at the ends of runs that take in every byte from
//! 0x80 up, so the ranges are always on character boundaries of valid UTF-8.

use memchr::{memchr, memchr2};

use super::dialect::{Dialect, Sigil};
use super::lex::TokenKind;

/// A token found at the start of the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanned {
    pub kind: TokenKind,
    /// Where it ends in the window.
    pub end: usize,
    /// False for a quote or comment that the input's end cut off.
    pub terminated: bool,
}

/// A token whose end is being looked for.
#[derive(Clone, Copy, Debug)]
enum Open {
    Run(fn(u8) -> bool),
    /// A number: a run, but with a sign after an exponent.
    Number,
    Quote {
        quote: u8,
        backslash: bool,
    },
    Dollar {
        tag: usize,
    },
    LineComment,
    BlockComment {
        depth: u32,
    },
}

/// How the string after an `E'…'` is read: a continuation on a later line is of the same sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Continuation {
    No,
    SameLine,
    NextLine,
}

/// Tags of dollar quotes beyond this are taken for something else, to bound how far we look.
const LONGEST_TAG: usize = 1024;
/// As far as `/*!999999` needs to look.
const COMMENT_HEAD: usize = 10;
/// An operator longer than any server accepts is cut.
const LONGEST_OPERATOR: usize = 64;

pub(super) struct Scanner {
    dialect: Dialect,
    open: Option<(TokenKind, Open)>,
    /// How much of the open token has been looked at, counted from its start.
    seen: usize,
    /// Within an executable comment.
    executable: bool,
    continuation: Continuation,
}

impl Scanner {
    pub fn new(dialect: &Dialect) -> Self {
        Scanner { dialect: *dialect, open: None, seen: 0, executable: false, continuation: Continuation::No }
    }

    /// Within an executable comment, whose content is code that no delimiter ends.
    pub fn in_executable_comment(&self) -> bool {
        self.executable
    }

    /// Forgets an executable comment that was not closed, at the end of a statement.
    pub fn leave_executable_comment(&mut self) {
        self.executable = false;
    }

    /// A token has been begun and not ended.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// A token is open, or the next string depends on the tokens before it.
    pub fn has_context(&self) -> bool {
        self.open.is_some() || self.executable || self.continuation != Continuation::No
    }

    /// The token that begins at `start`, which must be within `buf`; `None` when its end is
    /// further on. Then call again with the same token start once more bytes have been added
    /// (or `eof` is known): `start` may have moved, what came after it may not.
    pub fn scan(&mut self, buf: &[u8], start: usize, eof: bool) -> Option<Scanned> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => match self.begin(buf, start, eof)? {
                Begun::Whole(kind, len) => {
                    self.note_continuation(kind, false, &buf[start..start + len]);
                    return Some(Scanned { kind, end: start + len, terminated: true });
                }
                Begun::Open(kind, open, len) => {
                    self.seen = len;
                    (kind, open)
                }
            },
        };
        let found = self.find_end(&mut open, buf, start, eof);
        if found.is_none() && !eof {
            self.open = Some(open);
            return None;
        }
        let (kind, how) = open;
        let needs_no_end = matches!(how, Open::Run(_) | Open::Number | Open::LineComment);
        let end = found.unwrap_or(buf.len());
        let escapes = matches!(how, Open::Quote { backslash, .. } if backslash);
        self.note_continuation(kind, escapes, &buf[start..end]);
        Some(Scanned { kind, end, terminated: found.is_some() || needs_no_end })
    }

    fn note_continuation(&mut self, kind: TokenKind, escapes: bool, text: &[u8]) {
        if !self.dialect.escape_strings {
            return;
        }
        self.continuation = match (kind, self.continuation) {
            (TokenKind::String, _) if escapes => Continuation::SameLine,
            (TokenKind::Whitespace, Continuation::SameLine)
                if text.iter().any(|b| matches!(b, b'\n' | b'\r')) =>
            {
                Continuation::NextLine
            }
            (TokenKind::Whitespace, now) => now,
            (TokenKind::Comment, now) if text.starts_with(b"--") => now,
            _ => Continuation::No,
        };
    }

    // ---- where tokens begin ----

    /// Decides what begins at `start`; `None` when that takes more bytes than there are.
    fn begin(&mut self, buf: &[u8], start: usize, eof: bool) -> Option<Begun> {
        let rest = &buf[start..];
        let d = &self.dialect;
        let byte = rest[0];
        // A few constructs are told apart by their second byte.
        let second = match rest.get(1) {
            Some(&b) => b,
            None if eof || !needs_second(byte) => 0,
            None => return None,
        };
        match byte {
            b' ' | b'\t'..=b'\r' => Some(run(TokenKind::Whitespace, is_space)),
            b'\'' => Some(self.string(1, self.continues(buf, start))),
            b'"' if d.double_quoted_strings => Some(quoted(TokenKind::String, b'"', d.backslash_escapes, 1)),
            b'"' => Some(quoted(TokenKind::QuotedIdent, b'"', false, 1)),
            b'`' if d.backtick_idents => Some(quoted(TokenKind::QuotedIdent, b'`', false, 1)),
            b'[' if d.bracket_idents => Some(quoted(TokenKind::QuotedIdent, b']', false, 1)),
            b'-' if second == b'-' => self.dashes(rest, eof),
            b'#' if d.hash_comments => Some(Begun::Open(TokenKind::Comment, Open::LineComment, 1)),
            b'/' if second == b'*' => self.slash_star(rest, eof),
            b'*' if self.executable && second == b'/' => {
                self.executable = false;
                Some(Begun::Whole(TokenKind::CommentMarker, 2))
            }
            b'0'..=b'9' => Some(Begun::Open(TokenKind::Number, Open::Number, 1)),
            b'.' if second.is_ascii_digit() => Some(Begun::Open(TokenKind::Number, Open::Number, 2)),
            b'$' => self.dollar(rest, second, eof),
            b':' => Some(self.colon(buf, start, second)),
            b'?' if d.question == Sigil::Param => Some(run(TokenKind::Param, is_digit)),
            b'@' if d.at != Sigil::Operator => Some(self.at(second)),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(rest, second, eof),
            b',' | b';' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'.' => {
                Some(Begun::Whole(TokenKind::Punct, 1))
            }
            _ => self.operator(rest, eof),
        }
    }

    /// A plain string continues an `E'…'` of an earlier line, or was prefixed by an `E` that the
    /// caller skipped as plain text.
    fn continues(&self, buf: &[u8], start: usize) -> bool {
        let before = |n| start.checked_sub(n).and_then(|at| buf.get(at)).copied();
        let prefixed = matches!(before(1), Some(b'e' | b'E')) && !before(2).is_some_and(is_word);
        self.dialect.escape_strings && (prefixed || self.continuation == Continuation::NextLine)
    }

    fn string(&self, prefix: usize, escapes: bool) -> Begun {
        let backslash = escapes || self.dialect.backslash_escapes;
        quoted(TokenKind::String, b'\'', backslash, prefix)
    }

    fn word(&self, rest: &[u8], second: u8, eof: bool) -> Option<Begun> {
        let d = &self.dialect;
        let first = rest[0].to_ascii_lowercase();
        if second == b'\'' {
            if first == b'e' && d.escape_strings {
                return Some(self.string(2, true));
            }
            if d.string_prefixes.contains(&first) {
                return Some(self.string(2, false));
            }
        }
        if first == b'u' && second == b'&' && d.unicode_strings {
            match rest.get(2) {
                Some(b'\'') => return Some(self.string(3, false)),
                Some(b'"') => return Some(quoted(TokenKind::QuotedIdent, b'"', false, 3)),
                None if !eof => return None,
                _ => {}
            }
        }
        Some(run(TokenKind::Word, is_word))
    }

    fn dashes(&self, rest: &[u8], eof: bool) -> Option<Begun> {
        if self.dialect.dashes_need_space {
            match rest.get(2) {
                None if !eof => return None,
                Some(b) if !b.is_ascii_control() && *b != b' ' => {
                    return Some(Begun::Whole(TokenKind::Operator, 1));
                }
                _ => {}
            }
        }
        Some(Begun::Open(TokenKind::Comment, Open::LineComment, 2))
    }

    fn slash_star(&mut self, rest: &[u8], eof: bool) -> Option<Begun> {
        let d = &self.dialect;
        let mark = match rest.get(2..4) {
            _ if !d.executable_comments => 0,
            Some([b'!', _]) => 3,
            Some([b'M', b'!']) if d.executable_m_comments => 4,
            None if rest.get(2) == Some(&b'!') && eof => 3,
            None if !eof => return None,
            _ => 0,
        };
        if mark == 0 {
            let open = Open::BlockComment { depth: 1 };
            return Some(Begun::Open(TokenKind::Comment, open, 2));
        }
        if rest.len() < COMMENT_HEAD && !eof {
            return None;
        }
        let digits = rest[mark..].iter().take(6).take_while(|b| is_digit(**b)).count();
        let version = &rest[mark..mark + digits];
        // A version no server reaches is how dumps hide something from servers: `/*!999999\- */`.
        if version == b"999999" {
            let open = Open::BlockComment { depth: 1 };
            return Some(Begun::Open(TokenKind::Comment, open, mark));
        }
        self.executable = true;
        Some(Begun::Whole(TokenKind::CommentMarker, mark + digits))
    }

    fn dollar(&self, rest: &[u8], second: u8, eof: bool) -> Option<Begun> {
        let d = &self.dialect;
        if d.dollar_numbers && second.is_ascii_digit() {
            return Some(run(TokenKind::Param, is_digit));
        }
        if d.dollar_quotes && (second == b'$' || starts_word(second)) {
            let tag = rest[1..].iter().take(LONGEST_TAG);
            let len = tag.take_while(|b| is_word(**b) && **b != b'$').count() + 1;
            return match rest.get(len) {
                Some(b'$') => {
                    let open = Open::Dollar { tag: len + 1 };
                    Some(Begun::Open(TokenKind::DollarString, open, len + 1))
                }
                None if !eof => None,
                _ => Some(Begun::Whole(TokenKind::Operator, 1)),
            };
        }
        Some(match d.dollar {
            Sigil::Ident => run(TokenKind::Word, is_word),
            Sigil::Param if starts_word(second) => run(TokenKind::Param, is_word),
            _ => Begun::Whole(TokenKind::Operator, 1),
        })
    }

    /// `::`, `:=`, `:name`, `:`. A name directly after a word or value is a label's or a slice's
    /// (`again:LOOP`, `a[1:n]`), not a parameter.
    fn colon(&self, buf: &[u8], start: usize, second: u8) -> Begun {
        if second == b':' || second == b'=' {
            return Begun::Whole(TokenKind::Operator, 2);
        }
        let before = start.checked_sub(1).and_then(|at| buf.get(at)).copied();
        let after_value =
            before.is_some_and(|b| is_word(b) || matches!(b, b')' | b']' | b'\'' | b'"' | b'`' | b'$'));
        if starts_word(second) && !after_value {
            run(TokenKind::Param, is_word_not_dollar)
        } else {
            Begun::Whole(TokenKind::Punct, 1)
        }
    }

    fn at(&self, second: u8) -> Begun {
        match self.dialect.at {
            Sigil::Param if starts_word(second) => run(TokenKind::Param, is_word),
            Sigil::Variable if second == b'@' || is_word(second) || second == b'.' => {
                Begun::Open(TokenKind::Variable, Open::Run(is_variable), 2)
            }
            _ => Begun::Whole(TokenKind::Operator, 1),
        }
    }

    fn operator(&self, rest: &[u8], eof: bool) -> Option<Begun> {
        if self.dialect.free_operators {
            let run = rest.iter().take(LONGEST_OPERATOR);
            let mut len = run.take_while(|b| is_operator(**b)).count();
            if len == rest.len() && !eof {
                return None;
            }
            // A comment ends an operator.
            let comment = |pair: &[u8]| matches!(pair, b"--" | b"/*");
            if let Some(at) = rest[..len].windows(2).position(comment) {
                len = at;
            }
            // Half of a comment mark at the cut is left for the next token.
            if len > 1 && len == LONGEST_OPERATOR && matches!(rest[len - 1], b'-' | b'/') {
                len -= 1;
            }
            let kind = if len == 0 { TokenKind::Other } else { TokenKind::Operator };
            return Some(Begun::Whole(kind, len.max(1)));
        }
        if rest.len() < 3 && !eof && is_operator(rest[0]) {
            return None;
        }
        let len = [&b"->>"[..], b"<=>"].iter().find(|op| rest.starts_with(op)).map_or(0, |_| 3);
        let two = [&b"->"[..], b"<<", b">>", b"<=", b">=", b"<>", b"!=", b"||", b"&&", b"=="];
        let len = match len {
            0 => two.iter().find(|op| rest.starts_with(op)).map_or(1, |_| 2),
            n => n,
        };
        let known = is_operator(rest[0]);
        let kind = if known { TokenKind::Operator } else { TokenKind::Other };
        Some(Begun::Whole(kind, len))
    }

    // ---- where tokens end ----

    /// The end of the open token; when it is not in the window, `seen` says how far to skip the
    /// next time.
    fn find_end(
        &mut self,
        (kind, open): &mut (TokenKind, Open),
        buf: &[u8],
        start: usize,
        eof: bool,
    ) -> Option<usize> {
        let token = &buf[start..];
        let mut end = match open {
            Open::Run(class) => self.run_end(token, *class),
            Open::Number => self.number_end(token),
            Open::Quote { quote, backslash } => self.quote_end(token, *quote, *backslash, eof),
            Open::Dollar { tag } => self.dollar_end(token, *tag),
            Open::LineComment => self.line_end(token),
            Open::BlockComment { depth } => self.comment_end(token, depth),
        };
        // `_utf8'…'`: the word turns out to introduce a string.
        if let (Open::Run(_), Some(len)) = (&*open, end)
            && self.dialect.charset_introducers
            && token[0] == b'_'
            && token[len] == b'\''
        {
            let backslash = self.dialect.backslash_escapes;
            let quote = b'\'';
            *kind = TokenKind::String;
            *open = Open::Quote { quote, backslash };
            self.seen = len + 1;
            end = self.quote_end(token, quote, backslash, eof);
        }
        end.map(|len| start + len)
    }

    fn run_end(&mut self, token: &[u8], class: fn(u8) -> bool) -> Option<usize> {
        let more = token[self.seen..].iter().position(|b| !class(*b));
        let end = more.map(|n| self.seen + n);
        self.seen = token.len();
        end
    }

    fn number_end(&mut self, token: &[u8]) -> Option<usize> {
        let hex = token.len() > 1 && matches!(token[1], b'x' | b'X');
        while let Some(&b) = token.get(self.seen) {
            let signed = matches!(b, b'+' | b'-')
                && !hex
                && matches!(token[self.seen - 1], b'e' | b'E')
                && token[..self.seen - 1].iter().all(|b| is_digit(*b) || *b == b'.');
            if !(signed || is_word_not_dollar(b) || b == b'.') {
                return Some(self.seen);
            }
            self.seen += 1;
        }
        None
    }

    fn quote_end(&mut self, token: &[u8], quote: u8, backslash: bool, eof: bool) -> Option<usize> {
        loop {
            let rest = token.get(self.seen..)?;
            let found = if backslash { memchr2(quote, b'\\', rest) } else { memchr(quote, rest) };
            let Some(at) = found.map(|n| self.seen + n) else {
                self.seen = token.len();
                return None;
            };
            self.seen = at;
            match token.get(at + 1) {
                // The next byte decides what this one is: come back to it.
                None if !eof => return None,
                None if token[at] == quote => return Some(at + 1),
                None => {
                    self.seen = token.len();
                    return None;
                }
                Some(&next) if token[at] == quote && (next != quote || quote == b']') => {
                    return Some(at + 1);
                }
                Some(_) => self.seen = at + 2,
            }
        }
    }

    fn dollar_end(&mut self, token: &[u8], tag: usize) -> Option<usize> {
        while let Some(n) = memchr(b'$', &token[self.seen..]) {
            let at = self.seen + n;
            let rest = &token[at..];
            if rest.len() < tag {
                // Could still become the tag: come back to it.
                self.seen = at;
                if token[..tag].starts_with(rest) {
                    return None;
                }
            } else if rest[..tag] == token[..tag] {
                return Some(at + tag);
            }
            self.seen = at + 1;
        }
        self.seen = token.len();
        None
    }

    fn line_end(&mut self, token: &[u8]) -> Option<usize> {
        let rest = &token[self.seen..];
        let found =
            if self.dialect.return_ends_comment { memchr2(b'\n', b'\r', rest) } else { memchr(b'\n', rest) };
        let end = found.map(|n| self.seen + n);
        self.seen = token.len();
        end
    }

    fn comment_end(&mut self, token: &[u8], depth: &mut u32) -> Option<usize> {
        loop {
            let rest = &token[self.seen..];
            let found =
                if self.dialect.nested_comments { memchr2(b'*', b'/', rest) } else { memchr(b'*', rest) };
            let Some(at) = found.map(|n| self.seen + n) else {
                self.seen = token.len();
                return None;
            };
            self.seen = at;
            match (token[at], token.get(at + 1)?) {
                (b'*', b'/') => {
                    *depth -= 1;
                    self.seen += 2;
                    if *depth == 0 {
                        return Some(self.seen);
                    }
                }
                (b'/', b'*') => {
                    *depth = depth.saturating_add(1);
                    self.seen += 2;
                }
                _ => self.seen += 1,
            }
        }
    }
}

enum Begun {
    Whole(TokenKind, usize),
    /// With how many bytes of it have been read.
    Open(TokenKind, Open, usize),
}

fn run(kind: TokenKind, class: fn(u8) -> bool) -> Begun {
    Begun::Open(kind, Open::Run(class), 1)
}

fn quoted(kind: TokenKind, quote: u8, backslash: bool, seen: usize) -> Begun {
    Begun::Open(kind, Open::Quote { quote, backslash }, seen)
}

fn needs_second(byte: u8) -> bool {
    matches!(
        byte,
        b'-' | b'/' | b'*' | b'.' | b'$' | b':' | b'@' | b'a'..=b'z' | b'A'..=b'Z'
    )
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t'..=b'\r')
}

fn is_digit(b: u8) -> bool {
    b.is_ascii_digit()
}

pub(super) fn starts_word(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..)
}

/// A byte of an unquoted identifier after its first.
pub(super) fn is_word(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' | b'$' | 0x80..)
}

fn is_word_not_dollar(b: u8) -> bool {
    is_word(b) && b != b'$'
}

fn is_variable(b: u8) -> bool {
    is_word(b) || b == b'.'
}

fn is_operator(b: u8) -> bool {
    b"~!@#^&|`?+-*/%<>=".contains(&b)
}
