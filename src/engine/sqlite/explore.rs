//! `\d` and its relatives for SQLite: read from the schema table and the pragma functions
//! (<https://www.sqlite.org/pragma.html#functions>).

use rusqlite::{Connection, Row, params};

use super::session::SqliteSession;
use crate::engine::Explore;
use crate::error::{Error, Kind, Result};
use crate::model::listing::{Listed, Listing, Names};
use crate::sql::{dialect, quote_ident, quote_ident_if_needed};

impl Explore for SqliteSession {
    fn list(&mut self, what: Listed, pattern: Option<&str>) -> Result<Listing> {
        let listed = match what {
            Listed::Relations => {
                relations(&self.connection, "Relations", &["table", "virtual", "view"], pattern)
            }
            Listed::Tables => relations(&self.connection, "Tables", &["table", "virtual"], pattern),
            Listed::Views => relations(&self.connection, "Views", &["view"], pattern),
            Listed::Indexes => indexes(&self.connection, pattern),
            Listed::Functions => functions(&self.connection, pattern),
            Listed::Schemas => databases(&self.connection, "Schemas", pattern),
            Listed::Databases => databases(&self.connection, "Databases", pattern),
            Listed::Users => {
                return Err(Error::new(
                    Kind::Unsupported,
                    "SQLite has no users: the file's permissions decide",
                ));
            }
        };
        listed.map_err(|error| self.failed(error))
    }

    fn describe(&mut self, pattern: &str) -> Result<Vec<Listing>> {
        describe(&self.connection, pattern).map_err(|error| self.failed(error))
    }

    fn names(&mut self) -> Result<Names> {
        let names = names(&self.connection).map_err(|error| self.failed(error))?;
        Ok(names.map(|name| quote_ident_if_needed(&dialect::SQLITE, name)))
    }
}

/// psql's patterns: `schema.name`, `*` and `?`, folded unless in double quotes.
struct Pattern {
    schema: String,
    name: String,
}

impl Pattern {
    fn new(pattern: Option<&str>) -> Self {
        let Some(pattern) = pattern else { return Pattern { schema: "*".into(), name: "*".into() } };
        match pattern.split_once('.') {
            Some((schema, name)) => Pattern { schema: glob(schema), name: glob(name) },
            None => Pattern { schema: "*".into(), name: glob(pattern) },
        }
    }
}

/// Names in SQLite are compared without case, so quoting only protects `*` and `?`.
fn glob(part: &str) -> String {
    match part.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted
            .to_lowercase()
            .chars()
            .map(|c| match c {
                '*' | '?' | '[' => format!("[{c}]"),
                other => other.to_string(),
            })
            .collect(),
        None => part.to_lowercase().replace('[', "[[]"),
    }
}

fn collect(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<Vec<String>>,
) -> rusqlite::Result<Vec<Vec<String>>> {
    connection.prepare(sql)?.query_map(params, row)?.collect()
}

fn text(row: &Row<'_>, index: usize) -> rusqlite::Result<String> {
    Ok(row.get::<_, Option<String>>(index)?.unwrap_or_default())
}

fn listing(title: &str, headers: &[&str], rows: Vec<Vec<String>>) -> Listing {
    Listing {
        title: title.to_owned(),
        headers: headers.iter().map(ToString::to_string).collect(),
        rows,
        notes: Vec::new(),
    }
}

fn relations(
    connection: &Connection,
    title: &str,
    types: &[&str],
    pattern: Option<&str>,
) -> rusqlite::Result<Listing> {
    let wanted = Pattern::new(pattern);
    // Shadow tables belong to their virtual table, and sqlite_% is internal.
    let sql = "select schema, name, type, ncol, wr, strict from pragma_table_list
               where lower(schema) glob ?1 and lower(name) glob ?2
                 and name not like 'sqlite\\_%' escape '\\' order by schema, name";
    let mut rows = collect(connection, sql, params![wanted.schema, wanted.name], |row| {
        let options = match (row.get::<_, bool>(4)?, row.get::<_, bool>(5)?) {
            (true, true) => "without rowid, strict",
            (true, false) => "without rowid",
            (false, true) => "strict",
            (false, false) => "",
        };
        Ok(vec![
            text(row, 0)?,
            text(row, 1)?,
            text(row, 2)?,
            row.get::<_, i64>(3)?.to_string(),
            options.into(),
        ])
    })?;
    rows.retain(|row| types.contains(&row[2].as_str()));
    Ok(listing(title, &["Schema", "Name", "Type", "Columns", "Options"], rows))
}

fn indexes(connection: &Connection, pattern: Option<&str>) -> rusqlite::Result<Listing> {
    let wanted = Pattern::new(pattern);
    let sql = "select t.schema, i.name, t.name, i.\"unique\", i.partial, i.origin
               from pragma_table_list t, pragma_index_list(t.name, t.schema) i
               where t.type = 'table' and lower(t.schema) glob ?1 and lower(i.name) glob ?2
               order by 1, 3, 2";
    let rows = collect(connection, sql, params![wanted.schema, wanted.name], |row| {
        let mut kinds = Vec::new();
        match text(row, 5)?.as_str() {
            "pk" => kinds.push("primary key"),
            "u" => kinds.push("unique constraint"),
            _ if row.get(3)? => kinds.push("unique"),
            _ => {}
        }
        if row.get(4)? {
            kinds.push("partial");
        }
        Ok(vec![text(row, 0)?, text(row, 1)?, text(row, 2)?, kinds.join(", ")])
    })?;
    Ok(listing("Indexes", &["Schema", "Name", "Table", "Kind"], rows))
}

fn functions(connection: &Connection, pattern: Option<&str>) -> rusqlite::Result<Listing> {
    let wanted = Pattern::new(pattern);
    // Built-in functions that want at least N arguments say -2 - N.
    let sql = "select name, case type when 's' then 'scalar' when 'a' then 'aggregate' else 'window' end,
                      case when narg < -2 then (-2 - narg) || ' or more' when narg < 0 then 'any'
                           else cast(narg as text) end
               from pragma_function_list where lower(name) glob ?1 group by 1, 2, 3 order by 1, 3";
    let rows = collect(connection, sql, params![wanted.name], |row| {
        Ok(vec![text(row, 0)?, text(row, 1)?, text(row, 2)?])
    })?;
    Ok(listing("Functions", &["Name", "Type", "Arguments"], rows))
}

fn databases(connection: &Connection, title: &str, pattern: Option<&str>) -> rusqlite::Result<Listing> {
    let wanted = Pattern::new(pattern);
    let sql = "select name, file from pragma_database_list where lower(name) glob ?1 order by seq";
    let rows = collect(connection, sql, params![wanted.name], |row| Ok(vec![text(row, 0)?, text(row, 1)?]))?;
    Ok(listing(title, &["Name", "File"], rows))
}

fn describe(connection: &Connection, pattern: &str) -> rusqlite::Result<Vec<Listing>> {
    let wanted = Pattern::new(Some(pattern));
    let sql = "select schema, name, type from pragma_table_list
               where lower(schema) glob ?1 and lower(name) glob ?2 order by 1, 2";
    let mut found = Vec::new();
    for relation in collect(connection, sql, params![wanted.schema, wanted.name], |row| {
        Ok(vec![text(row, 0)?, text(row, 1)?, text(row, 2)?])
    })? {
        found.push(describe_relation(connection, &relation[0], &relation[1], &relation[2])?);
    }
    for index in describe_indexes(connection, &wanted)? {
        found.push(index);
    }
    Ok(found)
}

fn describe_relation(
    connection: &Connection,
    schema: &str,
    name: &str,
    kind: &str,
) -> rusqlite::Result<Listing> {
    let sql = "select name, type, \"notnull\", dflt_value, pk, hidden from pragma_table_xinfo(?1, ?2)
               where hidden != 1 order by cid";
    let rows = collect(connection, sql, params![name, schema], |row| {
        let key: i64 = row.get(4)?;
        let extra = match (key, row.get::<_, i64>(5)?) {
            (_, 2) => "generated, virtual".to_owned(),
            (_, 3) => "generated, stored".to_owned(),
            (0, _) => String::new(),
            (position, _) => format!("primary key ({position})"),
        };
        let nullable = if row.get(2)? { "not null" } else { "" };
        Ok(vec![text(row, 0)?, text(row, 1)?, nullable.into(), text(row, 3)?, extra])
    })?;
    let title = format!("{} \"{schema}.{name}\"", capitalised(kind));
    let mut table = listing(&title, &["Column", "Type", "Nullable", "Default", "Key"], rows);
    table.notes = notes(connection, schema, name, kind)?;
    Ok(table)
}

fn capitalised(kind: &str) -> &str {
    match kind {
        "table" => "Table",
        "view" => "View",
        "virtual" => "Virtual table",
        "shadow" => "Shadow table",
        other => other,
    }
}

fn notes(connection: &Connection, schema: &str, name: &str, kind: &str) -> rusqlite::Result<Vec<String>> {
    let mut notes = Vec::new();
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            notes.push(format!("{title}:"));
            notes.extend(lines.into_iter().map(|line| format!("    {line}")));
        }
    };
    section("Indexes", index_lines(connection, schema, name)?);
    section("Foreign-key constraints", foreign_keys(connection, schema, name)?);
    section("Referenced by", referencing(connection, schema, name)?);
    let schema_table = format!("{}.sqlite_schema", quote_ident(&dialect::SQLITE, schema));
    let triggers =
        format!("select sql from {schema_table} where type = 'trigger' and tbl_name = ?1 order by name");
    section("Triggers", first_column(connection, &triggers, params![name])?);
    // No pragma tells of checks and generated columns.
    let definition = format!(
        "select sql from {schema_table} where type in ('view', 'table') and name = ?1
           and (?2 != 'table' or sql like '%check%(%' or sql like '% as (%')"
    );
    section("Definition", first_column(connection, &definition, params![name, kind])?);
    Ok(notes)
}

fn first_column(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> rusqlite::Result<Vec<String>> {
    connection.prepare(sql)?.query_map(params, |row| text(row, 0))?.collect()
}

fn index_lines(connection: &Connection, schema: &str, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "select i.name,
                      (select group_concat(coalesce(x.name, '<expression>') || iif(x.desc, ' desc', ''), ', ')
                         from pragma_index_xinfo(i.name, ?2) x where x.key),
                      i.\"unique\", i.origin, i.partial
               from pragma_index_list(?1, ?2) i order by i.origin != 'pk', i.name";
    let lines = collect(connection, sql, params![table, schema], |row| {
        let origin = text(row, 3)?;
        let kind = match (origin.as_str(), row.get::<_, bool>(2)?) {
            ("pk", _) => "primary key ",
            ("u", _) => "unique constraint ",
            (_, true) => "unique ",
            (_, false) => "",
        };
        let partial = if row.get(4)? { " (partial)" } else { "" };
        Ok(vec![format!("\"{}\" {kind}({}){partial}", text(row, 0)?, text(row, 1)?)])
    })?;
    Ok(lines.into_iter().flatten().collect())
}

fn foreign_keys(connection: &Connection, schema: &str, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql =
        "select group_concat(\"from\", ', '), \"table\", group_concat(\"to\", ', '), on_update, on_delete
               from (select * from pragma_foreign_key_list(?1, ?2) order by id, seq) group by id order by id";
    let lines = collect(connection, sql, params![table, schema], |row| {
        let target = text(row, 2)?;
        let target = if target.is_empty() { String::new() } else { format!(" ({target})") };
        let mut line = format!("({}) references {}{target}", text(row, 0)?, text(row, 1)?);
        for (action, index) in [("on update", 3), ("on delete", 4)] {
            let what = text(row, index)?;
            if what != "NO ACTION" {
                line.push_str(&format!(" {action} {}", what.to_lowercase()));
            }
        }
        Ok(vec![line])
    })?;
    Ok(lines.into_iter().flatten().collect())
}

fn referencing(connection: &Connection, schema: &str, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "select distinct t.name || ' (' || group_concat(f.\"from\", ', ') || ')'
               from pragma_table_list t, pragma_foreign_key_list(t.name, t.schema) f
               where t.schema = ?2 and t.type = 'table' and lower(f.\"table\") = lower(?1)
               group by t.name, f.id order by 1";
    first_column(connection, sql, params![table, schema])
}

fn describe_indexes(connection: &Connection, wanted: &Pattern) -> rusqlite::Result<Vec<Listing>> {
    let sql = "select t.schema, i.name, t.name, i.partial from pragma_table_list t, pragma_index_list(t.name, t.schema) i
               where lower(t.schema) glob ?1 and lower(i.name) glob ?2 order by 1, 2";
    let found = collect(connection, sql, params![wanted.schema, wanted.name], |row| {
        Ok(vec![text(row, 0)?, text(row, 1)?, text(row, 2)?])
    })?;
    let mut listings = Vec::new();
    for index in found {
        let (schema, name, table) = (&index[0], &index[1], &index[2]);
        let columns = "select coalesce(name, '<expression>'), iif(desc, 'desc', 'asc'), coll
                       from pragma_index_xinfo(?1, ?2) where key order by seqno";
        let rows = collect(connection, columns, params![name, schema], |row| {
            Ok(vec![text(row, 0)?, text(row, 1)?, text(row, 2)?])
        })?;
        let mut listing =
            listing(&format!("Index \"{schema}.{name}\""), &["Column", "Order", "Collation"], rows);
        let schema_table = format!("{}.sqlite_schema", quote_ident(&dialect::SQLITE, schema));
        let definition = format!("select sql from {schema_table} where name = ?1 and sql is not null");
        listing.notes.push(format!("On table: {table}"));
        for sql in first_column(connection, &definition, params![name])? {
            listing.notes.push(format!("Definition: {sql}"));
        }
        listings.push(listing);
    }
    Ok(listings)
}

/// More columns than this help nobody who presses Tab.
const MOST_COLUMNS: i64 = 10_000;

fn names(connection: &Connection) -> rusqlite::Result<Names> {
    let mut names = Names {
        schemas: first_column(connection, "select name from pragma_database_list order by seq", [])?,
        functions: first_column(connection, "select distinct name from pragma_function_list order by 1", [])?,
        relations: Vec::new(),
    };
    let sql = "select t.name, c.name from pragma_table_list t, pragma_table_xinfo(t.name, t.schema) c
               where t.type != 'shadow' and t.name not like 'sqlite\\_%' escape '\\'
               order by t.schema, t.name, c.cid limit ?1";
    for pair in collect(connection, sql, params![MOST_COLUMNS], |row| Ok(vec![text(row, 0)?, text(row, 1)?]))?
    {
        let [table, column] = <[String; 2]>::try_from(pair).unwrap_or_default();
        match names.relations.last_mut() {
            Some((last, columns)) if *last == table => columns.push(column),
            _ => names.relations.push((table, vec![column])),
        }
    }
    Ok(names)
}
