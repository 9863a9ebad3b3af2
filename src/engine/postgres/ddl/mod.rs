//! A catalog as the statements that make it.

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
mod storage;
mod tables;
mod text;
mod triggers;
mod types;
mod views;

pub use order::AFTER_KEYS;

use crate::engine::Ddl;
use crate::model::catalog::{Catalog, Detail, Index, Kind, Name, Object, ObjectId};
use crate::model::ddl::{DdlOptions, Piece, Section};
use lookup::Lookup;
use order::Part;
use text::{before, ident, qualified};

/// See [`Ddl`].
pub struct PgDdl;

impl Ddl for PgDdl {
    fn create(&self, catalog: &Catalog, options: DdlOptions) -> Vec<Piece> {
        let order = order::order(catalog);
        let lookup = Lookup::of(catalog);
        let mut pieces = settings();
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
}

/// Everything but what extensions make again by themselves.
fn own(catalog: &Catalog) -> impl Iterator<Item = (ObjectId, &Object)> {
    catalog.iter().filter(|(_, object)| object.extension.is_none())
}

/// So that the script means the same everywhere: strings as they stand, names in full, bodies of
/// functions unchecked, as they may name what comes later.
fn settings() -> Vec<Piece> {
    let statements = [
        "SET client_encoding = 'UTF8'",
        "SET standard_conforming_strings = on",
        "SELECT pg_catalog.set_config('search_path', '', false)",
        "SET check_function_bodies = false",
        "SET xmloption = content",
        "SET client_min_messages = warning",
        "SET default_tablespace = ''",
        "SET default_table_access_method = heap",
    ];
    statements.iter().map(|sql| before("setting", &Name::default(), (*sql).to_owned())).collect()
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
    pieces.extend(of_all(&|object| match order::comes_last(object.kind()) {
        true => others::create(object),
        false => Vec::new(),
    }));
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
