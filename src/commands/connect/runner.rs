//! Runs statements on a session and prints what they give: for scripts and for the shell alike.

use std::io::{BufRead, Write};
use std::time::{Duration, Instant, SystemTime};

use super::meta;
use super::output::Output;
use super::param::NamedParam;
use super::place::located;
use crate::commands::{Context, interrupt, refused_by_profile};
use crate::engine::{Engine, Session, engine_for};
use crate::error::{At, Error, Kind, Result};
use crate::model::rows::{Cursor, Done, Param};
use crate::model::server::TxState;
use crate::model::target::Target;
use crate::sql::{self, Dialect, Item, Splitter, Statement, StatementKind};
use crate::ui::{self, Format, RowOptions, RowWriter, Ui, human};

/// What to do when a statement fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OnError {
    /// End with the first error
    Stop,
    /// Report it and go on; the exit code is still 1
    Continue,
}

/// Whether a script or shell goes on after a backslash command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    GoOn,
    Quit,
}

/// How rows look beyond their format.
#[derive(Debug, Clone, Default)]
pub struct RowStyle {
    pub no_header: bool,
    /// What stands for NULL; the format's own when None.
    pub null: Option<String>,
}

impl RowStyle {
    fn writer(&self, ui: &Ui, format: Format, engine: &dyn Engine, output: &Output) -> Box<dyn RowWriter> {
        let blob = engine.blob_style();
        let mut options = if output.is_stdout() { ui.row_options(blob) } else { RowOptions::plain(blob) };
        options.header = !self.no_header;
        options.null = self.null.clone();
        ui::writer(format, options)
    }
}

/// A session with the way its results are printed.
pub struct Runner<'a> {
    pub context: &'a Context,
    pub target: Target,
    pub session: Box<dyn Session>,
    pub output: Output,
    pub format: Format,
    /// `\timing`
    pub timing: bool,
    pub on_error: OnError,
    /// A person is typing: `\e` works, and long results go through a pager.
    pub interactive: bool,
    /// The script itself comes from standard input.
    pub reads_stdin: bool,
    /// What `\e` wants at the next prompt.
    pub edited: Option<String>,
    /// What ends a statement that is typed, when `DELIMITER` has changed it.
    pub typed_delimiter: Vec<u8>,
    /// For `\e` and `\watch`.
    last: Option<Statement>,
    params: Vec<(NamedParam, bool)>,
    rows: RowStyle,
    writer: Box<dyn RowWriter>,
    /// All statements belong to one transaction that the caller ends.
    single_transaction: bool,
    /// The writer has been given something since it was made.
    written: bool,
    failures: u64,
}

impl<'a> Runner<'a> {
    /// Opens a session to `target`.
    pub fn open(context: &'a Context, mut target: Target) -> Result<Self> {
        let session = context.open(&mut target)?;
        let output = Output::stdout(&context.ui, false)?;
        let format = context.ui.format().unwrap_or(Format::Table);
        let rows = RowStyle::default();
        let writer = rows.writer(&context.ui, format, engine_for(target.engine), &output);
        Ok(Runner {
            context,
            target,
            session,
            output,
            format,
            timing: false,
            on_error: OnError::Stop,
            interactive: false,
            reads_stdin: false,
            edited: None,
            typed_delimiter: Vec::new(),
            last: None,
            params: Vec::new(),
            rows,
            writer,
            single_transaction: false,
            written: false,
            failures: 0,
        })
    }

    pub fn engine(&self) -> &'static dyn Engine {
        engine_for(self.session.server().engine)
    }

    pub fn dialect(&self) -> &'static Dialect {
        self.engine().dialect(self.session.server().engine)
    }

    /// From now on a person types, and long results go through a pager.
    pub fn become_interactive(&mut self) -> Result<()> {
        self.interactive = true;
        self.finish()
    }

    /// Opens another session in place of this one; on an error this one stays.
    pub fn reconnect(&mut self, mut target: Target) -> Result<()> {
        if self.single_transaction {
            return Err(Error::usage("another connection would end the single transaction")
                .hint("leave --single-transaction out, or connect to one database"));
        }
        self.session = self.context.open(&mut target)?;
        self.target = target;
        self.renew_writer();
        Ok(())
    }

    /// The text of the statement that was run last.
    pub fn last_statement(&self) -> &str {
        self.last.as_ref().map_or("", |statement| statement.text.as_str())
    }

    /// Runs the last statement again and again until a signal comes.
    pub fn watch(&mut self, pause: Duration) -> Result<()> {
        let Some(statement) = self.last.clone() else {
            return Err(Error::usage("\\watch repeats the last statement, and there is none yet"));
        };
        loop {
            writeln!(
                self.output,
                "{} (every {})",
                human::timestamp(SystemTime::now()),
                human::duration(pause)
            )?;
            self.statement("\\watch", &statement)?;
            self.finish()?;
            if interrupt::sleep(pause) {
                return Ok(());
            }
        }
    }

    /// Binds values to `:NAME` in all statements from now on; a name given again is replaced.
    pub fn set_param(&mut self, param: NamedParam) {
        self.params.retain(|(known, _)| known.name != param.name);
        self.params.push((param, false));
    }

    /// Names that no statement has used.
    pub fn unused_params(&self) -> impl Iterator<Item = &str> {
        self.params.iter().filter(|(_, used)| !used).map(|(param, _)| param.name.as_str())
    }

    /// Prints results from now on in `format`, to the present output.
    pub fn set_format(&mut self, format: Format) -> Result<()> {
        self.finish()?;
        self.format = format;
        self.renew_writer();
        Ok(())
    }

    /// Sends results elsewhere from now on.
    pub fn set_output(&mut self, output: Output) -> Result<()> {
        let finished = self.finish();
        let closed = std::mem::replace(&mut self.output, output).close();
        self.renew_writer();
        finished.and(closed)
    }

    /// Ends the document of a format that has an end, and begins anew.
    pub fn finish(&mut self) -> Result<()> {
        // A script gives a document even of no results; a person wants to see none after `\x`.
        let finished = match self.written || !self.interactive {
            true => self.writer.finish(&mut self.output).and_then(|()| Ok(self.output.flush()?)),
            false => Ok(()),
        };
        if self.interactive && self.output.is_stdout() {
            // The pager belongs to one statement.
            let next = Output::stdout(&self.context.ui, true)?;
            std::mem::replace(&mut self.output, next).close()?;
        }
        self.renew_writer();
        finished
    }

    /// Ends the output: what `\o` sent elsewhere is written out, and a program has ended.
    pub fn close(&mut self) -> Result<()> {
        let stdout = Output::stdout(&self.context.ui, false)?;
        self.set_output(stdout)
    }

    fn renew_writer(&mut self) {
        self.writer = self.rows.writer(&self.context.ui, self.format, self.engine(), &self.output);
        self.written = false;
    }

    /// Prints rows from now on in this style.
    pub fn set_rows(&mut self, rows: RowStyle) {
        self.rows = rows;
        self.renew_writer();
    }

    /// Runs all that `reader` holds. `source` names it in messages.
    pub fn run_script(&mut self, source: &str, reader: &mut dyn BufRead) -> Result<Flow> {
        let mut splitter = Splitter::new(reader, self.dialect()).backslash_commands(true);
        self.run_items(source, &mut splitter)
    }

    /// Runs what was typed at the prompt, where `DELIMITER` holds until the next one.
    pub fn run_typed(&mut self, text: &str) -> Result<Flow> {
        let splitter = Splitter::new(text.as_bytes(), self.dialect()).backslash_commands(true);
        let mut splitter = splitter.delimited_by(&self.typed_delimiter);
        let outcome = self.run_items("shell", &mut splitter);
        self.typed_delimiter = splitter.delimiter().to_vec();
        outcome
    }

    fn run_items<R: BufRead>(&mut self, source: &str, splitter: &mut Splitter<R>) -> Result<Flow> {
        while let Some(item) = splitter.next() {
            let outcome = match item.map_err(|error| unreadable(source, error))? {
                Item::Statement(statement) => self.statement(source, &statement).map(|()| Flow::GoOn),
                Item::CopyStatement(statement) => {
                    self.copy_in(source, &statement, &mut splitter.copy_data()).map(|()| Flow::GoOn)
                }
                Item::Meta { text, line, column, buffer_pending } => {
                    let pending = if buffer_pending { splitter.take_pending() } else { None };
                    let place = at(source, line, column, &text);
                    match pending.transpose().map_err(|error| unreadable(source, error))? {
                        Some(Item::Statement(statement)) => {
                            self.terminated_by(&text, source, &statement).map(|()| Flow::GoOn)
                        }
                        _ => meta::run(self, &text).map_err(|error| placed(error, place)),
                    }
                }
            };
            match outcome {
                Ok(Flow::GoOn) => {}
                Ok(Flow::Quit) => return Ok(Flow::Quit),
                Err(error) => self.failed(error)?,
            }
        }
        Ok(Flow::GoOn)
    }

    /// `\g` and `\gx` end a statement instead of `;`.
    fn terminated_by(&mut self, command: &str, source: &str, statement: &Statement) -> Result<()> {
        match command.trim() {
            "\\gx" | "\\G" => {
                let format = self.format;
                self.set_format(Format::Expanded)?;
                let outcome = self.statement(source, statement);
                self.set_format(format)?;
                outcome
            }
            _ => self.statement(source, statement),
        }
    }

    /// Decides whether a failure ends the script.
    fn failed(&mut self, error: Error) -> Result<()> {
        let may_go_on = self.on_error == OnError::Continue
            && !matches!(error.kind(), Kind::Interrupted | Kind::Lost | Kind::BrokenPipe | Kind::Io);
        if !may_go_on {
            return Err(error);
        }
        self.failures += 1;
        self.context.ui.error(&error);
        Ok(())
    }

    /// The error that stands for failures that were reported and passed over.
    pub fn failures(&self) -> Option<Error> {
        let message = || format!("{} failed", human::counted(self.failures, "statements"));
        (self.failures > 0).then(|| Error::new(Kind::Found, message()))
    }

    /// Runs one statement and prints its results.
    pub fn statement(&mut self, source: &str, statement: &Statement) -> Result<()> {
        if interrupt::arrived() {
            return Err(Error::new(Kind::Interrupted, "interrupted"));
        }
        if self.interactive && self.last.as_ref() != Some(statement) {
            self.last = Some(statement.clone());
        }
        let began = Instant::now();
        let outcome = self
            .run(statement)
            .map_err(|error| refused_by_profile(located(error, source, statement), &self.target));
        self.output.flush()?;
        outcome?;
        if self.timing {
            self.print_time(began.elapsed())?;
        }
        Ok(())
    }

    fn run(&mut self, statement: &Statement) -> Result<()> {
        let kind = sql::classify(&statement.text, self.dialect());
        self.check_single_transaction(kind)?;
        let _guard = interrupt::guard(self.session.canceller());
        if kind == (StatementKind::Copy { from_stdin: false, to_stdout: true })
            && let Some(bulk) = self.session.bulk()
        {
            let done = bulk.copy_out(&statement.text, &mut self.output);
            return done.map(|_| ()).map_err(interrupt::as_interrupted);
        }
        let dialect = self.dialect();
        let (bound, params) = self.bind(&statement.text).unzip();
        let text = bound.as_ref().map_or(statement.text.as_str(), |bound: &sql::Bound| bound.sql.as_str());
        self.written = true;
        let (writer, output) = (&mut self.writer, &mut self.output);
        let mut has_rows = false;
        let done = self
            .session
            .query(text, &params.unwrap_or_default(), &mut |cursor| {
                has_rows = true;
                writer.result(cursor, output).map(|_| ()).map_err(unwritten)
            })
            .map_err(|error| {
                let original = |offset| bound.as_ref().map_or(offset, |bound| bound.original_offset(offset));
                interrupt::as_interrupted(error).map_position(original)
            })?;
        if !has_rows {
            writer.done(&tagged(done, &statement.text, kind, dialect), output)?;
        }
        Ok(())
    }

    fn copy_in(&mut self, source: &str, statement: &Statement, data: &mut dyn BufRead) -> Result<()> {
        let _guard = interrupt::guard(self.session.canceller());
        let Some(bulk) = self.session.bulk() else {
            return self.statement(source, statement);
        };
        let done = bulk
            .copy_in(&statement.text, data)
            .map_err(|error| located(interrupt::as_interrupted(error), source, statement))?;
        self.written = true;
        self.writer.done(&done, &mut self.output)
    }

    /// The statement with placeholders, and their values; None when there are no parameters, so
    /// that a large script is not copied.
    fn bind(&mut self, text: &str) -> Option<(sql::Bound, Vec<Param>)> {
        if self.params.is_empty() {
            return None;
        }
        let names: Vec<&str> = self.params.iter().map(|(param, _)| param.name.as_str()).collect();
        let bound = sql::bind_names(text, self.dialect(), &names);
        let values = bound.order.iter().map(|index| self.params[*index].0.value.clone()).collect();
        for index in &bound.order {
            self.params[*index].1 = true;
        }
        Some((bound, values))
    }

    /// Prints rows that no statement gave.
    pub fn print_rows(&mut self, rows: &mut dyn Cursor) -> Result<()> {
        self.written = true;
        self.writer.result(rows, &mut self.output)?;
        Ok(self.output.flush()?)
    }

    fn print_time(&mut self, took: Duration) -> Result<()> {
        writeln!(self.output, "Time: {}", human::duration(took))?;
        Ok(self.output.flush()?)
    }
}

fn at(source: &str, line: u32, column: u32, command: &str) -> At {
    At {
        source: source.to_owned(),
        line: line as usize,
        column: column as usize,
        excerpt: command.to_owned(),
        caret: None,
    }
}

/// The error at this place, unless it has one of its own: that of a file run by `\i`.
fn placed(error: Error, place: At) -> Error {
    match error.place() {
        Some(_) => error,
        None => error.at(place),
    }
}

/// Says what could not be written.
fn unwritten(error: Error) -> Error {
    match error.kind() {
        Kind::Io => error.context("the results cannot be written"),
        _ => error,
    }
}

fn unreadable(source: &str, error: sql::SplitError) -> Error {
    Error::new(Kind::Data, error.message).at(at(source, error.line, error.column, ""))
}

/// Gives a statement without words of the server the words that say what it did.
fn tagged(done: Done, text: &str, kind: StatementKind, dialect: &Dialect) -> Done {
    if !done.tag.is_empty() {
        return done;
    }
    // What stands between CREATE and the kind of object.
    const QUALIFIERS: [&str; 4] = ["TEMP", "TEMPORARY", "UNIQUE", "VIRTUAL"];
    let words = if kind == StatementKind::Ddl { 2 } else { 1 };
    let mut said = sql::leading_keywords(text, dialect, words + 1);
    said.retain(|word| !QUALIFIERS.contains(&word.as_str()));
    said.truncate(words);
    let mut tag = said.join(" ");
    if let Some(affected) = done.affected {
        tag.push_str(&format!(" {affected}"));
    }
    Done { tag, ..done }
}

const ROLLED_BACK: &str = "nothing was changed: the whole transaction was rolled back";

/// `--single-transaction`.
impl Runner<'_> {
    pub fn begin(&mut self) -> Result<()> {
        self.single_transaction = true;
        self.session.execute("begin", &[]).map(|_| ())
    }

    /// Commits after success, and rolls back after an error, which it returns.
    pub fn end(&mut self, outcome: Result<()>) -> Result<()> {
        if !self.single_transaction {
            return outcome;
        }
        match outcome {
            Ok(()) if self.failures == 0 => self.session.execute("commit", &[]).map(|_| ()),
            Ok(()) => {
                self.roll_back()?;
                self.context.ui.warn(ROLLED_BACK);
                Ok(())
            }
            // Then there is no transaction left to roll back.
            Err(error) if error.kind() == Kind::Partial => Err(error),
            Err(error) => {
                // A lost connection has rolled back by itself.
                if let Err(also) = self.roll_back() {
                    log::debug!("rollback: {also}");
                }
                Err(error.hint(ROLLED_BACK))
            }
        }
    }

    fn roll_back(&mut self) -> Result<()> {
        self.session.execute("rollback", &[]).map(|_| ())
    }

    /// Refuses what would end the one transaction behind our back.
    fn check_single_transaction(&self, kind: StatementKind) -> Result<()> {
        if !self.single_transaction {
            return Ok(());
        }
        let name = self.session.server().engine.title();
        match kind {
            StatementKind::TxBegin | StatementKind::TxEnd => {
                Err(Error::usage("the script begins or ends transactions itself, so it cannot run as one")
                    .hint("leave --single-transaction out, or take the statement out"))
            }
            StatementKind::Ddl if !self.engine().transactional_ddl() => Err(Error::new(
                Kind::Unsupported,
                format!("{name} commits before and after a change of schema"),
            )
            .hint("leave --single-transaction out: it cannot hold here")),
            _ if self.session.transaction() == TxState::Idle => {
                Err(Error::new(Kind::Partial, "a statement before this one ended the transaction by itself")
                    .hint("what ran up to there may be committed; nothing from here on was run"))
            }
            _ => Ok(()),
        }
    }
}
