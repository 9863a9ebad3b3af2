//! MySQL and MariaDB: one wire protocol, spoken here directly, and two flavours of everything
//! else.
//!
//! Protocol facts are those of MySQL's internals manual ("Client/Server Protocol") and of
//! MariaDB's ("Clients & Server Protocol").

mod auth;
mod binary_rows;
mod cancel;
mod catalog;
mod columns;
mod ddl;
mod describe;
mod errors;
mod explore;
mod facts;
#[cfg(test)]
mod fake_tests;
mod floats;
mod grants;
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

use crate::engine::{Ddl, Engine, Session};
use crate::error::{Error, Result};
use crate::model::rows::BlobStyle;
use crate::model::target::{EngineKind, Target};
use crate::sql::{Dialect, dialect};

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

    fn blob_style(&self) -> BlobStyle {
        BlobStyle { prefix: "0x", suffix: "", upper_case: true }
    }

    fn transactional_ddl(&self) -> bool {
        false
    }

    fn ddl(&self) -> &'static dyn Ddl {
        &ddl::MysqlDdl
    }

    fn open(&self, target: &Target) -> Result<Box<dyn Session>> {
        Ok(Box::new(session::MysqlSession::open(target)?))
    }

    fn explain_refusal(&self, target: &Target, error: &Error) -> Vec<String> {
        refusal::explain(target, error)
    }
}
