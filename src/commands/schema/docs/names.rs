//! File names and anchors: ASCII, safe on every system, and the same as long as the names are.

use std::collections::HashMap;
use std::hash::Hasher;

use crate::model::catalog::{Catalog, Kind, ObjectId};

/// The longest name that is used as it is.
const LONGEST: usize = 80;

/// The folder and the file name, without its end, of every object.
#[derive(Debug)]
pub struct Names {
    names: Vec<String>,
    folders: Vec<String>,
}

impl Names {
    pub fn of(catalog: &Catalog) -> Self {
        let folders: Vec<String> =
            catalog.objects.iter().map(|object| plural(object.kind()).replace(' ', "-")).collect();
        let whole: Vec<String> = catalog
            .objects
            .iter()
            .map(|object| match &object.signature {
                Some(signature) => format!("{}({signature})", object.name),
                None => object.name.to_string(),
            })
            .collect();
        let mut names: Vec<String> = whole.iter().map(|name| safe(name)).collect();
        // Names that some file system takes for one get a part of their own.
        let mut seen: HashMap<(&str, String), Vec<usize>> = HashMap::new();
        for (at, name) in names.iter().enumerate() {
            seen.entry((&folders[at], name.to_lowercase())).or_default().push(at);
        }
        for group in seen.into_values().filter(|group| group.len() > 1) {
            for at in group {
                if names[at] == whole[at] && names[at] == names[at].to_lowercase() {
                    continue;
                }
                names[at] = format!("{}-{}", names[at], mark(&whole[at]));
            }
        }
        Names { names, folders }
    }

    /// `tables/actor.md`
    pub fn file(&self, id: ObjectId) -> String {
        format!("{}/{}.md", self.folders[id.0 as usize], self.names[id.0 as usize])
    }

    /// `tables-actor`
    pub fn anchor(&self, id: ObjectId) -> String {
        format!("{}-{}", self.folders[id.0 as usize], self.names[id.0 as usize])
    }
}

/// Letters, digits and a few signs of ASCII. A name that loses something on the way gets a mark of
/// what it was, so that two names stay two.
fn safe(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        match letter {
            '_' | '-' | '.' => out.push(letter),
            _ if letter.is_ascii_alphanumeric() => out.push(letter),
            _ if out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    out.truncate(LONGEST);
    let trimmed = out.trim_matches(['-', '.']);
    match trimmed == name && !trimmed.is_empty() && !is_reserved(trimmed) {
        true => out,
        false if trimmed.is_empty() => mark(name),
        false if is_reserved(trimmed) => format!("_{trimmed}-{}", mark(name)),
        false => format!("{trimmed}-{}", mark(name)),
    }
}

/// Names that Windows keeps for devices, with whatever end.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|digit: char| digit.is_ascii_digit()))
}

/// Eight digits of a hash (FNV-1a) that stays the same between versions and machines.
fn mark(name: &str) -> String {
    struct Fnv(u64);
    impl Hasher for Fnv {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.write(name.as_bytes());
    format!("{:08x}", (hash.finish() >> 32) ^ (hash.finish() & 0xffff_ffff))
}

/// The word for several objects of a kind.
pub fn plural(kind: Kind) -> String {
    let word = kind.word();
    match word.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if word.ends_with('s') && !word.ends_with("ss") => word.to_owned(),
        None if word.ends_with('s') => format!("{word}es"),
        None => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Detail, Name, Object, Table};
    use crate::model::target::EngineKind;

    fn files(names: &[&str]) -> Vec<String> {
        let mut catalog = Catalog::empty(EngineKind::Sqlite);
        for name in names {
            catalog.objects.push(Object::new(Name::new("", *name), Detail::Table(Table::default())));
        }
        let files = Names::of(&catalog);
        catalog.iter().map(|(id, _)| files.file(id)).collect()
    }

    #[test]
    fn plain_names_are_kept() {
        assert_eq!(files(&["actor", "Film-2.x"]), ["tables/actor.md", "tables/Film-2.x.md"]);
    }

    #[test]
    fn odd_names_stay_inside_the_folder_and_apart() {
        let odd = [
            "../../etc/passwd",
            "a/b",
            "a\\b",
            "a b",
            "🦀",
            "🐘",
            "",
            ".",
            "con",
            "nul.x",
            "x\0y",
            &"ä".repeat(300),
        ];
        let files = files(&odd);
        for file in &files {
            let name = file.strip_prefix("tables/").unwrap().strip_suffix(".md").unwrap();
            assert!(
                !name.is_empty() && name.len() < 100 && !name.starts_with('.') && !is_reserved(name),
                "{file}"
            );
            assert!(
                name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter)),
                "{file}"
            );
        }
        let different: std::collections::HashSet<String> =
            files.iter().map(|file| file.to_lowercase()).collect();
        assert_eq!(different.len(), odd.len());
    }

    #[test]
    fn names_that_differ_in_case_alone_are_different_files() {
        let files = files(&["order", "Order", "ORDER"]);
        assert_eq!(files[0], "tables/order.md");
        let different: std::collections::HashSet<String> =
            files.iter().map(|file| file.to_lowercase()).collect();
        assert_eq!(different.len(), 3);
    }

    #[test]
    fn plurals_are_english() {
        assert_eq!(plural(Kind::OperatorFamily), "operator families");
        assert_eq!(plural(Kind::OperatorClass), "operator classes");
        assert_eq!(plural(Kind::DefaultPrivileges), "default privileges");
        assert_eq!(plural(Kind::Statistics), "statistics");
        assert_eq!(plural(Kind::TextSearchDictionary), "text search dictionaries");
    }
}
