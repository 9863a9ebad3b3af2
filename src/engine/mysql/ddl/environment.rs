//! The session's settings in a script: programs keep those they were made under, so each is made
//! under its own again.

use super::{Script, literal};
use crate::model::catalog::{Attribute, Name, attribute};
use crate::model::ddl::Section;

/// Settings that a script changes, and puts back at the end of each section.
const CHANGED: [&str; 7] = [
    "sql_mode",
    "character_set_client",
    "character_set_results",
    "collation_connection",
    "time_zone",
    "foreign_key_checks",
    "unique_checks",
];

/// What changes are made under: values that have no place are refused, not cut.
const CHANGE_MODE: &str = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION";

/// What a section begins with; tables and views are made under it.
const USUAL_MODE: &str = "NO_AUTO_VALUE_ON_ZERO";
const USUAL_ZONE: &str = "+00:00";

/// The settings that statements differ by, as they are at this place of the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    mode: String,
    zone: String,
    charset: String,
    /// Empty for the one that the character set brings.
    collation: String,
}

impl Default for Environment {
    fn default() -> Self {
        Environment {
            mode: USUAL_MODE.into(),
            zone: USUAL_ZONE.into(),
            charset: "utf8mb4".into(),
            collation: String::new(),
        }
    }
}

/// What a plan of changes begins with. Foreign keys are checked, or rows without a parent would
/// come in; and MariaDB keeps the earlier versions of rows when their table is altered.
pub fn for_changes(versioned: bool) -> Vec<String> {
    let mut kept = kept();
    let mut set =
        format!("SET sql_mode = '{CHANGE_MODE}', time_zone = '{USUAL_ZONE}', foreign_key_checks = 1");
    if versioned {
        kept.push_str(", @dbwright_alter_history = @@system_versioning_alter_history");
        set.push_str(", system_versioning_alter_history = 'KEEP'");
    }
    vec![kept, format!("SET NAMES utf8mb4 COLLATE {USUAL_COLLATION}"), set]
}

/// What a plan of changes ends with.
pub fn after_changes(versioned: bool) -> String {
    match versioned {
        true => put_back() + ", system_versioning_alter_history = @dbwright_alter_history",
        false => put_back(),
    }
}

fn kept() -> String {
    let kept: Vec<String> = CHANGED.iter().map(|name| format!("@dbwright_{name} = @@{name}")).collect();
    format!("SET {}", kept.join(", "))
}

fn put_back() -> String {
    let back: Vec<String> = CHANGED.iter().map(|name| format!("{name} = @dbwright_{name}")).collect();
    format!("SET {}", back.join(", "))
}

impl Environment {
    /// The settings of a plan of changes.
    pub fn of_changes() -> Self {
        Environment { mode: CHANGE_MODE.into(), ..Environment::default() }
    }

    /// The settings of a program with these attributes and this text.
    ///
    /// The text of a script is UTF-8. A program that was written in another character set keeps
    /// that one if it is plain ASCII; else it must be said to be UTF-8, as its letters would be
    /// read as others. What its strings become is decided by `collation_connection`, which stays.
    fn of(attributes: &[Attribute], sql: &str, usual: &Environment) -> Self {
        let value = |name| attribute(attributes, name).unwrap_or("");
        let charset = match value("character_set_client") {
            "" => "utf8mb4",
            charset @ ("utf8mb4" | "utf8mb3" | "utf8") => charset,
            charset if sql.is_ascii() => charset,
            _ => "utf8mb4",
        };
        Environment {
            mode: attribute(attributes, "sql_mode").map_or(usual.mode.clone(), str::to_owned),
            zone: match value("time_zone") {
                "" => usual.zone.clone(),
                zone => zone.to_owned(),
            },
            charset: charset.to_owned(),
            collation: value("collation_connection").to_owned(),
        }
    }

    /// The statement that leads here from `before`.
    fn change(&self, before: &Environment) -> Option<String> {
        let mut changes = Vec::new();
        let mut change = |name: &str, value: &str, had: &str| {
            if value != had {
                changes.push(format!("{name} = {}", literal(value)));
            }
        };
        change("sql_mode", &self.mode, &before.mode);
        change("time_zone", &self.zone, &before.zone);
        change("character_set_client", &self.charset, &before.charset);
        let usual =
            |collation: &str| if collation.is_empty() { USUAL_COLLATION } else { collation }.to_owned();
        change("collation_connection", &usual(&self.collation), &usual(&before.collation));
        (!changes.is_empty()).then(|| format!("SET {}", changes.join(", ")))
    }
}

/// The collation of a section's beginning, which every server of both kinds has.
const USUAL_COLLATION: &str = "utf8mb4_general_ci";

impl Script<'_> {
    /// Keeps what the user has, and sets what definitions are written for.
    pub fn begin(&mut self, section: Section) {
        self.section = section;
        self.environment = Environment::default();
        self.setting(kept());
        self.setting(format!("SET NAMES utf8mb4 COLLATE {USUAL_COLLATION}"));
        self.setting(format!(
            "SET sql_mode = '{USUAL_MODE}', time_zone = '{USUAL_ZONE}', foreign_key_checks = 0, unique_checks = 0"
        ));
    }

    /// Puts back what the user had; a section of settings alone is none.
    pub fn end(&mut self) {
        let section = self.section;
        if !self.pieces.iter().any(|piece| piece.section == section && piece.kind != SETTING) {
            self.pieces.retain(|piece| piece.section != section);
            return;
        }
        self.setting(put_back());
    }

    /// Sets what a program with these attributes and this text is to be made under.
    pub fn under_those(&mut self, attributes: &[Attribute], sql: &str) {
        self.under(Environment::of(attributes, sql, &self.usual));
    }

    /// Sets what the next statement is to be run under.
    pub fn under(&mut self, environment: Environment) {
        if let Some(sql) = environment.change(&self.environment) {
            self.setting(sql);
            self.environment = environment;
        }
    }

    fn setting(&mut self, sql: String) {
        self.push(SETTING, Name::default(), sql);
    }
}

const SETTING: &str = "setting";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::attribute as with;

    #[test]
    fn only_changes_are_written() {
        let attributes = [
            with("sql_mode", "ANSI_QUOTES"),
            with("character_set_client", "latin1"),
            with("collation_connection", "latin1_swedish_ci"),
        ];
        let usual = Environment::default();
        let plain = Environment::of(&attributes, "SELECT 'plain'", &usual);
        assert_eq!(
            plain.change(&usual).unwrap(),
            "SET sql_mode = 'ANSI_QUOTES', character_set_client = 'latin1', \
             collation_connection = 'latin1_swedish_ci'"
        );
        assert_eq!(plain.change(&plain), None);
        let letters = Environment::of(&attributes, "SELECT 'ä'", &usual);
        assert_eq!(letters.charset, "utf8mb4");
        assert_eq!(letters.collation, "latin1_swedish_ci");
        assert_eq!(Environment::of(&[], "", &usual).change(&usual), None);
        assert_eq!(
            Environment::of(&[with("sql_mode", "")], "", &usual).change(&usual).unwrap(),
            "SET sql_mode = ''"
        );
    }
}
