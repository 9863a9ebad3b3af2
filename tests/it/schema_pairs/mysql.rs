//! Schemas as statements of MySQL and MariaDB, with what is peculiar to them: enums and sets,
//! character sets, comments, engines, partitions, indexes of words and of beginnings, routines,
//! events, and MariaDB's sequences and versions of rows.

use std::collections::HashSet;

use dbwright::engine::Session;

use super::render::{IndexParts, Render, index_sql, moment};
use super::schema::{Act, Column, ForeignKey, Index, Schema, Table, Trigger, Ty, View};
use crate::servers::{Server, rows};

pub struct Mysql(pub Server);

/// The columns that foreign keys join, whose types have to be alike: table and column.
type Joined = HashSet<(String, String)>;

fn joined(schema: &Schema) -> Joined {
    let mut joined = Joined::new();
    for table in &schema.tables {
        for key in &table.foreign_keys {
            joined.extend(key.columns.iter().map(|column| (table.name.clone(), column.clone())));
            joined.extend(key.referenced.iter().map(|column| (key.table.clone(), column.clone())));
        }
    }
    joined
}

fn act(act: Act) -> &'static str {
    match act {
        Act::NoAction => "NO ACTION",
        Act::Restrict => "RESTRICT",
        Act::Cascade => "CASCADE",
        Act::SetNull => "SET NULL",
    }
}

fn comment(number: Option<u8>) -> String {
    number.map(|number| format!(" COMMENT 'it''s \\\\ \"number\" {number}; ä'")).unwrap_or_default()
}

impl Mysql {
    fn is_mariadb(&self) -> bool {
        self.0 == Server::Mariadb
    }

    /// The type, and what goes with it before NOT NULL.
    fn type_of(&self, column: &Column, plain: bool) -> String {
        let flavour = if plain || column.generated.is_some() { 0 } else { column.flavour };
        let labels = |start: &str| {
            let mut all: Vec<String> = (0..3).map(|row| format!("'{start}{row}'")).collect();
            all.extend(["''".into(), "'it''s; \"so\"'".into()]);
            if flavour & 64 != 0 {
                all.push("'one more'".into());
            }
            if flavour & 128 != 0 {
                all.reverse();
            }
            all.join(",")
        };
        let letters = ["", " COLLATE utf8mb4_bin", " CHARACTER SET latin1", " CHARACTER SET utf8mb3"];
        let letters = letters[usize::from(flavour % 4)];
        match column.ty {
            Ty::Int => ["int", "int unsigned", "mediumint", "smallint"][usize::from(flavour % 4)].into(),
            Ty::BigInt => ["bigint", "bigint unsigned"][usize::from(flavour % 2)].into(),
            Ty::Decimal => "decimal(10,2)".into(),
            Ty::Real => ["double", "float"][usize::from(flavour % 2)].into(),
            Ty::Text if flavour & 32 != 0 => format!("enum({})", labels("text ")),
            Ty::Text if plain => "varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci".into(),
            Ty::Text if flavour & 16 != 0 => format!("varchar(180){letters}"),
            Ty::Text => format!("varchar(40){letters}"),
            Ty::LongText if flavour & 32 != 0 => {
                let labels = (0..3).map(|row| format!("'a longer text; it''s number {row}'"));
                format!("set({})", labels.collect::<Vec<_>>().join(","))
            }
            Ty::LongText if flavour & 16 != 0 => format!("mediumtext{letters}"),
            Ty::LongText => format!("text{letters}"),
            Ty::Bool => "boolean".into(),
            Ty::Date => "date".into(),
            Ty::Timestamp => {
                ["datetime", "datetime(3)", "timestamp", "datetime"][usize::from(flavour % 4)].into()
            }
            Ty::Blob => ["blob", "varbinary(30)"][usize::from(flavour % 2)].into(),
        }
    }

    fn column(&self, table: &Table, column: &Column, joined: &Joined) -> String {
        let plain = joined.contains(&(table.name.clone(), column.name.clone()));
        let mut sql = format!("{} {}", self.quote(&column.name), self.type_of(column, plain));
        if let Some(generated) = &column.generated {
            let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
            sql += &format!(" GENERATED ALWAYS AS ({}) {kept}", self.expression(table, &generated.of));
        } else if column.nullable {
            sql += " NULL";
        } else {
            sql += " NOT NULL";
        }
        let large = matches!(column.ty, Ty::LongText | Ty::Blob) && !sql.contains(" set(");
        // MySQL computes nothing from a column behind whose default is an expression.
        let is_source =
            table.columns.iter().any(|each| each.generated.as_ref().is_some_and(|of| of.of == column.name));
        match column.default {
            Some(_) if large && is_source => {}
            Some(which) if large => sql += &format!(" DEFAULT ({})", self.default(column.ty, which)),
            Some(which) => sql += &format!(" DEFAULT {}", self.default(column.ty, which)),
            None => {}
        }
        if column.ty == Ty::Timestamp && column.flavour % 4 == 3 && column.generated.is_none() {
            sql += " ON UPDATE CURRENT_TIMESTAMP";
        }
        if table.key.as_ref().is_some_and(|key| key.numbered && key.columns[0] == column.name) {
            sql += " AUTO_INCREMENT";
        }
        sql + &comment(column.comment)
    }

    fn foreign_key(&self, key: &ForeignKey) -> String {
        // A null of the other end could not follow.
        let loose = self.is_mariadb() && key.to_unique && !key.nullable && key.on_update == Act::Cascade;
        let on_update = if loose { Act::NoAction } else { key.on_update };
        format!(
            "{}FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {} ON UPDATE {}",
            self.named(key.name.as_ref()),
            self.list(&key.columns),
            self.quote(&key.table),
            self.list(&key.referenced),
            act(key.on_delete),
            act(on_update)
        )
    }

    /// Indexes that only these servers have.
    fn own_indexes(&self, table: &Table) -> Vec<String> {
        let long = table.columns.iter().find(|column| {
            column.ty == Ty::LongText && column.generated.is_none() && column.flavour & 32 == 0
        });
        let Some(long) = long.map(|column| self.quote(&column.name)) else { return Vec::new() };
        let mut lines = Vec::new();
        if table.flavour & 16 != 0 && self.partitions(table, false).is_empty() {
            lines.push(format!("FULLTEXT KEY words ({long})"));
        }
        if table.flavour & 32 != 0 {
            lines.push(format!("KEY beginning ({long}(10))"));
        }
        lines
    }

    /// Partitions, where nothing forbids them.
    fn partitions(&self, table: &Table, is_joined: bool) -> String {
        let is_unique = table.key.is_some()
            || !table.uniques.is_empty()
            || table.indexes.iter().any(|index| index.unique);
        let mut whole =
            table.columns.iter().filter(|column| column.ty == Ty::Int && column.generated.is_none());
        let Some(column) = whole.next().map(|column| self.quote(&column.name)) else { return String::new() };
        if is_unique || is_joined || table.flavour & 4 == 0 || !table.foreign_keys.is_empty() {
            return String::new();
        }
        let range = |bounds: &[&str]| {
            let each = bounds.iter().enumerate();
            let each = each.map(|(at, bound)| format!("PARTITION p{at} VALUES LESS THAN {bound}"));
            format!(" PARTITION BY RANGE ({column}) ({})", each.collect::<Vec<_>>().join(", "))
        };
        match table.flavour >> 5 {
            0 => range(&["(2)", "MAXVALUE"]),
            1 => range(&["(2)", "(10)", "MAXVALUE"]),
            2 => range(&["(10)", "(20)"]),
            3 => range(&["(10)"]),
            4 => format!(" PARTITION BY HASH ({column}) PARTITIONS 3"),
            5 => format!(
                " PARTITION BY LIST ({column}) (PARTITION p0 VALUES IN (0,1,2,3,NULL), PARTITION p1 VALUES IN (4))"
            ),
            _ => format!(" PARTITION BY KEY ({column}) PARTITIONS 2"),
        }
    }

    fn table(&self, table: &Table, joined: &Joined) -> String {
        let mut lines: Vec<String> =
            table.columns.iter().map(|column| self.column(table, column, joined)).collect();
        lines.extend(table.key.as_ref().map(|key| format!("PRIMARY KEY ({})", self.list(&key.columns))));
        lines.extend(table.uniques.iter().map(|unique| {
            format!("{}UNIQUE ({})", self.named(unique.name.as_ref()), self.list(&unique.columns))
        }));
        lines.extend(self.own_indexes(table));
        lines.extend(table.checks.iter().map(|check| {
            let condition = self.condition(table, &check.column, check.bound);
            format!("{}CHECK ({condition})", self.named(check.name.as_ref()))
        }));
        lines.extend(table.foreign_keys.iter().map(|key| self.foreign_key(key)));
        let is_joined = joined.iter().any(|(name, _)| *name == table.name);
        let computes = table.columns.iter().any(|column| column.generated.is_some());
        let partitions = self.partitions(table, is_joined);
        let mut options = match table.flavour % 4 {
            1 => " ROW_FORMAT=COMPACT STATS_PERSISTENT=1".to_owned(),
            2 => " DEFAULT CHARSET=latin1".to_owned(),
            3 if !is_joined && !computes && partitions.is_empty() && !self.has_expressions(table) => {
                " ENGINE=MyISAM".to_owned()
            }
            _ => String::new(),
        };
        options += &comment(table.comment).replace(" COMMENT ", " COMMENT=");
        if self.is_mariadb()
            && table.flavour & 8 != 0
            && table.flavour % 4 != 3
            && !is_joined
            && partitions.is_empty()
        {
            options += " WITH SYSTEM VERSIONING";
        }
        format!("CREATE TABLE {} ({}){options}{partitions}", self.quote(&table.name), lines.join(", "))
    }

    /// Expressions and falling orders, which MyISAM does not have.
    fn has_expressions(&self, table: &Table) -> bool {
        table
            .indexes
            .iter()
            .any(|index| index.expression || index.columns.iter().any(|(_, falling)| *falling))
    }

    fn trigger(&self, table: &str, trigger: &Trigger) -> String {
        let (name, on, other) = (self.quote(&trigger.name), self.quote(table), self.quote(&trigger.reads));
        let body = match trigger.body {
            0 => format!("SET @n = (SELECT count(*) FROM {other})"),
            1 => format!("BEGIN DELETE FROM {other} WHERE 1 = 0; SET @n = ';'; END"),
            _ => "SET @n = 1".to_owned(),
        };
        format!("CREATE TRIGGER {name} {} ON {on} FOR EACH ROW {body}", moment(trigger))
    }

    fn view(&self, view: &View) -> String {
        let how = ["", "ALGORITHM=TEMPTABLE ", "SQL SECURITY INVOKER ", ""][usize::from(view.flavour % 4)];
        format!("CREATE {how}VIEW {} AS {}", self.quote(&view.name), self.query(view))
    }

    /// Programs come with views, as the schemas have no words for them.
    fn programs(&self, view: &View) -> Vec<String> {
        let name = |what: &str| self.quote(&format!("{what} {}", view.name));
        let number = view.flavour >> 5;
        let mut sql = Vec::new();
        if view.flavour & 4 != 0 {
            let kind = [
                "DETERMINISTIC",
                "NO SQL",
                "READS SQL DATA COMMENT 'reads'",
                "DETERMINISTIC SQL SECURITY INVOKER",
            ];
            let kind = kind[usize::from(number % 4)];
            sql.push(format!(
                "CREATE FUNCTION {}(x INT) RETURNS INT {kind} RETURN x + {}",
                name("f"),
                number / 4
            ));
            sql.push(format!("CREATE PROCEDURE {}() BEGIN SELECT {number}; END", name("f")));
        }
        if view.flavour & 8 != 0 {
            let schedule = format!("EVERY {} HOUR STARTS '2035-01-01 00:00:00'", number + 1);
            sql.push(format!(
                "CREATE EVENT {} ON SCHEDULE {schedule} DISABLE DO SET @e = {number}",
                name("e")
            ));
        }
        if view.flavour & 16 != 0 && self.is_mariadb() {
            let numbers =
                format!("START WITH {} INCREMENT BY {} CACHE {}", number + 1, number + 1, number * 10);
            sql.push(format!("CREATE SEQUENCE {} {numbers}", name("s")));
        }
        sql
    }
}

impl Render for Mysql {
    fn server(&self) -> Server {
        self.0
    }

    fn clear(&self, session: &mut dyn Session) {
        // A plan that was refused has not come to put them back.
        session.execute("SET sql_mode = DEFAULT, time_zone = DEFAULT", &[]).unwrap();
        session.execute("SET NAMES utf8mb4", &[]).unwrap();
        for row in rows(session, "SHOW FULL TABLES") {
            let [Some(name), Some(kind)] = &row[..] else { unreachable!() };
            let kind = if kind == "VIEW" || kind == "SEQUENCE" { kind } else { "TABLE" };
            session.execute(&format!("DROP {kind} {}", self.quote(name)), &[]).unwrap();
        }
        let programs = "SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() \
             UNION ALL SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = DATABASE()";
        for row in rows(session, programs) {
            let [Some(kind), Some(name)] = &row[..] else { unreachable!() };
            session.execute(&format!("DROP {kind} {}", self.quote(name)), &[]).unwrap();
        }
    }

    fn tables(&self, schema: &Schema) -> Vec<String> {
        let joined = joined(schema);
        schema.tables.iter().map(|table| self.table(table, &joined)).collect()
    }

    fn rest(&self, schema: &Schema) -> Vec<String> {
        let mut statements = Vec::new();
        for table in &schema.tables {
            // An expression may not be of a column that is numbered.
            let key = table.key.as_ref().filter(|key| key.numbered).map(|key| &key.columns[0]);
            let with = |index: &Index| IndexParts {
                expressions: !self.is_mariadb() && key != Some(&index.columns[0].0),
                predicates: false,
            };
            statements.extend(table.indexes.iter().map(|index| index_sql(self, table, index, with(index))));
        }
        for view in &schema.views {
            statements.extend(self.programs(view));
            statements.push(self.view(view));
        }
        for table in &schema.tables {
            statements.extend(table.triggers.iter().map(|trigger| self.trigger(&table.name, trigger)));
        }
        statements
    }

    fn unchecked(&self) -> (&'static str, &'static str) {
        match self.is_mariadb() {
            true => (
                "SET foreign_key_checks = 0, system_versioning_alter_history = 'KEEP'",
                "SET foreign_key_checks = 1, system_versioning_alter_history = 'ERROR'",
            ),
            false => ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1"),
        }
    }

    /// In parentheses of its own, as an index of MySQL has it.
    fn expression(&self, table: &Table, column: &str) -> String {
        let number = table.column(column).is_some_and(|column| column.ty.is_number());
        let column = self.quote(column);
        if number { format!("({column} + 1)") } else { format!("(upper({column}))") }
    }
}
