//! Indexes of tables and materialized views.

use std::collections::HashMap;

use super::found::{Found, Reader, Row, attribute, of_users, word};
use super::relations::Places;
use crate::error::Result;
use crate::model::catalog::{Attribute, Detail, Index, IndexKey};

pub fn read(reader: &mut Reader<'_>, found: &mut [Found], places: &Places) -> Result<()> {
    let mut keys = keys(reader)?;
    for mut row in reader.rows(&query(reader))? {
        let (oid, relation) = (row.oid(), row.oid());
        let Some(&at) = places.get(&relation) else { continue };
        let mut index = index(&mut row);
        for key in keys.remove(&oid).unwrap_or_default() {
            match key {
                Part::Key(key) => index.keys.push(key),
                Part::Included(column) => index.include.push(column),
                Part::Statistics(statistics) => index.attributes.push(statistics),
            }
        }
        match &mut found[at].object.detail {
            Detail::Table(table) => table.indexes.push(index),
            Detail::View(view) => view.indexes.push(index),
            _ => {}
        }
    }
    Ok(())
}

fn index(row: &mut Row) -> Index {
    let index = Index {
        name: row.text(),
        method: row.text(),
        unique: row.flag(),
        nulls_not_distinct: row.flag(),
        definition: row.maybe(),
        predicate: row.maybe(),
        constraint: row.maybe(),
        usable: row.flag(),
        comment: row.maybe(),
        bytes: row.maybe().and_then(|bytes| bytes.parse().ok()),
        ..Index::default()
    };
    let mut attributes = Vec::new();
    if row.flag() {
        attributes.push(word("clustered"));
    }
    if row.flag() {
        attributes.push(word("replica identity"));
    }
    attributes.extend(row.maybe().map(|space| attribute("tablespace", space)));
    attributes.extend(row.maybe().map(|parent| attribute("partition of", parent)));
    attributes.extend(row.options());
    Index { attributes, ..index }
}

enum Part {
    Key(IndexKey),
    Included(String),
    /// The statistics target of the expression at a place: `statistics 2` = `500`.
    Statistics(Attribute),
}

fn keys(reader: &mut Reader<'_>) -> Result<HashMap<u32, Vec<Part>>> {
    let mut keys: HashMap<u32, Vec<Part>> = HashMap::new();
    let sql = KEYS
        .replace("{key}", reader.since(110_000, "i.indnkeyatts", "i.indnatts"))
        .replace("{users}", &of_users("n.nspname"));
    for mut row in reader.rows(&sql)? {
        let parts = keys.entry(row.oid()).or_default();
        let (number, is_key) = (row.text(), row.flag());
        let (column, expression) = (row.maybe(), row.maybe());
        let option: u8 = row.number();
        let (descending, nulls_first) = (option & 1 != 0, option & 2 != 0);
        let key = IndexKey {
            column,
            expression,
            descending,
            nulls_first: (nulls_first != descending).then_some(nulls_first),
            collation: row.maybe(),
            opclass: row.maybe(),
            prefix: None,
        };
        match is_key {
            true => parts.push(Part::Key(key)),
            false => parts.extend(key.column.map(Part::Included)),
        }
        if let Some(target) = row.maybe() {
            parts.push(Part::Statistics(attribute(format!("statistics {number}"), target)));
        }
    }
    Ok(keys)
}

fn query(reader: &Reader<'_>) -> String {
    let bytes = match reader.scope.sizes {
        true => "CASE WHEN c.relkind = 'i' THEN pg_catalog.pg_relation_size(c.oid) END",
        false => "NULL",
    };
    INDEXES
        .replace("{distinct}", reader.since(150_000, "i.indnullsnotdistinct", "false"))
        .replace("{bytes}", bytes)
        .replace("{users}", &of_users("n.nspname"))
}

/// Those of constraints are made with them, and have no statement of their own; nor have those of
/// plain columns, for which it costs more than all else together and says no more than the parts.
const INDEXES: &str = "\
SELECT i.indexrelid, i.indrelid, c.relname, am.amname, i.indisunique, {distinct},
  CASE WHEN k.oid IS NULL AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR o.attrelid IS NOT NULL)
    THEN pg_catalog.pg_get_indexdef(i.indexrelid) END, pg_catalog.pg_get_expr(i.indpred, i.indrelid), k.conname,
  i.indisvalid AND i.indisready, d.description, {bytes}, i.indisclustered, i.indisreplident, s.spcname,
  CASE WHEN p.oid IS NOT NULL
    THEN pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.relname) END, c.reloptions
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
LEFT JOIN pg_catalog.pg_class p ON p.oid = h.inhparent
JOIN pg_catalog.pg_namespace n ON n.oid = COALESCE(p.relnamespace, c.relnamespace)
LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = c.oid AND k.conrelid = i.indrelid
  AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0
  AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
LEFT JOIN (SELECT DISTINCT attrelid FROM pg_catalog.pg_attribute WHERE attoptions IS NOT NULL) o
  ON o.attrelid = c.oid
WHERE {users}
ORDER BY i.indrelid, c.relname";

/// The operator class is told where it may not be the one that the column's type has anyway.
const KEYS: &str = "\
SELECT i.indexrelid, k.o, k.o <= {key}, a.attname,
  CASE WHEN k.n = 0 THEN pg_catalog.pg_get_indexdef(i.indexrelid, k.o::pg_catalog.int4, false) END,
  i.indoption[k.o - 1],
  CASE WHEN i.indcollation[k.o - 1] <> 0 AND i.indcollation[k.o - 1] <> COALESCE(a.attcollation, t.typcollation)
    THEN pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) END,
  CASE WHEN k.o <= {key} AND NOT (q.opcdefault AND (q.opcintype IN (t.oid, t.typbasetype)
      OR q.opcintype = ANY ('{anyarray,anyenum,anyrange,record}'::pg_catalog.regtype[])
      OR (t.oid, q.opcintype) = ('varchar'::pg_catalog.regtype, 'text'::pg_catalog.regtype)))
    THEN CASE WHEN qn.nspname = 'pg_catalog' THEN '' ELSE pg_catalog.quote_ident(qn.nspname) || '.' END
      || pg_catalog.quote_ident(q.opcname) END,
  CASE WHEN k.n = 0 AND x.attstattarget >= 0 THEN x.attstattarget END
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY k(n, o)
JOIN pg_catalog.pg_attribute x ON x.attrelid = i.indexrelid AND x.attnum = k.o
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n AND k.n <> 0
LEFT JOIN pg_catalog.pg_type t ON t.oid = COALESCE(a.atttypid, x.atttypid)
LEFT JOIN pg_catalog.pg_collation l ON l.oid = i.indcollation[k.o - 1]
LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
LEFT JOIN pg_catalog.pg_opclass q ON q.oid = i.indclass[k.o - 1]
LEFT JOIN pg_catalog.pg_namespace qn ON qn.oid = q.opcnamespace
WHERE {users}
ORDER BY i.indexrelid, k.o";
