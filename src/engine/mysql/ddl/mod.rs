//! Catalogs as statements of MySQL or MariaDB.
//!
//! The order of a script: sequences (a default may call one), tables (their foreign keys may form
//! circles, so the checks are off), routines and packages, views by what they need; and when the
//! rows are in, triggers, events and rights. Statements name no database, so a script can be run
//! in any that is selected.

mod change;
mod column;
mod environment;
mod options;
mod programs;
mod rights;
mod table;
mod views;

use std::borrow::Cow;

use environment::Environment;

use super::catalog::text::definer_place;
use crate::engine::Ddl;
use crate::model::catalog::{Catalog, Detail, Kind, Name, Object, attribute};
use crate::model::ddl::{DdlOptions, Piece, Section};
use crate::model::diff::Change;
use crate::model::plan::{Behind, ChangeOptions, Plan, Rename, Renamed};
use crate::model::target::EngineKind;
use crate::sql::{MYSQL, quote_ident, quote_literal};

/// The statements of MySQL and MariaDB; the catalog says which of them it is.
pub struct MysqlDdl;

impl Ddl for MysqlDdl {
    fn create(&self, catalog: &Catalog, options: DdlOptions) -> Vec<Piece> {
        let mut script = Script::new(catalog, options);
        script.before_data();
        script.after_data();
        script.pieces
    }

    fn change(&self, from: &Catalog, to: &Catalog, changes: &[Change], options: ChangeOptions) -> Plan {
        change::plan(from, to, changes, options)
    }

    fn rename(&self, from: &Catalog, rename: &Rename) -> Renamed {
        change::rename(from, rename)
    }

    fn left_behind(&self, from: &Catalog, rename: &Rename) -> Vec<Behind> {
        change::left_behind(from, rename)
    }
}

/// A script that is being written.
struct Script<'a> {
    catalog: &'a Catalog,
    flavour: Flavour,
    privileges: bool,
    section: Section,
    environment: Environment,
    /// The settings of what has none of its own.
    usual: Environment,
    pieces: Vec<Piece>,
}

/// Which of the two servers a script is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Mysql,
    Mariadb,
}

impl<'a> Script<'a> {
    fn new(catalog: &'a Catalog, options: DdlOptions) -> Self {
        Script {
            catalog,
            flavour: match catalog.engine {
                EngineKind::Mariadb => Flavour::Mariadb,
                _ => Flavour::Mysql,
            },
            privileges: options.privileges,
            section: Section::BeforeData,
            environment: Environment::default(),
            usual: Environment::default(),
            pieces: Vec::new(),
        }
    }

    fn before_data(&mut self) {
        self.begin(Section::BeforeData);
        self.database();
        for kind in [Kind::Sequence, Kind::Table, Kind::Package, Kind::Routine] {
            for object in self.of_kind(kind) {
                match &object.detail {
                    Detail::Sequence(_) => programs::sequence(self, object),
                    Detail::Table(_) => self.table(object),
                    Detail::Routine(_) => programs::routine(self, object),
                    _ => programs::package(self, object),
                }
            }
        }
        views::all(self);
        self.end();
    }

    fn after_data(&mut self) {
        self.begin(Section::AfterData);
        for object in self.of_kind(Kind::Table) {
            programs::triggers(self, object);
        }
        for object in self.of_kind(Kind::Event) {
            programs::event(self, object);
        }
        if self.privileges {
            rights::all(self);
        }
        self.end();
    }

    fn of_kind(&self, kind: Kind) -> Vec<&'a Object> {
        self.catalog.objects.iter().filter(|object| object.kind() == kind).collect()
    }

    /// Columns, arguments and variables that name no character set have the database's.
    fn database(&mut self) {
        let value = |name| attribute(&self.catalog.attributes, name);
        if let (Some(charset), Some(collation)) = (value("charset"), value("collate")) {
            let sql = format!("ALTER DATABASE CHARACTER SET {charset} COLLATE {collation}");
            self.push("database", Name::default(), sql);
        }
    }

    fn table(&mut self, object: &Object) {
        let sql = match &object.definition {
            Some(definition) => definition.clone(),
            None => table::create(self.catalog, object, self.flavour),
        };
        self.push("table", object.name.clone(), sql);
    }

    fn push(&mut self, kind: &'static str, name: Name, sql: String) {
        self.pieces.push(Piece { kind, name, section: self.section, sql });
    }

    /// A definition, with its definer only where rights are asked for: another account could not
    /// load it otherwise.
    fn with_definer<'t>(&self, definition: &'t str) -> Cow<'t, str> {
        match definer_place(definition) {
            Some((start, end)) if !self.privileges => {
                Cow::Owned(format!("{}{}", &definition[..start], &definition[end..]))
            }
            _ => Cow::Borrowed(definition),
        }
    }

    /// `DEFINER=... ` for what is put together from its parts.
    fn definer(&self, object: &Object) -> String {
        match &object.owner {
            Some(owner) if self.privileges => format!("DEFINER={} ", rights::account(owner)),
            _ => String::new(),
        }
    }
}

pub fn quoted(name: &str) -> String {
    quote_ident(&MYSQL, name)
}

/// A string, for a session whose sql_mode lets backslashes escape.
fn literal(text: &str) -> String {
    // This dialect writes a NUL as an escape, so every text can be written.
    quote_literal(&MYSQL, text).unwrap_or_default()
}

/// A name, with its database where that is another one.
fn qualified(name: &Name) -> String {
    match name.schema.is_empty() {
        true => quoted(&name.name),
        false => format!("{}.{}", quoted(&name.schema), quoted(&name.name)),
    }
}

/// Names in quotes with commas between.
fn list(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}
