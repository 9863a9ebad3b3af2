//! What the name of a file says of a migration.

use std::cmp::Ordering;
use std::fmt;

/// The version of a migration: numbers with points between them, compared as numbers.
#[derive(Debug, Clone)]
pub struct Version(Vec<u64>);

impl Version {
    /// `20260102030405`, `1.2`, `1_2`.
    pub(super) fn parse(text: &str) -> Option<Version> {
        text.split(['.', '_']).map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>().map(Version)
    }

    /// `1.0` is `1`.
    fn counted(&self) -> &[u64] {
        let end = self.0.iter().rposition(|part| *part != 0).map_or(0, |last| last + 1);
        &self.0[..end]
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.0.as_slice(), other.0.as_slice()) {
            ([one], [other]) => one.cmp(other),
            _ => self.counted().cmp(other.counted()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.0.iter().enumerate() {
            let point = if at == 0 { "" } else { "." };
            write!(f, "{point}{part}")?;
        }
        Ok(())
    }
}

/// How the names of a folder's files are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `1_name.sql`: up and down stand in one file, or there is no down.
    Numbered,
    /// `1_name.up.sql` and `1_name.down.sql`: golang-migrate, sqlx; `1_name/up.sql` and
    /// `1_name/down.sql`: Diesel.
    UpDown,
    /// `V1__name.sql`, `U1__name.sql`, `B1__name.sql`, `R__name.sql`: Flyway, refinery.
    Flyway,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Up,
    Down,
    /// Stands for all versions up to its own.
    Baseline,
    /// Runs after all others whenever it has changed.
    Repeatable,
}

/// The parts of a file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    pub naming: Naming,
    pub role: Role,
    /// None for what is repeatable, and for a number beyond all bounds.
    pub version: Option<Version>,
    pub name: String,
}

/// Reads a name; None when no migration is called so.
pub fn parse(file: &str) -> Option<FileName> {
    if let Some((folder, leaf)) = file.split_once('/') {
        return diesel(folder, leaf);
    }
    let stem = strip_ending(file, ".sql")?;
    flyway(stem).or_else(|| numbered(stem))
}

/// `2026-01-02-030405_add_film/up.sql`: the digits before the first `_` are the version.
fn diesel(folder: &str, leaf: &str) -> Option<FileName> {
    let role = match leaf {
        "up.sql" => Role::Up,
        "down.sql" => Role::Down,
        _ => return None,
    };
    let (number, name) = folder.split_once('_').unwrap_or((folder, ""));
    let digits: String = number.chars().filter(|letter| *letter != '-').collect();
    if digits.is_empty() || !digits.bytes().all(|letter| letter.is_ascii_digit()) {
        return None;
    }
    let version = Version::parse(&digits);
    Some(FileName { naming: Naming::UpDown, role, version, name: name.to_owned() })
}

fn strip_ending<'a>(text: &'a str, ending: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(ending.len())?;
    let (start, end) = text.split_at_checked(at)?;
    end.eq_ignore_ascii_case(ending).then_some(start)
}

fn flyway(stem: &str) -> Option<FileName> {
    let (head, name) = stem.split_once("__")?;
    let (letter, version) = head.split_at_checked(1)?;
    let role = match (letter, version.is_empty()) {
        ("V", false) => Role::Up,
        ("U", false) => Role::Down,
        ("B", false) => Role::Baseline,
        ("R", true) => Role::Repeatable,
        _ => return None,
    };
    if !version.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '_')) {
        return None;
    }
    let version = Version::parse(version);
    Some(FileName { naming: Naming::Flyway, role, version, name: name.replace('_', " ") })
}

fn numbered(stem: &str) -> Option<FileName> {
    let digits = stem.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let (number, rest) = stem.split_at(digits);
    let ending = |ending| strip_ending(rest, ending);
    let (naming, role, rest) = match (ending(".up"), ending(".down")) {
        (Some(rest), _) => (Naming::UpDown, Role::Up, rest),
        (_, Some(rest)) => (Naming::UpDown, Role::Down, rest),
        _ => (Naming::Numbered, Role::Up, rest),
    };
    let name = rest.trim_start_matches(['_', '-', '.']).to_owned();
    Some(FileName { naming, role, version: Version::parse(number), name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_file_is() {
        use Naming::{Flyway, Numbered, UpDown};
        for (file, expected) in [
            ("20260102030405_add_film.sql", Some((Numbered, Role::Up, "20260102030405", "add_film"))),
            ("0001.sql", Some((Numbered, Role::Up, "1", ""))),
            ("3-x.SQL", Some((Numbered, Role::Up, "3", "x"))),
            ("1_a.up.sql", Some((UpDown, Role::Up, "1", "a"))),
            ("1_a.down.sql", Some((UpDown, Role::Down, "1", "a"))),
            ("2026-01-02-030405_add_film/up.sql", Some((UpDown, Role::Up, "20260102030405", "add_film"))),
            (
                "00000000000000_diesel_initial_setup/down.sql",
                Some((UpDown, Role::Down, "0", "diesel_initial_setup")),
            ),
            ("notes/up.sql", None),
            ("1_a/other.sql", None),
            ("V1.2__add_film.sql", Some((Flyway, Role::Up, "1.2", "add film"))),
            ("V1_2__a__b.sql", Some((Flyway, Role::Up, "1.2", "a  b"))),
            ("U1__a.sql", Some((Flyway, Role::Down, "1", "a"))),
            ("B7__a.sql", Some((Flyway, Role::Baseline, "7", "a"))),
            ("R__views.sql", Some((Flyway, Role::Repeatable, "", "views"))),
            ("schema.sql", None),
            ("1_a.txt", None),
            ("Vx__a.sql", None),
            ("ä__b.sql", None),
            (".sql", None),
            ("", None),
        ] {
            let told = parse(file);
            let told = told.as_ref().map(|told| {
                let version = told.version.as_ref().map(ToString::to_string).unwrap_or_default();
                (told.naming, told.role, version, told.name.as_str())
            });
            let expected =
                expected.map(|(naming, role, version, name)| (naming, role, version.to_owned(), name));
            assert_eq!(told, expected, "{file}");
        }
        let beyond = parse("99999999999999999999999_x.sql").unwrap();
        assert_eq!(beyond.version, None);
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("2") < version("10"));
        assert!(version("1.2") < version("1.10"));
        assert!(version("1") < version("1.1"));
        assert_eq!(version("1.0"), version("1"));
        assert_eq!(version("0"), version("0.0"));
        assert_eq!(Version::parse("1..2"), None);
    }
}
