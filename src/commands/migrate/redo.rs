//! `migrate redo`: takes the last migration back and applies it again.

use clap::Args;

use super::down::{self, DownArgs};
use super::open::{PlaceArgs, RunArgs};
use super::settings::OutOfOrder;
use super::up::{self, UpArgs};
use crate::commands::Context;
use crate::error::Result;

/// Take back what was applied last, and apply it again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright migrate redo app.db
  dbwright migrate redo app.db --steps 2 --yes")]
pub struct RedoArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 1)]
    steps: usize,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub fn run(context: &Context, args: &RedoArgs) -> Result<()> {
    let RedoArgs { place, steps, run } = args;
    let (place, steps) = (place.clone(), Some(*steps));
    down::run(
        context,
        &DownArgs { place: place.clone(), to: None, steps, dry_run: false, run: run.clone() },
    )?;
    up::run(
        context,
        &UpArgs {
            place,
            to: None,
            steps,
            dry_run: false,
            one_transaction: false,
            // What was taken back may be older than what is still there.
            out_of_order: Some(OutOfOrder::Allow),
            run: run.clone(),
            redo: true,
        },
    )
}
