//! The prompt: profile, engine, and the state of the transaction.

use crate::commands::connect::runner::Runner;
use crate::model::server::TxState;

const RED: &str = "\x1b[1;31m";
const GREEN: &str = "\x1b[32m";
const RESET: &str = "\x1b[0m";

/// The plain prompt, and the one with colours. `*` says a transaction is open, `!` that it has
/// failed, as in psql.
pub fn prompt(runner: &Runner<'_>) -> (String, String) {
    let state = match runner.session.transaction() {
        TxState::Idle => "",
        TxState::Open => "*",
        TxState::Failed => "!",
    };
    let engine = runner.session.server().engine.title();
    let plain = format!("{} ({engine}){state}> ", label(runner));
    let colored = match (runner.context.ui.terminal().color_stdout, runner.target.protected) {
        (false, _) => plain.clone(),
        (true, true) => format!("{RED}{plain}{RESET}"),
        (true, false) => format!("{GREEN}{plain}{RESET}"),
    };
    (plain, colored)
}

/// The profile, or else the database.
fn label(runner: &Runner<'_>) -> String {
    match &runner.target.profile {
        Some(profile) => profile.clone(),
        None => {
            let database = &runner.session.server().database;
            database.rsplit('/').next().unwrap_or(database).to_owned()
        }
    }
}
