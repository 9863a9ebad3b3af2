//! The roles or accounts of a backup, made on a server that does not have them. One that is there
//! already is left as it is.

use std::collections::BTreeSet;

use crate::commands::Context;
use crate::engine::Session;
use crate::engine::backup::Backup;
use crate::error::{Error, Kind, Result};
use crate::model::snapshot::{Snapshot, Statement, StatementSection};

use super::journal::Journal;
use super::steps::Step;

/// Refuses a backup that was made without them.
pub fn refuse_none(snapshot: &Snapshot) -> Result<()> {
    match snapshot.accounts.is_empty() {
        true => Err(Error::usage(format!("backup {} holds no roles or accounts", snapshot.id))
            .hint("a backup holds them when it is made with --globals")),
        false => Ok(()),
    }
}

/// The steps for those that the server has already; tells which those are.
pub fn there(
    context: &Context,
    backup: &dyn Backup,
    session: &mut dyn Session,
    steps: &[Step],
) -> Result<BTreeSet<u64>> {
    let known = backup.known_accounts(session)?;
    let (there, new): (Vec<_>, Vec<_>) = steps.iter().partition(|step| known.contains(&step.statement.name));
    for (what, of) in [("there already, and left as they are", &there), ("to be made", &new)] {
        let mut names: Vec<&str> = of.iter().map(|step| step.statement.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            context.ui.status(&format!("{what}: {}", names.join(", ")));
        }
    }
    Ok(there.into_iter().map(|step| step.number).collect())
}

/// Makes them, before there are tables.
pub fn make(journal: &Journal, session: &mut dyn Session, steps: &[Step]) -> Result<()> {
    of_section(steps, StatementSection::BeforeData).try_for_each(|step| run(journal, session, step))
}

/// Lets them do what they may. A right on something that is not on this server is told, and
/// nothing else is left out for it.
pub fn grant(context: &Context, journal: &Journal, session: &mut dyn Session, steps: &[Step]) -> Result<()> {
    for step in of_section(steps, StatementSection::AfterData) {
        match run(journal, session, step) {
            Err(error) if error.kind() == Kind::Sql => {
                context.ui.warn(&format!("a right was not granted: {}", error.message()));
            }
            ran => ran?,
        }
    }
    Ok(())
}

fn of_section(steps: &[Step], section: StatementSection) -> impl Iterator<Item = &Step> {
    steps.iter().filter(move |step| step.statement.section == section)
}

/// The statement is not told, as it may hold the hash of a password.
fn run(journal: &Journal, session: &mut dyn Session, step: &Step) -> Result<()> {
    if journal.is_done(step.number) {
        return Ok(());
    }
    let Statement { object, name, .. } = &step.statement;
    journal.run(session, &[step]).map_err(|stopped| stopped.error.context(format!("{object} {name}")))
}
