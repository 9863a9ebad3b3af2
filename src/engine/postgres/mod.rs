//! PostgreSQL 10 and later, spoken to in its own wire protocol (version 3.0).
//!
//! Results come as text in the server's own notation, exactly as psql shows them. Chapter numbers
//! such as "55.2" in this folder are those of the PostgreSQL 18 manual, "Frontend/Backend Protocol".

mod accounts;
mod auth;
mod backup;
mod binding;
mod bulk;
mod cancel;
mod catalog;
mod conn;
mod copy;
mod cursor;
mod ddl;
mod defer;
mod errors;
mod explore;
mod facts;
mod holders;
mod large_objects;
mod loading;
mod masking;
mod on_update;
mod refusal;
mod session;
mod settings;
mod startup;
mod transport;
mod type_map;
mod types;
mod unchanged;

use crate::engine::{Ddl, Engine, Session};
use dbwright_core::{engine, error, model, sql};

use crate::engine::backup::Backup;
use crate::engine::type_map::TypeMap;
use crate::error::{Error, Result};
use crate::model::catalog::{Attribute, attribute};
use crate::model::rows::BlobStyle;
use crate::model::server::{Holder, Waiting};
use crate::model::target::{EngineKind, Target};
use crate::sql::{Dialect, dialect, quote_ident};

/// The engine.
pub struct Postgres;

impl Engine for Postgres {
    fn serves(&self, kind: EngineKind) -> bool {
        kind == EngineKind::Postgres
    }

    fn dialect(&self, _kind: EngineKind) -> &'static Dialect {
        &dialect::POSTGRES
    }

    fn version_number(&self, [major, minor, patch]: [u32; 3]) -> u32 {
        match major {
            10.. => major * 10_000 + minor,
            _ => major * 10_000 + minor * 100 + patch,
        }
    }

    fn type_map(&self, _kind: EngineKind) -> &'static dyn TypeMap {
        &type_map::PostgresTypes
    }

    fn blob_style(&self) -> BlobStyle {
        BlobStyle { prefix: "\\x", suffix: "", upper_case: false }
    }

    fn transactional_ddl(&self) -> bool {
        true
    }

    /// What an administrator put into template1 is no part of an empty database (manual, "Template
    /// Databases"). Collations are told relative to the database's own, so that it may be any.
    fn create_database(&self, name: &str, like: &[Attribute]) -> Option<String> {
        let mut sql = format!("CREATE DATABASE {} TEMPLATE template0", quote_ident(&dialect::POSTGRES, name));
        for (word, told) in [
            ("ENCODING", "encoding"),
            ("LC_COLLATE", "collation"),
            ("LC_CTYPE", "character type"),
            ("LOCALE_PROVIDER", "locale provider"),
            ("ICU_LOCALE", "icu locale"),
            ("ICU_RULES", "icu rules"),
            ("BUILTIN_LOCALE", "builtin locale"),
        ] {
            if let Some(value) = attribute(like, told).filter(|value| !value.is_empty()) {
                sql.push_str(&format!(" {word} {}", ddl::literal(value)));
            }
        }
        Some(sql)
    }

    fn backup(&self) -> Option<&'static dyn Backup> {
        Some(&backup::PgBackup)
    }

    fn copying(&self) -> &'static dyn crate::engine::copy::Copying {
        &copy::PgCopying
    }

    fn ddl(&self) -> &'static dyn Ddl {
        &ddl::PgDdl
    }

    fn open(&self, target: &Target) -> Result<Box<dyn Session>> {
        Ok(Box::new(startup::open(target)?))
    }

    fn holders(&self, target: &Target, waiting: Waiting<'_>) -> Result<Vec<Holder>> {
        holders::holders(target, waiting)
    }

    fn explain_refusal(&self, target: &Target, error: &Error) -> Vec<String> {
        refusal::explain(target, error)
    }
}
