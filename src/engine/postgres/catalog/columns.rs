//! Columns of tables, views and composite types.

use std::collections::HashMap;

use super::found::{Found, Reader, Row, attribute, of_users};
use super::relations::Places;
use crate::error::Result;
use crate::model::catalog::{Attribute, Column, Detail, Generated, Identity};

/// Columns by the oid of their relation, which for a composite type is not that of the type.
pub fn read(reader: &mut Reader<'_>) -> Result<(HashMap<u32, Vec<Column>>, Numbers)> {
    let mut columns: HashMap<u32, Vec<Column>> = HashMap::new();
    let mut numbers = Numbers::default();
    for mut row in reader.rows(&query(reader))? {
        let (relation, number) = (row.oid(), row.number());
        let column = column(&mut row);
        numbers.names.insert((relation, number), column.name.clone());
        columns.entry(relation).or_default().push(column);
    }
    Ok((columns, numbers))
}

/// Names of columns by the oid of their relation and their number.
#[derive(Default)]
pub struct Numbers {
    names: HashMap<(u32, i16), String>,
}

impl Numbers {
    /// The names of an array of numbers in the server's text form.
    pub fn names(&self, relation: u32, numbers: &[String]) -> Vec<String> {
        let name = |number: &String| self.names.get(&(relation, number.parse().ok()?)).cloned();
        numbers.iter().filter_map(name).collect()
    }
}

/// Gives tables and views their columns.
pub fn put(found: &mut [Found], places: &Places, columns: &mut HashMap<u32, Vec<Column>>) {
    for (oid, &at) in places {
        let columns = columns.remove(oid).unwrap_or_default();
        match &mut found[at].object.detail {
            Detail::Table(table) => table.columns = columns,
            Detail::View(view) => view.columns = columns,
            _ => {}
        }
    }
}

fn column(row: &mut Row) -> Column {
    let (name, ty, nullable) = (row.text(), row.text(), !row.flag());
    let (identity, generated, expression) = (row.text(), row.text(), row.maybe());
    let (default, generated) = match (generated.as_str(), expression) {
        ("s", Some(expression)) => (None, Some(Generated { expression, stored: true })),
        ("v", Some(expression)) => (None, Some(Generated { expression, stored: false })),
        (_, expression) => (expression, None),
    };
    Column {
        name,
        ty,
        nullable,
        default,
        generated,
        identity: match identity.as_str() {
            "" => None,
            kind => Some(Identity { always: kind == "a", attributes: Vec::new() }),
        },
        collation: row.maybe(),
        inherited: !row.flag(),
        comment: row.maybe(),
        attributes: attributes(row),
        ..Column::default()
    }
}

fn attributes(row: &mut Row) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    attributes.extend(row.maybe().map(|storage| attribute("storage", storage)));
    attributes.extend(row.maybe().map(|compression| attribute("compression", compression)));
    attributes.extend(row.maybe().map(|target| attribute("statistics", target)));
    attributes.extend(row.options());
    attributes.extend(row.maybe().map(|options| attribute("options", options)));
    attributes
}

fn query(reader: &Reader<'_>) -> String {
    COLUMNS
        .replace("{generated}", reader.since(120_000, "a.attgenerated", "''"))
        .replace(
            "{compression}",
            reader.since(
                140_000,
                "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END",
                "NULL",
            ),
        )
        .replace("{users}", &of_users("n.nspname"))
}

/// The collation is written as SQL, as the type is.
const COLUMNS: &str = "\
SELECT a.attrelid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
  a.attidentity, {generated}, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
  CASE WHEN a.attcollation <> t.typcollation
    THEN pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) END,
  a.attislocal, r.description,
  CASE WHEN a.attstorage <> t.typstorage AND c.relkind IN ('r', 'p', 'm', 'f') THEN
    CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' ELSE 'main' END END,
  {compression},
  CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END, a.attoptions,
  CASE WHEN a.attfdwoptions IS NOT NULL THEN (SELECT pg_catalog.string_agg(
      pg_catalog.quote_ident(o.option_name) || ' ' || pg_catalog.quote_literal(o.option_value), ', ')
    FROM pg_catalog.pg_options_to_table(a.attfdwoptions) o) END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation
LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
LEFT JOIN pg_catalog.pg_description r ON r.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND r.objoid = a.attrelid AND r.objsubid = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND {users}
ORDER BY a.attrelid, a.attnum";
