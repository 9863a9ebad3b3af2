//! The short forms: a column, a foreign key or an index key as one text.

use super::super::{Column, Constraint, ConstraintKind, DefaultValue, Identity, Rule, Sql, Table};
use super::{Reader, parse_name, suggestion};
use crate::model::catalog::{Action, Reference};
use crate::model::types::Portable;
use crate::sql::{Lexer, POSTGRES, TokenKind};

/// Words that end the type of a column.
const CLAUSES: &[&str] = &["not", "null", "primary", "unique", "identity", "default", "references", "check"];

/// The actions of a foreign key, as they are written.
pub(super) const ACTIONS: &[(&str, Action)] = &[
    ("no action", Action::NoAction),
    ("restrict", Action::Restrict),
    ("cascade", Action::Cascade),
    ("set null", Action::SetNull),
    ("set default", Action::SetDefault),
];

/// A text as words, strings, numbers and signs, read from the left.
struct Words<'t> {
    text: &'t str,
    tokens: Vec<(TokenKind, usize, usize)>,
    next: usize,
}

impl<'t> Words<'t> {
    fn new(text: &'t str) -> Self {
        let tokens =
            Lexer::new(text, &POSTGRES).code().map(|(token, _)| (token.kind, token.start, token.end));
        Words { text, tokens: tokens.collect(), next: 0 }
    }

    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.next).map(|(_, start, end)| &self.text[*start..*end])
    }

    fn take(&mut self) -> Option<&'t str> {
        let word = self.peek();
        self.next += 1;
        word
    }

    fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word))
    }

    /// Takes some words if they are next.
    fn eat(&mut self, words: &[&str]) -> bool {
        let upcoming = self.tokens.iter().skip(self.next).take(words.len());
        let upcoming: Vec<&str> = upcoming.map(|(_, start, end)| &self.text[*start..*end]).collect();
        let same = upcoming.len() == words.len()
            && upcoming.iter().zip(words).all(|(is, wanted)| is.eq_ignore_ascii_case(wanted));
        if same {
            self.next += words.len();
        }
        same
    }

    /// The text up to the next of the words that stands outside of parentheses.
    fn until(&mut self, ends: &[&str]) -> &'t str {
        let start = self.tokens.get(self.next).map_or(self.text.len(), |(_, start, _)| *start);
        let (mut depth, mut end) = (0, start);
        while let Some((_, _, token_end)) = self.tokens.get(self.next) {
            let word = self.peek().unwrap_or_default();
            if depth == 0 && ends.iter().any(|each| each.eq_ignore_ascii_case(word)) {
                break;
            }
            depth += match word {
                "(" => 1,
                ")" => -1,
                _ => 0,
            };
            end = *token_end;
            self.next += 1;
        }
        &self.text[start..end]
    }

    /// What stands in parentheses, if they are next.
    fn parenthesized(&mut self) -> Option<&'t str> {
        if !self.eat(&["("]) {
            return None;
        }
        let start = self.tokens.get(self.next).map_or(self.text.len(), |(_, start, _)| *start);
        let mut depth = 1;
        while let Some(&(_, at, _)) = self.tokens.get(self.next) {
            depth += match self.take()? {
                "(" => 1,
                ")" => -1,
                _ => 0,
            };
            if depth == 0 {
                return Some(self.text[start..at].trim());
            }
        }
        None
    }
}

impl Reader<'_> {
    /// `varchar(20) not null unique default 'x'`.
    pub(super) fn short_column(&mut self, table: &mut Table, column: &mut Column, text: &str, at: usize) {
        let mut words = Words::new(text);
        let ty = words.until(CLAUSES);
        match Portable::parse(ty, &self.enums) {
            Ok(ty) => column.ty = Some(ty),
            Err(wrong) => self.complain(at, wrong.message, wrong.hint),
        }
        while let Some(word) = words.peek() {
            let place = self.place(at);
            let own = || vec![column.name.clone()];
            if words.eat(&["not", "null"]) {
                column.nullable = false;
            } else if words.eat(&["null"]) {
                column.nullable = true;
            } else if words.eat(&["primary", "key"]) {
                table.constraints.push(Constraint::new(place, ConstraintKind::PrimaryKey, own()));
            } else if words.eat(&["unique"]) {
                let kind = ConstraintKind::Unique { nulls_not_distinct: false };
                table.constraints.push(Constraint::new(place, kind, own()));
            } else if words.eat(&["identity"]) {
                column.identity = Some(Identity { rule: short_rule(&mut words), ..Identity::default() });
            } else if words.eat(&["default"]) {
                column.default = self.short_default(&mut words, column.ty.as_ref(), at);
            } else if words.eat(&["check"]) {
                match words.parenthesized() {
                    Some(inside) => {
                        let kind = ConstraintKind::Check(Sql::any(inside));
                        table.constraints.push(Constraint::new(place, kind, Vec::new()));
                    }
                    None => self.complain(at, "`check` needs an expression in parentheses", None),
                }
            } else if words.eat(&["references"]) {
                if let Some(reference) = self.short_reference(&mut words, at) {
                    let kind = ConstraintKind::ForeignKey(reference);
                    table.constraints.push(Constraint::new(place, kind, own()));
                }
            } else {
                let hint = match word.eq_ignore_ascii_case("not") {
                    true => Some("write `not null`".to_owned()),
                    false => suggestion(word, CLAUSES.iter().copied()),
                };
                self.complain(at, format!("`{word}` is not understood here"), hint);
                return;
            }
        }
    }

    fn short_default(
        &mut self,
        words: &mut Words<'_>,
        ty: Option<&Portable>,
        at: usize,
    ) -> Option<DefaultValue> {
        let kind = words.tokens.get(words.next).map(|(kind, ..)| *kind);
        if let Some(inside) = words.parenthesized() {
            return Some(DefaultValue::Sql(Sql::any(inside)));
        }
        let value = if words.eat(&["now", "(", ")"]) {
            DefaultValue::Now
        } else if words.eat(&["uuid", "(", ")"]) {
            DefaultValue::Uuid
        } else if words.is("true") || words.is("false") {
            DefaultValue::Bool(words.take()?.eq_ignore_ascii_case("true"))
        } else if words.eat(&["null"]) {
            return None;
        } else if words.eat(&["-"]) {
            DefaultValue::Number(format!("-{}", words.take().unwrap_or_default()))
        } else if kind == Some(TokenKind::Number) {
            DefaultValue::Number(words.take()?.to_owned())
        } else if kind == Some(TokenKind::String) {
            match crate::model::types::labels(words.take()?) {
                Some(mut text) if text.len() == 1 => DefaultValue::Text(text.remove(0)),
                _ => {
                    self.complain(at, "a text after `default` is written 'text'", None);
                    return None;
                }
            }
        } else {
            let hint = "a number, 'text', true, false, now(), uuid() or an expression in parentheses";
            self.complain(at, "`default` needs a value", Some(hint.to_owned()));
            words.next += 1;
            return None;
        };
        self.fits(&value, ty, at);
        Some(value)
    }

    /// `customer(id) on delete cascade`.
    pub(super) fn reference(&mut self, text: &str, at: usize) -> Option<Reference> {
        let mut words = Words::new(text);
        let reference = self.short_reference(&mut words, at)?;
        if let Some(word) = words.peek() {
            self.complain(at, format!("`{word}` is not understood here"), None);
        }
        Some(reference)
    }

    fn short_reference(&mut self, words: &mut Words<'_>, at: usize) -> Option<Reference> {
        let mut name = words.take().unwrap_or_default().to_owned();
        if words.eat(&["."]) {
            name = format!("{name}.{}", words.take().unwrap_or_default());
        }
        if name.is_empty() || name == "(" {
            self.complain(at, "the referenced table is missing: `customer(id)`", None);
            return None;
        }
        let referenced = words.parenthesized().map(names).unwrap_or_default();
        let mut reference = Reference {
            table: parse_name(&name),
            referenced,
            on_update: Action::NoAction,
            on_delete: Action::NoAction,
            full: false,
        };
        while words.eat(&["on"]) {
            let event = words.take().unwrap_or_default().to_ascii_lowercase();
            let action = ACTIONS
                .iter()
                .find(|(text, _)| words.eat(&text.split(' ').collect::<Vec<_>>()))
                .map(|(_, action)| *action);
            match (event.as_str(), action) {
                ("delete", Some(action)) => reference.on_delete = action,
                ("update", Some(action)) => reference.on_update = action,
                _ => {
                    let known = ACTIONS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
                    let message = "`on delete` and `on update` need an action";
                    self.complain(at, message, Some(format!("known: {known}")));
                    return None;
                }
            }
        }
        Some(reference)
    }

    /// `a, b -> t(x, y) on delete cascade`: the columns, and the other end.
    pub(super) fn short_foreign_key(&mut self, text: &str, at: usize) -> Option<(Vec<String>, Reference)> {
        match text.split_once("->") {
            Some((columns, reference)) => Some((names(columns), self.reference(reference, at)?)),
            None => {
                let hint = "`customer_id -> customer(id) on delete cascade`".to_owned();
                self.complain(at, "a foreign key in short is COLUMNS -> TABLE(COLUMNS)", Some(hint));
                None
            }
        }
    }
}

fn short_rule(words: &mut Words<'_>) -> Rule {
    if words.eat(&["always"]) {
        Rule::Always
    } else if words.eat(&["reuse"]) {
        Rule::Reuse
    } else {
        words.eat(&["by", "default"]);
        Rule::ByDefault
    }
}

/// `a, "b c"` as names.
pub(super) fn names(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        quoted ^= letter == '"';
        match (letter, names.last_mut()) {
            (',', _) if !quoted => names.push(String::new()),
            (letter, Some(last)) => last.push(letter),
            (_, None) => {}
        }
    }
    let unquoted = |name: &String| match name.trim().strip_prefix('"').and_then(|name| name.strip_suffix('"'))
    {
        Some(inside) => inside.replace("\"\"", "\""),
        None => name.trim().to_owned(),
    };
    names.iter().map(unquoted).collect()
}
