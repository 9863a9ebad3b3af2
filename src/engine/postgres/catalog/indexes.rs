//! Indexes of tables and materialized views.

use std::collections::HashMap;

use super::columns::{Numbers, Place};
use super::found::{Found, attribute, of_users, word};
use super::reader::Reader;
use super::relations::Places;
use super::rows::Row;
use crate::error::Result;
use crate::model::catalog::{Detail, Index, IndexKey};

pub fn read(
    reader: &mut Reader,
    found: &mut [Found],
    places: &Places,
    numbers: &Numbers,
    of_constraints: &HashMap<u32, String>,
) -> Result<()> {
    let mut keys = Keys::read(reader, numbers)?;
    for mut row in reader.rows(&query(reader))? {
        let (oid, relation) = (row.oid(), row.oid());
        let Some(&at) = places.get(&relation) else { continue };
        let mut index = index(&mut row);
        index.constraint = of_constraints.get(&oid).cloned();
        if index.constraint.is_some() {
            index.definition = None;
        }
        index.comment = numbers.comments.get(&oid).cloned();
        keys.put(oid, relation, &mut row, &mut index);
        match &mut found[at].object.detail {
            Detail::Table(table) => table.indexes.push(index),
            Detail::View(view) => view.indexes.push(index),
            _ => {}
        }
    }
    for &at in places.values() {
        match &mut found[at].object.detail {
            Detail::Table(table) => table.indexes.sort_by(|a, b| a.name.cmp(&b.name)),
            Detail::View(view) => view.indexes.sort_by(|a, b| a.name.cmp(&b.name)),
            _ => {}
        }
    }
    Ok(())
}

/// What [`read`] asks.
pub fn questions(reader: &Reader) -> Vec<String> {
    vec![OPCLASSES.to_owned(), EXPRESSIONS.to_owned(), query(reader)]
}

fn index(row: &mut Row) -> Index {
    let index = Index {
        name: row.text(),
        method: row.text(),
        unique: row.flag(),
        nulls_not_distinct: row.flag(),
        definition: row.maybe(),
        predicate: row.maybe(),
        usable: row.flag(),
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

/// What the numbers in the columns of `pg_index` stand for.
struct Keys<'a> {
    numbers: &'a Numbers,
    opclasses: HashMap<u32, Opclass>,
    /// By the index and the place in it, from 1.
    expressions: HashMap<(u32, usize), Expression>,
}

struct Opclass {
    /// As SQL writes it; without its schema if that is the server's own.
    name: String,
    is_default: bool,
    input: u32,
    /// It serves every array, enum, range or row.
    for_any: bool,
    for_text: bool,
}

struct Expression {
    sql: String,
    ty: u32,
    modifier: i32,
    statistics: Option<String>,
}

/// The oid of `varchar`, which has no operator class of its own and takes that of `text`.
const VARCHAR: u32 = 1043;

impl<'a> Keys<'a> {
    fn read(reader: &mut Reader, numbers: &'a Numbers) -> Result<Self> {
        let opclasses = reader.rows(OPCLASSES)?.into_iter().map(|mut row| {
            let oid = row.oid();
            let (name, is_default, input) = (row.text(), row.flag(), row.oid());
            (oid, Opclass { name, is_default, input, for_any: row.flag(), for_text: row.flag() })
        });
        let opclasses = opclasses.collect();
        let expressions = reader.rows(EXPRESSIONS)?.into_iter().map(|mut row| {
            let key = (row.oid(), row.number());
            let (sql, ty, modifier) = (row.text(), row.oid(), row.number());
            (key, Expression { sql, ty, modifier, statistics: row.maybe() })
        });
        Ok(Keys { numbers, opclasses, expressions: expressions.collect() })
    }

    /// Gives an index its keys, the columns that are only included, and the statistics target of
    /// the expression at a place: `statistics 2` = `500`.
    fn put(&mut self, oid: u32, relation: u32, row: &mut Row, index: &mut Index) {
        let key_count: usize = row.number();
        let columns = numbers_of(&row.text());
        let options = numbers_of(&row.text());
        let (collations, opclasses) = (numbers_of(&row.text()), numbers_of(&row.text()));
        for (at, number) in columns.into_iter().enumerate() {
            let place = i16::try_from(number).ok().and_then(|number| self.numbers.get(relation, number));
            if at >= key_count {
                index.include.extend(place.map(|place| place.name.clone()));
                continue;
            }
            let oid_at = |list: &[i64]| list.get(at).and_then(|&oid| u32::try_from(oid).ok()).unwrap_or(0);
            let expression = self.expressions.remove(&(oid, at + 1));
            let (collation, opclass) = (oid_at(&collations), oid_at(&opclasses));
            let option = options.get(at).copied().unwrap_or_default();
            let mut key = self.key(place, expression.as_ref(), collation, opclass);
            key.descending = option & 1 != 0;
            let nulls_first = option & 2 != 0;
            key.nulls_first = (nulls_first != key.descending).then_some(nulls_first);
            index.keys.push(key);
            let statistics = expression.and_then(|expression| expression.statistics);
            index
                .attributes
                .extend(statistics.map(|target| attribute(format!("statistics {}", at + 1), target)));
        }
    }

    /// The collation and the operator class are told where they may not be those that the key has
    /// anyway.
    fn key(
        &self,
        place: Option<&Place>,
        expression: Option<&Expression>,
        collation: u32,
        opclass: u32,
    ) -> IndexKey {
        let (ty, base, usual) = match (place, expression) {
            (_, Some(Expression { ty, modifier, .. })) => {
                let facts = self.numbers.types.get(&(*ty, *modifier));
                (*ty, facts.map_or(0, |facts| facts.base), facts.map(|facts| facts.collation))
            }
            (Some(place), None) => (place.ty, place.base, Some(place.collation)),
            (None, None) => (0, 0, None),
        };
        let own_collation = collation != 0 && usual != Some(collation);
        let is_usual = |opclass: &&Opclass| {
            opclass.is_default
                && (opclass.input == ty
                    || opclass.input == base
                    || opclass.for_any
                    || (ty == VARCHAR && opclass.for_text))
        };
        let opclass = self.opclasses.get(&opclass).filter(|opclass| !is_usual(opclass));
        IndexKey {
            column: place.map(|place| place.name.clone()),
            expression: expression.map(|expression| expression.sql.clone()),
            collation: self.numbers.collations.get(&collation).filter(|_| own_collation).cloned(),
            opclass: opclass.map(|opclass| opclass.name.clone()),
            descending: false,
            nulls_first: None,
            prefix: None,
        }
    }
}

/// The numbers of a vector in the server's text form: `2 0 5`.
fn numbers_of(vector: &str) -> Vec<i64> {
    vector.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect()
}

fn query(reader: &Reader) -> String {
    let bytes = match reader.scope.sizes {
        true => "CASE WHEN c.relkind = 'i' THEN pg_catalog.pg_relation_size(c.oid) END",
        false => "NULL",
    };
    INDEXES
        .replace("{distinct}", reader.since(150_000, "i.indnullsnotdistinct", "false"))
        .replace("{key}", reader.since(110_000, "i.indnkeyatts", "i.indnatts"))
        .replace("{bytes}", bytes)
        .replace("{users}", &of_users("n.nspname"))
}

/// Those of constraints are made with them, and have no statement of their own; nor have those of
/// plain columns, for which it costs more than all else together and says no more than the parts.
const INDEXES: &str = "\
SELECT i.indexrelid, i.indrelid, c.relname, am.amname, i.indisunique, {distinct},
  CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR o.attrelid IS NOT NULL
    THEN pg_catalog.pg_get_indexdef(i.indexrelid) END, pg_catalog.pg_get_expr(i.indpred, i.indrelid),
  i.indisvalid AND i.indisready, {bytes}, i.indisclustered, i.indisreplident, s.spcname,
  CASE WHEN p.oid IS NOT NULL
    THEN pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.relname) END, c.reloptions,
  {key}, i.indkey, i.indoption, i.indcollation, i.indclass
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
LEFT JOIN pg_catalog.pg_class p ON p.oid = h.inhparent
JOIN pg_catalog.pg_namespace n ON n.oid = COALESCE(p.relnamespace, c.relnamespace)
LEFT JOIN (SELECT DISTINCT attrelid FROM pg_catalog.pg_attribute WHERE attoptions IS NOT NULL) o
  ON o.attrelid = c.oid
WHERE {users}";

const OPCLASSES: &str = "\
SELECT q.oid, CASE WHEN n.nspname = 'pg_catalog' THEN '' ELSE pg_catalog.quote_ident(n.nspname) || '.' END
    || pg_catalog.quote_ident(q.opcname), q.opcdefault, q.opcintype,
  q.opcintype = ANY ('{anyarray,anyenum,anyrange,record}'::pg_catalog.regtype[]),
  q.opcintype = 'pg_catalog.text'::pg_catalog.regtype
FROM pg_catalog.pg_opclass q
JOIN pg_catalog.pg_namespace n ON n.oid = q.opcnamespace";

const EXPRESSIONS: &str = "\
SELECT i.indexrelid, k.o, pg_catalog.pg_get_indexdef(i.indexrelid, k.o::pg_catalog.int4, false),
  x.atttypid, x.atttypmod, CASE WHEN x.attstattarget >= 0 THEN x.attstattarget END
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY k(n, o)
JOIN pg_catalog.pg_attribute x ON x.attrelid = i.indexrelid AND x.attnum = k.o
WHERE i.indexprs IS NOT NULL AND k.n = 0";
