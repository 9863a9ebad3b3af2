//! Files and history side by side: what is applied, what is not, and what does not fit.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::name::Version;

/// A migration of the folder, as far as its state depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub id: Id,
    pub name: String,
    pub checksum: String,
}

/// What a migration is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Id {
    Version(Version),
    /// One that is repeated when it changes, by its name; after all others.
    Repeatable(String),
}

impl Id {
    /// Whether it is repeated when it changes, and so is never taken back.
    pub fn is_repeatable(&self) -> bool {
        matches!(self, Id::Repeatable(_))
    }

    /// As it is written in the history.
    pub fn read(text: &str) -> Option<Id> {
        match text.strip_prefix("R ") {
            Some(name) => Some(Id::Repeatable(name.to_owned())),
            None => Version::parse(text).map(Id::Version),
        }
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Id::Version(version) => version.fmt(f),
            Id::Repeatable(name) => write!(f, "R {name}"),
        }
    }
}

/// A row of the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// As it stands in the history.
    pub id: String,
    pub name: String,
    /// It stands for itself and all versions before it, which were there before dbwright was.
    pub baseline: bool,
    /// None when it was not known, as after taking over the history of another tool.
    pub checksum: Option<String>,
    /// All its statements took effect.
    pub applied: bool,
    /// It is being taken back: `statements` and `done` count those that do that.
    pub undo: bool,
    /// How many statements it has, and how many of them took effect.
    pub statements: u64,
    pub done: u64,
    /// Its place among all that were applied, from 1.
    pub position: u64,
    pub started_at: String,
    pub duration_ms: u64,
    pub by_user: String,
    pub by_host: String,
    pub tool_version: String,
    /// What takes it back, a statement per element.
    pub down: Vec<String>,
    /// What the object that statement `done + 1` changes was like before it was sent, when it is not
    /// known whether it took effect.
    pub doubt: Option<String>,
}

/// Where a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Applied,
    Pending,
    /// Not applied, and later ones are.
    OutOfOrder,
    /// Applied, and edited since.
    Changed,
    /// Applied, and its file is gone.
    Missing,
    /// A part of it took effect.
    Partial,
    /// Repeatable, and not applied as it is now.
    Due,
    /// Stands before the baseline.
    BelowBaseline,
    Baseline,
}

/// A migration, with what is known of it on either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: Id,
    pub name: String,
    pub state: State,
    /// Its place in the list of the folder.
    pub file: Option<usize>,
    /// Its place in the history.
    pub record: Option<usize>,
}

/// Brings both together, in the order of the folder; what only the history has stands where its
/// version belongs.
pub fn join(wanted: &[&Wanted], history: &[Record]) -> Vec<Entry> {
    let ids: Vec<Option<Id>> = history.iter().map(|record| Id::read(&record.id)).collect();
    let baseline = history.iter().zip(&ids).filter(|(record, _)| record.baseline);
    let baseline = baseline.filter_map(|(_, id)| id.as_ref()).max();
    let last = history.iter().zip(&ids).filter(|(record, _)| record.applied || record.done > 0);
    let last = last.filter_map(|(_, id)| id.as_ref()).filter(|id| matches!(id, Id::Version(_))).max();
    let known_ids: BTreeMap<&Id, usize> =
        ids.iter().enumerate().filter_map(|(at, id)| Some((id.as_ref()?, at))).collect();
    let wanted_ids: BTreeSet<&Id> = wanted.iter().map(|each| &each.id).collect();
    let mut entries: Vec<Entry> = Vec::new();
    for (file, each) in wanted.iter().enumerate() {
        let record = known_ids.get(&each.id).copied();
        let state = match record.map(|at| &history[at]) {
            Some(record) => known(each, record),
            None if baseline.is_some_and(|baseline| each.id <= *baseline) => State::BelowBaseline,
            None if matches!(each.id, Id::Repeatable(_)) => State::Due,
            None if last.is_some_and(|last| each.id < *last) => State::OutOfOrder,
            None => State::Pending,
        };
        entries.push(Entry { id: each.id.clone(), name: each.name.clone(), state, file: Some(file), record });
    }
    for (at, (record, id)) in history.iter().zip(&ids).enumerate() {
        let Some(id) = id else { continue };
        if wanted_ids.contains(id) {
            continue;
        }
        let state = match (record.baseline, record.applied) {
            (true, _) => State::Baseline,
            (false, true) => State::Missing,
            (false, false) => State::Partial,
        };
        let entry = Entry { id: id.clone(), name: record.name.clone(), state, file: None, record: Some(at) };
        let place = entries.iter().position(|each| each.id > *id).unwrap_or(entries.len());
        entries.insert(place, entry);
    }
    entries
}

fn known(wanted: &Wanted, record: &Record) -> State {
    let same = record.checksum.as_ref().is_none_or(|checksum| *checksum == wanted.checksum);
    match (record.baseline, record.applied, same, &wanted.id) {
        (true, ..) => State::Baseline,
        (_, false, ..) => State::Partial,
        (_, _, true, _) => State::Applied,
        (_, _, false, Id::Repeatable(_)) => State::Due,
        (_, _, false, Id::Version(_)) => State::Changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(ids: &[&str]) -> Vec<Wanted> {
        let one = |id: &&str| Wanted { id: Id::read(id).unwrap(), name: "n".into(), checksum: "sum".into() };
        ids.iter().map(one).collect()
    }

    fn record(id: &str) -> Record {
        Record { id: id.into(), checksum: Some("sum".into()), applied: true, ..Record::default() }
    }

    fn told(wanted: &[Wanted], history: &[Record]) -> Vec<(String, State)> {
        let wanted: Vec<&Wanted> = wanted.iter().collect();
        join(&wanted, history).into_iter().map(|entry| (entry.id.to_string(), entry.state)).collect()
    }

    #[test]
    fn each_stands_somewhere() {
        use State::{Applied, Baseline, BelowBaseline, Changed, Due, Missing, OutOfOrder, Partial, Pending};
        let history = [
            Record { baseline: true, ..record("2") },
            record("003"),
            Record { checksum: Some("other".into()), ..record("4") },
            record("6"),
            Record { applied: false, done: 1, ..record("7") },
            Record { checksum: None, ..record("8") },
            Record { checksum: Some("other".into()), ..record("R views") },
        ];
        let told = told(&wanted(&["1", "3", "4", "5", "7", "8", "9", "R new", "R views"]), &history);
        let expected = [
            ("1", BelowBaseline),
            ("2", Baseline),
            ("3", Applied),
            ("4", Changed),
            ("5", OutOfOrder),
            ("6", Missing),
            ("7", Partial),
            ("8", Applied),
            ("9", Pending),
            ("R new", Due),
            ("R views", Due),
        ];
        assert_eq!(told, expected.map(|(id, state)| (id.to_owned(), state)));
    }
}
