//! The tables `[lint]` and `[profile.NAME.lint]`: how much rules matter, and what is waived.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;
use super::source::Source;
use crate::error::{Error, Kind};
use crate::model::finding::{LintSettings, RuleSetting, Severity, Waiver};

/// A `lint` table as it is written; rules are kept with their places until it is known which
/// there are.
#[derive(Debug, Clone, Default)]
pub struct LintBlock {
    rules: Vec<(Named, RuleSetting)>,
    waivers: Vec<(Named, Waiver)>,
}

/// The name of a rule, and the byte where it is written.
#[derive(Debug, Clone)]
struct Named {
    rule: String,
    at: usize,
}

type Key<'a, 'i> = &'a Spanned<Cow<'i, str>>;
type Value<'a, 'i> = &'a Spanned<DeValue<'i>>;

/// Reads a `lint` table; `complain` hears what is wrong with it, with the byte.
pub fn read(source: &Source, table: &DeTable<'_>, complain: &mut dyn FnMut(usize, Problem)) -> LintBlock {
    let mut reader = Reader { source, complain, block: LintBlock::default() };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "rules" => reader.rules(value),
            "waive" => reader.waivers(value),
            word => {
                let problem = Problem::new(format!("unknown key `{word}` in `lint`"));
                reader.complain(key, problem.suggest(word, ["rules", "waive"]));
            }
        }
    }
    reader.block
}

impl LintBlock {
    /// The settings, if every rule that they name is one of `known`.
    pub fn settings(&self, source: &Source, known: &[&str]) -> Result<LintSettings, Vec<Error>> {
        let names = self.rules.iter().map(|(name, _)| name).chain(self.waivers.iter().map(|(name, _)| name));
        let wrong: Vec<Error> = names
            .filter(|name| !known.contains(&name.rule.as_str()))
            .map(|name| {
                let problem = Problem::new(format!("there is no rule `{}`", name.rule));
                let near = crate::error::nearest(&name.rule, known.iter().copied());
                let problem = match near {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem.hint("`dbwright schema lint --rules` lists them"),
                };
                problem.into_error(Kind::Config).at(source.at(name.at))
            })
            .collect();
        match wrong.is_empty() {
            true => Ok(LintSettings {
                rules: self.rules.iter().map(|(name, setting)| (name.rule.clone(), *setting)).collect(),
                waivers: self.waivers.iter().map(|(_, waiver)| waiver.clone()).collect(),
            }),
            false => Err(wrong),
        }
    }
}

struct Reader<'a> {
    source: &'a Source,
    complain: &'a mut dyn FnMut(usize, Problem),
    block: LintBlock,
}

impl Reader<'_> {
    fn complain<T>(&mut self, place: &Spanned<T>, problem: Problem) {
        (self.complain)(place.span().start, problem);
    }

    fn rules(&mut self, value: Value<'_, '_>) {
        let Some(table) = value.get_ref().as_table() else {
            let kind = value.get_ref().type_str();
            let problem = Problem::new(format!("`rules` must be a table, not {kind}"))
                .hint("write `rules = { \"no-primary-key\" = \"off\" }`");
            return self.complain(value, problem);
        };
        for (key, value) in table {
            match setting(value.get_ref()) {
                Ok(setting) => self.block.rules.push((named(key), setting)),
                Err(problem) => self.complain(value, problem),
            }
        }
    }

    fn waivers(&mut self, value: Value<'_, '_>) {
        let Some(waivers) = value.get_ref().as_array() else {
            let problem = Problem::new("`waive` must be a list of tables");
            return self.complain(value, problem.hint("write `[[lint.waive]]` above each waiver"));
        };
        for waiver in waivers.iter() {
            match waiver.get_ref().as_table() {
                Some(table) => self.waiver(waiver, table),
                None => {
                    let kind = waiver.get_ref().type_str();
                    self.complain(waiver, Problem::new(format!("a waiver must be a table, not {kind}")));
                }
            }
        }
    }

    fn waiver(&mut self, place: Value<'_, '_>, table: &DeTable<'_>) {
        let mut rule = None;
        let mut waiver = Waiver {
            rule: String::new(),
            object: String::new(),
            reason: String::new(),
            until: None,
            at: String::new(),
        };
        let mut is_right = true;
        for (key, value) in table {
            let word = key.get_ref().as_ref();
            let read = match word {
                "until" => date(value.get_ref()).map(|day| waiver.until = Some(day)),
                "rule" => text(word, value.get_ref())
                    .map(|text| rule = Some(Named { rule: text, at: value.span().start })),
                "object" => text(word, value.get_ref()).map(|text| waiver.object = text),
                "reason" => text(word, value.get_ref()).map(|text| waiver.reason = text),
                _ => {
                    let problem = Problem::new(format!("unknown key `{word}` in a waiver"));
                    self.complain(key, problem.suggest(word, ["rule", "object", "reason", "until"]));
                    continue;
                }
            };
            if let Err(problem) = read {
                self.complain(value, problem);
                is_right = false;
            }
        }
        for (word, hint) in [
            ("rule", "name the rule whose finding is waived"),
            ("object", "name the object, or a pattern such as `public.legacy_*`"),
            ("reason", "say why this is left as it is"),
        ] {
            if !table.iter().any(|(key, _)| key.get_ref() == word) {
                self.complain(place, Problem::new(format!("a waiver needs `{word}`")).hint(hint));
                is_right = false;
            }
        }
        if let (Some(rule), true) = (rule, is_right) {
            let line = self.source.at(rule.at).line;
            waiver.at = format!("{}:{line}", self.source.name);
            waiver.rule.clone_from(&rule.rule);
            self.block.waivers.push((rule, waiver));
        }
    }
}

fn named(key: Key<'_, '_>) -> Named {
    Named { rule: key.get_ref().to_string(), at: key.span().start }
}

fn setting(value: &DeValue<'_>) -> Result<RuleSetting, Problem> {
    let words = || std::iter::once("off").chain(Severity::ALL.map(Severity::word));
    let Some(word) = value.as_str() else {
        let problem = Problem::new(format!("a rule is set to a word, not {}", value.type_str()));
        return Err(problem.hint(format!("known: {}", words().collect::<Vec<_>>().join(", "))));
    };
    match (word, Severity::parse(word)) {
        ("off", _) => Ok(RuleSetting::Off),
        (_, Some(severity)) => Ok(RuleSetting::Severity(severity)),
        _ => Err(Problem::new(format!("`{word}` is neither `off` nor a severity")).suggest(word, words())),
    }
}

fn text(word: &str, value: &DeValue<'_>) -> Result<String, Problem> {
    match value.as_str() {
        Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        Some(_) => Err(Problem::new(format!("`{word}` is empty"))),
        None => Err(Problem::new(format!("`{word}` must be text in quotes, not {}", value.type_str()))),
    }
}

/// A day, with or without quotes, as `2027-01-31`.
fn date(value: &DeValue<'_>) -> Result<String, Problem> {
    let parsed = match value {
        DeValue::Datetime(day) => Some(*day),
        DeValue::String(text) => text.parse().ok(),
        _ => None,
    };
    match parsed {
        Some(toml::value::Datetime { date: Some(day), time: None, offset: None }) => Ok(day.to_string()),
        _ => Err(Problem::new("`until` must be a date").hint("write a day such as `2027-01-31`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a file of this `lint` table, by line and column.
    fn problems(text: &str) -> (LintBlock, Vec<(usize, usize, Problem)>) {
        let source = Source::new("f", text);
        let document = DeTable::parse(text).unwrap();
        let mut problems = Vec::new();
        let block = read(&source, document.get_ref(), &mut |at, problem| {
            let place = source.at(at);
            problems.push((place.line, place.column, problem));
        });
        (block, problems)
    }

    #[test]
    fn rules_and_waivers_are_read() {
        let text = "rules = { a = \"off\", b = \"high\" }\n\
                    [[waive]]\nrule = \"a\"\nobject = \"public.*\"\nreason = \"old\"\nuntil = 2027-01-31\n\
                    [[waive]]\nrule = \"b\"\nobject = \"t\"\nreason = \"so\"\nuntil = \"2027-02-01\"\n";
        let (block, wrong) = problems(text);
        assert!(wrong.is_empty(), "{wrong:?}");
        let settings = block.settings(&Source::new("f", text), &["a", "b"]).unwrap();
        assert_eq!(
            settings.rules,
            [("a".to_owned(), RuleSetting::Off), ("b".to_owned(), RuleSetting::Severity(Severity::High))]
        );
        let days: Vec<_> = settings.waivers.iter().filter_map(|each| each.until.as_deref()).collect();
        assert_eq!(days, ["2027-01-31", "2027-02-01"]);
        assert_eq!(settings.waivers[0].at, "f:3");
        assert_eq!(settings.waivers[0].object, "public.*");
    }

    #[test]
    fn an_unknown_rule_is_told_with_the_nearest() {
        let text =
            "rules.dupe = \"low\"\n[[waive]]\nrule = \"no-primary-kye\"\nobject = \"t\"\nreason = \"x\"\n";
        let (block, wrong) = problems(text);
        assert!(wrong.is_empty());
        let errors = block.settings(&Source::new("f", text), &["no-primary-key"]).unwrap_err();
        let told: Vec<_> = errors
            .iter()
            .map(|error| {
                let place = error.place().unwrap();
                (place.line, place.column, error.message().to_owned(), error.hints()[0].clone())
            })
            .collect();
        assert_eq!(told[0].2, "there is no rule `dupe`");
        assert_eq!((told[1].0, told[1].1), (3, 8));
        assert_eq!(told[1].3, "did you mean `no-primary-key`?");
    }

    #[test]
    fn wrong_words_have_their_place() {
        for (text, line, column, message) in [
            ("rule = 1", 1, 1, "unknown key `rule` in `lint`"),
            ("rules = 1", 1, 9, "`rules` must be a table, not integer"),
            ("[rules]\na = \"hihg\"", 2, 5, "`hihg` is neither `off` nor a severity"),
            ("[rules]\na = true", 2, 5, "a rule is set to a word, not boolean"),
            ("waive = 1", 1, 9, "`waive` must be a list of tables"),
            ("waive = [1]", 1, 10, "a waiver must be a table, not integer"),
            ("[[waive]]\nrule = \"a\"\nobject = \"t\"", 1, 1, "a waiver needs `reason`"),
            ("[[waive]]\nrule = \"a\"\nobject = \"t\"\nreason = \" \"", 4, 10, "`reason` is empty"),
            (
                "[[waive]]\nrule = \"a\"\nobject = \"t\"\nreason = \"x\"\nuntil = \"soon\"",
                5,
                9,
                "`until` must be a date",
            ),
            (
                "[[waive]]\nrule = \"a\"\nobject = \"t\"\nreason = \"x\"\nuntil = 2027-01-31T00:00:00Z",
                5,
                9,
                "`until` must be a date",
            ),
            (
                "[[waive]]\nrule = \"a\"\nobjct = \"t\"\nobject = \"t\"\nreason = \"x\"",
                3,
                1,
                "unknown key `objct` in a waiver",
            ),
        ] {
            let (_, wrong) = problems(text);
            assert_eq!(wrong.len(), 1, "{text}: {wrong:?}");
            let (at_line, at_column, problem) = &wrong[0];
            assert_eq!((*at_line, *at_column, problem.message.as_str()), (line, column, message), "{text}");
        }
    }
}
