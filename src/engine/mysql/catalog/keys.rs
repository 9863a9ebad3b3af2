//! Keys, indexes and constraints out of a `SHOW CREATE TABLE` text.

use super::table::attribute;
use super::words::{Words, settled, unquoted};
use crate::model::catalog::{Action, Constraint, ConstraintKind, Index, IndexKey, Name, Reference};

/// Reads an index, and the constraint that it is at the same time.
pub fn index(words: &mut Words<'_>) -> Option<(Index, Option<Constraint>)> {
    let mut index = Index { usable: true, ..Index::default() };
    let is_primary = words.eat(&["PRIMARY", "KEY"]);
    if is_primary {
        index.name = "PRIMARY".into();
        index.unique = true;
    } else {
        if words.eat(&["UNIQUE"]) {
            index.unique = true;
        } else if !words.is("KEY") {
            // FULLTEXT, SPATIAL, VECTOR.
            index.method = words.name()?.to_ascii_lowercase();
        }
        if !words.eat(&["KEY"]) {
            return None;
        }
        index.name = words.name()?;
    }
    using(words, &mut index);
    keys(words, &mut index)?;
    while words.peek().is_some() && !words.is(",") && !words.is(")") {
        option(words, &mut index)?;
    }
    let columns: Option<Vec<String>> = index.keys.iter().map(|key| key.column.clone()).collect();
    let constraint = columns.filter(|_| index.unique).map(|columns| {
        let kind = if is_primary { ConstraintKind::PrimaryKey } else { ConstraintKind::Unique };
        Constraint::new(Some(index.name.clone()), kind, columns)
    });
    index.constraint = constraint.as_ref().and_then(|constraint| constraint.name.clone());
    Some((index, constraint))
}

fn using(words: &mut Words<'_>, index: &mut Index) -> bool {
    let found = words.eat(&["USING"]);
    if found {
        index.method = words.name().unwrap_or_default().to_ascii_lowercase();
    }
    found
}

fn keys(words: &mut Words<'_>, index: &mut Index) -> Option<()> {
    if !words.eat(&["("]) {
        return None;
    }
    loop {
        let mut key = IndexKey::default();
        match words.is("(") {
            true => key.expression = Some(settled(words.group()?)),
            false => key.column = Some(words.name()?),
        }
        if words.is("(") {
            key.prefix = words.group()?.trim().parse().ok();
        }
        if words.eat(&["DESC"]) {
            key.descending = true;
        }
        words.eat(&["ASC"]);
        if words.eat(&["WITHOUT", "OVERLAPS"]) {
            index.attributes.push(attribute("without overlaps", key.column.clone().unwrap_or_default()));
        }
        index.keys.push(key);
        if words.eat(&[")"]) {
            return Some(());
        }
        if !words.eat(&[","]) {
            return None;
        }
    }
}

fn option(words: &mut Words<'_>, index: &mut Index) -> Option<()> {
    if using(words, index) {
        return Some(());
    }
    for name in ["INVISIBLE", "IGNORED"] {
        if words.eat(&[name]) {
            index.usable = false;
            return Some(());
        }
    }
    if words.eat(&["COMMENT"]) {
        index.comment = Some(words.string()?);
        return Some(());
    }
    if words.eat(&["WITH", "PARSER"]) {
        index.attributes.push(attribute("parser", words.name()?));
        return Some(());
    }
    // KEY_BLOCK_SIZE=8, ENGINE_ATTRIBUTE '...', options of MariaDB's engines.
    let name = words.name()?.to_ascii_lowercase();
    words.eat(&["="]);
    let value = unquoted(words.text(0));
    words.next()?;
    index.attributes.push(attribute(&name, value));
    Some(())
}

/// Reads what follows `CONSTRAINT name`.
///
/// An action that is not written is the server's own: NO ACTION on MySQL, RESTRICT on MariaDB,
/// which both write the other one out. They do the same.
pub fn constraint(words: &mut Words<'_>, name: String, usual: Action) -> Option<Constraint> {
    if words.eat(&["CHECK"]) {
        let expression = settled(words.group()?);
        let mut check = Constraint::new(Some(name), ConstraintKind::Check { expression }, Vec::new());
        check.enforced = !words.eat(&["NOT", "ENFORCED"]);
        return Some(check);
    }
    if !words.eat(&["FOREIGN", "KEY"]) {
        return None;
    }
    let columns = words.names()?;
    if !words.eat(&["REFERENCES"]) {
        return None;
    }
    let mut table = Name::new("", words.name()?);
    if words.eat(&["."]) {
        table = Name::new(table.name, words.name()?);
    }
    let referenced = words.names()?;
    let full = words.eat(&["MATCH", "FULL"]);
    let mut reference = Reference { table, referenced, on_update: usual, on_delete: usual, full };
    loop {
        if words.eat(&["ON", "DELETE"]) {
            reference.on_delete = action(words)?;
        } else if words.eat(&["ON", "UPDATE"]) {
            reference.on_update = action(words)?;
        } else {
            return Some(Constraint::new(Some(name), ConstraintKind::ForeignKey(reference), columns));
        }
    }
}

fn action(words: &mut Words<'_>) -> Option<Action> {
    const ACTIONS: [(&[&str], Action); 5] = [
        (&["CASCADE"], Action::Cascade),
        (&["RESTRICT"], Action::Restrict),
        (&["SET", "NULL"], Action::SetNull),
        (&["SET", "DEFAULT"], Action::SetDefault),
        (&["NO", "ACTION"], Action::NoAction),
    ];
    ACTIONS.iter().find(|(texts, _)| words.eat(texts)).map(|(_, action)| *action)
}
