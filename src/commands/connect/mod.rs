//! `dbwright connect`: a shell, scripts, a check of the connection, a load test of the pool.

mod bench;
mod check;
mod copy;
mod input;
mod meta;
mod output;
mod param;
mod place;
mod runner;
mod shell;

use std::io::IsTerminal;
use std::time::Duration;

use clap::{Args, Subcommand};

use input::{Input, Inputs};
use param::NamedParam;
use runner::{Flow, OnError, RowStyle, Runner};

use super::Context;
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::sql::split_str;

/// Open a shell, run SQL, or check a connection
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct ConnectArgs {
    /// Profile, URL or SQLite file [default: the default profile, or DATABASE_URL]
    #[arg(value_name = "PROFILE|URL")]
    target: Option<String>,
    #[command(flatten)]
    inputs: Inputs,
    /// Bind VALUE to :NAME in the statements; NAME:int, :float, :blob (hex) and :null give it a type
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<NamedParam>,
    /// Run everything in one transaction: all or nothing
    #[arg(short = '1', long)]
    single_transaction: bool,
    /// What to do when a statement fails
    #[arg(long, value_enum, value_name = "WHAT", default_value = "stop")]
    on_error: OnError,
    /// Leave out column names
    #[arg(long)]
    no_header: bool,
    /// Print this for NULL
    #[arg(long, value_name = "TEXT")]
    null: Option<String>,
    /// Report server, version, TLS, timing, role and permissions instead of running anything
    #[arg(long, conflicts_with_all = ["command", "file", "params", "single_transaction"])]
    check: bool,
    /// With --check: every profile at once
    #[arg(long, requires = "check", conflicts_with = "target")]
    all: bool,
    #[command(subcommand)]
    below: Option<Below>,
}

const EXAMPLES: &str = "\
Examples:
  dbwright connect app.db
  dbwright connect prod -c 'select * from orders where id = :id' --param id=7
  dbwright connect prod -f report.sql --format csv > report.csv
  dbwright connect prod -1 -f change.sql --yes-on prod
  dbwright connect --check --all
  dbwright connect pool prod --clients 16 --seconds 10 -c 'select 1'";

#[derive(Debug, Subcommand)]
enum Below {
    Pool(PoolArgs),
}

/// Run a statement from many clients over a pool, and report throughput and latency
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright connect pool prod --clients 16 --seconds 10 -c 'select 1'
  dbwright connect pool prod --clients 64 --pool-size 8 -c 'select * from t limit 1' --json")]
pub struct PoolArgs {
    /// Profile, URL or SQLite file
    #[arg(value_name = "PROFILE|URL")]
    target: Option<String>,
    /// Threads that run the statement
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=1000))]
    clients: u16,
    /// Connections in the pool [default: the profile's pool_size]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pool_size: Option<u16>,
    /// For how long
    #[arg(long, value_name = "S", default_value = "5", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// The statement; may be given again
    #[arg(short, long = "command", value_name = "SQL", required = true)]
    commands: Vec<String>,
}

/// Runs the command.
pub fn run(context: &mut Context, args: ConnectArgs) -> Result<()> {
    if let Some(Below::Pool(pool)) = args.below {
        return run_pool(context, &pool);
    }
    if args.check {
        return run_check(context, &args);
    }
    let mut target = context.target(args.target.as_deref())?;
    context.guard_protected(&mut target);
    let rows = RowStyle { no_header: args.no_header, null: args.null };
    let inputs = match args.inputs.0.is_empty() {
        false => args.inputs.0,
        true if std::io::stdin().is_terminal() => return shell::run(context, target, rows, args.params),
        true => vec![Input::Stdin],
    };
    let mut runner = Runner::open(context, target)?;
    runner.set_rows(rows);
    runner.on_error = args.on_error;
    args.params.into_iter().for_each(|param| runner.set_param(param));
    if args.single_transaction {
        super::interrupt::listen()?;
        runner.begin()?;
    }
    let outcome = run_inputs(&mut runner, &inputs);
    let outcome = runner.end(outcome);
    let closed = runner.close();
    outcome?;
    closed?;
    for name in runner.unused_params() {
        context.ui.warn(&format!("no statement used the parameter :{name}"));
    }
    runner.failures().map_or(Ok(()), Err)
}

fn run_inputs(runner: &mut Runner<'_>, inputs: &[Input]) -> Result<()> {
    for input in inputs {
        runner.reads_stdin = *input == Input::Stdin;
        if runner.run_script(&input.name(), &mut input.open()?)? == Flow::Quit {
            break;
        }
    }
    Ok(())
}

fn run_check(context: &Context, args: &ConnectArgs) -> Result<()> {
    if args.all {
        return check_all(context);
    }
    let target = context.target(args.target.as_deref())?;
    let check = check::check(&target, |target| context.open(&mut target.clone()));
    if context.ui.wants_json() {
        context.ui.print_json(&check::json(std::slice::from_ref(&check)))?;
        return check.outcome.map(|_| ());
    }
    let reached = check.outcome?;
    context.ui.print_listing(&reached.listing(&check.label))?;
    if let Some(permissions) = reached.permissions() {
        context.ui.print_listing(&permissions)?;
    }
    Ok(())
}

/// Profiles looked at at the same time.
const PARALLEL_CHECKS: usize = 16;

fn check_all(context: &Context) -> Result<()> {
    let targets = context.all_targets()?;
    let threads = targets.len().min(PARALLEL_CHECKS);
    let checks = check::check_all(targets, threads);
    match context.ui.wants_json() {
        true => context.ui.print_json(&check::json(&checks))?,
        false => context.ui.print_listing(&check::table(&checks))?,
    }
    let failed = checks.iter().filter(|check| check.outcome.is_err()).count();
    match failed {
        0 => Ok(()),
        _ => Err(Error::new(Kind::Found, format!("{failed} of {} cannot be reached", checks.len()))),
    }
}

fn run_pool(context: &Context, args: &PoolArgs) -> Result<()> {
    let mut target = context.target(args.target.as_deref())?;
    context.guard_protected(&mut target);
    super::interrupt::listen()?;
    // Asks for a password where one is needed, before many threads would.
    drop(context.open(&mut target)?);
    let dialect = engine_for(target.engine).dialect(target.engine);
    let split = args.commands.iter().flat_map(|command| split_str(command, dialect));
    let statements: Vec<String> = split.map(|statement| statement.text).collect();
    let outcome = bench::run(&bench::Load {
        target: &target,
        statements: &statements,
        clients: usize::from(args.clients),
        pool_size: args.pool_size.map_or(target.pool_size, usize::from),
        length: Duration::from_secs(args.seconds),
    })?;
    match context.ui.wants_json() {
        true => context.ui.print_json(&outcome.json())?,
        false => context.ui.print_listing(&outcome.listing())?,
    }
    outcome.error().map_or(Ok(()), Err)
}
