//! Constraints of tables and of domains.

use std::collections::HashMap;

use super::columns::Numbers;
use super::found::{Found, of_users, word};
use super::reader::Reader;
use super::relations::Places;
use super::rows::Row;
use crate::error::Result;
use crate::model::catalog::{Action, Constraint, ConstraintKind, Detail, Name, Reference, Table};
use crate::sql::{POSTGRES, quote_ident_if_needed};

/// What others need of the constraints.
#[derive(Default)]
pub struct Constraints {
    /// Those of domains, by the oid of the domain.
    pub of_domains: HashMap<u32, Vec<Constraint>>,
    /// The names of those that made an index, by its oid.
    pub of_indexes: HashMap<u32, String>,
}

/// Gives tables their constraints, and returns the rest.
pub fn read(
    reader: &mut Reader,
    found: &mut [Found],
    places: &Places,
    numbers: &Numbers,
) -> Result<Constraints> {
    let mut others = Constraints::default();
    for mut row in reader.rows(&query(reader))? {
        let (relation, domain, index) = (row.oid(), row.oid(), row.oid());
        let constraint = constraint(relation, numbers, &mut row);
        if has_index(&constraint) {
            others.of_indexes.extend(constraint.name.clone().map(|name| (index, name)));
        }
        if domain != 0 {
            others.of_domains.entry(domain).or_default().push(constraint);
        } else if let Some(&at) = places.get(&relation)
            && let Detail::Table(table) = &mut found[at].object.detail
        {
            table.constraints.push(constraint);
        }
    }
    for mut row in reader.rows(&not_nulls())? {
        let (relation, domain) = (row.oid(), row.oid());
        let constraint = not_null(relation, numbers, &mut row);
        if domain != 0 {
            others.of_domains.entry(domain).or_default().push(constraint);
        } else if let Some(&at) = places.get(&relation) {
            let object = &mut found[at].object;
            if let Detail::Table(table) = &mut object.detail
                && !goes_without_saying(&object.name.name, table, &constraint)
            {
                let place = table.constraints.partition_point(|each| order(each) < order(&constraint));
                table.constraints.insert(place, constraint);
            }
        }
    }
    Ok(others)
}

/// What [`read`] asks.
pub fn questions(reader: &Reader) -> Vec<String> {
    vec![query(reader), not_nulls()]
}

fn has_index(constraint: &Constraint) -> bool {
    use ConstraintKind::{Exclusion, PrimaryKey, Unique};
    matches!(constraint.kind, PrimaryKey | Unique | Exclusion)
}

/// The order of the query: by the server's letter, then by name.
fn order(constraint: &Constraint) -> (u8, Option<&str>) {
    let letter = match constraint.kind {
        ConstraintKind::Check { .. } => b'c',
        ConstraintKind::ForeignKey(_) => b'f',
        ConstraintKind::NotNull => b'n',
        ConstraintKind::PrimaryKey => b'p',
        ConstraintKind::Unique => b'u',
        ConstraintKind::Exclusion => b'x',
        ConstraintKind::Other => b'z',
    };
    (letter, constraint.name.as_deref())
}

/// A NOT NULL that the word NOT NULL of its column makes just so. From 18 on each has a row of its
/// own in the server's catalog.
fn goes_without_saying(name: &str, table: &Table, constraint: &Constraint) -> bool {
    let [column] = constraint.columns.as_slice() else { return false };
    let declared_here = table.columns.iter().any(|each| each.name == *column && !each.inherited);
    constraint.kind == ConstraintKind::NotNull
        && constraint.name.as_deref() == Some(usual_name(name, column).as_str())
        && constraint.validated
        && constraint.attributes.is_empty()
        && constraint.comment.is_none()
        && (declared_here || constraint.inherited)
}

/// The name that the server makes up for a NOT NULL: what is too long is cut from the longer part
/// (`makeObjectName` keeps names below 64 bytes).
pub fn usual_name(table: &str, column: &str) -> String {
    const ROOM: usize = 63 - "__not_null".len();
    let (mut first, mut second) = (table.len(), column.len());
    while first + second > ROOM {
        if first > second { first -= 1 } else { second -= 1 }
    }
    format!("{}_{}_not_null", cut(table, first), cut(column, second))
}

/// At most `bytes` of it, in whole characters.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

fn constraint(relation: u32, numbers: &Numbers, row: &mut Row) -> Constraint {
    let (name, letter, definition) = (row.text(), row.text(), row.maybe());
    let columns = numbers.names(relation, &row.list());
    let (deferrable, initially_deferred, validated) = (row.flag(), row.flag(), row.flag());
    let (enforced, inherited, no_inherit) = (row.flag(), row.flag(), row.flag());
    let comment = row.maybe();
    let expression = row.text();
    let kind = match letter.as_str() {
        "p" => ConstraintKind::PrimaryKey,
        "u" => ConstraintKind::Unique,
        "f" => ConstraintKind::ForeignKey(reference(numbers, row)),
        "c" => ConstraintKind::Check { expression },
        "x" => ConstraintKind::Exclusion,
        _ => ConstraintKind::Other,
    };
    let definition = definition.or_else(|| plain_key(&kind, &columns));
    let attributes = if no_inherit && letter == "c" { vec![word("no inherit")] } else { Vec::new() };
    Constraint {
        deferrable,
        initially_deferred,
        validated,
        enforced,
        inherited,
        comment,
        definition,
        attributes,
        ..Constraint::new(Some(name), kind, columns)
    }
}

/// The words of a key that is nothing but its columns, as `pg_get_constraintdef` gives them.
fn plain_key(kind: &ConstraintKind, columns: &[String]) -> Option<String> {
    let word = match kind {
        ConstraintKind::PrimaryKey => "PRIMARY KEY",
        ConstraintKind::Unique => "UNIQUE",
        _ => return None,
    };
    let columns: Vec<String> =
        columns.iter().map(|column| quote_ident_if_needed(&POSTGRES, column)).collect();
    Some(format!("{word} ({})", columns.join(", ")))
}

/// A NOT NULL of a table's column, or of a domain.
fn not_null(relation: u32, numbers: &Numbers, row: &mut Row) -> Constraint {
    let name = row.text();
    let columns = numbers.names(relation, &row.list());
    let (validated, inherited, no_inherit) = (row.flag(), row.flag(), row.flag());
    let mut definition = "NOT NULL".to_owned();
    for column in &columns {
        definition += &format!(" {}", quote_ident_if_needed(&POSTGRES, column));
    }
    for (word, is_there) in [(" NO INHERIT", no_inherit), (" NOT VALID", !validated)] {
        definition += if is_there { word } else { "" };
    }
    Constraint {
        validated,
        inherited,
        comment: row.maybe(),
        definition: Some(definition),
        attributes: if no_inherit { vec![word("no inherit")] } else { Vec::new() },
        ..Constraint::new(Some(name), ConstraintKind::NotNull, columns)
    }
}

fn reference(numbers: &Numbers, row: &mut Row) -> Reference {
    Reference {
        table: Name::new(row.text(), row.text()),
        referenced: numbers.names(row.oid(), &row.list()),
        on_update: action(&row.text()),
        on_delete: action(&row.text()),
        full: row.text() == "f",
    }
}

fn action(letter: &str) -> Action {
    match letter {
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull,
        "d" => Action::SetDefault,
        _ => Action::NoAction,
    }
}

fn query(reader: &Reader) -> String {
    let parent = reader.since(110_000, "c.conparentid", "0");
    CONSTRAINTS
        .replace("{enforced}", reader.since(180_000, "c.conenforced", "true"))
        .replace("{parent}", parent)
        .replace("{nulls_not_distinct}", reader.since(150_000, "x.indnullsnotdistinct", "false"))
        .replace("{period}", reader.since(180_000, "c.conperiod", "false"))
        .replace("{key}", reader.since(110_000, "x.indnkeyatts", "x.indnatts"))
        .replace("{users}", &of_users("n.nspname"))
}

/// The words of a key of plain columns say no more than its columns, and cost most. Without NOT
/// NULL, which is asked by itself, without constraint triggers, which are told as triggers, and without what a foreign key has of
/// its own for each partition of the table that it points to.
const CONSTRAINTS: &str = "\
SELECT c.conrelid, c.contypid, c.conindid, c.conname, c.contype,
  CASE WHEN NOT (x.indnatts = {key} AND NOT c.condeferrable AND NOT {nulls_not_distinct} AND NOT {period}) IS TRUE
    THEN pg_catalog.pg_get_constraintdef(c.oid) END,
  c.conkey,
  c.condeferrable, c.condeferred, c.convalidated, {enforced},
  NOT c.conislocal OR ({parent} <> 0 AND c.contype = 'f'), c.connoinherit, d.description,
  CASE WHEN c.contype = 'c' THEN pg_catalog.pg_get_expr(c.conbin, c.conrelid) END,
  fn.nspname, f.relname, c.confrelid, c.confkey,
  c.confupdtype, c.confdeltype, c.confmatchtype
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
LEFT JOIN pg_catalog.pg_class f ON f.oid = c.confrelid
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0
  AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
LEFT JOIN pg_catalog.pg_constraint p ON c.contype = 'f' AND p.contype = 'f' AND p.oid = {parent} AND p.conrelid = c.conrelid
LEFT JOIN pg_catalog.pg_index x ON c.contype IN ('p', 'u') AND x.indexrelid = c.conindid
WHERE c.contype NOT IN ('t', 'n') AND p.oid IS NULL AND {users}
ORDER BY c.conrelid, c.contypid, c.contype, c.conname";

fn not_nulls() -> String {
    NOT_NULLS.replace("{users}", &of_users("n.nspname"))
}

/// Each NOT NULL has a row from 18 on, and nearly all go without saying.
const NOT_NULLS: &str = "\
SELECT c.conrelid, c.contypid, c.conname, c.conkey, c.convalidated, NOT c.conislocal, c.connoinherit, d.description
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0
  AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
WHERE c.contype = 'n' AND {users}";

#[cfg(test)]
mod tests {
    use super::usual_name;

    #[test]
    fn long_names_are_cut_as_the_server_cuts_them() {
        assert_eq!(usual_name("t", "c"), "t_c_not_null");
        let name = usual_name(&"t".repeat(60), &"c".repeat(10));
        assert_eq!(name, format!("{}_{}_not_null", "t".repeat(43), "c".repeat(10)));
        assert_eq!(usual_name(&"é".repeat(40), "c").len(), 2 * 26 + "_c_not_null".len());
    }
}
