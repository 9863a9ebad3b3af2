//! Renames: what the server makes of everything else by itself is known before.

use dbwright::engine::engine_for;
use dbwright::model::catalog::Name;
use dbwright::model::plan::{ChangeOptions, Rename};
use dbwright::model::target::EngineKind;

use super::{execute, load, read, turn};
use crate::servers::{Bed, one};

super::on_postgres! { a_table_is_renamed, a_column_is_renamed }

const BEFORE: &str = "CREATE TABLE p (id integer PRIMARY KEY);
    CREATE TABLE old (a integer PRIMARY KEY, old integer NOT NULL, c text CHECK (old > 0), UNIQUE (old, c),
      d integer GENERATED ALWAYS AS (old + 1) STORED, FOREIGN KEY (old) REFERENCES p (id));
    CREATE INDEX i ON old (old DESC); CREATE INDEX j ON old (lower(c)) WHERE old > 5;
    CREATE TABLE child (x integer REFERENCES old (a), y integer, z text, FOREIGN KEY (y, z) REFERENCES old (old, c));
    CREATE VIEW v AS SELECT a, old FROM old WHERE old.old > 1;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER tr BEFORE UPDATE OF old ON old FOR EACH ROW WHEN (NEW.old > 1) EXECUTE FUNCTION f();
    CREATE POLICY po ON old USING (old > 1); COMMENT ON COLUMN old.old IS 'o';
    CREATE FUNCTION g(old, r old[]) RETURNS SETOF old LANGUAGE sql AS 'SELECT $1';
    INSERT INTO p VALUES (7); INSERT INTO old (a, old, c) VALUES (1, 7, 'x')";

/// Renames, and makes the rest equal to a database where the new name was there from the start.
fn renamed(bed: &Bed, rename: &Rename, after: &str) {
    let other = Bed::new(bed.server, "renamed");
    let (mut a, mut b) = (bed.open(), other.open());
    load(&mut *a, BEFORE);
    load(&mut *b, after);
    let renamed = engine_for(EngineKind::Postgres).ddl().rename(&read(&mut *a), rename);
    assert_eq!(renamed.steps.len(), 1);
    execute(&mut *a, &renamed.steps[0].sql[0]);
    let wanted = read(&mut *b);
    let options = ChangeOptions { online: false, privileges: true };
    let plan = turn(&mut *a, &renamed.catalog, &wanted, options);
    assert!(plan.steps.iter().all(|step| !step.rewrites && step.loses.is_empty()), "{:#?}", plan.steps);
    assert_eq!(one(&mut *a, &format!("SELECT count(*) FROM {}", wanted_table(rename))), "1");
}

fn wanted_table(rename: &Rename) -> &str {
    if rename.column.is_none() { &rename.to } else { &rename.table.name }
}

fn a_table_is_renamed(bed: &Bed) {
    let rename = Rename { table: Name::new("public", "old"), column: None, to: "fresh".into() };
    let after = "CREATE TABLE p (id integer PRIMARY KEY);
    CREATE TABLE fresh (a integer PRIMARY KEY, old integer NOT NULL, c text CHECK (old > 0), UNIQUE (old, c),
      d integer GENERATED ALWAYS AS (old + 1) STORED, FOREIGN KEY (old) REFERENCES p (id));
    CREATE INDEX i ON fresh (old DESC); CREATE INDEX j ON fresh (lower(c)) WHERE old > 5;
    CREATE TABLE child (x integer REFERENCES fresh (a), y integer, z text, FOREIGN KEY (y, z) REFERENCES fresh (old, c));
    CREATE VIEW v AS SELECT a, old FROM fresh old WHERE old.old > 1;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER tr BEFORE UPDATE OF old ON fresh FOR EACH ROW WHEN (NEW.old > 1) EXECUTE FUNCTION f();
    CREATE POLICY po ON fresh USING (old > 1); COMMENT ON COLUMN fresh.old IS 'o';
    CREATE FUNCTION g(fresh, r fresh[]) RETURNS SETOF fresh LANGUAGE sql AS 'SELECT $1'";
    renamed(bed, &rename, after);
}

fn a_column_is_renamed(bed: &Bed) {
    let rename =
        Rename { table: Name::new("public", "old"), column: Some("old".into()), to: "New One".into() };
    let after = BEFORE
        .replace("old integer NOT NULL", "\"New One\" integer NOT NULL")
        .replace("CHECK (old", "CHECK (\"New One\"")
        .replace("(old, c)", "(\"New One\", c)")
        .replace("AS (old + 1)", "AS (\"New One\" + 1)")
        .replace("KEY (old)", "KEY (\"New One\")")
        .replace("(old DESC)", "(\"New One\" DESC)")
        .replace("WHERE old > 5", "WHERE \"New One\" > 5")
        .replace(
            "SELECT a, old FROM old WHERE old.old",
            "SELECT a, \"New One\" AS old FROM old WHERE old.\"New One\"",
        )
        .replace("UPDATE OF old", "UPDATE OF \"New One\"")
        .replace("NEW.old", "NEW.\"New One\"")
        .replace("USING (old", "USING (\"New One\"")
        .replace("COLUMN old.old", "COLUMN old.\"New One\"")
        .replace("INSERT INTO old (a, old, c)", "INSERT INTO old (a, \"New One\", c)");
    renamed(bed, &rename, &after);
}
