//! `backup prune`: old backups taken away, and the chunks that nobody needs any more.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::json;

use super::args::{Keep, place_of, settled_if_any};
use super::list::words;
use crate::commands::formats::printed_as;
use crate::commands::{Context, interrupt};
use crate::error::{Error, Kind, Result};
use crate::model::listing::Listing;
use crate::store::Repository;
use crate::store::repository::{State, chunk_name};
use crate::ui::{Format, Guard, human};

/// Take away old backups, and what no backup needs any more
///
/// The newest backup of each of the last days, weeks, months and years that are asked for is kept;
/// so are, always, the newest of all and the newest that was proven. Backups of each database are
/// counted by themselves, and those of a part of one, or masked, apart from those of all. A chunk is deleted only when no
/// backup that is left needs it. Waits for nobody: while a backup is made, nothing is done.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright backup prune --repo /backups/prod --keep-last 3 --dry-run
  dbwright backup prune --repo /backups/prod --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --yes
  dbwright backup prune --profile prod --yes")]
pub struct PruneArgs {
    /// The folder of the repository, or s3://BUCKET/PREFIX [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
    #[command(flatten)]
    keep: Keep,
    /// Say what would be taken away, and take nothing
    #[arg(long)]
    dry_run: bool,
}

/// What becomes of a backup, and why.
struct Fate {
    id: String,
    reasons: Vec<String>,
}

/// The period that a backup of an id belongs to.
type Period = fn(&str) -> String;

/// Runs the command.
pub fn run(context: &Context, args: &PruneArgs) -> Result<()> {
    let settings = settled_if_any(context)?;
    let place = place_of(args.repo.as_deref(), &settings)?;
    let keep = if args.keep.is_empty() { settings.keep } else { args.keep };
    if keep.is_empty() {
        return Err(Error::usage("which backups are kept is not said").hint(
            "give --keep-last, --keep-daily and so on, or keep = { daily = 7, monthly = 12 } in the profile's table `backup`",
        ));
    }
    let repository = Repository::open(&place)?;
    let _alone = repository.alone()?;
    interrupt::listen()?;
    let ids = whole(&repository)?;
    let fates = fates(&repository, &ids, keep)?;
    let going: Vec<&Fate> = fates.iter().filter(|fate| fate.reasons.is_empty()).collect();
    let unneeded = unneeded(&repository, &fates)?;
    let bytes: u64 = unneeded.iter().map(|(_, size)| size).sum();
    let words = format!(
        "take away {}, and {} of {} that no other needs",
        human::counted(going.len() as u64, "backups"),
        human::counted(unneeded.len() as u64, "chunks"),
        human::bytes(bytes)
    );
    show(context, &repository, &fates, unneeded.len(), bytes, args.dry_run)?;
    if args.dry_run {
        context.ui.status(&format!("would {words}"));
        return Ok(());
    }
    if going.is_empty() && unneeded.is_empty() {
        context.ui.status("nothing to take away");
        return repository.sweep();
    }
    context.ui.guard(&Guard {
        summary: &words,
        profile: None,
        protected: false,
        loses: None,
        allow_loss: false,
    })?;
    // The backups first: one without all of its chunks must never be there.
    for fate in &going {
        repository.forget(&fate.id)?;
    }
    for (name, _) in &unneeded {
        if interrupt::arrived() {
            return Err(Error::new(
                Kind::Interrupted,
                "interrupted; what is left is taken away by the next prune",
            ));
        }
        repository.delete_chunk(name)?;
    }
    repository.sweep()?;
    context.ui.status(&format!("done: {words}"));
    Ok(())
}

/// The backups that are whole. One that was never finished is taken away with the rest, as nobody
/// else is at work; one whose manifest is gone may be brought back, and its chunks are not known.
fn whole(repository: &Repository) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for (id, state) in repository.ids()? {
        match state {
            State::Whole => ids.push(id),
            State::Unfinished => repository.forget(&id)?,
            State::Gone => {
                return Err(Error::new(Kind::Refused, format!("backup {id} is {}", words(state))).hint(format!(
                    "bring snapshots/{id}.json back, or delete snapshots/{id}.sha256 to give the backup up"
                )));
            }
        }
    }
    Ok(ids)
}

/// The backups of one database, and of as much of it: newest first.
type Group<'a> = Vec<&'a str>;

/// Backups of one database say nothing about those of another in the same repository, nor what holds a
/// part of a database, or other values, about what holds all. Whose an encrypted backup is cannot be
/// told without its key: those are taken together.
fn groups<'a>(repository: &Repository, ids: &'a [String]) -> Result<Vec<Group<'a>>> {
    let mut groups: BTreeMap<(String, String, bool), Group> = BTreeMap::new();
    for id in ids.iter().rev() {
        let of = repository.outline(id).map_err(|error| {
            error.hint(
                "whose this backup is is not known, so nothing is deleted; dbwright backup verify tells more",
            )
        })?;
        let is_part = of.is_part();
        let whose = of.profile.unwrap_or(of.database);
        groups.entry((of.engine, whose, is_part)).or_default().push(id);
    }
    Ok(groups.into_values().collect())
}

fn fates(repository: &Repository, ids: &[String], keep: Keep) -> Result<Vec<Fate>> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for group in groups(repository, ids)? {
        judge(repository, &group, keep, &mut |id, why| reasons.entry(id).or_default().push(why))?;
    }
    let fate =
        |id: &String| Fate { id: id.clone(), reasons: reasons.remove(id.as_str()).unwrap_or_default() };
    Ok(ids.iter().map(fate).collect())
}

/// Says which backups of a group stay, and why.
fn judge<'a>(
    repository: &Repository,
    group: &Group<'a>,
    keep: Keep,
    because: &mut impl FnMut(&'a str, String),
) -> Result<()> {
    let newest_first = || group.iter().copied();
    if let Some(id) = newest_first().next() {
        because(id, "newest".to_owned());
    }
    for id in newest_first() {
        if repository.proof(id)?.is_some() {
            because(id, "newest proven".to_owned());
            break;
        }
    }
    for (number, id) in newest_first().take(keep.last).enumerate() {
        because(id, format!("last {}", number + 1));
    }
    let periods: [(usize, &str, Period); 4] = [
        (keep.daily, "daily", |id| id.get(..8).unwrap_or_default().to_owned()),
        (keep.weekly, "weekly", week),
        (keep.monthly, "monthly", |id| id.get(..6).unwrap_or_default().to_owned()),
        (keep.yearly, "yearly", |id| id.get(..4).unwrap_or_default().to_owned()),
    ];
    for (count, word, period) in periods {
        let mut seen = BTreeSet::new();
        for id in newest_first() {
            if seen.len() < count && seen.insert(period(id)) {
                because(id, word.to_owned());
            }
        }
    }
    Ok(())
}

/// Weeks begin on Monday; they are counted from the beginning of the calendar.
fn week(id: &str) -> String {
    let number =
        |from: usize, to: usize| id.get(from..to).and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(1);
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    // Days since 1970-01-01, a Thursday (Howard Hinnant's algorithm).
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (days + 3).div_euclid(7).to_string()
}

/// Chunks that no backup needs which stays. A manifest that cannot be read ends it: nobody knows
/// what it needs.
fn unneeded(repository: &Repository, fates: &[Fate]) -> Result<Vec<(String, u64)>> {
    let mut needed = BTreeSet::new();
    for fate in fates.iter().filter(|fate| !fate.reasons.is_empty()) {
        let snapshot = repository.outline(&fate.id).map_err(|error| {
            error.hint("what this backup needs is not known, so nothing is deleted; dbwright backup verify tells more")
        })?;
        needed.extend(snapshot.chunks().map(|chunk| chunk_name(&chunk.id, snapshot.compression)));
    }
    let stored = repository.stored_chunks()?.into_iter();
    Ok(stored.filter(|(name, _)| !needed.contains(name)).collect())
}

fn show(
    context: &Context,
    repository: &Repository,
    fates: &[Fate],
    chunks: usize,
    bytes: u64,
    dry_run: bool,
) -> Result<()> {
    if context.ui.wants_json() {
        let backups: Vec<_> = fates
            .iter()
            .map(|fate| json!({ "id": fate.id, "kept": !fate.reasons.is_empty(), "reasons": fate.reasons }))
            .collect();
        return context.ui.print_json(&json!({
            "version": 1,
            "kind": "backup_prune",
            "repository": repository.place(),
            "dry_run": dry_run,
            "backups": backups,
            "chunks": chunks,
            "bytes": bytes,
        }));
    }
    let rows = fates.iter().map(|fate| match fate.reasons.is_empty() {
        true => vec![fate.id.clone(), "goes".to_owned(), String::new()],
        false => vec![fate.id.clone(), "stays".to_owned(), fate.reasons.join(", ")],
    });
    context.ui.print_listing(&Listing {
        headers: ["Backup", "Fate", "As"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Listing::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        let week = |day: &str| week(&format!("{day}T000000Z-000000"));
        assert_eq!(week("20261116"), week("20261122"));
        assert_ne!(week("20261122"), week("20261123"));
        assert_eq!(week("20251229"), week("20260104"));
        assert_ne!(week("20240229"), week("20240304"));
    }
}
