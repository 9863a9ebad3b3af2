//! Schemas as PostgreSQL's statements, with what only it has: enums, domains, sequences, identity,
//! partitions, materialized views, policies, functions.

use dbwright::engine::Session;

use super::render::{IndexParts, Render, index_sql, moment};
use super::schema::{Act, Column, ForeignKey, Key, Schema, Table, Trigger, Ty, View};
use crate::servers::Server;

pub struct Postgres(pub Server);

fn type_name(ty: Ty) -> &'static str {
    match ty {
        Ty::Int => "integer",
        Ty::BigInt => "bigint",
        Ty::Decimal => "numeric(10,2)",
        Ty::Real => "double precision",
        Ty::Text => "varchar(40)",
        Ty::LongText => "text",
        Ty::Bool => "boolean",
        Ty::Date => "date",
        Ty::Timestamp => "timestamp",
        Ty::Blob => "bytea",
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

/// What a column is besides its type.
#[derive(PartialEq)]
enum Special {
    Enum,
    Enums,
    Domain,
    Counted,
}

impl Postgres {
    /// Of columns that nothing else stands on.
    fn special(table: &Table, column: &Column) -> Option<Special> {
        let name = &column.name;
        let is_used = table.checks.iter().any(|each| each.column == *name)
            || table.key.as_ref().is_some_and(|key| key.columns.contains(name))
            || table.uniques.iter().any(|each| each.columns.contains(name))
            || table.indexes.iter().any(|each| each.expression && each.columns[0].0 == *name)
            || table.columns.iter().any(|each| each.generated.as_ref().is_some_and(|each| each.of == *name));
        if is_used || column.generated.is_some() {
            return None;
        }
        match (column.ty, column.flavour % 8) {
            (Ty::Text, 1 | 2) => Some(Special::Enum),
            (Ty::Blob, 3) => Some(Special::Enums),
            (Ty::LongText, 1 | 2) => Some(Special::Domain),
            (Ty::BigInt, 3 | 4) if column.default.is_none() => Some(Special::Counted),
            _ => None,
        }
    }

    fn column(&self, table: &Table, column: &Column, numbered: Option<&Key>) -> String {
        let special = Self::special(table, column);
        let ty = match special {
            Some(Special::Enum) => "\"Side\".mood",
            Some(Special::Enums) => "\"Side\".mood[]",
            Some(Special::Domain) => "\"Side\".short",
            _ => match (numbered.is_some(), column.flavour % 3, column.ty) {
                (true, 1, Ty::Int) => "serial",
                (true, 1, Ty::BigInt) => "bigserial",
                _ => type_name(column.ty),
            },
        };
        let mut sql = format!("{} {ty}", self.quote(&column.name));
        if column.ty.is_text() && column.flavour & 32 != 0 && special.is_none() {
            sql += " COLLATE \"C\"";
        }
        if numbered.is_some() && column.flavour % 3 != 1 {
            let when = if column.flavour.is_multiple_of(3) { "BY DEFAULT" } else { "ALWAYS" };
            let options = if column.flavour & 16 != 0 { " (START WITH 100 INCREMENT BY 5)" } else { "" };
            // Rows are given their numbers.
            let when = if self.0 == Server::Pg15 { "BY DEFAULT" } else { when };
            sql += &format!(" GENERATED {when} AS IDENTITY{options}");
        } else if special == Some(Special::Counted) {
            sql += " DEFAULT nextval('\"Side\".counter')";
        } else if let (Some(which), true) = (column.default, numbered.is_none()) {
            let default = self.default(column.ty, which);
            match special {
                Some(Special::Enums) => sql += " DEFAULT '{}'",
                _ => sql += &format!(" DEFAULT {default}"),
            }
        }
        if !column.nullable {
            sql += " NOT NULL";
        }
        if let Some(generated) = &column.generated {
            let indexed =
                table.indexes.iter().any(|each| each.columns.iter().any(|key| key.0 == column.name));
            let is_virtual = self.0 == Server::Pg18 && !generated.stored && !indexed;
            let kept = if is_virtual { "VIRTUAL" } else { "STORED" };
            sql += &format!(" GENERATED ALWAYS AS ({}) {kept}", self.expression(table, &generated.of));
        }
        sql
    }

    /// The column whose hash spreads the rows of a table over partitions.
    fn spread_by<'a>(&self, table: &'a Table) -> Option<&'a String> {
        let key = table.key.as_ref()?;
        let first = key.columns.first()?;
        let fits = table.flavour & 6 == 2
            && !key.numbered
            && table.uniques.iter().all(|each| each.columns.contains(first))
            && table.indexes.iter().all(|each| !each.unique);
        fits.then_some(first)
    }

    fn table(&self, schema: &Schema, table: &Table) -> Vec<String> {
        let numbered = |column: &Column| {
            table.key.as_ref().filter(|key| key.numbered && key.columns == [column.name.clone()])
        };
        let mut lines: Vec<String> =
            table.columns.iter().map(|column| self.column(table, column, numbered(column))).collect();
        if let Some(key) = &table.key {
            lines.push(format!("{}PRIMARY KEY ({})", self.named(key.name.as_ref()), self.list(&key.columns)));
        }
        for unique in &table.uniques {
            let name = self.named(unique.name.as_ref());
            lines.push(format!("{name}UNIQUE ({})", self.list(&unique.columns)));
        }
        for check in &table.checks {
            let condition = self.condition(table, &check.column, check.bound);
            lines.push(format!("{}CHECK ({condition})", self.named(check.name.as_ref())));
        }
        let name = self.quote(&table.name);
        let spread = self.spread_by(table);
        let alone = table.foreign_keys.is_empty()
            && !schema.tables.iter().any(|each| each.foreign_keys.iter().any(|key| key.table == table.name));
        let unlogged = if table.flavour & 1 != 0 && alone && spread.is_none() { "UNLOGGED " } else { "" };
        let by =
            spread.map_or(String::new(), |column| format!(" PARTITION BY HASH ({})", self.quote(column)));
        let with = if table.flavour & 8 != 0 && spread.is_none() { " WITH (fillfactor = 70)" } else { "" };
        let mut sql = vec![format!("CREATE {unlogged}TABLE {name} ({}){by}{with}", lines.join(", "))];
        for part in 0..if spread.is_some() { 2 } else { 0 } {
            let part_name = self.quote(&format!("{} part {part}", table.name));
            sql.push(format!(
                "CREATE TABLE {part_name} PARTITION OF {name} FOR VALUES WITH (MODULUS 2, REMAINDER {part})"
            ));
        }
        if let Some(comment) = table.comment {
            sql.push(format!("COMMENT ON TABLE {name} IS 'it''s {comment}'"));
        }
        for column in &table.columns {
            if let Some(comment) = column.comment {
                sql.push(format!("COMMENT ON COLUMN {name}.{} IS 'c {comment}'", self.quote(&column.name)));
            }
        }
        sql
    }

    fn foreign_key(&self, table: &Table, key: &ForeignKey) -> String {
        let deferred = if key.number == 1 { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
        format!(
            "ALTER TABLE {} ADD {}FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {} ON UPDATE {}{deferred}",
            self.quote(&table.name),
            self.named(key.name.as_ref()),
            self.list(&key.columns),
            self.quote(&key.table),
            self.list(&key.referenced),
            act(key.on_delete),
            act(key.on_update)
        )
    }

    fn trigger(&self, on: &str, trigger: &Trigger, moment: &str, each: &str) -> Vec<String> {
        let function = self.quote(&format!("do {}", trigger.name));
        let reads = self.quote(&trigger.reads);
        let body = format!("BEGIN PERFORM {} FROM {reads}; RETURN COALESCE(NEW, OLD); END", trigger.body);
        let (name, on) = (self.quote(&trigger.name), self.quote(on));
        vec![
            format!("CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $f${body}$f$"),
            format!("CREATE TRIGGER {name} {moment} ON {on} FOR EACH {each} EXECUTE FUNCTION {function}()"),
        ]
    }

    /// What other schemas hold; its looks are told by the first table.
    fn side(&self, schema: &Schema) -> Vec<String> {
        let flavour = schema.tables.first().map_or(0, |table| table.flavour);
        let mut labels = vec!["text 0", "text 1", "text 2", "", "it''s; \"so\""];
        if flavour & 16 != 0 {
            labels.insert(2, "between");
        }
        if flavour & 32 != 0 {
            labels.push("last");
        }
        if flavour & 64 != 0 {
            labels.reverse();
        }
        let step = 1 + flavour % 3;
        let bound = flavour % 5;
        vec![
            "CREATE SCHEMA \"Side\"".into(),
            format!("CREATE TYPE \"Side\".mood AS ENUM ('{}')", labels.join("', '")),
            format!("CREATE DOMAIN \"Side\".short AS text CHECK (VALUE <> '{bound}')"),
            format!("CREATE SEQUENCE \"Side\".counter INCREMENT BY {step}"),
        ]
    }

    fn view(&self, schema: &Schema, view: &View) -> Vec<String> {
        let materialized = if view.flavour % 4 == 2 { "MATERIALIZED " } else { "" };
        let name = self.quote(&view.name);
        let mut sql = vec![format!("CREATE {materialized}VIEW {name} AS {}", self.query(view))];
        if view.flavour % 4 == 1 {
            let trigger = Trigger {
                name: format!("instead {}", view.name),
                after: false,
                event: super::schema::Event::Insert,
                reads: schema.tables[0].name.clone(),
                body: view.flavour % 3,
            };
            sql.extend(self.trigger(&view.name, &trigger, "INSTEAD OF INSERT", "ROW"));
        }
        if view.flavour & 16 != 0 {
            let function = self.quote(&format!("of {}", view.name));
            let columns = view.columns.as_ref().and_then(|columns| columns.first());
            let counted = columns.map_or("*".to_owned(), |column| format!("x.{}", self.quote(column)));
            sql.push(format!(
                "CREATE FUNCTION {function}() RETURNS bigint LANGUAGE sql \
                 BEGIN ATOMIC SELECT count({counted}) FROM {name} x; END"
            ));
        }
        sql
    }

    /// Row security, rules and statistics.
    fn watching(&self, table: &Table) -> Vec<String> {
        let name = self.quote(&table.name);
        let first = self.quote(&table.columns[0].name);
        let mut sql = Vec::new();
        if table.flavour & 8 != 0 {
            sql.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
            sql.push(format!(
                "CREATE POLICY \"seen {}\" ON {name} USING ({first} IS NOT NULL)",
                table.flavour % 3
            ));
        }
        if table.flavour & 16 != 0 {
            let sql_of_rule = "DO ALSO NOTHING";
            sql.push(format!(
                "CREATE RULE \"a rule\" AS ON UPDATE TO {name} WHERE OLD.{first} IS NULL {sql_of_rule}"
            ));
        }
        let plain: Vec<String> = table
            .columns
            .iter()
            .filter(|column| column.generated.is_none() && column.ty.is_keyable())
            .map(|column| column.name.clone())
            .collect();
        if table.flavour & 32 != 0 && plain.len() > 1 {
            let statistics = self.quote(&format!("of {}", table.name));
            sql.push(format!("CREATE STATISTICS {statistics} ON {} FROM {name}", self.list(&plain[..2])));
        }
        sql
    }
}

impl Render for Postgres {
    fn server(&self) -> Server {
        self.0
    }

    fn clear(&self, session: &mut dyn Session) {
        for sql in [
            "DROP SCHEMA IF EXISTS public CASCADE",
            "DROP SCHEMA IF EXISTS \"Side\" CASCADE",
            "CREATE SCHEMA public",
        ] {
            session.execute(sql, &[]).unwrap();
        }
    }

    fn tables(&self, schema: &Schema) -> Vec<String> {
        let mut sql = self.side(schema);
        sql.extend(schema.tables.iter().flat_map(|table| self.table(schema, table)));
        sql
    }

    fn rest(&self, schema: &Schema) -> Vec<String> {
        let all = IndexParts { expressions: true, predicates: true };
        let mut sql = Vec::new();
        for table in &schema.tables {
            sql.extend(table.indexes.iter().map(|index| index_sql(self, table, index, all)));
        }
        for table in &schema.tables {
            sql.extend(table.foreign_keys.iter().map(|key| self.foreign_key(table, key)));
        }
        for view in &schema.views {
            sql.extend(self.view(schema, view));
        }
        for table in &schema.tables {
            for trigger in &table.triggers {
                let each = if trigger.body == 1 { "STATEMENT" } else { "ROW" };
                sql.extend(self.trigger(&table.name, trigger, &moment(trigger), each));
            }
            sql.extend(self.watching(table));
        }
        sql
    }

    fn unchecked(&self) -> (&'static str, &'static str) {
        ("SET session_replication_role = replica", "SET session_replication_role = origin")
    }

    fn value_of(&self, table: &Table, column: &Column, row: u8) -> String {
        match Self::special(table, column) {
            Some(Special::Enums) => format!("'{{text {row}}}'"),
            _ => self.value(column.ty, row),
        }
    }
}
