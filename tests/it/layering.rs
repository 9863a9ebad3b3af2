//! The rules of docs/architecture.md: who may import whom, where an engine may be named, and how
//! long a file may be.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Rooms and the rooms they may know. Everybody knows `error`; a room knows itself.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("main", &["cli", "engines"]),
    ("cli", &["commands", "config", "ui"]),
    ("commands", &["config", "definition", "engine", "migrations", "ui", "rules", "sql", "store", "model"]),
    ("config", &["model"]),
    ("definition", &["engine", "sql", "model"]),
    ("engine", &["sql", "model"]),
    ("engines", &["engine"]),
    ("migrations", &["sql", "model"]),
    ("store", &["model"]),
    ("ui", &["model"]),
    ("rules", &["sql", "model"]),
    ("sql", &["model"]),
    ("model", &[]),
    ("error", &[]),
];

/// Where engines may be told apart by name; everywhere else it is a missing method. A rule is about
/// what goes wrong on some engine.
const MAY_NAME_ENGINES: &[&str] = &["src/engine/", "src/config/", "src/rules/", "src/model/target.rs"];

const LONGEST_FILE: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` with that ending, as paths from the root.
fn sources(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The room a file belongs to: `src/engine/pool.rs` to `engine`.
fn room(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap();
    inside.split(['/', '.']).next().unwrap()
}

/// The rooms that a line of code reaches for by `crate::`.
fn reached(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    let mut rooms = Vec::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            // `use crate::{engine::Session, error::Result};`
            Some(list) => rooms.extend(list.split(',').map(first_word)),
            None => rooms.push(first_word(after)),
        }
    }
    rooms.retain(|room| !room.is_empty());
    rooms
}

fn first_word(text: &str) -> String {
    text.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The code of a file without its tests: those may look anywhere.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text)
}

/// The code as if all rooms were in one crate: `dbwright_core::model` and `dbwright_ui` are
/// `crate::model` and `crate::ui`.
fn as_one_crate(code: &str) -> String {
    let code = code.replace("dbwright::", "crate::").replace("dbwright_core::", "crate::");
    code.replace("dbwright_", "crate::")
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

#[test]
fn imports_go_one_way() {
    let rooms: BTreeSet<&str> = MAY_IMPORT.iter().map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    for path in sources("src", ".rs")
        .iter()
        .filter(|path| !is_test_file(path) && *path != "src/lib.rs" && *path != "src/core.rs")
    {
        let here = room(path);
        let (_, may) = MAY_IMPORT.iter().find(|(room, _)| *room == here).unwrap_or_else(|| {
            panic!("{path}: the room `{here}` is not in docs/architecture.md and this test");
        });
        let text = read(path);
        let code = as_one_crate(without_tests(&text));
        for (number, line) in code.lines().enumerate() {
            for there in reached(line) {
                let allowed = there == here || there == "error" || may.contains(&there.as_str());
                if rooms.contains(there.as_str()) && !allowed {
                    wrong.push(format!("{path}:{}: {}", number + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports against docs/architecture.md:\n{}", wrong.join("\n"));
}

/// The engines that a program has are those of the list: no other room asks for one of them.
#[test]
fn only_the_list_knows_the_engines() {
    let others = |path: &&String| !path.starts_with("src/engine/") && !path.starts_with("src/engines/");
    for path in sources("src", "Cargo.toml").iter().filter(others) {
        let text = read(path);
        for engine in ["mysql", "postgres", "sqlite"] {
            assert!(!text.contains(&format!("dbwright-{engine}")), "{path} knows dbwright-{engine}");
        }
        let used = text.split("[dev-dependencies]").next().unwrap_or_default();
        assert!(!used.contains("dbwright-engines"), "{path} knows the list of engines");
    }
}

/// What is not a default member is neither tested nor checked by `cargo test` and `cargo clippy`.
#[test]
fn every_package_is_a_default_member() {
    let root = read("Cargo.toml");
    let members = root.split("default-members").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    for manifest in sources("src", "Cargo.toml") {
        let folder = manifest.trim_end_matches("/Cargo.toml");
        assert!(members.contains(&format!("\"{folder}\"")), "{folder} is not in default-members");
    }
}

/// The release binary cannot: it has no tables to unwind by, and would abort (build.rs).
#[test]
fn nobody_makes_backtraces() {
    let manifest = read("Cargo.toml");
    let anyhow = manifest.lines().find(|line| line.starts_with("anyhow = ")).unwrap();
    assert!(anyhow.contains("default-features = false") && !anyhow.contains("\"std\""), "{anyhow}");
    for path in sources("src", ".rs") {
        assert!(!read(&path).contains("std::backtrace"), "{path} makes backtraces");
    }
    for path in sources("src", "Cargo.toml") {
        let own = read(&path).lines().any(|line| line.starts_with("anyhow") && !line.contains("workspace"));
        assert!(!own, "{path} has an anyhow of its own");
    }
}

#[test]
fn engines_are_told_apart_in_their_folders_only() {
    let mut wrong = Vec::new();
    let elsewhere = |path: &&String| !MAY_NAME_ENGINES.iter().any(|place| path.starts_with(place));
    for path in sources("src", ".rs").iter().filter(elsewhere).filter(|path| !is_test_file(path)) {
        let text = read(path);
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if ["EngineKind::Sqlite", "EngineKind::Postgres", "EngineKind::Mysql", "EngineKind::Mariadb"]
                .iter()
                .any(|name| code.contains(name))
            {
                wrong.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "an `if engine ==` is a missing method:\n{}", wrong.join("\n"));
}

#[test]
fn files_are_short_enough_to_read() {
    let files = [sources("src", ".rs"), sources("tests", ".rs")].concat();
    let lengths = files.iter().map(|path| (read(path).lines().count(), path));
    let long: Vec<_> = lengths.filter(|(lines, _)| *lines > LONGEST_FILE).collect();
    assert!(long.is_empty(), "longer than {LONGEST_FILE} lines: {long:?}");
}

/// Every variant of the table above is one that docs/architecture.md states.
#[test]
fn the_map_names_every_room() {
    let map = read("docs/architecture.md");
    for (room, _) in MAY_IMPORT.iter().filter(|(room, _)| *room != "main") {
        assert!(map.contains(&format!("src/{room}")), "docs/architecture.md does not tell of src/{room}");
    }
}
