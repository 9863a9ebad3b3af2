//! `migrate verify`: proves in a database made for a moment that what goes up comes down.

use clap::Args;
use serde_json::json;

use super::folder::{Folder, Migration, Script};
use super::open::{Opened, PlaceArgs};
use super::run::named;
use crate::commands::formats::printed_as;
use crate::commands::schema::title;
use crate::commands::scratch::Scratch;
use crate::commands::{Context, interrupt};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::migrations::{Entry, State, join, leave_out};
use crate::model::catalog::{Catalog, Scope};
use crate::model::diff::{Change, diff};
use crate::model::listing::Listing;
use crate::model::place::place;
use crate::model::progress::Unit;
use crate::model::target::Target;
use crate::ui::{Format, human};

/// Prove that pending migrations can be taken back, and that the applied ones make this schema
///
/// In a database made for a moment, which is empty at first: in memory for SQLite, else on the same
/// server or that of --scratch. What is applied goes up, and must make the schema that the database
/// has; each pending migration goes up, down and up, and the catalogs before and after must be the
/// same. The database itself is only read.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright migrate verify app.db
  dbwright migrate verify prod --scratch dev
  dbwright migrate verify ci --all --json")]
pub struct VerifyArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// A server where a database may be made for a moment, instead of the same
    #[arg(long, value_name = "PROFILE|URL")]
    scratch: Option<String>,
    /// Take down and up again what is applied, too
    #[arg(long)]
    all: bool,
}

/// What is not as it should be.
struct Fault {
    migration: String,
    what: &'static str,
    objects: Vec<String>,
}

const NOT_TAKEN_BACK: &str = "down does not take it back";
const NOT_AGAIN: &str = "up after down makes something else";
const DRIFT: &str = "the database has another schema than its migrations make";
const NO_DOWN: &str = "nothing takes it back";
const NOT_THE_SAME: &str = "repeated, it makes something else";

/// Runs the command.
pub fn run(context: &Context, args: &VerifyArgs) -> Result<()> {
    let Opened { target, mut session, records, folder, .. } = Opened::open(context, &args.place, false)?;
    let entries = join(&folder.wanted(), &records);
    if let Some(entry) = entries.iter().find(|entry| matches!(entry.state, State::Partial | State::Changed)) {
        let title = named(&entry.id.to_string(), &entry.name);
        return Err(Error::new(Kind::Refused, format!("{title} is not applied as its file says"))
            .hint("dbwright migrate status shows it; settle it first"));
    }
    let live = session.catalog(Scope::default())?;
    drop(session);
    let scratch = match (&args.scratch, target.engine.default_port()) {
        (None, None) => None,
        (Some(argument), _) => Some(Scratch::make(context, context.target(Some(argument))?, Some(&live))?),
        (None, Some(_)) => Some(Scratch::make(context, target.clone(), Some(&live))?),
    };
    let mut place = scratch.as_ref().map_or_else(|| in_memory(&target), |scratch| scratch.target.clone());
    interrupt::listen()?;
    let session = context.open(&mut place)?;
    let _stoppable = interrupt::guard(session.canceller());
    let mut proof = Proof {
        context,
        folder: &folder,
        session,
        faults: Vec::new(),
        proved: 0,
        repeated: 0,
        is_stuck: false,
    };
    proof.prove(&entries, live, args.all)?;
    proof.tell()
}

fn in_memory(target: &Target) -> Target {
    let mut memory = Target::new(target.engine);
    memory.database = Some(":memory:".to_owned());
    memory
}

struct Proof<'a> {
    context: &'a Context,
    folder: &'a Folder,
    session: Box<dyn Session>,
    faults: Vec<Fault>,
    /// How many went up, down and up.
    proved: usize,
    /// How many were repeated.
    repeated: usize,
    /// The last one could not go up again, and nothing more can be proved.
    is_stuck: bool,
}

impl Proof<'_> {
    fn prove(&mut self, entries: &[Entry], mut live: Catalog, all: bool) -> Result<()> {
        // Tables are made anew as in a run, and rows are of no interest here.
        if let Some(references) = engine_for(self.session.server().engine).loose_references() {
            self.session.execute(references.loosen, &[])?;
        }
        let (done, open): (Vec<&Entry>, Vec<&Entry>) =
            entries.iter().filter(|entry| entry.file.is_some()).partition(|entry| {
                matches!(entry.state, State::Applied | State::Baseline | State::BelowBaseline)
            });
        let count = done.len() + open.len();
        let task =
            self.context.ui.progress().task("verifying", Some(count as u64), Unit::Count("migrations"));
        let applied = done.len();
        // What it was when it was applied is not known any more.
        let edited = open.iter().find(|entry| entry.state == State::Due && entry.record.is_some());
        if let Some(entry) = edited.filter(|_| applied > 0) {
            let title = named(&entry.id.to_string(), &entry.name);
            self.context.ui.warn(&format!(
                "{title} is to be repeated: before that, the schema cannot be compared with what the migrations make"
            ));
        }
        let compares = edited.is_none();
        for (at, entry) in done.into_iter().chain(open).enumerate() {
            if at == applied && applied > 0 && compares {
                self.compare_with(&mut live)?;
            }
            let Some(migration) = entry.file.map(|file| &self.folder.migrations[file]) else { continue };
            let title = named(&entry.id.to_string(), &entry.name);
            task.set_label(&title);
            match all || at >= applied {
                true => self.there_and_back(&title, migration)?,
                false => self.script(&title, &migration.up)?,
            }
            task.advance(1);
            if self.is_stuck {
                self.context
                    .ui
                    .warn(&format!("{title} cannot go up again: what comes after it was not looked at"));
                return Ok(());
            }
        }
        if applied == count && applied > 0 && compares {
            self.compare_with(&mut live)?;
        }
        Ok(())
    }

    fn catalog(&mut self) -> Result<Catalog> {
        self.session.catalog(Scope::default()).map_err(interrupt::as_interrupted)
    }

    /// Whether the database has the schema that its migrations make.
    fn compare_with(&mut self, live: &mut Catalog) -> Result<()> {
        let made = self.catalog()?;
        leave_out(live, &made);
        self.same(DRIFT, "all that are applied", &made, live);
        Ok(())
    }

    fn there_and_back(&mut self, title: &str, migration: &Migration) -> Result<()> {
        let before = self.catalog()?;
        self.script(title, &migration.up)?;
        if migration.wanted.id.is_repeatable() {
            return self.repeated(title, migration);
        }
        let Some(down) = &migration.down else {
            self.faults.push(Fault { migration: title.to_owned(), what: NO_DOWN, objects: Vec::new() });
            return Ok(());
        };
        let after = self.catalog()?;
        self.script(title, down)?;
        let back = self.catalog()?;
        if self.same(NOT_TAKEN_BACK, title, &before, &back) {
            self.script(title, &migration.up)?;
            let again = self.catalog()?;
            self.same(NOT_AGAIN, title, &after, &again);
        } else {
            // What is left may stand in the way.
            self.is_stuck = self.script(title, &migration.up).is_err();
        }
        self.proved += 1;
        Ok(())
    }

    /// What is repeated whenever it changes must come to the same.
    fn repeated(&mut self, title: &str, migration: &Migration) -> Result<()> {
        let once = self.catalog()?;
        self.script(title, &migration.up)?;
        let twice = self.catalog()?;
        self.same(NOT_THE_SAME, title, &once, &twice);
        self.repeated += 1;
        Ok(())
    }

    fn script(&mut self, title: &str, script: &Script) -> Result<()> {
        for (statement, file) in script.statements.iter().zip(&script.files) {
            if interrupt::arrived() {
                return Err(Error::new(Kind::Interrupted, "interrupted"));
            }
            self.session.execute(&statement.sql, &[]).map_err(|error| {
                let error = interrupt::as_interrupted(error);
                let inside = error.server_error().and_then(|server| server.position).unwrap_or(0);
                let text = &self.folder.files[*file].text;
                error
                    .at(place(&self.folder.shown(*file), text, statement.place(inside)))
                    .context(format!("{title} fails in an empty database"))
            })?;
        }
        Ok(())
    }

    /// Whether two catalogs are the same; what differs is a fault.
    fn same(&mut self, what: &'static str, migration: &str, one: &Catalog, other: &Catalog) -> bool {
        let other = &engine_for(one.engine).ddl().spelled(one, other.clone());
        let changes = diff(one, other);
        if changes.is_empty() {
            return true;
        }
        let objects = changes.iter().map(|change| match change {
            Change::Create { to } => format!("+ {}", title(other, other.get(*to))),
            Change::Drop { from } => format!("- {}", title(one, one.get(*from))),
            Change::Alter { to, .. } => format!("~ {}", title(other, other.get(*to))),
        });
        self.faults.push(Fault { migration: migration.to_owned(), what, objects: objects.collect() });
        false
    }

    fn tell(&self) -> Result<()> {
        let found = human::counted(self.faults.len() as u64, "faults");
        match self.context.ui.wants_json() {
            true => {
                let faults: Vec<_> = self
                    .faults
                    .iter()
                    .map(|fault| json!({ "migration": fault.migration, "what": fault.what, "objects": fault.objects }))
                    .collect();
                let document = json!({ "version": 1, "kind": "migrate_verify", "proved": self.proved, "repeated": self.repeated, "faults": faults });
                self.context.ui.print_json(&document)?;
            }
            false if self.faults.is_empty() => {
                let count = human::counted(self.proved as u64, "migrations");
                let repeated = match self.repeated {
                    0 => String::new(),
                    count => format!(", {} repeated", human::counted(count as u64, "repeatable ones")),
                };
                self.context.ui.status(&format!("{count} went up, down and up{repeated}; nothing differs"));
            }
            false => {
                let headers = ["Migration", "What", "Objects"].map(str::to_owned).to_vec();
                let rows = self.faults.iter().map(|fault| {
                    vec![fault.migration.clone(), fault.what.to_owned(), fault.objects.join(", ")]
                });
                self.context.ui.print_listing(&Listing {
                    headers,
                    rows: rows.collect(),
                    ..Listing::default()
                })?;
            }
        }
        match self.faults.is_empty() {
            true => Ok(()),
            false => Err(Error::new(Kind::Found, found)),
        }
    }
}
