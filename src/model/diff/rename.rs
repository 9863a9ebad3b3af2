//! What looks as if it had only been given another name. Nothing follows from it by itself: a guess
//! that is wrong would carry rows into a table or column that they do not belong to.

use super::{Change, Step, What};
use crate::model::catalog::{Catalog, Column, Name, Object, Table};
use crate::model::plan::Rename;

/// The share of its columns that a renamed table must have kept.
const SAME_COLUMNS: f64 = 0.7;
/// How much two names must have in common to be taken for one that was changed.
const NEAR_NAMES: f64 = 0.5;
/// What standing at the same place adds to that.
const SAME_PLACE: f64 = 0.25;

/// A guess, and how sure it is.
struct Guess {
    from: usize,
    to: usize,
    score: f64,
}

/// The tables and columns among the changes that may have been renamed.
pub fn proposals(from: &Catalog, to: &Catalog, changes: &[Change]) -> Vec<Rename> {
    let mut found = tables(from, to, changes);
    for change in changes {
        let Change::Alter { from: old, to: new, parts } = change else { continue };
        let (old, new) = (from.get(*old), to.get(*new));
        let (Some(before), Some(after)) = (old.as_table(), new.as_table()) else { continue };
        let named = |comes: bool| {
            let parts = parts.iter().filter(move |part| match &part.step {
                Step::Add { .. } => comes,
                Step::Drop { .. } => !comes,
                Step::Alter { .. } => false,
            });
            parts.filter(|part| part.what == What::Column).map(|part| part.name.as_str()).collect::<Vec<_>>()
        };
        found.extend(columns(&old.name, before, after, &named(false), &named(true)));
    }
    found
}

fn tables(from: &Catalog, to: &Catalog, changes: &[Change]) -> Vec<Rename> {
    let plain = |object: &&Object| {
        object.as_table().is_some_and(|table| table.foreign.is_none() && table.partition_of.is_none())
    };
    let gone = changes.iter().filter_map(|change| match change {
        Change::Drop { from: id } => Some(from.get(*id)),
        _ => None,
    });
    let come = changes.iter().filter_map(|change| match change {
        Change::Create { to: id } => Some(to.get(*id)),
        _ => None,
    });
    let (gone, come): (Vec<&Object>, Vec<&Object>) =
        (gone.filter(plain).collect(), come.filter(plain).collect());
    let score = |old: &Object, new: &Object| {
        let kept = kept(old.columns(), new.columns());
        let same = old.name.schema == new.name.schema && kept >= SAME_COLUMNS;
        // Many tables are an id and a name: their own names must be near too.
        let telling = old.columns().len() > 3 || near(&old.name.name, &new.name.name) >= NEAR_NAMES;
        (same && telling).then(|| kept + near(&old.name.name, &new.name.name))
    };
    let pairs = best(gone.len(), come.len(), |one, other| score(gone[one], come[other]));
    pairs
        .into_iter()
        .map(|(one, other)| Rename {
            table: gone[one].name.clone(),
            column: None,
            to: come[other].name.name.clone(),
        })
        .collect()
}

fn columns(table: &Name, before: &Table, after: &Table, gone: &[&str], come: &[&str]) -> Vec<Rename> {
    let place = |columns: &[Column], name: &str| columns.iter().position(|column| column.name == name);
    let score = |old: &str, new: &str| {
        let (at, then) = (place(&before.columns, old)?, place(&after.columns, new)?);
        let (one, other) = (&before.columns[at], &after.columns[then]);
        if !one.ty.eq_ignore_ascii_case(&other.ty) || one.generated.is_some() != other.generated.is_some() {
            return None;
        }
        let near = near(old, new);
        let place = at == then;
        let score = near + if place { SAME_PLACE } else { 0.0 };
        (place || near >= NEAR_NAMES).then_some(score)
    };
    let pairs = best(gone.len(), come.len(), |one, other| score(gone[one], come[other]));
    pairs
        .into_iter()
        .map(|(one, other)| Rename {
            table: table.clone(),
            column: Some(gone[one].to_owned()),
            to: come[other].to_owned(),
        })
        .collect()
}

/// The pairs of the best guesses, each side in one at most, in the order of the first side.
fn best(gone: usize, come: usize, score: impl Fn(usize, usize) -> Option<f64>) -> Vec<(usize, usize)> {
    let all = (0..gone).flat_map(|from| (0..come).map(move |to| (from, to)));
    let mut guesses: Vec<Guess> =
        all.filter_map(|(from, to)| Some(Guess { from, to, score: score(from, to)? })).collect();
    guesses.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.from.cmp(&b.from)).then(a.to.cmp(&b.to)));
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for guess in guesses {
        if !taken.iter().any(|(from, to)| *from == guess.from || *to == guess.to) {
            taken.push((guess.from, guess.to));
        }
    }
    taken.sort_unstable();
    taken
}

/// The share of columns that both have, by name and type.
fn kept(old: &[Column], new: &[Column]) -> f64 {
    let same = |column: &&Column| new.iter().any(|each| each.name == column.name && each.ty == column.ty);
    let most = old.len().max(new.len()).max(1);
    old.iter().filter(same).count() as f64 / most as f64
}

/// 1 for the same name, 0 for names that have nothing in common; one within the other is near.
fn near(old: &str, new: &str) -> f64 {
    let (old, new) = (old.to_lowercase(), new.to_lowercase());
    let within = old.len() > 2 && new.len() > 2 && (old.contains(&new) || new.contains(&old));
    let alike = strsim::normalized_damerau_levenshtein(&old, &new);
    if within { alike.max(NEAR_NAMES) } else { alike }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Detail;
    use crate::model::diff::diff;
    use crate::model::target::EngineKind;

    fn catalog(tables: &[(&str, &[&str])]) -> Catalog {
        let mut catalog = Catalog::empty(EngineKind::Postgres);
        catalog.objects = tables
            .iter()
            .map(|(name, columns)| {
                let columns = columns.iter().map(|column| {
                    let (name, ty) = column.split_once(' ').unwrap();
                    Column { name: name.into(), ty: ty.into(), nullable: true, ..Column::default() }
                });
                let table = Table { columns: columns.collect(), ..Table::default() };
                Object::new(Name::new("", *name), Detail::Table(table))
            })
            .collect();
        catalog.sort();
        catalog
    }

    fn told(from: &[(&str, &[&str])], to: &[(&str, &[&str])]) -> Vec<String> {
        let (from, to) = (catalog(from), catalog(to));
        let found = proposals(&from, &to, &diff(&from, &to));
        found
            .iter()
            .map(|rename| match &rename.column {
                Some(column) => format!("{}.{column}={}", rename.table, rename.to),
                None => format!("{}={}", rename.table, rename.to),
            })
            .collect()
    }

    #[test]
    fn columns_of_one_type_at_one_place_or_with_near_names() {
        let one = |from: &[&str], to: &[&str]| told(&[("t", from)], &[("t", to)]);
        assert_eq!(one(&["id int", "name text"], &["id int", "title text"]), ["t.name=title"]);
        assert_eq!(one(&["id int", "name text"], &["id int", "title int"]), [""; 0]);
        assert_eq!(
            one(&["phone text", "a int"], &["a int", "b int", "telephone text"]),
            ["t.phone=telephone"]
        );
        assert_eq!(one(&["x text", "a int"], &["a int", "b int", "yyy text"]), [""; 0]);
        assert_eq!(
            one(&["first text", "last text"], &["first_name text", "last_name text"]),
            ["t.first=first_name", "t.last=last_name"]
        );
        // One that goes and two that may be it: the nearer one.
        assert_eq!(one(&["id int", "name text"], &["id int", "note text", "names text"]), ["t.name=names"]);
    }

    #[test]
    fn tables_that_kept_their_columns() {
        let columns: &[&str] = &["id int", "title text", "year int", "length int"];
        assert_eq!(told(&[("film", columns)], &[("movie", columns)]), ["film=movie"]);
        assert_eq!(told(&[("film", columns)], &[("movie", &columns[..2])]), [""; 0]);
        let small: &[&str] = &["id int", "name text"];
        assert_eq!(told(&[("country", small)], &[("genre", small)]), [""; 0]);
        assert_eq!(told(&[("genre", small)], &[("genres", small)]), ["genre=genres"]);
        assert_eq!(
            told(&[("a_x", columns), ("b_x", columns)], &[("b_y", columns), ("a_y", columns)]),
            ["a_x=a_y", "b_x=b_y"]
        );
    }
}
