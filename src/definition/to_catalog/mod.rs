//! A catalog of any engine out of a definition. What the engine cannot hold is told.

mod column;
mod index;
mod names;
mod table;
mod view;

use std::collections::HashSet;

use self::names::Names;
use super::expression::Translation;
use super::{Column, ConstraintKind, Definition, Loss, Sql};
use crate::engine::engine_for;
use crate::engine::type_map::{Abilities, Enums, TypeMap};
use crate::model::catalog::{Catalog, Detail, Name, Object, ObjectId, Type};
use crate::model::target::EngineKind;
use crate::model::types::Portable;

/// The schema of an engine that has schemas, where none is named.
const DEFAULT_SCHEMA: &str = "public";

/// Makes a catalog of an engine.
pub fn to_catalog(definition: &Definition, engine: EngineKind) -> (Catalog, Vec<Loss>) {
    let map = engine_for(engine).type_map(engine);
    let mut maker = Maker {
        definition,
        engine,
        map,
        abilities: map.abilities(),
        names: Names::new(definition, map.abilities()),
        widest: too_wide(definition, map.abilities()),
        unsure: Vec::new(),
        flags: Vec::new(),
        losses: Vec::new(),
    };
    let mut catalog = maker.catalog();
    depend(&mut catalog, engine);
    catalog.sort();
    let mut losses = maker.names.losses;
    losses.extend(maker.losses);
    (catalog, losses)
}

struct Maker<'d> {
    definition: &'d Definition,
    engine: EngineKind,
    map: &'static dyn TypeMap,
    abilities: &'static Abilities,
    names: Names,
    /// Columns of 64 unsigned bits that must do with a sign: table and column.
    widest: HashSet<(Name, String)>,
    /// Columns of the table in hand whose types make a translation uncertain; see [`Translation`].
    unsure: Vec<String>,
    flags: Vec<String>,
    losses: Vec<Loss>,
}

impl Maker<'_> {
    fn lose(&mut self, object: &str, what: impl Into<String>, reason: impl Into<String>) {
        self.losses.push(Loss { object: object.to_owned(), what: what.into(), reason: reason.into() });
    }

    fn catalog(&mut self) -> Catalog {
        let mut catalog = Catalog::empty(self.engine);
        if self.abilities.schemas {
            catalog.default_schema = DEFAULT_SCHEMA.to_owned();
        }
        self.schemas(&mut catalog);
        self.enums(&mut catalog);
        for table in &self.definition.tables {
            self.doubt(table.columns.iter());
            let (object, enums) = self.table(table);
            catalog.objects.extend(enums);
            catalog.objects.push(object);
        }
        let definition = self.definition;
        self.doubt(definition.tables.iter().flat_map(|table| &table.columns));
        for view in &self.definition.views {
            let made = self.view(view);
            catalog.objects.extend(made);
        }
        catalog
    }

    /// Remembers the columns whose types other engines see in another way.
    fn doubt<'c>(&mut self, columns: impl Iterator<Item = &'c Column>) {
        (self.unsure, self.flags) = (Vec::new(), Vec::new());
        for column in columns {
            match &column.ty {
                Some(Portable::Bool) => self.flags.push(column.name.clone()),
                None | Some(Portable::Bytes(_) | Portable::Json | Portable::Array(_)) => {
                    self.unsure.push(column.name.clone());
                }
                Some(_) => {}
            }
        }
    }

    fn schemas(&mut self, catalog: &mut Catalog) {
        for schema in &self.definition.schemas {
            if self.abilities.schemas {
                let mut object = Object::new(Name::new("", &schema.name), Detail::Schema);
                object.comment = schema.comment.clone();
                catalog.objects.push(object);
            } else {
                let reason = "the engine's databases have no schemas: its tables stand without it";
                self.lose(&format!("schema {}", schema.name), "all of it", reason);
            }
        }
    }

    fn enums(&mut self, catalog: &mut Catalog) {
        if self.abilities.enums != Enums::Type {
            return;
        }
        for each in &self.definition.enums {
            let labels = each.labels.clone();
            let name = self.names.relation(&each.name);
            let mut object = Object::new(name, Detail::Type(Type::Enum { labels }));
            object.comment = each.comment.clone();
            catalog.objects.push(object);
        }
    }

    /// SQL for this engine: its own, translated, or the text for all.
    fn sql(&self, sql: &Sql, columns: &[String]) -> Option<String> {
        if let Some(own) = sql.own.get(&self.engine) {
            return Some(own.clone());
        }
        let kin = self.engine.kin().filter(|kin| sql.own.contains_key(kin));
        let translated = |from: EngineKind, text: &str| {
            let way = Translation::new(from, self.engine, columns);
            way.with_doubts(&self.unsure, &self.flags).translate(text)
        };
        if let Some(kin) = kin
            && let Some(text) = sql.own.get(&kin)
        {
            // The kin says most things in the same words.
            return translated(kin, text).or_else(|| Some(text.clone()));
        }
        if let Some(text) = &sql.any {
            return Some(Translation::neutral(self.engine, columns).translate(text).unwrap_or(text.clone()));
        }
        sql.own.iter().find_map(|(from, text)| translated(*from, text))
    }
}

/// Identities of 64 unsigned bits, and all that refer to them, where an identity has a sign.
fn too_wide(definition: &Definition, abilities: &Abilities) -> HashSet<(Name, String)> {
    let mut found = HashSet::new();
    if !abilities.signed_identity {
        return found;
    }
    let wide = |ty: &Option<Portable>| *ty == Some(Portable::uint(64));
    for table in &definition.tables {
        for column in table.columns.iter().filter(|each| each.identity.is_some() && wide(&each.ty)) {
            found.insert((table.name.clone(), column.name.clone()));
        }
    }
    // What refers to one may be referred to itself.
    loop {
        let before = found.len();
        for table in &definition.tables {
            for constraint in &table.constraints {
                let ConstraintKind::ForeignKey(reference) = &constraint.kind else { continue };
                for (here, there) in constraint.columns.iter().zip(&reference.referenced) {
                    let refers = found.contains(&(reference.table.clone(), there.clone()));
                    if refers && table.column(here).is_some_and(|column| wide(&column.ty)) {
                        found.insert((table.name.clone(), here.clone()));
                    }
                }
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Views stand on what they name, tables on their types.
fn depend(catalog: &mut Catalog, engine: EngineKind) {
    let dialect = engine_for(engine).dialect(engine);
    let known: Vec<(ObjectId, Name, bool)> = catalog
        .iter()
        .map(|(id, object)| (id, object.name.clone(), matches!(object.detail, Detail::Type(_))))
        .collect();
    for (place, object) in catalog.objects.iter_mut().enumerate() {
        let named: HashSet<String> = match &object.detail {
            Detail::View(view) => crate::sql::Lexer::new(&view.query, dialect)
                .code()
                .map(|(_, text)| super::expression::unquoted_name(text).to_lowercase())
                .collect(),
            Detail::Table(table) => table
                .columns
                .iter()
                .flat_map(|column| crate::sql::Lexer::new(&column.ty, dialect).code().map(|(_, text)| text))
                .map(|text| super::expression::unquoted_name(text).to_lowercase())
                .collect(),
            _ => continue,
        };
        let is_table = matches!(object.detail, Detail::Table(_));
        object.depends_on = known
            .iter()
            .filter(|(id, name, is_type)| {
                id.0 as usize != place && named.contains(&name.name.to_lowercase()) && (!is_table || *is_type)
            })
            .map(|(id, ..)| *id)
            .collect();
    }
}
