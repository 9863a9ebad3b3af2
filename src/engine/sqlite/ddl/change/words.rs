//! Names and texts: how SQLite compares and quotes them, and what a text names.

use std::collections::{BTreeSet, HashMap};

use crate::catalog::code::{Code, name_of};
use crate::model::catalog::{Attribute, Catalog, Object, attribute};
use crate::sql::{Lexer, SQLITE, Token, TokenKind, quote_ident, quote_literal};

/// SQLite folds the letters of ASCII alone.
pub fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

pub fn ident(name: &str) -> String {
    quote_ident(&SQLITE, name)
}

/// A string literal. (No name that SQLite keeps has a NUL.)
pub fn literal(text: &str) -> String {
    quote_literal(&SQLITE, text).unwrap_or_else(|_| "''".to_owned())
}

pub fn has(attributes: &[Attribute], word: &str) -> bool {
    attribute(attributes, word).is_some()
}

/// The tables and views of a catalog by name.
pub struct Relations<'a>(HashMap<String, &'a Object>);

impl<'a> Relations<'a> {
    pub fn of(catalog: &'a Catalog) -> Self {
        Relations(
            catalog.objects.iter().map(|object| (object.name.name.to_ascii_lowercase(), object)).collect(),
        )
    }

    pub fn get(&self, name: &str) -> Option<&'a Object> {
        self.0.get(&name.to_ascii_lowercase()).copied()
    }
}

/// The names in lower case that new tables cannot have.
pub fn relation_names(catalog: &Catalog) -> Vec<String> {
    let shadows = |object: &Object| {
        let list = attribute(&object.attributes, "shadow tables").unwrap_or_default().to_lowercase();
        list.split(", ").map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let mut names = Vec::new();
    for object in &catalog.objects {
        names.push(object.name.name.to_lowercase());
        names.append(&mut shadows(object));
        let indexes = object.as_table().map_or(&[][..], |table| &table.indexes);
        names.extend(indexes.iter().map(|index| index.name.to_lowercase()));
    }
    names
}

/// A name that is not taken, after another.
pub fn free_name(taken: &BTreeSet<String>, name: &str) -> String {
    let mut free = format!("dbwright_new_{name}");
    while taken.contains(&free.to_lowercase()) {
        free.push('_');
    }
    free
}

/// The words of a text that may be names, without their quotes.
pub fn names(text: &str) -> impl Iterator<Item = String> {
    tokens(text).into_iter().filter_map(move |token| name_of(token, text))
}

pub fn names_any(text: &str, mut wanted: impl FnMut(&str) -> bool) -> bool {
    names(text).any(|name| wanted(&name))
}

pub fn tokens(text: &str) -> Vec<Token> {
    Lexer::new(text, &SQLITE).filter(|token| token.kind.is_code()).collect()
}

/// What stands in double quotes in a text: names, and where there is no such name, strings.
pub fn in_double_quotes(text: &str) -> impl Iterator<Item = String> {
    let quoted = tokens(text).into_iter().filter(|token| token.kind == TokenKind::QuotedIdent);
    quoted.filter_map(move |token| {
        let is_double = token.text(text).starts_with('"');
        is_double.then(|| name_of(token, text)).flatten()
    })
}

/// The text of a table under another name; None when it names itself elsewhere, so that another
/// name would change its meaning, and when it is not understood.
pub fn under_another_name(sql: &str, name: &str, other: &str) -> Option<String> {
    let mut code = Code::new(sql);
    if !code.eat("create") {
        return None;
    }
    let _ = code.eat("temp") || code.eat("temporary");
    if !code.eat("table") {
        return None;
    }
    code.eat_all(&["if", "not", "exists"]);
    let mut start = code.start();
    code.name()?;
    let mut end = start + code.since(start).len();
    if code.eat(".") {
        start = code.start();
        code.name()?;
        end = start + code.since(start).len();
    }
    let rest = sql.get(end..)?;
    let all = tokens(rest);
    let names_itself = all.windows(2).any(|pair| {
        pair[1].text(rest) == "." && name_of(pair[0], rest).is_some_and(|word| same(&word, name))
    });
    (!names_itself).then(|| format!("CREATE TABLE {}{rest}", ident(other)))
}
