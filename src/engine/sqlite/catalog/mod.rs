//! The catalog of a SQLite file: the pragmas tell of columns, indexes and keys, the texts in
//! `sqlite_schema` of the rest. Attached databases are no part of it.

pub(super) mod code;
pub(super) mod names;
mod other_text;
mod rows;
mod table;
mod table_text;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use rusqlite::{Connection, Result};

use crate::model::catalog::{
    Attribute, COLUMN_LIST, Catalog, Column, ConstraintKind, Detail, Index, Name, Object, ObjectId, Scope,
    Table, Trigger, View,
};
use crate::model::target::EngineKind;

/// The largest file whose pages are counted for sizes: reading all of it takes about a tenth of a
/// second.
const CHEAP_BYTES: u64 = 128 * 1024 * 1024;

/// Reads the catalog in one read transaction, or in the one that is open.
pub fn read(connection: &Connection, path: &str, scope: Scope) -> Result<Catalog> {
    if !connection.is_autocommit() {
        return read_all(connection, path, scope);
    }
    connection.execute_batch("begin")?;
    let catalog = read_all(connection, path, scope);
    let ended = connection.execute_batch("rollback");
    catalog.and_then(|catalog| ended.map(|()| catalog))
}

fn read_all(connection: &Connection, path: &str, scope: Scope) -> Result<Catalog> {
    let mut catalog = Catalog::empty(EngineKind::Sqlite);
    catalog.server_version = rusqlite::version().to_owned();
    catalog.server_version_num = u32::try_from(rusqlite::version_number()).unwrap_or_default();
    catalog.database = path.to_owned();
    let schema = match scope.statements {
        true => Schema::read_texts(connection)?,
        false => Schema::read(connection)?,
    };
    catalog.attributes = attributes(connection)?;
    for relation in &schema.relations {
        catalog.objects.extend(schema.object(connection, relation)?);
    }
    resolve_references(&mut catalog);
    depend(&mut catalog);
    if scope.sizes {
        measure(connection, &schema, &mut catalog)?;
    }
    catalog.sort();
    Ok(catalog)
}

/// What belongs to the file as a whole. Settings of a connection do not.
fn attributes(connection: &Connection) -> Result<Vec<Attribute>> {
    let mut found = Vec::new();
    let pragmas = ["encoding", "page_size", "auto_vacuum", "user_version", "application_id", "journal_mode"];
    for name in pragmas {
        let value = connection.pragma_query_value(Some("main"), name, |row| {
            use rusqlite::types::Value;
            Ok(match row.get(0)? {
                Value::Integer(number) => number.to_string(),
                Value::Text(text) => text,
                _ => String::new(),
            })
        })?;
        found.push(Attribute { name: name.to_owned(), value });
    }
    Ok(found)
}

/// All that the queries gave, by relation.
#[derive(Default)]
struct Schema {
    relations: Vec<rows::Relation>,
    /// The texts of tables and views.
    texts: HashMap<String, String>,
    index_texts: HashMap<String, String>,
    /// The indexes that have a text, by the name of their table in lower case, the oldest first.
    made_indexes: HashMap<String, Vec<String>>,
    /// Only the texts were read.
    texts_alone: bool,
    triggers: HashMap<String, Vec<Trigger>>,
    columns: HashMap<String, Vec<rows::Column>>,
    indexes: HashMap<String, Vec<rows::Index>>,
    foreign_keys: HashMap<String, Vec<rows::ForeignKey>>,
    /// The tables that each virtual table keeps its rows in.
    shadows: HashMap<String, Vec<String>>,
    has_statistics: bool,
}

impl Schema {
    /// The texts and the pragmas.
    fn read(connection: &Connection) -> Result<Self> {
        let mut schema = Schema::read_texts(connection)?;
        schema.texts_alone = false;
        schema.columns = rows::columns(connection, "table")?;
        schema.indexes = rows::indexes(connection)?;
        schema.foreign_keys = rows::foreign_keys(connection)?;
        // One that cannot be read makes the whole query fail; then each is read by itself, to tell
        // which one it is.
        for kind in ["view", "virtual"] {
            schema.columns.extend(rows::columns(connection, kind).unwrap_or_default());
        }
        Ok(schema)
    }

    /// The texts alone: asking the pragmas takes several times as long.
    fn read_texts(connection: &Connection) -> Result<Self> {
        let entries = rows::entries(connection)?;
        let relations = rows::relations(connection)?;
        let mut schema = Schema {
            shadows: shadows(&relations),
            relations,
            has_statistics: entries.iter().any(|entry| entry.name == "sqlite_stat1"),
            texts_alone: true,
            ..Schema::default()
        };
        for entry in entries {
            let Some(sql) = entry.sql else { continue };
            match entry.kind.as_str() {
                "index" => {
                    schema
                        .made_indexes
                        .entry(entry.table.to_lowercase())
                        .or_default()
                        .push(entry.name.clone());
                    schema.index_texts.insert(entry.name, sql);
                }
                "trigger" => {
                    let trigger = other_text::trigger(&entry.name, &sql);
                    schema.triggers.entry(entry.table.to_lowercase()).or_default().push(trigger);
                }
                _ => drop(schema.texts.insert(entry.name, sql)),
            }
        }
        Ok(schema)
    }

    /// The object of a relation; None for SQLite's own and for the shadows of virtual tables.
    fn object(&self, connection: &Connection, relation: &rows::Relation) -> Result<Option<Object>> {
        let name = &relation.name;
        if name.starts_with("sqlite_") || relation.kind == "shadow" {
            return Ok(None);
        }
        let definition = self.texts.get(name);
        let triggers = self.triggers.get(&name.to_lowercase()).cloned().unwrap_or_default();
        let mut attributes = Vec::new();
        let detail = match relation.kind.as_str() {
            "view" => {
                let has_list = definition.is_some_and(|sql| other_text::names_columns(sql));
                attributes.extend(has_list.then(|| attribute(COLUMN_LIST, "")));
                Detail::View(self.view(connection, name, triggers))
            }
            "virtual" => {
                let (table, found) = self.virtual_table(connection, name, triggers);
                attributes = found;
                Detail::Table(table)
            }
            _ if self.texts_alone => {
                Detail::Table(Table { triggers, indexes: self.indexes_as_texts(name), ..Table::default() })
            }
            _ => {
                let options = [("without rowid", relation.without_rowid), ("strict", relation.strict)];
                attributes
                    .extend(options.into_iter().filter(|(_, on)| *on).map(|(word, _)| attribute(word, "")));
                let parts = table::Parts {
                    text: definition.map(|sql| table_text::read(sql)).unwrap_or_default(),
                    columns: self.columns.get(name).map_or(&[], Vec::as_slice),
                    indexes: self.indexes.get(name).map_or(&[], Vec::as_slice),
                    foreign_keys: self.foreign_keys.get(name).map_or(&[], Vec::as_slice),
                    index_texts: &self.index_texts,
                    without_rowid: relation.without_rowid,
                };
                Detail::Table(Table { triggers, ..parts.table() })
            }
        };
        let mut object = Object::new(Name::new("", name), detail);
        object.definition = definition.cloned();
        object.attributes = attributes;
        Ok(Some(object))
    }

    /// The indexes of a table, with nothing but their statements.
    fn indexes_as_texts(&self, table: &str) -> Vec<Index> {
        let made = self.made_indexes.get(&table.to_lowercase()).map_or(&[][..], Vec::as_slice);
        let index = |name: &String| Index {
            name: name.clone(),
            definition: self.index_texts.get(name).cloned(),
            ..Index::default()
        };
        made.iter().map(index).collect()
    }

    fn view(&self, connection: &Connection, name: &str, triggers: Vec<Trigger>) -> View {
        let (columns, broken) = self.columns_or_why(connection, name);
        let text = self.texts.get(name).map_or("", String::as_str);
        View {
            columns,
            query: other_text::view_query(text).unwrap_or_default().to_owned(),
            triggers,
            broken,
            ..View::default()
        }
    }

    fn virtual_table(
        &self,
        connection: &Connection,
        name: &str,
        triggers: Vec<Trigger>,
    ) -> (Table, Vec<Attribute>) {
        let (columns, broken) = self.columns_or_why(connection, name);
        let text = self.texts.get(name).map_or("", String::as_str);
        let (module, arguments) = other_text::module(text).unwrap_or_default();
        let mut attributes = Vec::new();
        let facts = [
            ("arguments", arguments.unwrap_or_default().to_owned()),
            ("shadow tables", self.shadows_of(name).join(", ")),
        ];
        attributes
            .extend(facts.into_iter().filter(|(_, value)| !value.is_empty()).map(|(n, v)| attribute(n, &v)));
        attributes.extend(broken.map(|why| attribute("broken", &why)));
        (Table { columns, triggers, foreign: Some(module), ..Table::default() }, attributes)
    }

    fn shadows_of(&self, name: &str) -> &[String] {
        self.shadows.get(name).map_or(&[], Vec::as_slice)
    }

    /// The columns, or what SQLite says when it is asked for them.
    fn columns_or_why(&self, connection: &Connection, name: &str) -> (Vec<Column>, Option<String>) {
        if self.texts_alone {
            return (Vec::new(), None);
        }
        if let Some(columns) = self.columns.get(name) {
            return (columns.iter().map(table::column).collect(), None);
        }
        match rows::columns_of(connection, name) {
            Ok(columns) => (columns.iter().map(table::column).collect(), None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        }
    }
}

/// The shadow tables by their virtual table, after which they are named
/// (<https://www.sqlite.org/vtab.html#the_xshadowname_method>).
fn shadows(relations: &[rows::Relation]) -> HashMap<String, Vec<String>> {
    let of_kind = |kind: &'static str| relations.iter().filter(move |each| each.kind == kind);
    let belongs = |shadow: &str, owner: &str| {
        let start = shadow.get(..owner.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(owner)) && shadow[owner.len()..].starts_with('_')
    };
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for shadow in of_kind("shadow") {
        let owners = of_kind("virtual").filter(|owner| belongs(&shadow.name, &owner.name));
        if let Some(owner) = owners.max_by_key(|owner| owner.name.len()) {
            found.entry(owner.name.clone()).or_default().push(shadow.name.clone());
        }
    }
    found.values_mut().for_each(|names| names.sort());
    found
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}

/// Names in SQLite are compared without case: those that a foreign key names get the case that
/// they are declared with.
fn resolve_references(catalog: &mut Catalog) {
    let declared: HashMap<String, (String, Vec<String>)> = catalog
        .tables()
        .map(|(object, table)| {
            let columns = table.columns.iter().map(|column| column.name.clone()).collect();
            (object.name.name.to_lowercase(), (object.name.name.clone(), columns))
        })
        .collect();
    for object in &mut catalog.objects {
        let Detail::Table(table) = &mut object.detail else { continue };
        for constraint in &mut table.constraints {
            let ConstraintKind::ForeignKey(reference) = &mut constraint.kind else { continue };
            let Some((name, columns)) = declared.get(&reference.table.name.to_lowercase()) else { continue };
            reference.table.name.clone_from(name);
            for column in &mut reference.referenced {
                if let Some(same) = columns.iter().find(|each| each.eq_ignore_ascii_case(column)) {
                    column.clone_from(same);
                }
            }
        }
    }
}

/// A view depends on what its query names. (SQLite itself does not ask for it to be there.)
fn depend(catalog: &mut Catalog) {
    let places: HashMap<String, ObjectId> =
        catalog.iter().map(|(id, object)| (object.name.name.to_lowercase(), id)).collect();
    for (id, object) in (0u32..).map(ObjectId).zip(&mut catalog.objects) {
        if let Detail::View(view) = &object.detail {
            let named = names::relations(&view.query);
            let found = named.iter().filter_map(|name| places.get(name).copied());
            object.depends_on = found.filter(|other| *other != id).collect();
        }
    }
}

/// Rows as ANALYZE counted them, and bytes where counting pages is cheap.
fn measure(connection: &Connection, schema: &Schema, catalog: &mut Catalog) -> Result<()> {
    let counts = if schema.has_statistics { rows::row_counts(connection)? } else { HashMap::new() };
    let number = |name: &str| connection.pragma_query_value(Some("main"), name, |row| row.get::<_, i64>(0));
    let bytes = number("page_count")?.saturating_mul(number("page_size")?);
    let is_cheap = u64::try_from(bytes).is_ok_and(|bytes| bytes <= CHEAP_BYTES);
    let sizes = if is_cheap { rows::sizes(connection)? } else { HashMap::new() };
    for object in &mut catalog.objects {
        let name = &object.name.name;
        let Detail::Table(table) = &mut object.detail else { continue };
        table.rows = counts.get(name).copied();
        for index in &mut table.indexes {
            index.bytes = sizes.get(&index.name).copied();
        }
        let shadows = schema.shadows_of(name).iter().map(String::as_str);
        let own = std::iter::once(name.as_str()).chain(shadows);
        let parts = own.filter_map(|part| sizes.get(part).copied());
        let bytes: u64 = parts.chain(table.indexes.iter().filter_map(|index| index.bytes)).sum();
        table.bytes = is_cheap.then_some(bytes);
    }
    Ok(())
}
