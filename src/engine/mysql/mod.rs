//! MySQL and MariaDB: one wire protocol, spoken here directly, and two flavours of everything
//! else.
//!
//! Protocol facts are those of MySQL's internals manual ("Client/Server Protocol") and of
//! MariaDB's ("Clients & Server Protocol").

mod auth;
mod backup;
mod binary_rows;
mod cancel;
mod catalog;
mod columns;
mod copy;
mod ddl;
mod describe;
mod errors;
mod explore;
mod facts;
#[cfg(test)]
mod fake_tests;
mod floats;
mod grants;
mod holders;
mod indexes;
mod packet;
mod pattern;
mod prepared;
mod refusal;
mod reply;
mod rows;
mod session;
mod setup;
mod startup;
mod text_rows;
mod trace;
mod type_map;

use dbwright_core::{engine, error, model, sql};

use crate::engine::type_map::TypeMap;
use crate::engine::{Ddl, Engine, Session};
use crate::error::{Error, Result};
use crate::model::catalog::{Attribute, attribute};
use crate::model::rows::BlobStyle;
use crate::model::server::{Holder, Waiting};
use crate::model::target::{EngineKind, Target};
use crate::sql::{Dialect, dialect, quote_ident};

/// The engine of MySQL and MariaDB.
pub struct Mysql;

impl Engine for Mysql {
    fn serves(&self, kind: EngineKind) -> bool {
        matches!(kind, EngineKind::Mysql | EngineKind::Mariadb)
    }

    fn dialect(&self, kind: EngineKind) -> &'static Dialect {
        match kind {
            EngineKind::Mariadb => &dialect::MARIADB,
            _ => &dialect::MYSQL,
        }
    }

    fn type_map(&self, kind: EngineKind) -> &'static dyn TypeMap {
        match kind {
            EngineKind::Mariadb => &type_map::MysqlTypes { mariadb: true },
            _ => &type_map::MysqlTypes { mariadb: false },
        }
    }

    fn blob_style(&self) -> BlobStyle {
        BlobStyle { prefix: "0x", suffix: "", upper_case: true }
    }

    fn transactional_ddl(&self) -> bool {
        false
    }

    /// The database's character set and collation are those of every table that names none.
    fn create_database(&self, name: &str, like: &[Attribute]) -> Option<String> {
        let mut sql = format!("CREATE DATABASE {}", quote_ident(&dialect::MYSQL, name));
        for (word, told) in [("CHARACTER SET", "charset"), ("COLLATE", "collate")] {
            if let Some(value) = attribute(like, told).filter(|value| !value.is_empty()) {
                sql.push_str(&format!(" {word} {}", quote_ident(&dialect::MYSQL, value)));
            }
        }
        Some(sql)
    }

    fn backup(&self) -> Option<&'static dyn crate::engine::backup::Backup> {
        Some(&backup::MysqlBackup)
    }

    fn copying(&self) -> &'static dyn crate::engine::copy::Copying {
        &copy::MysqlCopying
    }

    fn ddl(&self) -> &'static dyn Ddl {
        &ddl::MysqlDdl
    }

    fn open(&self, target: &Target) -> Result<Box<dyn Session>> {
        Ok(Box::new(session::MysqlSession::open(target)?))
    }

    fn holders(&self, target: &Target, waiting: Waiting<'_>) -> Result<Vec<Holder>> {
        holders::holders(target, waiting)
    }

    fn explain_refusal(&self, target: &Target, error: &Error) -> Vec<String> {
        refusal::explain(target, error)
    }
}
