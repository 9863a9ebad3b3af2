//! What is dropped before a restore into a place that is not empty: `--clean`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::choose::Chosen;
use super::journal::is_journal;
use super::place::is_born_with;
use crate::commands::Context;
use crate::commands::plan::{self, Reviewed, Work};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, ConstraintKind, Detail, Name, Object, Scope};
use crate::model::diff::diff;
use crate::model::plan::{ChangeOptions, Plan};
use crate::model::target::Target;
use crate::ui::human;

/// Rights too: what is dropped is compared with what was planned for.
const SCOPE: Scope = Scope { sizes: false, privileges: true, statements: false };

/// How long a lock, and another run, is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything of a database, or some tables of it, to be dropped.
pub struct Clean {
    from: Catalog,
    plan: Plan,
    /// What no catalog tells of.
    rest: Vec<String>,
    /// `3 tables with about 1,200 rows, 1 view`.
    words: String,
    loses: bool,
}

impl Clean {
    /// Of a database that holds something; None where there is nothing to drop.
    pub fn of(session: &mut dyn Session, chosen: Option<&Chosen>) -> Result<Option<Self>> {
        let mut from = session.catalog(SCOPE)?;
        from.keep(|object| !is_journal(object));
        let sizes = session.catalog(Scope { sizes: true, ..Scope::default() })?;
        let goes = |object: &Object| match chosen {
            None => object.extension.is_none() && !is_born_with(&from, object) && !is_journal(object),
            Some(chosen) => goes_with(object, chosen),
        };
        if let Some(chosen) = chosen {
            refuse_dependents(&from, chosen)?;
        }
        let words = words(sizes.objects.iter().filter(|object| goes(object)));
        let loses = from.objects.iter().any(|object| goes(object) && object.as_table().is_some());
        let rest = match chosen {
            None => engine_for(from.engine).backup().map(|backup| backup.empty_rest()).unwrap_or_default(),
            Some(_) => Vec::new(),
        };
        // What an extension made goes with it.
        let (mut planned, mut to) = (from.clone(), from.clone());
        planned.keep(|object| object.extension.is_none());
        to.keep(|object| object.extension.is_none() && !goes(object));
        let changes = diff(&planned, &to);
        let options = ChangeOptions { online: false, privileges: true };
        let plan = engine_for(from.engine).ddl().change(&planned, &to, &changes, options);
        Ok((!words.is_empty()).then_some(Clean { from, plan, rest, words, loses }))
    }

    /// For people.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// What is lost for good.
    pub fn loses(&self) -> Option<&str> {
        self.loses.then_some(self.words.as_str())
    }

    /// Drops it.
    pub fn run(self, context: &Context, target: &mut Target) -> Result<()> {
        if let Some(left) = self.plan.left.first() {
            return Err(Error::new(Kind::Refused, format!("{} cannot be dropped: {}", left.what, left.why))
                .hint("drop it by hand, or restore into a new database: --as NAME"));
        }
        let patience = target.lock_timeout.unwrap_or(PATIENCE);
        let mut session = context.open(target)?;
        let reviewed = Reviewed::unseen(self.plan);
        let work = Work { target, from: &self.from, scope: SCOPE, reviewed: &reviewed, patience };
        plan::run(context, session.as_mut(), &work)?;
        self.rest.iter().try_for_each(|sql| session.execute(sql, &[]).map(drop))
    }
}

/// A table that is chosen, and the numbers that are its own.
fn goes_with(object: &Object, chosen: &Chosen) -> bool {
    match &object.detail {
        Detail::Table(_) => chosen.tables.contains(&object.name),
        Detail::Sequence(sequence) => {
            sequence.owned_by.as_ref().is_some_and(|(table, _)| chosen.tables.contains(table))
        }
        _ => false,
    }
}

/// Other objects stand on the tables, and would go with them or stay without a foundation.
fn refuse_dependents(live: &Catalog, chosen: &Chosen) -> Result<()> {
    let mut found: Vec<String> = Vec::new();
    for object in live.objects.iter().filter(|object| !goes_with(object, chosen)) {
        let on = object.depends_on.iter().map(|id| &live.get(*id).name);
        let refers = |name: &&Name| live.relation(name).is_some() && chosen.tables.contains(*name);
        if let Some(on) = on.clone().find(refers) {
            found.push(format!("{} {} stands on {on}", object.kind().word(), live.short(&object.name)));
        } else if let Some(key) = key_to(object, chosen) {
            found.push(key);
        }
    }
    match found.is_empty() {
        true => Ok(()),
        false => {
            Err(Error::new(Kind::Refused, format!("the tables cannot be dropped: {}", found.join("; ")))
                .hint("--data-only --clean keeps the tables and loads their rows anew")
                .hint("or restore into a new database beside it: --as NAME"))
        }
    }
}

fn key_to(object: &Object, chosen: &Chosen) -> Option<String> {
    object.as_table()?.constraints.iter().find_map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(reference) if chosen.tables.contains(&reference.table) => Some(format!(
            "foreign key {} of table {} refers to {}",
            constraint.name.as_deref().unwrap_or("without a name"),
            object.name,
            reference.table
        )),
        _ => None,
    })
}

/// Kinds with their numbers, and for tables about how many rows.
fn words<'a>(objects: impl Iterator<Item = &'a Object>) -> String {
    let mut kinds: BTreeMap<_, (u64, u64)> = BTreeMap::new();
    for object in objects {
        let (count, rows) = kinds.entry(object.kind()).or_default();
        *count += 1;
        *rows += object.as_table().and_then(|table| table.rows).unwrap_or_default();
    }
    let words = kinds.into_iter().map(|(kind, (count, rows))| {
        let what = match count {
            1 => format!("1 {}", kind.word()),
            _ => format!("{} {}", human::count(count), plural(kind.word())),
        };
        match rows {
            0 => what,
            rows => format!("{what} with about {}", human::counted(rows, "rows")),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

fn plural(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if word.ends_with('s') => word.to_owned(),
        None => format!("{word}s"),
    }
}
