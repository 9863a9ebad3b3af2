//! A catalog as the statements that make it.

mod change;
mod columns;
mod comments;
mod constraints;
mod indexes;
mod lookup;
mod order;
mod others;
mod privileges;
mod reference;
mod rights;
mod routines;
mod sequences;
mod spelling;
mod storage;
mod tables;
mod text;
mod triggers;
mod types;
mod views;

pub use order::AFTER_KEYS;
pub use privileges::are_those_of_birth;

use crate::engine::Ddl;
use crate::model::catalog::{Catalog, Detail, Index, Kind, Name, Object, ObjectId};
use crate::model::ddl::{DdlOptions, Piece, Section};
use crate::model::diff::Change;
use crate::model::plan::{ChangeOptions, Plan, Rename, Renamed};
use lookup::Lookup;
use order::Part;
use text::{after, before, ident};
pub use text::{idents, literal, qualified};

/// See [`Ddl`].
pub struct PgDdl;

impl Ddl for PgDdl {
    fn spelled(&self, from: &Catalog, to: Catalog) -> Catalog {
        spelling::spelled(from, to)
    }

    fn create(&self, catalog: &Catalog, options: DdlOptions) -> Vec<Piece> {
        let order = order::order(catalog);
        let lookup = Lookup::of(catalog);
        let mut pieces = settings(catalog);
        for (id, part) in &order.before {
            pieces.extend(object(&lookup, catalog.get(*id), *part));
        }
        let views = order.after_keys.iter().flat_map(|(id, part)| object(&lookup, catalog.get(*id), *part));
        after_data(catalog, views.collect(), &mut pieces);
        for (id, object) in own(catalog) {
            comments::of(catalog, id, object, &mut pieces);
        }
        if options.privileges {
            // What extensions made has the rights that they gave, and those that were given since.
            for (id, object) in catalog.iter() {
                privileges::of(catalog, id, object, &mut pieces);
            }
        }
        // Nothing may happen after them, for they would fire.
        pieces.sort_by_key(|piece| piece.kind == Kind::EventTrigger.word());
        pieces
    }

    fn change(&self, from: &Catalog, to: &Catalog, changes: &[Change], options: ChangeOptions) -> Plan {
        change::change(from, to, changes, options)
    }

    fn rename(&self, from: &Catalog, rename: &Rename) -> Renamed {
        change::rename(from, rename)
    }
}

/// Everything but what extensions make again by themselves.
fn own(catalog: &Catalog) -> impl Iterator<Item = (ObjectId, &Object)> {
    catalog.iter().filter(|(_, object)| object.extension.is_none())
}

/// So that the script means the same everywhere: strings as they stand, names in full, bodies of
/// functions unchecked, as they may name what comes later. A catalog that no server gave has queries
/// and expressions as somebody wrote them, with names that are not in full.
fn settings(catalog: &Catalog) -> Vec<Piece> {
    let by_hand = catalog.server_version_num == 0 && !catalog.default_schema.is_empty();
    let path = if by_hand { catalog.default_schema.as_str() } else { "" };
    let path = format!("SELECT pg_catalog.set_config('search_path', '{}', false)", path.replace('\'', "''"));
    let version = catalog.server_version_num;
    let statements = [
        "SET client_encoding = 'UTF8'",
        "SET standard_conforming_strings = on",
        path.as_str(),
        "SET check_function_bodies = false",
        "SET xmloption = content",
        "SET client_min_messages = warning",
        "SET default_tablespace = ''",
    ];
    // A catalog that no server gave is for any server of today.
    let access_method =
        (version == 0 || version >= 120_000).then_some("SET default_table_access_method = heap");
    statements
        .iter()
        .chain(&access_method)
        .map(|sql| before("setting", &Name::default(), (*sql).to_owned()))
        .collect()
}

fn object(lookup: &Lookup<'_>, object: &Object, part: Part) -> Vec<Piece> {
    let name = &object.name;
    match &object.detail {
        // It is in every new database.
        Detail::Schema if name.name == "public" => Vec::new(),
        Detail::Schema => vec![before("schema", name, format!("CREATE SCHEMA {}", qualified(name)))],
        Detail::Extension { .. } => vec![before("extension", name, extension(object))],
        Detail::Type(ty) => types::create(object, ty, part),
        Detail::Sequence(sequence) => sequences::create(object, sequence),
        Detail::Table(table) => tables::create(lookup, object, table, part),
        Detail::View(view) => views::create(object, view, part),
        Detail::Routine(routine) => routines::create(object, routine),
        Detail::Other { .. } => others::create(object),
    }
}

fn extension(object: &Object) -> String {
    let name = qualified(&object.name);
    match crate::model::catalog::attribute(&object.attributes, "schema") {
        Some(schema) => format!("CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA {}", ident(schema)),
        None => format!("CREATE EXTENSION IF NOT EXISTS {name}"),
    }
}

/// Keys, then the `views` that need them, and indexes, then what watches over rows.
fn after_data(catalog: &Catalog, views: Vec<Piece>, pieces: &mut Vec<Piece>) {
    let of_all = |make: &dyn Fn(&Object) -> Vec<Piece>| -> Vec<Piece> {
        own(catalog).flat_map(|(_, object)| make(object)).collect()
    };
    pieces.extend(of_all(&|object| match &object.detail {
        Detail::Sequence(sequence) => sequences::own(object, sequence).into_iter().collect(),
        _ => Vec::new(),
    }));
    let of_tables = |make: fn(&Object, &crate::model::catalog::Table) -> Vec<Piece>| {
        of_all(&|object| object.as_table().map_or_else(Vec::new, |table| make(object, table)))
    };
    pieces.extend(of_tables(constraints::keys));
    pieces.extend(of_tables(indexes::parameters));
    pieces.extend(views.into_iter().map(|piece| Piece { section: Section::AfterData, ..piece }));
    for make in [indexes::create, indexes::attach, indexes::settings] {
        pieces.extend(of_all(&|object| make(object, indexes_of(object))));
    }
    pieces.extend(of_all(&|object| match &object.detail {
        Detail::Type(ty) => types::later(object, ty),
        _ => Vec::new(),
    }));
    pieces.extend(of_tables(constraints::not_valid));
    pieces.extend(of_tables(constraints::foreign_keys));
    pieces.extend(of_all(&watching));
    pieces.extend(of_tables(|object, table| triggers::inherited(object, &table.triggers)));
    pieces.extend(of_all(&tied));
    pieces.extend(of_all(&|object| match order::comes_last(object.kind()) {
        true => others::create(object),
        false => Vec::new(),
    }));
}

/// What goes away with an extension.
fn tied(object: &Object) -> Vec<Piece> {
    let Some((kind, name)) = reference::of(object) else { return Vec::new() };
    let extensions = object.attributes.iter().filter(|each| each.name == "depends on extension");
    let sql = |extension: &str| format!("ALTER {kind} {name} DEPENDS ON EXTENSION {}", ident(extension));
    extensions.map(|each| after(object.kind().word(), &object.name, sql(&each.value))).collect()
}

fn indexes_of(object: &Object) -> &[Index] {
    match &object.detail {
        Detail::Table(table) => &table.indexes,
        Detail::View(view) => &view.indexes,
        _ => &[],
    }
}

/// Rules, triggers and row security.
fn watching(object: &Object) -> Vec<Piece> {
    let mut pieces = Vec::new();
    match &object.detail {
        Detail::Table(table) => {
            pieces.extend(triggers::rules(object, &table.rules));
            pieces.extend(triggers::triggers(object, &table.triggers));
            pieces.extend(triggers::policies(object, &table.policies));
            pieces.extend(tables::settings(object));
        }
        Detail::View(view) => {
            pieces.extend(triggers::rules(object, &view.rules));
            pieces.extend(triggers::triggers(object, &view.triggers));
        }
        _ => {}
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{
        Action, Column, Constraint, ConstraintKind, Domain, Identity, IndexKey, Reference, Sequence, Table,
        Type, View,
    };
    use crate::model::target::EngineKind;

    fn column(name: &str, ty: &str) -> Column {
        Column { name: name.into(), ty: ty.into(), nullable: true, ..Column::default() }
    }

    fn script(objects: Vec<Object>) -> String {
        let catalog = Catalog { objects, ..Catalog::empty(EngineKind::Postgres) };
        let pieces = PgDdl.create(&catalog, DdlOptions::default());
        let told = pieces.iter().filter(|piece| piece.kind != "setting");
        told.map(|piece| format!("{:?}: {};\n", piece.section, piece.sql)).collect()
    }

    fn table(name: &str, table: Table) -> Object {
        Object::new(Name::new("shop", name), Detail::Table(table))
    }

    /// What a definition gives: no word of the server's, no names where none were given.
    #[test]
    fn tables_are_put_together_from_their_parts() {
        let identity = Some(Identity {
            always: true,
            attributes: vec![crate::model::catalog::Attribute { name: "start".into(), value: "10".into() }],
            last_value: None,
        });
        let person = Table {
            columns: vec![
                Column { identity, nullable: false, ..column("id", "bigint") },
                Column { default: Some("'it''s'".into()), ..column("user", "text") },
            ],
            constraints: vec![
                Constraint::new(None, ConstraintKind::PrimaryKey, vec!["id".into()]),
                Constraint::new(None, ConstraintKind::Check { expression: "id > 0".into() }, Vec::new()),
            ],
            indexes: vec![Index {
                name: "by user".into(),
                unique: true,
                usable: true,
                keys: vec![
                    IndexKey { column: Some("user".into()), descending: true, ..IndexKey::default() },
                    IndexKey { expression: Some("lower(\"user\")".into()), ..IndexKey::default() },
                ],
                predicate: Some("id > 5".into()),
                ..Index::default()
            }],
            ..Table::default()
        };
        let reference = Reference {
            table: Name::new("shop", "person"),
            referenced: vec!["id".into()],
            on_update: Action::NoAction,
            on_delete: Action::Cascade,
            full: false,
        };
        let key = ConstraintKind::ForeignKey(reference);
        let pet = Table {
            columns: vec![column("owner", "bigint")],
            constraints: vec![Constraint {
                deferrable: true,
                ..Constraint::new(Some("of whom".into()), key, vec!["owner".into()])
            }],
            ..Table::default()
        };
        insta::assert_snapshot!(script(vec![table("person", person), table("pet", pet)]), @r#"
        BeforeData: CREATE TABLE shop.person (
            id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (START WITH 10),
            "user" text DEFAULT 'it''s',
            CHECK (id > 0)
        );
        BeforeData: CREATE TABLE shop.pet (
            owner bigint
        );
        AfterData: ALTER TABLE ONLY shop.person ADD PRIMARY KEY (id);
        AfterData: CREATE UNIQUE INDEX "by user" ON shop.person USING btree ("user" DESC, (lower("user"))) WHERE id > 5;
        AfterData: ALTER TABLE ONLY shop.pet ADD CONSTRAINT "of whom" FOREIGN KEY (owner) REFERENCES shop.person(id) ON DELETE CASCADE DEFERRABLE;
        "#);
    }

    #[test]
    fn other_kinds_are_put_together_from_their_parts() {
        let domain = Domain {
            base: "integer".into(),
            default: Some("1".into()),
            constraints: vec![Constraint::new(
                Some("small".into()),
                ConstraintKind::Check { expression: "VALUE < 9".into() },
                Vec::new(),
            )],
            ..Domain::default()
        };
        let sequence = Sequence {
            ty: "integer".into(),
            start: 5,
            increment: 5,
            min: 1,
            max: 100,
            cache: 1,
            cycle: true,
            owned_by: Some((Name::new("shop", "t"), "A".into())),
            identity: false,
            last_value: None,
        };
        let view = View { query: "SELECT 1 AS a".into(), ..View::default() };
        let objects = vec![
            Object::new(Name::new("", "shop"), Detail::Schema),
            Object::new(
                Name::new("shop", "mood"),
                Detail::Type(Type::Enum { labels: vec!["it's".into(), "a\\b".into()] }),
            ),
            Object::new(Name::new("shop", "small"), Detail::Type(Type::Domain(domain))),
            Object::new(Name::new("shop", "numbers"), Detail::Sequence(sequence)),
            table("t", Table { columns: vec![column("A", "integer")], ..Table::default() }),
            Object::new(Name::new("shop", "v"), Detail::View(view)),
        ];
        insta::assert_snapshot!(script(objects), @r#"
        BeforeData: CREATE SCHEMA shop;
        BeforeData: CREATE TYPE shop.mood AS ENUM (
            'it''s',
            E'a\\b'
        );
        BeforeData: CREATE DOMAIN shop.small AS integer DEFAULT 1 NOT NULL
            CONSTRAINT small CHECK (VALUE < 9);
        BeforeData: CREATE SEQUENCE shop.numbers
            AS integer
            START WITH 5
            INCREMENT BY 5
            MINVALUE 1
            MAXVALUE 100
            CACHE 1
            CYCLE;
        BeforeData: CREATE TABLE shop.t (
            "A" integer
        );
        BeforeData: CREATE VIEW shop.v AS
        SELECT 1 AS a;
        BeforeData: ALTER SEQUENCE shop.numbers OWNED BY shop.t."A";
        "#);
    }

    #[test]
    fn what_an_extension_makes_is_left_to_it() {
        let mut member = table("t", Table::default());
        member.extension = Some("postgis".into());
        let mut reader = Object::new(Name::new("shop", "v"), Detail::View(View::default()));
        reader.depends_on = vec![ObjectId(0)];
        let script = script(vec![member, reader]);
        assert!(!script.contains("CREATE TABLE") && script.contains("CREATE VIEW"), "{script}");
    }
}
