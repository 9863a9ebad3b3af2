//! What comments of dbwright's own say of a migration: lines of `-- dbwright: WORD VALUES`.

use std::ops::Range;

use super::name::Version;
use super::sections::{Wrong, comment, lines};

/// What the comments of a file ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    /// Outside of a transaction.
    pub no_transaction: bool,
    /// `${name}` stands for a value.
    pub placeholders: bool,
    /// As they are written: `5s`.
    pub lock_timeout: Option<String>,
    pub statement_timeout: Option<String>,
    /// The versions of migrations that must be done before it.
    pub depends: Vec<Version>,
    /// From where on the text is for some engines only, by their words; for all where there are
    /// none.
    pub engines: Vec<(usize, Vec<String>)>,
}

const KNOWN: &str = "the words are no-transaction, lock-timeout, statement-timeout, depends, engine, placeholders, allow, allow-in-file";

/// Reads them.
pub fn read(text: &str) -> Result<Directives, Wrong> {
    let mut found = Directives::default();
    for (line, at) in lines(text) {
        let Some(comment) = comment(line) else { continue };
        // The usual way to say it, for people who come without a tool.
        let said =
            comment.strip_prefix("dbwright:").or_else(|| comment.starts_with("depends:").then_some(comment));
        let Some(said) = said else { continue };
        let mut words = said.split([' ', '\t', ',', ':']).filter(|word| !word.is_empty());
        let word = words.next().unwrap_or_default();
        let values: Vec<&str> = words.collect();
        let wrong = |message| Err(Wrong { message, at: at.start });
        match (word, values.as_slice()) {
            ("no-transaction", []) => found.no_transaction = true,
            ("placeholders", []) => found.placeholders = true,
            ("lock-timeout", [value]) => found.lock_timeout = Some((*value).to_owned()),
            ("statement-timeout", [value]) => found.statement_timeout = Some((*value).to_owned()),
            ("lock-timeout" | "statement-timeout", _) => return wrong("a time-out is one duration: 5s"),
            ("depends", [_, ..]) => {
                let versions: Option<Vec<Version>> =
                    values.iter().map(|value| Version::parse(value)).collect();
                match versions {
                    Some(versions) => found.depends.extend(versions),
                    None => return wrong("a migration depends on others by their versions"),
                }
            }
            // What is allowed is read by itself, with its reason.
            ("allow" | "allow-in-file", _) => {}
            ("engine", ["all"]) => found.engines.push((at.end, Vec::new())),
            ("engine", [_, ..]) => {
                found.engines.push((at.end, values.iter().map(|value| value.to_lowercase()).collect()));
            }
            _ => return wrong(KNOWN),
        }
    }
    Ok(found)
}

impl Directives {
    /// The parts of a section that are for an engine which goes by these words. What is said before
    /// `head`, where the first section begins, holds for all sections; what is said in one, until it
    /// ends.
    pub fn parts(&self, section: Range<usize>, head: usize, names: &[&str]) -> Vec<Range<usize>> {
        let ours = |engines: &[String]| {
            engines.is_empty() || engines.iter().any(|each| names.contains(&each.as_str()))
        };
        let above = self.engines.iter().rev().find(|(at, _)| *at <= head);
        let mut borders = vec![(section.start, above.is_none_or(|(_, engines)| ours(engines)))];
        let inside =
            self.engines.iter().filter(|(at, _)| *at > section.start && *at <= section.end && *at > head);
        borders.extend(inside.map(|(at, engines)| (*at, ours(engines))));
        let ends = borders.iter().skip(1).map(|(at, _)| *at).chain([section.end]);
        let parts = borders.iter().zip(ends).filter(|((_, ours), _)| *ours);
        parts.map(|((start, _), end)| *start..end).filter(|part| part.start < part.end).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_say_how_it_is_run() {
        let text = "-- dbwright: no-transaction\n-- dbwright: lock-timeout 5s\n--depends: 3, 1.2\ncreate;\n-- dbwrights\n";
        let found = read(text).unwrap();
        assert!(found.no_transaction);
        assert_eq!((found.lock_timeout.as_deref(), found.statement_timeout), (Some("5s"), None));
        let depends: Vec<String> = found.depends.iter().map(ToString::to_string).collect();
        assert_eq!(depends, ["3", "1.2"]);
        assert_eq!(read("select '-- dbwright: x'").unwrap(), Directives::default());
    }

    #[test]
    fn wrong_words_are_told_with_their_place() {
        for (text, at) in [
            ("\n-- dbwright: no-transactions", 1),
            ("-- dbwright: lock-timeout", 0),
            ("-- depends: abc", 0),
            ("-- dbwright:", 0),
        ] {
            assert_eq!(read(text).unwrap_err().at, at, "{text}");
        }
    }

    #[test]
    fn parts_are_for_engines() {
        let text = "a;\n-- dbwright: engine Postgres\nb;\n-- dbwright: engine mysql mariadb\nc;\n-- dbwright: engine all\nd;\n";
        let found = read(text).unwrap();
        let of = |names: &[&str]| -> String {
            let parts = found.parts(0..text.len(), 0, names);
            parts
                .into_iter()
                .flat_map(|part| text[part].lines().filter(|line| !line.starts_with("--")))
                .collect()
        };
        assert_eq!(of(&["postgres"]), "a;b;d;");
        assert_eq!(of(&["mariadb"]), "a;c;d;");
        assert_eq!(of(&["sqlite"]), "a;d;");
        assert_eq!(found.parts(0..2, 0, &["sqlite"]), vec![Range { start: 0, end: 2 }]);
    }

    #[test]
    fn what_stands_above_the_sections_holds_for_all() {
        let text = "-- dbwright: engine sqlite\n-- up\na;\n-- dbwright: engine mysql\nb;\n-- down\nc;\n";
        let found = read(text).unwrap();
        let (up, down) = (text.find("a;").unwrap(), text.find("c;").unwrap());
        let of = |section: Range<usize>, name: &str| -> String {
            found.parts(section, up, &[name]).into_iter().map(|part| &text[part]).collect()
        };
        assert!(of(up..down, "sqlite").starts_with("a;") && !of(up..down, "sqlite").contains("b;"));
        assert!(of(up..down, "mysql").starts_with("b;"));
        assert_eq!(of(down..text.len(), "sqlite"), "c;\n");
        assert_eq!(of(down..text.len(), "mysql"), "");
    }
}
