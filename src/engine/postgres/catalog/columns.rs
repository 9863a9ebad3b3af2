//! Columns of tables, views and composite types.

use std::collections::HashMap;

use super::found::{Found, attribute, of_users};
use super::reader::Reader;
use super::relations::Places;
use super::rows::Row;
use crate::error::Result;
use crate::model::catalog::{Attribute, Column, Detail, Generated, Identity};

/// Columns by the oid of their relation, which for a composite type is not that of the type.
///
/// What few columns have is asked by itself and put together here: joins for every column of every
/// table would take the server longer than all else.
pub fn read(reader: &mut Reader) -> Result<(HashMap<u32, Vec<Column>>, Numbers)> {
    let mut facts = Facts::read(reader)?;
    let mut numbers = Numbers { types: std::mem::take(&mut facts.types), ..Numbers::default() };
    let mut columns: HashMap<u32, Vec<(i16, Column)>> = HashMap::new();
    for mut row in reader.rows(&query(reader))? {
        let (relation, number) = (row.oid(), row.number());
        let (column, place) = facts.column((relation, number), &numbers.types, &mut row);
        numbers.places.entry(relation).or_default().push((number, place));
        columns.entry(relation).or_default().push((number, column));
    }
    numbers.collations = facts.collations;
    numbers.comments = of_relations(facts.comments);
    let in_order = |mut list: Vec<(i16, Column)>| {
        list.sort_by_key(|(number, _)| *number);
        list.into_iter().map(|(_, column)| column).collect()
    };
    Ok((columns.into_iter().map(|(relation, list)| (relation, in_order(list))).collect(), numbers))
}

/// What [`read`] asks.
pub fn questions(reader: &Reader) -> Vec<String> {
    let simple = [TYPES, COLLATIONS, DEFAULTS, COMMENTS];
    simple.map(str::to_owned).into_iter().chain([query(reader)]).collect()
}

/// A type with its modifier, as SQL writes it, and what it gives its columns.
pub struct TypeFacts {
    words: String,
    pub collation: u32,
    storage: String,
    /// The type below a domain; 0 for others.
    pub base: u32,
}

/// The types of columns, by their oid and modifier.
pub type Types = HashMap<(u32, i32), TypeFacts>;

/// What is asked for by itself.
struct Facts {
    types: Types,
    collations: HashMap<u32, String>,
    defaults: HashMap<(u32, i16), String>,
    comments: HashMap<(u32, i16), String>,
}

impl Facts {
    fn read(reader: &mut Reader) -> Result<Self> {
        let mut types = Types::new();
        for mut row in reader.rows(TYPES)? {
            let key = (row.oid(), row.number());
            let (words, collation, storage, base) = (row.text(), row.oid(), row.text(), row.oid());
            types.insert(key, TypeFacts { words, collation, storage, base });
        }
        let collations =
            reader.rows(COLLATIONS)?.into_iter().map(|mut row| (row.oid(), row.text())).collect();
        let mut by_place = |sql| -> Result<HashMap<(u32, i16), String>> {
            let rows = reader.rows(sql)?.into_iter();
            Ok(rows.map(|mut row| ((row.oid(), row.number()), row.text())).collect())
        };
        Ok(Facts { types, collations, defaults: by_place(DEFAULTS)?, comments: by_place(COMMENTS)? })
    }

    fn column(&mut self, key: (u32, i16), types: &Types, row: &mut Row) -> (Column, Place) {
        let (name, ty, modifier, nullable) = (row.text(), row.oid(), row.number(), !row.flag());
        let (identity, generated, collation) = (row.text(), row.text(), row.oid());
        let inherited = !row.flag();
        let facts = types.get(&(ty, modifier));
        let own_collation = collation != 0 && facts.is_none_or(|facts| facts.collation != collation);
        let expression = self.defaults.remove(&key);
        let (default, generated) = match (generated.as_str(), expression) {
            ("s", Some(expression)) => (None, Some(Generated { expression, stored: true })),
            ("v", Some(expression)) => (None, Some(Generated { expression, stored: false })),
            (_, expression) => (expression, None),
        };
        let place = Place { name: name.clone(), ty, base: facts.map_or(0, |facts| facts.base), collation };
        let column = Column {
            name,
            ty: facts.map(|facts| facts.words.clone()).unwrap_or_default(),
            nullable,
            default,
            generated,
            identity: match identity.as_str() {
                "" => None,
                kind => Some(Identity { always: kind == "a", ..Identity::default() }),
            },
            collation: self.collations.get(&collation).filter(|_| own_collation).cloned(),
            inherited,
            comment: self.comments.remove(&key),
            attributes: attributes(facts, row),
            ..Column::default()
        };
        (column, place)
    }
}

/// The comments that are on no column.
fn of_relations(comments: HashMap<(u32, i16), String>) -> HashMap<u32, String> {
    comments.into_iter().filter(|((_, number), _)| *number == 0).map(|((oid, _), text)| (oid, text)).collect()
}

/// What an index may ask of a column.
pub struct Place {
    pub name: String,
    pub ty: u32,
    /// The type below a domain; 0 for others.
    pub base: u32,
    pub collation: u32,
}

/// Columns by the oid of their relation and their number.
#[derive(Default)]
pub struct Numbers {
    places: HashMap<u32, Vec<(i16, Place)>>,
    pub types: Types,
    /// Collations as SQL writes them.
    pub collations: HashMap<u32, String>,
    /// The comments on relations themselves.
    pub comments: HashMap<u32, String>,
}

impl Numbers {
    pub fn get(&self, relation: u32, number: i16) -> Option<&Place> {
        let places = self.places.get(&relation)?;
        places.iter().find(|(each, _)| *each == number).map(|(_, place)| place)
    }

    /// The names of an array of numbers in the server's text form.
    pub fn names(&self, relation: u32, numbers: &[String]) -> Vec<String> {
        let name = |number: &String| Some(self.get(relation, number.parse().ok()?)?.name.clone());
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

fn attributes(facts: Option<&TypeFacts>, row: &mut Row) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    let storage = row.maybe().filter(|storage| facts.is_none_or(|facts| facts.storage != *storage));
    attributes.extend(storage.map(|letter| {
        let words = match letter.as_str() {
            "p" => "plain",
            "e" => "external",
            "x" => "extended",
            _ => "main",
        };
        attribute("storage", words)
    }));
    attributes.extend(row.maybe().map(|compression| attribute("compression", compression)));
    attributes.extend(row.maybe().map(|target| attribute("statistics", target)));
    attributes.extend(row.options());
    attributes.extend(row.maybe().map(|options| attribute("options", options)));
    attributes
}

fn query(reader: &Reader) -> String {
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

const COLUMNS: &str = "\
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
  a.attidentity, {generated}, a.attcollation, a.attislocal,
  CASE WHEN c.relkind IN ('r', 'p', 'm', 'f') THEN a.attstorage END, {compression},
  CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END, a.attoptions,
  CASE WHEN a.attfdwoptions IS NOT NULL THEN (SELECT pg_catalog.string_agg(
      pg_catalog.quote_ident(o.option_name) || ' ' || pg_catalog.quote_literal(o.option_value), ', ')
    FROM pg_catalog.pg_options_to_table(a.attfdwoptions) o) END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND {users}";

/// Those of indexes too.
const TYPES: &str = "\
SELECT a.atttypid, a.atttypmod, pg_catalog.format_type(a.atttypid, a.atttypmod),
  t.typcollation, t.typstorage, t.typbasetype
FROM (SELECT DISTINCT atttypid, atttypmod FROM pg_catalog.pg_attribute WHERE attnum > 0 AND NOT attisdropped) a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid";

/// As SQL writes them, as it is done with types.
const COLLATIONS: &str = "\
SELECT l.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(l.collname)
FROM pg_catalog.pg_collation l
JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace";

/// What many columns have alike is written out once: that costs the server more than all columns. An
/// expression with a column of its table in it may have another name in it elsewhere.
const DEFAULTS: &str = "\
WITH d AS (SELECT adrelid, adnum, adbin, adbin::pg_catalog.text COLLATE pg_catalog.\"C\" AS tree
  FROM pg_catalog.pg_attrdef),
once AS (SELECT DISTINCT ON (tree) tree, adbin, adrelid FROM d WHERE pg_catalog.strpos(tree, '{VAR ') = 0),
written AS (SELECT tree, pg_catalog.pg_get_expr(adbin, adrelid) AS sql FROM once)
SELECT d.adrelid, d.adnum,
  CASE WHEN w.tree IS NULL THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) ELSE w.sql END
FROM d LEFT JOIN written w ON w.tree = d.tree";

const COMMENTS: &str = "\
SELECT objoid, objsubid, description FROM pg_catalog.pg_description
WHERE classoid = 'pg_catalog.pg_class'::pg_catalog.regclass";
