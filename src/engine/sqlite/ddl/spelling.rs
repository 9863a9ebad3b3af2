//! What SQLite takes for the same, though it is written in another way: capitals of types,
//! collations, functions and words, blanks, DEFAULT NULL and no default.

use super::change::words::same;
use crate::model::catalog::{Attribute, Catalog, Column, Constraint, ConstraintKind, Detail, Index, Table};
use crate::sql::{Lexer, SQLITE};

/// `to` in the words of `from`, where both say the same.
pub fn spelled(from: &Catalog, mut to: Catalog) -> Catalog {
    for object in &mut to.objects {
        let Detail::Table(new) = &mut object.detail else { continue };
        let old = from.tables().find(|(old, table)| old.name == object.name && table.foreign.is_none());
        if let Some((_, old)) = old.filter(|_| new.foreign.is_none()) {
            table(old, new);
        }
    }
    to
}

fn table(old: &Table, new: &mut Table) {
    for column in &mut new.columns {
        if let Some(before) = old.columns.iter().find(|each| each.name == column.name) {
            take_words(before, column);
        }
    }
    let (mut constraints, mut indexes) = (old.constraints.clone(), old.indexes.clone());
    for new in &mut new.constraints {
        let exact = constraints.iter().position(|old| old == new);
        let alike = || constraints.iter().position(|old| plain(old) == plain(new));
        if let Some(at) = exact.or_else(alike) {
            *new = constraints.swap_remove(at);
        }
    }
    for new in &mut new.indexes {
        if let Some(at) = indexes.iter().position(|old| plain_index(old) == plain_index(new)) {
            *new = Index { definition: new.definition.take(), ..indexes.swap_remove(at) };
        }
    }
}

fn take_words(old: &Column, new: &mut Column) {
    if words(&old.ty) == words(&new.ty) {
        new.ty.clone_from(&old.ty);
    }
    if let (Some(before), Some(after)) = (&old.collation, &new.collation)
        && same(before, after)
    {
        new.collation.clone_from(&old.collation);
    }
    let default = |column: &Column| column.default.as_deref().map(words).filter(|text| text != "null");
    if default(old) == default(new) && old.generated.is_none() == new.generated.is_none() {
        new.default.clone_from(&old.default);
    }
    if let (Some(before), Some(after)) = (&old.generated, &mut new.generated)
        && words(&before.expression) == words(&after.expression)
    {
        after.expression.clone_from(&before.expression);
    }
}

/// A text without what makes no difference: blanks, comments, and the capitals of all that stands in
/// no quotes.
fn words(text: &str) -> String {
    let words = Lexer::new(text, &SQLITE).code().map(|(token, text)| match token.kind.is_word() {
        true => text.to_ascii_lowercase(),
        false => text.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A constraint in plain words, to be compared.
fn plain(constraint: &Constraint) -> Constraint {
    let mut plain = constraint.clone();
    plain.definition = None;
    if let ConstraintKind::Check { expression } = &mut plain.kind {
        *expression = words(expression);
    }
    plain.attributes.iter_mut().for_each(plain_attribute);
    plain
}

fn plain_attribute(attribute: &mut Attribute) {
    if attribute.name == "collation" {
        // `a NOCASE`: the name of the column stays.
        if let Some((column, collation)) = attribute.value.rsplit_once(' ') {
            attribute.value = format!("{column} {}", collation.to_ascii_lowercase());
        }
    }
}

fn plain_index(index: &Index) -> Index {
    let mut plain =
        Index { definition: None, predicate: index.predicate.as_deref().map(words), ..index.clone() };
    for key in &mut plain.keys {
        key.expression = key.expression.as_deref().map(words);
        key.collation = key.collation.as_deref().map(str::to_ascii_lowercase);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ddl::change::tests::{catalog, database};
    use crate::model::diff::diff;

    #[test]
    fn other_letters_and_blanks_are_no_difference() {
        let from = catalog(&database(
            "create table t (a int collate nocase default null, b TEXT default current_timestamp, c varchar(20),
               d int as (A+1), check (a>0 and b<>'X'), unique (b collate nocase));
             create index i on t (lower(a) collate nocase) where a>1;",
        ));
        let alike = catalog(&database(
            "create table t (a INT collate NOCASE, b text default CURRENT_TIMESTAMP, c VARCHAR (20),
               d INT as (a + 1), check (A > 0 AND b <> 'X'), unique (b collate NOCASE));
             create index i on t (LOWER(a) collate NOCASE) where a > 1;",
        ));
        assert!(!diff(&from, &alike).is_empty());
        assert_eq!(diff(&from, &spelled(&from, alike)), Vec::new());
    }

    #[test]
    fn real_differences_stay() {
        for (one, other) in [
            ("create table t (a int)", "create table t (a integer)"),
            ("create table t (a text check (a <> 'x'))", "create table t (a text check (a <> 'X'))"),
            ("create table t (a text default 'x')", "create table t (a text default 'X')"),
            ("create table t (a text default null)", "create table t (a text default 'null')"),
            ("create table t (a text collate nocase)", "create table t (a text)"),
            ("create table t (a int, check (a > 1))", "create table t (a int, check (a > 2))"),
        ] {
            let (from, to) = (catalog(&database(one)), catalog(&database(other)));
            assert_eq!(diff(&from, &spelled(&from, to)).len(), 1, "{one} {other}");
        }
    }
}
