//! Constraints of tables and of domains.

use std::collections::HashMap;

use super::columns::Numbers;
use super::found::{Found, Reader, Row, of_users, word};
use super::relations::Places;
use crate::error::Result;
use crate::model::catalog::{Action, Constraint, ConstraintKind, Detail, Name, Reference, Table};

/// Gives tables their constraints, and returns those of domains, by the oid of the domain.
pub fn read(
    reader: &mut Reader<'_>,
    found: &mut [Found],
    places: &Places,
    numbers: &Numbers,
) -> Result<HashMap<u32, Vec<Constraint>>> {
    let mut domains: HashMap<u32, Vec<Constraint>> = HashMap::new();
    for mut row in reader.rows(&query(reader))? {
        let (relation, domain) = (row.oid(), row.oid());
        let constraint = constraint(relation, numbers, &mut row);
        if domain != 0 {
            domains.entry(domain).or_default().push(constraint);
        } else if let Some(&at) = places.get(&relation) {
            let name = found[at].object.name.name.clone();
            if let Detail::Table(table) = &mut found[at].object.detail
                && !goes_without_saying(&name, table, &constraint)
            {
                table.constraints.push(constraint);
            }
        }
    }
    Ok(domains)
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
fn usual_name(table: &str, column: &str) -> String {
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
        "n" => ConstraintKind::NotNull,
        "x" => ConstraintKind::Exclusion,
        _ => ConstraintKind::Other,
    };
    let attributes = if no_inherit && matches!(letter.as_str(), "c" | "n") {
        vec![word("no inherit")]
    } else {
        Vec::new()
    };
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

fn query(reader: &Reader<'_>) -> String {
    let parent = reader.since(110_000, "c.conparentid", "0");
    CONSTRAINTS
        .replace("{enforced}", reader.since(180_000, "c.conenforced", "true"))
        .replace("{parent}", parent)
        .replace("{usual_join}", reader.since(180_000, USUAL_JOIN, ""))
        .replace("{usual_out}", reader.since(180_000, " AND ua.attrelid IS NULL", ""))
        .replace("{users}", &of_users("n.nspname"))
}

/// Without constraint triggers, which are told as triggers, and without what a foreign key has of
/// its own for each partition of the table that it points to.
const CONSTRAINTS: &str = "\
SELECT c.conrelid, c.contypid, c.conname, c.contype, pg_catalog.pg_get_constraintdef(c.oid),
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
LEFT JOIN pg_catalog.pg_constraint p ON c.contype = 'f' AND p.oid = {parent} AND p.conrelid = c.conrelid
{usual_join}
WHERE c.contype <> 't' AND p.oid IS NULL{usual_out} AND {users}
ORDER BY c.conrelid, c.contypid, c.contype, c.conname";

/// Most of the NOT NULLs that go without saying, found by the server: each column has one.
const USUAL_JOIN: &str = "\
LEFT JOIN pg_catalog.pg_class uc ON c.contype = 'n' AND uc.oid = c.conrelid
LEFT JOIN pg_catalog.pg_attribute ua ON ua.attrelid = uc.oid AND ua.attnum = c.conkey[1]
  AND c.conname = uc.relname || '_' || ua.attname || '_not_null' AND ua.attislocal
  AND c.convalidated AND c.conislocal AND c.coninhcount = 0 AND NOT c.connoinherit AND d.objoid IS NULL";

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
