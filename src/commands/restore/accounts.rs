//! The roles or accounts of a backup, made on a server that does not have them. One that is there
//! already is left as it is.

use crate::commands::Context;
use crate::engine::Session;
use crate::engine::backup::Backup;
use crate::error::{Error, Kind, Result};
use crate::model::snapshot::{Snapshot, Statement, StatementSection};
use crate::store::Repository;

use super::build::statements;

/// Refuses a backup that was made without them.
pub fn refuse_none(snapshot: &Snapshot) -> Result<()> {
    match snapshot.accounts.is_empty() {
        true => Err(Error::usage(format!("backup {} holds no roles or accounts", snapshot.id))
            .hint("a backup holds them when it is made with --globals")),
        false => Ok(()),
    }
}

/// What is made, in two steps: before there are tables, and after.
pub struct NewAccounts {
    statements: Vec<Statement>,
}

impl NewAccounts {
    /// Those that the server does not have.
    pub fn of(
        context: &Context,
        repository: &Repository,
        snapshot: &Snapshot,
        backup: &dyn Backup,
        session: &mut dyn Session,
    ) -> Result<Self> {
        let known = backup.known_accounts(session)?;
        let all = statements(repository, &snapshot.accounts, snapshot.compression)?;
        let (there, statements): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|statement| known.contains(&statement.name));
        for (what, of) in [("there already, and left as they are", &there), ("to be made", &statements)] {
            let mut names: Vec<&str> = of.iter().map(|statement| statement.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            if !names.is_empty() {
                context.ui.status(&format!("{what}: {}", names.join(", ")));
            }
        }
        Ok(NewAccounts { statements })
    }

    /// Makes them.
    pub fn make(&self, session: &mut dyn Session) -> Result<()> {
        for statement in self.of_section(StatementSection::BeforeData) {
            self.run(session, statement)?;
        }
        Ok(())
    }

    /// Lets them do what they may. A right on something that is not on this server is told, and
    /// nothing else is left out for it.
    pub fn grant(&self, context: &Context, session: &mut dyn Session) -> Result<()> {
        for statement in self.of_section(StatementSection::AfterData) {
            match self.run(session, statement) {
                Err(error) if error.kind() == Kind::Sql => {
                    context.ui.warn(&format!("a right was not granted: {}", error.message()));
                }
                ran => ran?,
            }
        }
        Ok(())
    }

    fn of_section(&self, section: StatementSection) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |statement| statement.section == section)
    }

    /// The statement is not told, as it may hold the hash of a password.
    fn run(&self, session: &mut dyn Session, statement: &Statement) -> Result<()> {
        session
            .execute(&statement.sql, &[])
            .map(drop)
            .map_err(|error| error.context(format!("{} {}", statement.object, statement.name)))
    }
}
