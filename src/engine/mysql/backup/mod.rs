//! Backups of MySQL and MariaDB: consistent snapshots of all sessions, rows as INSERT statements,
//! large tables by ranges of their keys.

mod accounts;
mod defer;
mod extract;
mod hold;
mod load;
mod masking;
mod parts;
pub mod rows;
mod unchanged;
mod values;
mod without;

use std::collections::BTreeSet;
use std::io::{BufRead, Write};

use super::ddl::quoted;
use crate::engine::Session;
use crate::engine::backup::{
    Accounts, Backup, BeforeCommit, Choice, Extract, ExtractPart, Held, JournalTable, Quiet, Stage,
};
use crate::engine::masking::{MaskKey, Masking, expression};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Name};
use crate::model::rows::{Cursor, Value};
use crate::model::snapshot::{Statement, Witness};
use crate::model::target::EngineKind;

/// How values are read, whatever the server's own settings are. A day's wait for us to take rows:
/// what is read may be written to a slow place.
const READ_SETTINGS: &str = "SET NAMES utf8mb4, SESSION time_zone = '+00:00', SESSION sql_mode = '', \
    SESSION sql_select_limit = DEFAULT, SESSION sql_big_selects = 1, SESSION wait_timeout = 86400, \
    SESSION net_read_timeout = 86400, SESSION net_write_timeout = 86400";

/// What a session that loads works under. Values come back as they were, whatever today's rules
/// say of new ones: zero numbers and dates, days that no month has, rows that break a check.
const LOAD_SETTINGS: &str = "SET NAMES utf8mb4, SESSION time_zone = '+00:00', \
    SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', SESSION autocommit = 1, \
    SESSION foreign_key_checks = 0, SESSION unique_checks = 0, SESSION wait_timeout = 86400, \
    SESSION net_read_timeout = 86400, SESSION net_write_timeout = 86400";

/// The same for a client, whose session another may use later; docs/backup-format.md has it too.
const CLIENT_SETTINGS: &str = "SET NAMES utf8mb4; SET time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0, \
    sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';\n";

/// What not every server or account may set. MariaDB lets the first who fills a table have it alone
/// until that is done, so the others may have to wait for long.
const WISHES_TO_LOAD: [&str; 6] = [
    "SESSION innodb_lock_wait_timeout = 3600",
    "SESSION check_constraint_checks = 0",
    "SESSION system_versioning_insert_history = 1",
    "SESSION system_versioning_alter_history = KEEP",
    "SESSION sql_require_primary_key = 0",
    "SESSION sql_generate_invisible_primary_key = 0",
];

/// See [`Backup`].
pub struct MysqlBackup;

impl Backup for MysqlBackup {
    fn hold(&self, sessions: &mut [Box<dyn Session>]) -> Result<Held> {
        for session in sessions.iter_mut() {
            session.execute(READ_SETTINGS, &[])?;
            session.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", &[])?;
            no_time_limit(session.as_mut())?;
            if session.server().engine == EngineKind::Mysql {
                // Sizes as they are now, and not those of yesterday.
                wish(session.as_mut(), "SESSION information_schema_stats_expiry = 0")?;
            }
        }
        let Some(first) = sessions.first_mut() else { return Ok(Held::default()) };
        let before = unchanged::finished(first.as_mut())?;
        let mut held = hold::hold(sessions)?;
        if let (Some(before), Some(first)) = (before, sessions.first_mut()) {
            held.witness = unchanged::witness(first.as_mut(), before)?;
        }
        Ok(held)
    }

    fn witnessed(&self, session: &mut dyn Session) -> Result<BTreeSet<Name>> {
        unchanged::witnessed(session)
    }

    fn is_unchanged(&self, then: &Witness, now: &Witness) -> bool {
        unchanged::is_unchanged(then, now)
    }

    fn accounts(&self, session: &mut dyn Session) -> Result<Accounts> {
        accounts::accounts(session)
    }

    fn known_accounts(&self, session: &mut dyn Session) -> Result<BTreeSet<String>> {
        accounts::known(session)
    }

    fn extracts_of(
        &self,
        session: &mut dyn Session,
        catalog: &Catalog,
        choice: &Choice,
    ) -> Result<Vec<Extract>> {
        extract::extracts(session, catalog, choice)
    }

    fn without_foreign_keys(&self, definition: &str, names: &[&str]) -> String {
        without::foreign_keys(definition, names)
    }

    fn mask(&self, masking: &Masking<'_>) -> Result<String> {
        expression(&masking::MysqlWords, masking)
    }

    fn set_mask_key(&self, session: &mut dyn Session, key: &MaskKey) -> Result<()> {
        masking::set_key(session, key)
    }

    fn read(
        &self,
        session: &mut dyn Session,
        extract: &Extract,
        part: &ExtractPart,
        out: &mut dyn Write,
    ) -> Result<()> {
        rows::read(session, extract, part, out)
    }

    fn values(&self, session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<String>> {
        values::values(session, catalog)
    }

    fn client_settings(&self) -> &'static str {
        CLIENT_SETTINGS
    }

    fn begin_load(&self, session: &mut dyn Session) -> Result<()> {
        session.execute(LOAD_SETTINGS, &[])?;
        no_time_limit(session)?;
        WISHES_TO_LOAD.iter().try_for_each(|setting| wish(session, setting))
    }

    fn load(
        &self,
        session: &mut dyn Session,
        _load: &str,
        input: &mut dyn BufRead,
        before_commit: BeforeCommit<'_>,
    ) -> Result<()> {
        load::load(session, input, before_commit)
    }

    fn journal(&self) -> Option<&'static JournalTable> {
        Some(&load::JOURNAL_TABLE)
    }

    fn doubtful(&self, session: &mut dyn Session) -> Result<BTreeSet<Name>> {
        load::without_transactions(session)
    }

    fn is_there_already(&self, error: &Error) -> bool {
        load::is_there_already(error)
    }

    /// Keys are not looked at by any session that loads; triggers cannot be kept quiet.
    fn quiet(&self, _session: &mut dyn Session) -> Result<Quiet> {
        Ok(Quiet { keys: true, triggers: false })
    }

    fn analyze(&self, tables: &[Name]) -> Vec<String> {
        tables.iter().map(|table| format!("ANALYZE TABLE {}", quoted(&table.name))).collect()
    }

    /// Keys of a table are added alone on it; triggers and rights wait for those before them.
    fn stage(&self, object: &str, sql: &str) -> Stage {
        match object {
            "index" if sql.starts_with("ALTER TABLE") => Stage::OnePerTable,
            _ => Stage::Alone,
        }
    }

    fn defer(&self, statement: &Statement) -> Vec<Statement> {
        defer::defer(statement)
    }
}

fn no_time_limit(session: &mut dyn Session) -> Result<()> {
    let setting = match session.server().engine {
        EngineKind::Mariadb => "SESSION max_statement_time = 0",
        _ => "SESSION max_execution_time = 0",
    };
    session.execute(&format!("SET {setting}"), &[]).map(drop)
}

/// Sets what this server may not know, or this account may not set.
fn wish(session: &mut dyn Session, setting: &str) -> Result<()> {
    match session.execute(&format!("SET {setting}"), &[]) {
        Err(error) if error.kind() == Kind::Lost => Err(error),
        _ => Ok(()),
    }
}

/// The first cell of an answer.
pub fn one(session: &mut dyn Session, sql: &str) -> Result<Option<String>> {
    Ok(crate::engine::backup::texts(session, sql)?.into_iter().flatten().next().flatten())
}

/// Cells of the first row of an answer, by the names of their columns.
fn first_row<const N: usize>(
    session: &mut dyn Session,
    sql: &str,
    names: [&str; N],
) -> Result<[Option<String>; N]> {
    let mut found = [const { None }; N];
    session.query(sql, &[], &mut |cursor: &mut dyn Cursor| {
        let place =
            |name: &str| cursor.columns().iter().position(|each| each.name.eq_ignore_ascii_case(name));
        let places = names.map(place);
        if cursor.advance()? {
            found = places.map(|index| match cursor.cell(index?) {
                Value::Text(bytes) | Value::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
                _ => None,
            });
        }
        while cursor.advance()? {}
        Ok(())
    })?;
    Ok(found)
}
