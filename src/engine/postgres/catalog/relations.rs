//! Tables, views and materialized views, without what hangs on them.

use std::collections::HashMap;

use super::found::{Found, attribute, of_users, word};
use super::reader::Reader;
use super::rows::Row;
use crate::error::Result;
use crate::model::catalog::{
    Attribute, Detail, Name, Object, PartitionOf, Partitioning, Table, Unread, View,
};

/// Where each relation stands in the list of what was found.
pub type Places = HashMap<u32, usize>;

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<Places> {
    let mut places = Places::new();
    for mut row in reader.rows(&query(reader))? {
        let oid = row.oid();
        let name = Name::new(row.text(), row.text());
        let (detail, attributes) = match row.text().as_str() {
            kind @ ("v" | "m") => view(reader, &name, kind == "m", &mut row),
            kind => table(kind, &mut row),
        };
        places.insert(oid, found.len());
        found.push(Found {
            class: "pg_class",
            oid,
            object: Object { attributes, ..Object::new(name, detail) },
        });
    }
    for mut row in reader.rows(PARENTS)? {
        let Some(&at) = places.get(&row.oid()) else { continue };
        if let Detail::Table(table) = &mut found[at].object.detail {
            table.inherits.push(Name::new(row.text(), row.text()));
        }
    }
    Ok(places)
}

/// What [`read`] asks.
pub fn questions(reader: &Reader) -> Vec<String> {
    vec![query(reader), PARENTS.to_owned()]
}

fn table(kind: &str, row: &mut Row) -> (Detail, Vec<Attribute>) {
    let mut attributes = common(row);
    if row.flag() {
        attributes.push(word("unlogged"));
    }
    match row.text().as_str() {
        "f" => attributes.push(attribute("replica identity", "full")),
        "n" => attributes.push(attribute("replica identity", "nothing")),
        _ => {}
    }
    if row.flag() {
        attributes.push(word("row security"));
    }
    if row.flag() {
        attributes.push(word("force row security"));
    }
    attributes.extend(row.maybe().map(|of| attribute("of", of)));
    let by = row.maybe();
    let (bound, schema, parent) = (row.maybe(), row.text(), row.text());
    let foreign = row.maybe();
    attributes.extend(row.maybe().map(|options| attribute("options", options)));
    row.maybe();
    let table = Table {
        partitioning: by.filter(|_| kind == "p").map(|by| Partitioning { by, partitions: Vec::new() }),
        partition_of: bound.map(|bound| PartitionOf { parent: Name::new(schema, parent), bound }),
        foreign,
        rows: row.maybe().and_then(|rows| rows.parse().ok()),
        bytes: row.maybe().and_then(|bytes| bytes.parse().ok()),
        ..Table::default()
    };
    (Detail::Table(table), attributes)
}

fn view(reader: &mut Reader, name: &Name, materialized: bool, row: &mut Row) -> (Detail, Vec<Attribute>) {
    let attributes = common(row);
    // What only tables have.
    for _ in 0..11 {
        row.maybe();
    }
    let query = row.maybe();
    if query.is_none() {
        let why = "it was dropped while it was read".to_owned();
        reader.unread.push(Unread { what: format!("view {name}"), why });
    }
    let query = query.unwrap_or_default();
    let view = View {
        materialized,
        query: query.trim_end().trim_end_matches(';').to_owned(),
        rows: row.maybe().filter(|_| materialized).and_then(|rows| rows.parse().ok()),
        bytes: row.maybe().filter(|_| materialized).and_then(|bytes| bytes.parse().ok()),
        ..View::default()
    };
    (Detail::View(view), attributes)
}

/// What tables and materialized views share; a view has storage parameters only.
fn common(row: &mut Row) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    attributes.extend(row.maybe().map(|method| attribute("access method", method)));
    attributes.extend(row.maybe().map(|space| attribute("tablespace", space)));
    attributes.extend(row.options());
    attributes
        .extend(row.options().into_iter().map(|each| attribute(format!("toast.{}", each.name), each.value)));
    attributes
}

fn query(reader: &Reader) -> String {
    let method = reader.since(120_000, "NULLIF(am.amname, 'heap')", "NULL");
    let sizes = match reader.scope.sizes {
        true => {
            "CASE WHEN c.reltuples < 0 THEN NULL ELSE c.reltuples::pg_catalog.int8 END, \
             CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_total_relation_size(c.oid) END"
        }
        false => "NULL, NULL",
    };
    RELATIONS.replace("{method}", method).replace("{sizes}", sizes).replace("{users}", &of_users("n.nspname"))
}

const RELATIONS: &str = "\
SELECT c.oid, n.nspname, c.relname, c.relkind,
  {method}, s.spcname, c.reloptions, t.reloptions,
  c.relpersistence = 'u', CASE WHEN c.relkind <> 'f' THEN c.relreplident END, c.relrowsecurity, c.relforcerowsecurity,
  CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END,
  CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
  CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END, pn.nspname, p.relname,
  fs.srvname, (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(o.option_name) || ' '
      || pg_catalog.quote_literal(o.option_value), ', ') FROM pg_catalog.pg_options_to_table(f.ftoptions) o),
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
  {sizes}
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
LEFT JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = c.oid
LEFT JOIN pg_catalog.pg_foreign_server fs ON fs.oid = f.ftserver
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {users}";

const PARENTS: &str = "\
SELECT i.inhrelid, n.nspname, p.relname
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND NOT c.relispartition AND c.relkind IN ('r', 'p', 'f')
JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
ORDER BY i.inhrelid, i.inhseqno";
