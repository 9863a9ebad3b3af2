//! The two sides of a comparison.

use super::read::read_from;
use super::scratch::{self, Loaded, Loading};
use super::source::Source;
use super::unsaid::forget_unsaid;
use crate::commands::Context;
use crate::error::{Error, Kind, Result};
use crate::migrations;
use crate::model::catalog::{Catalog, Scope};
use crate::model::target::{EngineKind, Target};

/// One side: its catalog, and the way back to it when it is a database.
#[derive(Debug)]
pub struct Side {
    /// As it was given.
    pub label: String,
    pub catalog: Catalog,
    pub target: Option<Target>,
    /// What a definition itself says, which cannot say everything.
    said: Option<Catalog>,
    /// The catalog with the tables of tools that were taken out of it.
    whole: Option<Catalog>,
}

impl Side {
    pub fn is_definition(&self) -> bool {
        self.said.is_some()
    }

    /// The catalog as it was read.
    pub fn as_read(&self) -> &Catalog {
        self.whole.as_ref().unwrap_or(&self.catalog)
    }
}

/// How the sides are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading<'a> {
    /// The engine of files, when nothing else tells.
    pub engine: Option<EngineKind>,
    /// A server where files may be loaded.
    pub scratch: Option<&'a str>,
    pub privileges: bool,
}

/// What is read of the side that a plan changes: its rights too, compared or not, so that what is
/// made again has them as before.
pub const CHANGED: Scope = Scope { sizes: false, privileges: true, statements: false };

/// Reads both sides: databases first, since they tell by which engine files are loaded.
pub fn read(context: &Context, arguments: [&str; 2], reading: Reading<'_>) -> Result<[Side; 2]> {
    let sources = arguments.map(|argument| Source::of(context, argument));
    let has_files = sources.iter().any(|source| matches!(source, Source::Files(_)));
    if has_files && reading.privileges {
        return Err(Error::usage("--with-privileges compares databases only").hint(
            "what files make belongs to whoever loads them, and so has no owners and grants of its own",
        ));
    }
    let mut sides: [Option<Side>; 2] = [None, None];
    let mut own_scratch = None;
    let wanted = Scope { privileges: reading.privileges, ..Scope::default() };
    for ((side, source), scope) in sides.iter_mut().zip(&sources).zip([CHANGED, wanted]) {
        if let Source::Database(argument) = source {
            let (mut target, scratch) = context.target_with_scratch(Some(argument))?;
            own_scratch = own_scratch.or(scratch);
            let catalog = read_from(context, &mut target, scope)?;
            *side =
                Some(Side { label: target.label(), catalog, target: Some(target), said: None, whole: None });
        }
    }
    let [first, second] = sides;
    let one = |side: Option<Side>, other: Option<&Side>, source: &Source, argument: &str| match (side, source)
    {
        (None, Source::Files(files)) => {
            let loading = Loading {
                engine: reading.engine.or(other.map(|other| other.catalog.engine)),
                scratch: reading.scratch.or(own_scratch.as_deref()),
                like: other.map(|other| &other.catalog),
            };
            let Loaded { catalog, said, losses } =
                scratch::load(context, argument, &files.read(context)?, loading)?;
            for loss in &losses {
                let engine = catalog.engine.title();
                context
                    .ui
                    .warn(&format!("{argument}: {}: {}: {} ({engine})", loss.object, loss.what, loss.reason));
            }
            Ok(Side { label: argument.to_owned(), catalog, target: None, said, whole: None })
        }
        (Some(side), _) => Ok(side),
        // Every database was read above.
        (None, Source::Database(_)) => Err(Error::usage(format!("{argument} was not read"))),
    };
    let (from, to) = match first {
        Some(first) => {
            let second = one(second, Some(&first), &sources[1], arguments[1])?;
            (first, second)
        }
        None => {
            let first = one(None, second.as_ref(), &sources[0], arguments[0])?;
            let second = one(second, Some(&first), &sources[1], arguments[1])?;
            (first, second)
        }
    };
    let mut sides = [from, to];
    same_engine(&sides)?;
    if sides[0].is_definition() != sides[1].is_definition() {
        let [from, to] = &mut sides;
        forget(from, to);
        forget(to, from);
    }
    sides.iter().for_each(|side| warn_of_unread(context, side));
    if has_files {
        let [from, to] = &mut sides;
        leave_out_tools(context, from, to);
        leave_out_tools(context, to, from);
    }
    Ok(sides)
}

fn forget(side: &mut Side, other: &Side) {
    if let Some(said) = &side.said {
        forget_unsaid(&mut side.catalog, said, &other.catalog);
    }
}

fn same_engine([from, to]: &[Side; 2]) -> Result<()> {
    let (one, other) = (from.catalog.engine, to.catalog.engine);
    match one == other {
        true => Ok(()),
        false => Err(Error::new(
            Kind::Unsupported,
            format!("A is {} and B is {}, whose schemas cannot be compared", one.title(), other.title()),
        )
        .hint("compare databases of one engine")),
    }
}

/// What nobody could see may differ as well.
fn warn_of_unread(context: &Context, side: &Side) {
    for unread in &side.catalog.unread {
        context.ui.warn(&format!("{}: {} could not be read: {}", side.label, unread.what, unread.why));
    }
}

/// No file tells of the tables in which tools keep what they did.
fn leave_out_tools(context: &Context, side: &mut Side, other: &Side) {
    if side.target.is_none() {
        return;
    }
    let whole = side.catalog.clone();
    let left_out = migrations::leave_out(&mut side.catalog, &other.catalog);
    if !left_out.is_empty() {
        side.whole = Some(whole);
        let tables = left_out.join(", ");
        context.ui.status(&format!("not compared, as tools keep their own records there: {tables}"));
    }
}
