//! SQLite databases: `sqlite:` URLs, `file:` URIs, and plain paths.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::problem::Problem;
use super::settings::{Key, Origin, Settings};
use super::url::{apply_query, decode};
use crate::model::target::EngineKind;

/// File endings by which people call SQLite databases.
const ENDINGS: [&str; 4] = ["db", "sqlite", "sqlite3", "db3"];

/// The first bytes of every SQLite database that is not empty.
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// A database that lives in memory only.
pub const MEMORY: &str = ":memory:";

/// Reads what follows `sqlite:` or `file:`.
pub fn parse_url(scheme: &str, rest: &str, origin: &Origin) -> Result<Settings, Problem> {
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let path = match path.strip_prefix("//") {
        // `file://HOST/path`: SQLite itself accepts no host but this machine.
        Some(path) if scheme.eq_ignore_ascii_case("file") => {
            let path = path.strip_prefix("localhost").filter(|path| path.starts_with('/')).unwrap_or(path);
            match path.starts_with('/') || path.is_empty() {
                true => path,
                false => {
                    return Err(Problem::new("a `file://` URI cannot name another host")
                        .hint(format!("write `file:{path}` or `file:///ABSOLUTE/PATH`")));
                }
            }
        }
        Some(path) => path,
        None => path,
    };
    let mut settings = Settings::new(EngineKind::Sqlite);
    let path = decode(path)?;
    if !path.is_empty() {
        settings.set(Key::Database, &path, origin)?;
    }
    if let Some(query) = query {
        apply_query(&mut settings, query, origin)?;
    }
    if path.is_empty() {
        return Err(Problem::new("the URL names no file")
            .hint("write `sqlite:FILE`, or `sqlite::memory:` for a database in memory"));
    }
    agree_on_read_only(&mut settings)?;
    Ok(settings)
}

/// `mode=ro` and `immutable` mean that nothing can be written; the other way round it is an error.
pub fn agree_on_read_only(settings: &mut Settings) -> Result<(), Problem> {
    let mode = settings.options.get("mode").cloned();
    let immutable = settings.options.get("immutable").filter(|setting| setting.value == "true").cloned();
    let read_only = mode.clone().filter(|setting| setting.value == "ro").or(immutable);
    if let Some(reason) = read_only {
        if settings.text(Key::ReadOnly) == Some("false") {
            return Err(Problem::new("`read_only = false` contradicts the mode of the file"));
        }
        return settings.set(Key::ReadOnly, "true", &reason.origin);
    }
    match mode {
        Some(mode) if mode.value == "rwc" && settings.is_true(Key::ReadOnly) => {
            Err(Problem::new("`read_only = true` contradicts `mode=rwc`"))
        }
        _ => Ok(()),
    }
}

/// Whether the database is in memory, so that its name is not a path.
pub fn is_in_memory(settings: &Settings) -> bool {
    settings.text(Key::Database) == Some(MEMORY)
        || settings.options.get("mode").is_some_and(|mode| mode.value == "memory")
}

/// Whether a plain argument means a SQLite file: by its ending, or since it is one.
pub fn is_database(argument: &str, cwd: &Path) -> bool {
    argument == MEMORY || has_ending(argument) || is_sqlite_file(&cwd.join(argument))
}

fn has_ending(argument: &str) -> bool {
    let ending = Path::new(argument).extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

fn is_sqlite_file(path: &Path) -> bool {
    let mut start = [0; HEADER.len()];
    path.is_file()
        && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && start == *HEADER
}

/// The settings for a plain path; nothing in it is decoded.
pub fn plain(path: &str, origin: &Origin) -> Result<Settings, Problem> {
    let mut settings = Settings::new(EngineKind::Sqlite);
    settings.set(Key::Database, path, origin)?;
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::url::parse;

    fn read(text: &str) -> Settings {
        parse(text, &Origin::Url("URL")).unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
    }

    #[test]
    fn paths_in_urls() {
        let cases = [
            ("sqlite:app.db", "app.db"),
            ("sqlite://rel.db", "rel.db"),
            ("sqlite://./rel.db", "./rel.db"),
            ("sqlite:///abs/app.db", "/abs/app.db"),
            ("sqlite:/abs/app.db", "/abs/app.db"),
            ("sqlite:~/app.db", "~/app.db"),
            ("sqlite::memory:", ":memory:"),
            ("sqlite://:memory:", ":memory:"),
            ("sqlite3:a.db", "a.db"),
            ("sqlite:with%20space%3F.db", "with space?.db"),
            ("sqlite:ünï.db", "ünï.db"),
            ("file:data.db", "data.db"),
            ("file:/home/fred/data.db", "/home/fred/data.db"),
            ("file:///home/fred/data.db", "/home/fred/data.db"),
            ("file://localhost/home/fred/data.db", "/home/fred/data.db"),
            ("file::memory:?cache=shared", ":memory:"),
            ("file:mem1?mode=memory&cache=shared", "mem1"),
            ("sqlite:a.db#x", "a.db"),
        ];
        for (text, path) in cases {
            let settings = read(text);
            assert_eq!(settings.engine, EngineKind::Sqlite, "{text}");
            assert_eq!(settings.text(Key::Database), Some(path), "{text}");
        }
    }

    #[test]
    fn parameters_of_urls() {
        let settings = read("sqlite:a.db?mode=ro&immutable=1&cache=private&busy_timeout=5s&foreign_keys=off");
        let options: Vec<String> =
            settings.options.iter().map(|(name, setting)| format!("{name}={}", setting.value)).collect();
        assert_eq!(options, ["cache=private", "foreign_keys=false", "immutable=true", "mode=ro"]);
        assert_eq!(settings.text(Key::LockTimeout), Some("5s"));
        assert!(settings.is_true(Key::ReadOnly));
        assert!(!read("sqlite:a.db?mode=rwc").is_true(Key::ReadOnly));
    }

    #[test]
    fn wrong_urls() {
        for (text, expected) in [
            ("sqlite:", "names no file"),
            ("sqlite://", "names no file"),
            ("sqlite:?mode=ro", "names no file"),
            ("file://host/x.db", "another host"),
            ("sqlite:a.db?mode=readonly", "mode: `readonly`"),
            ("sqlite:a.db?mode=rwc&read_only=true", "contradicts"),
            ("sqlite:a.db?mode=ro&read_only=false", "contradicts"),
            ("sqlite:a.db?sslmode=require", "SQLite has no parameter"),
            ("sqlite:a.db?connect_timeout=5s", "SQLite has no parameter"),
            ("sqlite:a.db?busy_timeout=5000", "is not a duration"),
        ] {
            let problem = parse(text, &Origin::Url("URL")).err().unwrap_or_else(|| panic!("{text}"));
            assert!(problem.message.contains(expected), "{text}: {}", problem.message);
        }
    }

    #[test]
    fn plain_paths_are_known_by_ending_or_header() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("really"), b"SQLite format 3\0 and more").unwrap();
        std::fs::write(folder.path().join("notes.txt"), b"no").unwrap();
        for (argument, expected) in [
            ("a.db", true),
            ("b/c.SQLITE3", true),
            ("d.db3", true),
            (":memory:", true),
            ("really", true),
            ("notes.txt", false),
            ("prod", false),
            (".db", false),
        ] {
            assert_eq!(is_database(argument, folder.path()), expected, "{argument}");
        }
    }
}
