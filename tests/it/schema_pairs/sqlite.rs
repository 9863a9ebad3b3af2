//! Schemas as SQLite's statements.

use dbwright::engine::Session;

use super::render::{IndexParts, Render, index_sql, moment};
use super::schema::{Act, Column, ForeignKey, Schema, Table, Trigger, Ty};
use crate::servers::{Server, one, rows};

pub struct Sqlite;

fn type_name(ty: Ty, strict: bool, flavour: u8) -> &'static str {
    if strict {
        return match ty {
            Ty::Int | Ty::BigInt | Ty::Bool => ["INTEGER", "INT"][usize::from(flavour % 2)],
            Ty::Decimal => "ANY",
            Ty::Real => "REAL",
            Ty::Text | Ty::LongText | Ty::Date | Ty::Timestamp => "TEXT",
            Ty::Blob => "BLOB",
        };
    }
    match ty {
        Ty::Int => "INTEGER",
        Ty::BigInt => "bigint",
        Ty::Decimal => "DECIMAL(10, 2)",
        Ty::Real => "double precision",
        Ty::Text => "VARCHAR(40)",
        Ty::LongText => "TEXT",
        Ty::Bool => "boolean",
        Ty::Date => "DATE",
        Ty::Timestamp => "timestamp",
        // A column without a type.
        Ty::Blob if flavour % 3 == 1 => "",
        Ty::Blob => "BLOB",
    }
}

fn act(act: Act) -> &'static str {
    match act {
        Act::NoAction => "NO ACTION",
        Act::Restrict => "RESTRICT",
        Act::Cascade => "CASCADE",
        Act::SetNull => "SET NULL",
    }
}

impl Sqlite {
    fn is_strict(table: &Table) -> bool {
        table.flavour & 1 != 0
    }

    fn column(&self, table: &Table, column: &Column) -> String {
        let key = table.key.as_ref().filter(|key| key.columns == [column.name.clone()]);
        let numbered = key.filter(|key| key.numbered);
        let own = numbered.or(key.filter(|_| column.flavour & 8 != 0));
        let mut sql = self.quote(&column.name);
        let ty = match numbered {
            Some(_) => "INTEGER",
            None => type_name(column.ty, Self::is_strict(table), column.flavour),
        };
        sql += &format!(" {ty}");
        if let Some(key) = own {
            sql += &format!(" {}PRIMARY KEY", self.named(key.name.as_ref()));
            sql += if key.numbered { " AUTOINCREMENT" } else { "" };
        }
        if column.ty.is_text() && column.flavour & 4 != 0 {
            sql += " COLLATE NOCASE";
        }
        if !column.nullable && numbered.is_none() {
            sql += " NOT NULL";
        }
        if let Some(which) = column.default {
            sql += &format!(" DEFAULT {}", self.default(column.ty, which));
        }
        if let Some(generated) = &column.generated {
            let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
            sql += &format!(" GENERATED ALWAYS AS ({}) {kept}", self.expression(table, &generated.of));
        }
        sql
    }

    fn foreign_key(&self, key: &ForeignKey) -> String {
        let deferred = if key.number == 1 { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
        format!(
            "{}FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {} ON UPDATE {}{deferred}",
            self.named(key.name.as_ref()),
            self.list(&key.columns),
            self.quote(&key.table),
            self.list(&key.referenced),
            act(key.on_delete),
            act(key.on_update)
        )
    }

    fn table(&self, table: &Table) -> String {
        let mut lines: Vec<String> = table.columns.iter().map(|column| self.column(table, column)).collect();
        let in_column = |name: &String| {
            let column = table.column(name);
            column.is_some_and(|column| column.flavour & 8 != 0)
        };
        let key = table.key.as_ref();
        let apart = |key: &&super::schema::Key| {
            !(key.numbered || (key.columns.len() == 1 && in_column(&key.columns[0])))
        };
        lines.extend(key.filter(apart).map(|key| {
            format!("{}PRIMARY KEY ({})", self.named(key.name.as_ref()), self.list(&key.columns))
        }));
        lines.extend(table.uniques.iter().map(|unique| {
            format!("{}UNIQUE ({})", self.named(unique.name.as_ref()), self.list(&unique.columns))
        }));
        lines.extend(table.checks.iter().map(|check| {
            let condition = self.condition(table, &check.column, check.bound);
            format!("{}CHECK ({condition})", self.named(check.name.as_ref()))
        }));
        lines.extend(table.foreign_keys.iter().map(|key| self.foreign_key(key)));
        let without_rowid = table.flavour & 2 != 0 && key.is_some_and(|key| !key.numbered);
        let options = [(Self::is_strict(table), "STRICT"), (without_rowid, "WITHOUT ROWID")];
        let options: Vec<&str> = options.into_iter().filter(|each| each.0).map(|each| each.1).collect();
        format!("CREATE TABLE {} ({}) {}", self.quote(&table.name), lines.join(", "), options.join(", "))
    }

    /// Full-text indexes, with contents of their own and of a table, an R*Tree, and a view of nothing.
    fn peculiar(&self, schema: &Schema) -> Vec<String> {
        let mut statements = Vec::new();
        for (at, table) in schema.tables.iter().enumerate() {
            let texts = table.columns.iter().filter(|column| column.ty.is_text() && column.name != "Name");
            let names: Vec<String> = texts.map(|column| column.name.replace(['"', '\'', ' '], "_")).collect();
            match table.flavour >> 2 & 7 {
                1 if !names.is_empty() => {
                    let name = format!("fts {at}");
                    statements.push(format!(
                        "CREATE VIRTUAL TABLE {} USING fts5({})",
                        self.quote(&name),
                        self.list(&names)
                    ));
                    let values = vec!["'some words'"; names.len()].join(", ");
                    statements.push(format!("INSERT INTO {} VALUES ({values})", self.quote(&name)));
                }
                2 => statements.push(format!("CREATE VIRTUAL TABLE tree{at} USING rtree_i32(id, a, b)")),
                3 => statements.push(format!(
                    "CREATE VIEW {} AS SELECT a FROM gone",
                    self.quote(&format!("broken {at}"))
                )),
                4 => statements.push(format!(
                    "CREATE VIEW {} AS SELECT \"no name\" AS s",
                    self.quote(&format!("string {at}"))
                )),
                5 if names.first().is_some_and(|name| table.column(name).is_some()) => {
                    let (content, column) = (self.quote(&table.name), self.quote(&names[0]));
                    statements.push(format!(
                        "CREATE VIRTUAL TABLE ext{at} USING fts5({column}, content={content})"
                    ));
                }
                _ => {}
            }
        }
        statements
    }

    fn trigger(&self, table: &str, trigger: &Trigger, timing: &str) -> String {
        let (name, on, other) = (self.quote(&trigger.name), self.quote(table), self.quote(&trigger.reads));
        let body = match trigger.body {
            0 => format!("SELECT count(*) FROM {other}"),
            1 => format!("DELETE FROM {other} WHERE 1 = 0; SELECT ';'"),
            _ => "SELECT 1".to_owned(),
        };
        format!("CREATE TRIGGER {name} {timing} ON {on} BEGIN {body}; END")
    }
}

impl Render for Sqlite {
    fn server(&self) -> Server {
        Server::Sqlite
    }

    fn clear(&self, session: &mut dyn Session) {
        session.execute("pragma synchronous = off", &[]).unwrap();
        // A plan that was refused has not come to put it back.
        session.execute("pragma legacy_alter_table = off", &[]).unwrap();
        // Virtual tables take the tables with them that they keep their rows in.
        for kind in ["view", "virtual", "table"] {
            let sql = format!(
                "select name from pragma_table_list where schema = 'main' and type = '{kind}'
                  and name not like 'sqlite!_%' escape '!'"
            );
            let word = if kind == "view" { "view" } else { "table" };
            for name in rows(session, &sql).into_iter().flatten().flatten() {
                session.execute(&format!("drop {word} {}", self.quote(&name)), &[]).unwrap();
            }
        }
    }

    fn tables(&self, schema: &Schema) -> Vec<String> {
        schema.tables.iter().map(|table| self.table(table)).collect()
    }

    fn rest(&self, schema: &Schema) -> Vec<String> {
        let all = IndexParts { expressions: true, predicates: true };
        let mut statements = Vec::new();
        for table in &schema.tables {
            statements.extend(table.indexes.iter().map(|index| index_sql(self, table, index, all)));
        }
        for view in &schema.views {
            statements.push(format!("CREATE VIEW {} AS {}", self.quote(&view.name), self.query(view)));
            if view.flavour % 4 == 1 {
                let name = format!("instead {}", view.name);
                let trigger = Trigger {
                    name,
                    after: false,
                    event: super::schema::Event::Insert,
                    reads: schema.tables[0].name.clone(),
                    body: view.flavour % 3,
                };
                statements.push(self.trigger(&view.name, &trigger, "INSTEAD OF INSERT"));
            }
        }
        statements.extend(self.peculiar(schema));
        for table in &schema.tables {
            let triggers = table.triggers.iter();
            statements.extend(triggers.map(|trigger| self.trigger(&table.name, trigger, &moment(trigger))));
        }
        statements
    }

    fn unchecked(&self) -> (&'static str, &'static str) {
        ("PRAGMA foreign_keys = off", "PRAGMA foreign_keys = on")
    }

    fn is_sound(&self, session: &mut dyn Session) {
        assert_eq!(one(session, "pragma integrity_check"), "ok");
        assert_eq!(rows(session, "pragma foreign_key_check"), Vec::<Vec<Option<String>>>::new());
        assert_eq!(one(session, "pragma foreign_keys"), "1");
        assert_eq!(one(session, "pragma legacy_alter_table"), "0");
    }
}
