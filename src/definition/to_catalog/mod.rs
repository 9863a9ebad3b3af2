//! A catalog of any engine out of a definition. What the engine cannot hold is told.

mod barred;
mod column;
mod index;
mod names;
mod table;
mod view;

use std::collections::HashSet;

use self::names::Names;
use super::expression::{Kind, Known, Relation, Translation, is_common_to_kin};
use super::{ConstraintKind, Definition, Loss, Sql, Table};
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
        here: Relation { name: String::new(), columns: Vec::new(), is_whole: true },
        losses: Vec::new(),
    };
    let mut catalog = maker.catalog();
    depend(&mut catalog, engine);
    catalog.sort();
    let mut losses = maker.names.losses;
    losses.extend(maker.losses);
    (catalog, losses)
}

/// The names that the tables of a definition have on an engine, in their order.
pub fn names_of_tables(definition: &Definition, engine: EngineKind) -> Vec<Name> {
    let mut names = Names::new(definition, engine_for(engine).type_map(engine).abilities());
    definition.tables.iter().map(|table| names.relation(&table.name)).collect()
}

struct Maker<'d> {
    definition: &'d Definition,
    engine: EngineKind,
    map: &'static dyn TypeMap,
    abilities: &'static Abilities,
    names: Names,
    /// Columns of 64 unsigned bits that must do with a sign: table and column.
    widest: HashSet<(Name, String)>,
    /// The columns of the table in hand.
    here: Relation,
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
            self.here = self.relation(table);
            let (object, enums) = self.table(table);
            catalog.objects.extend(enums);
            catalog.objects.push(object);
        }
        let views = self.views();
        catalog.objects.extend(views);
        catalog
    }

    /// What expressions may name of a table: the columns that go by the same name here.
    fn relation(&self, table: &Table) -> Relation {
        let stays = |name: &&crate::definition::Column| self.names.short(&name.name) == name.name;
        let columns: Vec<Known> = table
            .columns
            .iter()
            .filter(stays)
            .map(|column| Known { name: column.name.clone(), kind: Kind::of(column.ty.as_ref()) })
            .collect();
        let is_whole = columns.len() == table.columns.len();
        Relation { name: table.name.name.clone(), columns, is_whole }
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

    /// An expression for this engine: its own, translated, or the text for all; an error says why
    /// there is none. `fits` is what it must give, where it is translated.
    fn sql(&self, sql: &Sql, fits: impl Fn(&Kind, bool) -> bool) -> Result<String, &'static str> {
        if let Some(own) = sql.own.get(&self.engine) {
            return Ok(own.clone());
        }
        let translated = |way: Translation<'_>, text: &str| {
            let loose = way.is_loose();
            let found = way.of_table(&self.here).expression(text);
            found.filter(|(_, kind)| fits(kind, loose)).map(|(text, _)| text)
        };
        let kin = self.engine.kin().and_then(|kin| Some((kin, sql.own.get(&kin)?)));
        if let Some((kin, text)) = kin {
            let common = || is_common_to_kin(text, kin, self.engine).then(|| text.clone());
            let found = translated(Translation::new(kin, self.engine), text).or_else(common);
            return found.ok_or(OTHERS);
        }
        if let Some(text) = &sql.any {
            let neutral = || Translation::neutral(self.engine);
            return translated(neutral(), text).map_or_else(|| neutral().requoted(text), Ok);
        }
        let mut others = sql.own.iter();
        let found = others.find_map(|(from, text)| translated(Translation::new(*from, self.engine), text));
        found.ok_or(OTHERS)
    }
}

/// Why an expression is left out.
const OTHERS: &str = "the expression is another engine's";

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
