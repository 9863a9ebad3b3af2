//! `backup create --stdout`: a whole database as SQL for the engine's own client, in one stream.

use std::io::{BufWriter, Write};
use std::time::Instant;

use super::pace::Pace;
use super::take::{Taken, Taking, first};
use crate::commands::interrupt;
use crate::engine::backup::Extract;
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Catalog;
use crate::model::ddl::{DdlOptions, Section};
use crate::model::progress::{Task, Unit};
use crate::model::snapshot::Form;
use crate::sql::{write_script, write_statement};
use crate::ui::summary;

/// Behind what is not whole: no client takes it for a statement, and so none takes the rest for a
/// backup. The first line ends rows that were under way.
const BROKEN: &[u8] = b"\n\\.\nTHE BACKUP FAILED HERE;\n";

/// Writes the backup of one session to standard output.
pub fn run(taking: &Taking<'_>, mut sessions: Vec<Box<dyn Session>>, pace: Option<&Pace>) -> Result<()> {
    if taking.context.ui.terminal().stdout {
        return Err(Error::usage("a backup is not for the eye: standard output is a terminal")
            .hint("pass it on, as in dbwright backup create prod --stdout | psql -1 -v ON_ERROR_STOP=1"));
    }
    let began = Instant::now();
    interrupt::listen()?;
    let _stoppable: Vec<_> = sessions.iter().map(|session| interrupt::guard(session.canceller())).collect();
    let held = taking.backup.hold(&mut sessions).map_err(interrupt::as_interrupted)?;
    let taken = taking.look(&mut sessions)?;
    let session = first(&mut sessions)?;
    let mut out = Counted {
        out: BufWriter::with_capacity(1 << 16, std::io::stdout().lock()),
        bytes: 0,
        pace,
        task: None,
    };
    let written = write(taking, session, &taken, &mut out)
        .and_then(|()| if held.schema_may_change { taking.refuse_changed(session, &taken) } else { Ok(()) })
        .and_then(|()| out.flush().map_err(Error::from));
    if let Err(error) = written {
        // Whoever does not read any more needs no mark.
        let _ = out.out.write_all(BROKEN).and_then(|()| out.out.flush());
        return Err(interrupt::as_interrupted(error));
    }
    taken.left_out().iter().for_each(|what| taking.context.ui.warn(&format!("left out: {what}")));
    taking.context.ui.status(&summary("wrote", &[(out.bytes, Unit::Bytes)], began.elapsed()));
    taking.context.ui.status(&format!("one moment by {}", held.moment.how));
    Ok(())
}

fn write(taking: &Taking<'_>, session: &mut dyn Session, taken: &Taken, out: &mut Counted<'_>) -> Result<()> {
    let catalog = taken.catalog();
    if !taking.wanted.data_only {
        schema(catalog, Section::BeforeData, out)?;
    }
    out.write_all(taking.backup.client_settings().as_bytes())?;
    let total = taken.extracts.iter().flat_map(|extract| &extract.parts).map(|part| part.weight).sum();
    out.task = Some(taking.context.ui.progress().task("writing", Some(total), Unit::Bytes));
    for extract in &taken.extracts {
        rows(taking, session, extract, out)
            .map_err(|error| error.context(format!("cannot back up table {}", extract.table)))?;
    }
    out.task = None;
    if !taking.wanted.data_only {
        schema(catalog, Section::AfterData, out)?;
    }
    let dialect = engine_for(catalog.engine).dialect(catalog.engine);
    for statement in taking.values(session, taken)? {
        write_statement(out, &statement, dialect)?;
    }
    Ok(())
}

fn schema(catalog: &Catalog, section: Section, out: &mut Counted<'_>) -> Result<()> {
    let engine = engine_for(catalog.engine);
    let pieces = engine.ddl().create(catalog, DdlOptions { privileges: false });
    let pieces: Vec<_> = pieces.into_iter().filter(|piece| piece.section == section).collect();
    write_script(out, &pieces, engine.dialect(catalog.engine)).map_err(Error::from)
}

fn rows(
    taking: &Taking<'_>,
    session: &mut dyn Session,
    extract: &Extract,
    out: &mut Counted<'_>,
) -> Result<()> {
    if extract.form == Form::Image {
        return Err(Error::new(Kind::Unsupported, "a file cannot be written as statements"));
    }
    if extract.parts.is_empty() {
        return Ok(());
    }
    if extract.form == Form::Copy {
        writeln!(out, "{};", extract.load)?;
    }
    for part in &extract.parts {
        if interrupt::arrived() {
            return Err(Error::new(Kind::Interrupted, "interrupted"));
        }
        taking.backup.read(session, extract, part, out)?;
    }
    if extract.form == Form::Copy {
        out.write_all(b"\\.\n")?;
    }
    Ok(())
}

/// Standard output, no faster than it may be.
struct Counted<'a> {
    out: BufWriter<std::io::StdoutLock<'static>>,
    bytes: u64,
    pace: Option<&'a Pace>,
    /// While rows are written.
    task: Option<Box<dyn Task>>,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Some(task) = &self.task {
            task.advance(bytes.len() as u64);
            if let Some(pace) = self.pace {
                pace.take(bytes.len() as u64).map_err(std::io::Error::other)?;
            }
        }
        self.out.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
