//! What a rendering of a schema for an engine must tell.

use dbwright::engine::{Session, engine_for};
use dbwright::sql::quote_ident;

use super::schema::{Column, Event, Index, Schema, Table, Trigger, Ty, View};
use crate::servers::Server;

/// A schema as the statements of one engine.
pub trait Render: Sync {
    fn server(&self) -> Server;

    /// Empties the test's database.
    fn clear(&self, session: &mut dyn Session);

    /// What makes the tables, before there are rows.
    fn tables(&self, schema: &Schema) -> Vec<String>;

    /// What comes after the rows: indexes, views, triggers, and keys that make cycles.
    fn rest(&self, schema: &Schema) -> Vec<String>;

    /// Statements that let rows be loaded in any order, and that end it.
    fn unchecked(&self) -> (&'static str, &'static str);

    /// Panics when the database is broken, as far as the engine can tell.
    fn is_sound(&self, session: &mut dyn Session) {
        let _ = session;
    }

    fn quote(&self, name: &str) -> String {
        let kind = self.server().kind();
        quote_ident(engine_for(kind).dialect(kind), name)
    }

    fn list(&self, names: &[String]) -> String {
        names.iter().map(|name| self.quote(name)).collect::<Vec<_>>().join(", ")
    }

    /// `CONSTRAINT "name" `, or nothing.
    fn named(&self, name: Option<&String>) -> String {
        name.map(|name| format!("CONSTRAINT {} ", self.quote(name))).unwrap_or_default()
    }

    /// The condition of a check.
    fn condition(&self, table: &Table, column: &str, bound: u8) -> String {
        let number = table.column(column).is_some_and(|column| column.ty.is_number());
        let column = self.quote(column);
        if number { format!("{column} > -{bound}") } else { format!("{column} <> '{bound}'") }
    }

    /// The expression of a generated column or of an index.
    fn expression(&self, table: &Table, column: &str) -> String {
        let number = table.column(column).is_some_and(|column| column.ty.is_number());
        let column = self.quote(column);
        if number { format!("({column} + 1)") } else { format!("upper({column})") }
    }

    /// A query of a view.
    fn query(&self, view: &View) -> String {
        let first = view.columns.as_ref().and_then(|columns| columns.first());
        let columns = match &view.columns {
            Some(columns) => {
                let each = columns.iter().map(|name| format!("x.{}", self.quote(name)));
                each.collect::<Vec<_>>().join(", ")
            }
            None => "x.*".to_owned(),
        };
        let mut sql = format!("SELECT {columns} FROM {} x", self.quote(&view.of));
        if let Some(joined) = &view.joined {
            sql += &format!(" LEFT JOIN {} y ON 1 = 0", self.quote(joined));
        }
        if let Some(first) = first.filter(|_| view.filtered) {
            sql += &format!(" WHERE x.{} IS NOT NULL", self.quote(first));
        }
        sql
    }

    /// The literal of a type in row 0, 1 or 2; the three are different, except of `Bool`.
    fn value(&self, ty: Ty, row: u8) -> String {
        match ty {
            Ty::Int | Ty::BigInt => format!("{}", row + 1),
            Ty::Decimal => format!("{}.25", row + 1),
            Ty::Real => format!("{}.5", row + 1),
            Ty::Text => format!("'text {row}'"),
            Ty::LongText => format!("'a longer text; it''s number {row}'"),
            Ty::Bool => {
                self.server().pick(["0", "1"], ["false", "true"], ["0", "1"])[usize::from(row % 2)].into()
            }
            Ty::Date => format!("'2026-01-0{}'", row + 1),
            Ty::Timestamp => format!("'2026-01-0{} 12:00:00'", row + 1),
            Ty::Blob => self.server().pick("x'00ff", "'\\x00ff", "x'00ff").to_owned() + &format!("0{row}'"),
        }
    }

    /// The same for a column, which may be more than its type tells.
    fn value_of(&self, table: &Table, column: &Column, row: u8) -> String {
        let _ = table;
        self.value(column.ty, row)
    }

    /// One of the defaults of a type, as it stands after DEFAULT.
    fn default(&self, ty: Ty, which: u8) -> String {
        match (ty, which) {
            (Ty::Text, 0) => "''".into(),
            (Ty::Text, 1) => "'it''s; \"so\"'".into(),
            _ => self.value(ty, which),
        }
    }
}

/// The rows of a table: three, of which the last is null where it may be.
pub fn rows(render: &dyn Render, table: &Table) -> Vec<String> {
    let given: Vec<&Column> = table.columns.iter().filter(|column| column.generated.is_none()).collect();
    let names: Vec<String> = given.iter().map(|column| column.name.clone()).collect();
    let insert = |row: u8| {
        let unique = |name: &String| table.uniques.iter().any(|each| each.columns.contains(name));
        let value = |column: &&Column| match row == 2 && column.nullable && !unique(&column.name) {
            true => "NULL".to_owned(),
            false => render.value_of(table, column, row),
        };
        let values = given.iter().map(value).collect::<Vec<_>>().join(", ");
        format!("INSERT INTO {} ({}) VALUES ({values})", render.quote(&table.name), render.list(&names))
    };
    (0..3).map(insert).collect()
}

/// `CREATE INDEX` where expressions and predicates are written alike.
pub fn index_sql(render: &dyn Render, table: &Table, index: &Index, with: IndexParts) -> String {
    let keys = index.columns.iter().enumerate().map(|(at, (name, descending))| {
        let column = table.column(name).map(|column| column.ty);
        let computes = column.is_some_and(|ty| ty.is_number() || ty.is_text());
        let key = match at == 0 && index.expression && with.expressions && !index.unique && computes {
            true => render.expression(table, name),
            false => render.quote(name),
        };
        key + if *descending { " DESC" } else { "" }
    });
    let keys = keys.collect::<Vec<_>>().join(", ");
    let unique = if index.unique { "UNIQUE " } else { "" };
    let (name, on) = (render.quote(&index.name), render.quote(&table.name));
    let mut sql = format!("CREATE {unique}INDEX {name} ON {on} ({keys})");
    if index.partial && with.predicates {
        sql += &format!(" WHERE {} IS NOT NULL", render.quote(&index.columns[0].0));
    }
    sql
}

/// What indexes an engine has.
#[derive(Clone, Copy)]
pub struct IndexParts {
    pub expressions: bool,
    pub predicates: bool,
}

/// `AFTER INSERT`
pub fn moment(trigger: &Trigger) -> String {
    let event = match trigger.event {
        Event::Insert => "INSERT",
        Event::Update => "UPDATE",
        Event::Delete => "DELETE",
    };
    format!("{} {event}", if trigger.after { "AFTER" } else { "BEFORE" })
}
