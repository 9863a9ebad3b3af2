//! Everything that a copy does to the database that it fills, each step noted as it is done, so that it
//! can go on where it was.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::BufReader;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use serde_json::Value;

use super::build::{self, Schema, first};
use super::journal::{self, Journal, Note};
use super::mapping::Mapping;
use super::place::{self, Found};
use super::report::{Filled, copied};
use super::rows::{self, Moving};
use super::source::{Source, backup_of};
use super::{CopyArgs, ZeroDates, numbers};
use crate::commands::backup::{in_parallel, open};
use crate::commands::restore::orphans;
use crate::commands::{Context, interrupt};
use crate::engine::backup::{Backup, texts};
use crate::engine::{Claim, Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{ConstraintKind, Scope};
use crate::model::progress::Unit;
use crate::model::snapshot::Statement;
use crate::model::target::Target;
use crate::sql::quote_qualified;
use crate::ui::human;

type Sessions = Vec<Box<dyn Session>>;

pub struct Filling<'a> {
    pub context: &'a Context,
    pub args: &'a CopyArgs,
    pub mapping: &'a Mapping,
    pub found: &'a Found,
    pub jobs: usize,
}

impl Filling<'_> {
    pub fn run(&self, source: &mut Source, to: &mut Target) -> Result<Filled> {
        let backup = backup_of(to)?;
        // What comes behind the rows can be done by more sessions than there are to read from.
        let mut sessions = open(self.context, to, backup.sessions(self.jobs))?;
        let _stoppable: Vec<_> = source
            .sessions
            .iter()
            .chain(&sessions)
            .map(|session| interrupt::guard(session.canceller()))
            .collect();
        if first(&mut sessions)?.try_claim(journal::TABLE)? == Claim::Busy {
            return Err(Error::new(Kind::Locked, format!("another copy fills {}", to.label())));
        }
        let family = self.mapping.own || to.engine.kin() == Some(source.target.engine);
        for session in &mut sessions {
            // What the server remarks on statements of ours tells a person nothing; values that it
            // would change are errors, or found at the end.
            session.on_notice(Box::new(|notice| log::info!("{}: {}", notice.severity, notice.message)));
            engine_for(to.engine).copying().begin(session.as_mut(), family)?;
        }
        let (journal, notes) = self.journal(first(&mut sessions)?)?;
        let filled = self.fill(source, backup, &journal, &notes, &mut sessions)?;
        build::one(first(&mut sessions)?, &journal.drop())?;
        Ok(filled)
    }

    /// The journal, and what is in it.
    fn journal(&self, session: &mut dyn Session) -> Result<(Journal, BTreeMap<String, Note>)> {
        let engine = session.server().engine;
        let schema = match self.found {
            Found::There(catalog) | Found::Begun(catalog) => catalog.default_schema.clone(),
            Found::Empty => session.catalog(Scope::default())?.default_schema,
        };
        let journal = Journal::of(engine, &schema);
        if let Found::Begun(_) = self.found {
            let notes = journal.read(session)?;
            return Ok((journal, notes));
        }
        if self.args.data_only {
            self.refuse_filled(session)?;
        }
        build::one(session, &journal.create())?;
        Ok((journal, BTreeMap::new()))
    }

    /// Rows that are there could not be told from those that come.
    fn refuse_filled(&self, session: &mut dyn Session) -> Result<()> {
        let engine = session.server().engine;
        let dialect = engine_for(engine).dialect(engine);
        let mut filled = Vec::new();
        for pair in &self.mapping.tables {
            let parts = [pair.to.schema.as_str(), &pair.to.name];
            let parts = if pair.to.schema.is_empty() { &parts[1..] } else { &parts[..] };
            let sql = format!("SELECT 1 FROM {} LIMIT 1", quote_qualified(dialect, parts));
            if !texts(session, &sql)?.is_empty() {
                filled.push(self.mapping.to.short(&pair.to));
            }
        }
        match filled.is_empty() {
            true => Ok(()),
            false => Err(Error::new(Kind::Refused, format!("there are rows in {}", filled.join(", ")))
                .hint("delete them first, or leave those tables out: --exclude-table NAME")),
        }
    }

    fn fill(
        &self,
        source: &mut Source,
        backup: &'static dyn Backup,
        journal: &Journal,
        notes: &BTreeMap<String, Note>,
        sessions: &mut Sessions,
    ) -> Result<Filled> {
        let goes_on = self.goes_on();
        let build = build::Building { context: self.context, backup, journal, notes, goes_on };
        let schema = match self.args.data_only {
            true => Schema { before: Vec::new(), after: Vec::new() },
            false => Schema::of(&self.mapping.to, backup),
        };
        build.before(first(sessions)?, &schema.before)?;
        let mut moved = rows::Moved::none(self.mapping);
        if !self.args.schema_only {
            moved = self.rows(source, backup, journal, notes, sessions)?;
        }
        build.after(sessions, &schema.after)?;
        if self.args.schema_only {
            return Ok(Filled { schema_only: true, ..Filled::default() });
        }
        self.numbers(source, first(sessions)?)?;
        self.analyze(backup, sessions)?;
        let sums = rows::read_back(self.context, self.mapping, sessions)?;
        self.references(first(sessions)?)?;
        Ok(Filled {
            tables: copied(self.mapping, &moved.notes, sums),
            zeros: moved.zeros,
            schema_only: false,
        })
    }

    fn rows(
        &self,
        source: &mut Source,
        backup: &'static dyn Backup,
        journal: &Journal,
        notes: &BTreeMap<String, Note>,
        sessions: &mut Sessions,
    ) -> Result<rows::Moved> {
        if self.args.data_only {
            // Tables are filled in any order; what refers to nothing is looked for behind them.
            for session in sessions.iter_mut() {
                backup.quiet(session.as_mut())?;
            }
        }
        let extracts = source.extracts(self.mapping)?;
        let moving = Moving {
            context: self.context,
            mapping: self.mapping,
            journal,
            on_reject: self.args.on_reject,
            rejects: self.rejects()?.map(Mutex::new),
            zero_is_null: self.args.zero_dates == ZeroDates::Null,
        };
        moving.run(&extracts, notes, &mut source.sessions, sessions)
    }

    /// The file for rows that are left out; it holds values, and is for its owner alone. A run that goes
    /// on tells again what an earlier one left out, so its file begins anew.
    fn rejects(&self) -> Result<Option<File>> {
        let Some(path) = &self.args.rejects else { return Ok(None) };
        let is_old = self.goes_on() && holds_rejects(path);
        let mut options = OpenOptions::new();
        options.mode(0o600).write(true).truncate(is_old).create(is_old).create_new(!is_old);
        let file = options.open(path).map_err(|error| {
            let taken = error.kind() == std::io::ErrorKind::AlreadyExists;
            let kind = if taken { Kind::Refused } else { Kind::Io };
            Error::new(kind, format!("cannot make the file {}", path.display())).because(error)
        })?;
        Ok(Some(file))
    }

    /// Whether an earlier run was ended before it was done.
    fn goes_on(&self) -> bool {
        matches!(self.found, Found::Begun(_))
    }

    /// Where the numbers stand that the engine gives.
    fn numbers(&self, source: &mut Source, to: &mut dyn Session) -> Result<()> {
        let from = first(&mut source.sessions)?;
        if self.mapping.own && !self.args.data_only {
            let statements = source.backup.values(from, &self.mapping.from)?;
            if !statements.is_empty() {
                return statements.iter().try_for_each(|sql| build::one(to, sql));
            }
        }
        numbers::carry(self.mapping, from, to)
    }

    fn analyze(&self, backup: &'static dyn Backup, sessions: &mut Sessions) -> Result<()> {
        let tables: Vec<_> = self.mapping.tables.iter().map(|pair| pair.to.clone()).collect();
        let analyze = backup.analyze(&tables);
        let total = Some(analyze.len() as u64);
        let task = self.context.ui.progress().task("analysing", total, Unit::Count("tables"));
        in_parallel(analyze, sessions.iter_mut().collect(), |session, sql| {
            task.advance(1);
            session.execute(&sql, &[]).map(drop)
        })
        .map(drop)
    }

    /// References that lead nowhere, where nobody else looks for them.
    fn references(&self, session: &mut dyn Session) -> Result<()> {
        let mut broken = place::broken_references(session)?;
        let engine = session.server().engine;
        let checks = engine_for(engine).copying().checks_references() && !self.args.data_only;
        let looks_itself = checks || engine_for(engine).loose_references().is_some();
        let dialect = engine_for(engine).dialect(engine);
        for (object, table) in self.mapping.to.tables().filter(|_| !looks_itself) {
            for constraint in &table.constraints {
                let ConstraintKind::ForeignKey(reference) = &constraint.kind else { continue };
                let sql = orphans(dialect, &object.name, constraint, reference);
                if !texts(session, &sql)?.is_empty() {
                    let name = constraint.name.clone().unwrap_or_default();
                    broken.push(format!("{name} of {} ({sql})", object.name));
                }
            }
        }
        match broken.first() {
            None => Ok(()),
            Some(one) => {
                let count = human::counted(broken.len() as u64, "references");
                Err(Error::new(
                    Kind::Data,
                    format!("the rows are there, and lead nowhere: {count}, the first is {one}"),
                ))
            }
        }
    }
}

/// Whether a file is one that rows were left out to, and no other that is named by mistake.
fn holds_rejects(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let mut documents = serde_json::Deserializer::from_reader(BufReader::new(file)).into_iter::<Value>();
    match documents.next() {
        None => true,
        Some(first) => first.is_ok_and(|line| line["table"].is_string() && line["reason"].is_string()),
    }
}

/// Statements with their notes.
pub fn numbered<'a>(
    word: &'a str,
    statements: &'a [Statement],
) -> impl Iterator<Item = (String, &'a Statement)> {
    statements.iter().enumerate().map(move |(at, each)| (format!("{word} {at}"), each))
}
