//! The table in which dbwright keeps what was applied.

use crate::definition::{self, Syntax, to_catalog};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::migrations::Record;
use crate::model::ddl::DdlOptions;
use crate::model::rows::{Cursor, Value};
use crate::model::target::EngineKind;
use crate::sql::{Dialect, quote_ident, quote_literal, quote_qualified};

const TABLE: &str = "dbwright_migrations";

/// In words that every engine's own types are found for.
const DEFINITION: &str = r#"version = 1
[tables.dbwright_migrations.columns]
id = "varchar(200) not null primary key"
name = "varchar(300) not null"
kind = "varchar(20) not null"
state = "varchar(20) not null"
checksum = "varchar(64)"
statements = "int64 not null"
done = "int64 not null"
place = "int64 not null"
started_at = "varchar(40) not null"
duration_ms = "int64 not null"
by_user = "varchar(200) not null"
by_host = "varchar(200) not null"
tool_version = "varchar(40) not null"
doubt = "varchar(64)"
down_sql = "text"
"#;

/// In the order in which they are read and written; `down_sql` comes last.
const COLUMNS: [&str; 15] = [
    "id",
    "name",
    "kind",
    "state",
    "checksum",
    "statements",
    "done",
    "place",
    "started_at",
    "duration_ms",
    "by_user",
    "by_host",
    "tool_version",
    "doubt",
    "down_sql",
];

/// Between the statements of `down_sql`.
const BETWEEN: &str = "\n;;\n";

/// The states of a row.
const APPLIED: &str = "applied";
const PARTIAL: &str = "partial";
const UNDO: &str = "undo";

/// The history of a database.
pub struct History {
    engine: EngineKind,
    dialect: &'static Dialect,
    /// Empty where there are no schemas.
    schema: String,
    /// Quoted, with its schema.
    table: String,
}

/// What changes with every row that comes, goes or gets on: how many there are, the last place, and
/// all that is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    count: u64,
    last: u64,
    done: u64,
}

impl Marks {
    /// As they are when these are all rows.
    pub fn of(records: &[Record]) -> Marks {
        Marks {
            count: records.len() as u64,
            last: records.iter().map(|record| record.position).max().unwrap_or_default(),
            done: records.iter().map(|record| record.done).sum(),
        }
    }
}

impl History {
    /// Of the database that a session is in; in `schema` where the engine has schemas.
    pub fn of(session: &dyn Session, schema: Option<&str>) -> History {
        let engine = session.server().engine;
        let dialect = engine_for(engine).dialect(engine);
        let has_schemas = engine_for(engine).type_map(engine).abilities().schemas;
        let schema = if has_schemas { schema.unwrap_or("public") } else { "" }.to_owned();
        let table = match schema.as_str() {
            "" => quote_ident(dialect, TABLE),
            schema => quote_qualified(dialect, &[schema, TABLE]),
        };
        History { engine, dialect, schema, table }
    }

    /// All rows, in the order in which they were applied; None when there is no table yet.
    pub fn read(&self, session: &mut dyn Session) -> Result<Option<Vec<Record>>> {
        let columns: Vec<String> = COLUMNS.iter().map(|column| quote_ident(self.dialect, column)).collect();
        let place = quote_ident(self.dialect, "place");
        let sql = format!("SELECT {} FROM {} ORDER BY {place}", columns.join(", "), self.table);
        let mut records = Vec::new();
        let outcome = session.query(&sql, &[], &mut |cursor| {
            while cursor.advance()? {
                records.push(record(cursor));
            }
            Ok(())
        });
        match outcome {
            Ok(_) => Ok(Some(records)),
            // The statement is right: what it names is not there.
            Err(error) if error.kind() == Kind::Syntax => Ok(None),
            Err(error) => Err(error.context("cannot read the history of migrations")),
        }
    }

    /// What changes when others have been here.
    pub fn marks(&self, session: &mut dyn Session) -> Result<Marks> {
        let of = |function: &str, column: &str| format!("{function}({})", quote_ident(self.dialect, column));
        let sql =
            format!("SELECT COUNT(*), {}, {} FROM {}", of("MAX", "place"), of("SUM", "done"), self.table);
        let mut marks = Marks::default();
        session.query(&sql, &[], &mut |cursor| {
            while cursor.advance()? {
                let [count, last, done] = [0, 1, 2].map(|index| number(cursor.cell(index)));
                marks = Marks { count, last, done };
            }
            Ok(())
        })?;
        Ok(marks)
    }

    /// What makes the table.
    pub fn create(&self) -> Result<Vec<String>> {
        let source = definition::Source {
            name: "the history's definition".to_owned(),
            text: DEFINITION.to_owned(),
            syntax: Syntax::Toml,
        };
        let definition = definition::read(std::slice::from_ref(&source))
            .map_err(|mut problems| problems.pop().unwrap_or_else(|| Error::new(Kind::Config, "")))?;
        let (mut catalog, _) = to_catalog(&definition, self.engine);
        for object in &mut catalog.objects {
            object.name.schema.clone_from(&self.schema);
        }
        let pieces = engine_for(self.engine).ddl().create(&catalog, DdlOptions::default());
        Ok(pieces.into_iter().filter(|piece| piece.kind == "table").map(|piece| piece.sql).collect())
    }

    /// What puts a row in the place of that with the same id.
    pub fn write(&self, record: &Record) -> Result<[String; 2]> {
        let text = |value: &str| self.literal(value);
        let maybe = |value: Option<&str>| value.map_or_else(|| Ok("NULL".to_owned()), text);
        let down = (!record.down.is_empty()).then(|| record.down.join(BETWEEN));
        let values = [
            text(&record.id)?,
            text(&record.name)?,
            text(if record.baseline { "baseline" } else { "migration" })?,
            text(match (record.applied, record.undo) {
                (true, _) => APPLIED,
                (false, false) => PARTIAL,
                (false, true) => UNDO,
            })?,
            maybe(record.checksum.as_deref())?,
            record.statements.to_string(),
            record.done.to_string(),
            record.position.to_string(),
            text(&record.started_at)?,
            record.duration_ms.to_string(),
            text(&record.by_user)?,
            text(&record.by_host)?,
            text(&record.tool_version)?,
            maybe(record.doubt.as_deref())?,
            maybe(down.as_deref())?,
        ];
        let columns: Vec<String> = COLUMNS.iter().map(|column| quote_ident(self.dialect, column)).collect();
        let insert =
            format!("INSERT INTO {} ({}) VALUES ({})", self.table, columns.join(", "), values.join(", "));
        Ok([self.forget(&record.id)?, insert])
    }

    /// What notes how long a migration took, which is not known before its transaction has ended.
    pub fn took(&self, id: &str, duration_ms: u64) -> Result<String> {
        let (column, place) = (quote_ident(self.dialect, "duration_ms"), quote_ident(self.dialect, "id"));
        let literal = self.literal(id)?;
        Ok(format!("UPDATE {} SET {column} = {duration_ms} WHERE {place} = {literal}", self.table))
    }

    /// What says, in one statement, that the statement which a row was in doubt about is done.
    pub fn settled(&self, record: &Record) -> Result<String> {
        let [done, doubt, id] = ["done", "doubt", "id"].map(|column| quote_ident(self.dialect, column));
        let (count, literal) = (record.done, self.literal(&record.id)?);
        Ok(format!("UPDATE {} SET {done} = {count}, {doubt} = NULL WHERE {id} = {literal}", self.table))
    }

    fn literal(&self, id: &str) -> Result<String> {
        quote_literal(self.dialect, id)
            .map_err(|_| Error::new(Kind::Data, format!("migration {id} has a NUL byte")))
    }

    /// What notes that a migration was taken back: its row goes, and what is repeatable and was applied
    /// after it is due again, as it may stand on what is gone.
    pub fn taken_back(&self, record: &Record) -> Result<Vec<String>> {
        let [checksum, place, id] =
            ["checksum", "place", "id"].map(|column| quote_ident(self.dialect, column));
        let due = format!(
            "UPDATE {} SET {checksum} = '' WHERE {place} > {} AND {id} LIKE 'R %'",
            self.table, record.position
        );
        Ok(vec![self.forget(&record.id)?, due])
    }

    /// What takes a row away.
    pub fn forget(&self, id: &str) -> Result<String> {
        let place = quote_ident(self.dialect, "id");
        Ok(format!("DELETE FROM {} WHERE {place} = {}", self.table, self.literal(id)?))
    }
}

/// The row that a cursor is at, in the order of [`COLUMNS`].
fn record(cursor: &dyn Cursor) -> Record {
    let text = |at: usize| text(cursor.cell(at)).unwrap_or_default();
    let maybe = |at: usize| self::text(cursor.cell(at));
    let state = text(3);
    Record {
        id: text(0),
        name: text(1),
        baseline: text(2) == "baseline",
        applied: state == APPLIED,
        undo: state == UNDO,
        checksum: maybe(4),
        statements: number(cursor.cell(5)),
        done: number(cursor.cell(6)),
        position: number(cursor.cell(7)),
        started_at: text(8),
        duration_ms: number(cursor.cell(9)),
        by_user: text(10),
        by_host: text(11),
        tool_version: text(12),
        doubt: maybe(13),
        down: maybe(14).map_or_else(Vec::new, |text| text.split(BETWEEN).map(str::to_owned).collect()),
    }
}

fn number(value: Value<'_>) -> u64 {
    match value {
        Value::Int(number) => u64::try_from(number).unwrap_or_default(),
        Value::UInt(number) => number,
        value => text(value).and_then(|text| text.parse().ok()).unwrap_or_default(),
    }
}

pub(super) fn text(value: Value<'_>) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Text(bytes) | Value::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}
