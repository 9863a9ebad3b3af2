//! The tables in which tools keep what they have done: they are part of no schema that a team
//! writes down, and so are left alone where a database is compared with files.

use crate::model::catalog::{Catalog, Detail, Kind, Object};

/// Tables by the names that the tools give them unless told otherwise.
const TABLES: [&str; 18] = [
    // dbmate, golang-migrate, Rails
    "schema_migrations",
    "ar_internal_metadata",
    // Flyway, also before version 5
    "flyway_schema_history",
    "schema_version",
    // Liquibase, whatever the case
    "databasechangelog",
    "databasechangeloglock",
    // goose, sqlx, refinery, sql-migrate, Atlas
    "goose_db_version",
    "_sqlx_migrations",
    "refinery_schema_history",
    "gorp_migrations",
    "atlas_schema_revisions",
    // Alembic, Django, Prisma, Knex, Diesel, Entity Framework
    "alembic_version",
    "django_migrations",
    "_prisma_migrations",
    "knex_migrations",
    "knex_migrations_lock",
    "__diesel_schema_migrations",
    "__efmigrationshistory",
];

/// Schemas that a tool has for itself.
const SCHEMAS: [&str; 2] = ["sqitch", "atlas_schema_revisions"];

/// What every table of dbwright's own begins with.
const OURS: &str = "dbwright_";

/// Whether a table of this name is a tool's own.
fn is_table(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with(OURS) || TABLES.contains(&name.as_str())
}

/// Whether an object is a tool's own: a table, what belongs to it, or a schema and all in it.
fn is_kept_by_a_tool(object: &Object) -> bool {
    if SCHEMAS.contains(&object.name.schema.as_str()) {
        return true;
    }
    match &object.detail {
        Detail::Schema => SCHEMAS.contains(&object.name.name.as_str()),
        Detail::Table(_) => is_table(&object.name.name),
        Detail::Sequence(sequence) => {
            sequence.owned_by.as_ref().is_some_and(|(table, _)| is_table(&table.name))
        }
        _ => false,
    }
}

/// Takes what tools keep for themselves out of a database's catalog, unless `wanted` has an object
/// of that name too. The names of the tables that were taken out.
pub fn leave_out(catalog: &mut Catalog, wanted: &Catalog) -> Vec<String> {
    let has = |object: &Object| {
        wanted.objects.iter().any(|each| each.kind() == object.kind() && each.name == object.name)
    };
    let goes = |object: &Object| is_kept_by_a_tool(object) && !has(object);
    let tables = catalog.objects.iter().filter(|object| object.kind() == Kind::Table && goes(object));
    let names = tables.map(|object| catalog.short(&object.name)).collect();
    catalog.keep(|object| !goes(object));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Name, Sequence, Table};
    use crate::model::target::EngineKind;

    fn catalog(objects: Vec<Object>) -> Catalog {
        let mut catalog = Catalog::empty(EngineKind::Postgres);
        catalog.default_schema = "public".into();
        catalog.objects = objects;
        catalog.sort();
        catalog
    }

    fn table(schema: &str, name: &str) -> Object {
        Object::new(Name::new(schema, name), Detail::Table(Table::default()))
    }

    #[test]
    fn what_tools_keep_is_left_out_unless_it_is_wanted() {
        let owned_by = Some((Name::new("public", "goose_db_version"), "id".to_owned()));
        let sequence = Sequence { owned_by, ..Sequence::default() };
        let mut live = catalog(vec![
            table("public", "film"),
            table("public", "DATABASECHANGELOG"),
            table("public", "goose_db_version"),
            table("public", "dbwright_migrations"),
            table("public", "schema_migrations"),
            table("sqitch", "changes"),
            Object::new(Name::new("", "sqitch"), Detail::Schema),
            Object::new(Name::new("public", "goose_db_version_id_seq"), Detail::Sequence(sequence)),
        ]);
        let wanted = catalog(vec![table("public", "schema_migrations")]);
        let left_out = leave_out(&mut live, &wanted);
        let names = ["DATABASECHANGELOG", "dbwright_migrations", "goose_db_version", "sqitch.changes"];
        assert_eq!(left_out, names);
        let kept: Vec<String> = live.objects.iter().map(|object| object.name.to_string()).collect();
        assert_eq!(kept, ["public.film", "public.schema_migrations"]);
    }
}
