//! Which objects the words of the command line name.

use std::collections::BTreeSet;

use crate::error::{Error, Result, nearest};
use crate::model::catalog::{Catalog, Name, Object, ObjectId};

/// The objects that were asked for.
pub struct Chosen {
    all: bool,
    ids: BTreeSet<ObjectId>,
    keys: BTreeSet<(&'static str, Name, Option<String>)>,
}

impl Chosen {
    /// Nothing was named, and so everything is meant.
    pub fn is_all(&self) -> bool {
        self.all
    }

    pub fn ids(&self) -> impl Iterator<Item = ObjectId> {
        self.ids.iter().copied()
    }

    pub fn contains(&self, object: &Object) -> bool {
        self.all || self.keys.contains(&key(object))
    }
}

fn key(object: &Object) -> (&'static str, Name, Option<String>) {
    (object.kind().word(), object.name.clone(), object.signature.clone())
}

/// The objects that match; an error for a word that names nothing.
pub fn choose(catalog: &Catalog, words: &[String]) -> Result<Chosen> {
    let mut ids = BTreeSet::new();
    for word in words {
        let found = matching(catalog, word);
        if found.is_empty() {
            return Err(nothing(catalog, word));
        }
        ids.extend(found);
    }
    if words.is_empty() {
        ids.extend(catalog.iter().map(|(id, _)| id));
    }
    let keys = ids.iter().map(|id| key(catalog.get(*id))).collect();
    Ok(Chosen { all: words.is_empty(), ids, keys })
}

/// A name as it is written goes before one in another case, and both before a pattern.
pub fn matching(catalog: &Catalog, word: &str) -> Vec<ObjectId> {
    let all = |matches: &dyn Fn(&Name) -> bool| -> Vec<ObjectId> {
        catalog.iter().filter(|(_, object)| matches(&object.name)).map(|(id, _)| id).collect()
    };
    let exact = all(&|name| name.name == word || name.to_string() == word);
    if !exact.is_empty() {
        return exact;
    }
    let pattern = Pattern::new(word);
    all(&|name| pattern.matches(name))
}

/// psql's: `*` and `?` outside of double quotes, `schema.name`, without regard to case unless in
/// quotes.
struct Pattern {
    schema: Option<Vec<Letter>>,
    name: Vec<Letter>,
}

enum Letter {
    Any,
    One,
    /// In lower case; any case will do.
    Folded(char),
    Exactly(char),
}

impl Pattern {
    fn new(word: &str) -> Self {
        let mut parts = vec![Vec::new()];
        let mut quoted = false;
        let mut letters = word.chars().peekable();
        while let Some(letter) = letters.next() {
            let letter = match letter {
                '"' if quoted && letters.next_if_eq(&'"').is_some() => Letter::Exactly('"'),
                '"' => {
                    quoted = !quoted;
                    continue;
                }
                letter if quoted => Letter::Exactly(letter),
                '.' => {
                    parts.push(Vec::new());
                    continue;
                }
                '*' => Letter::Any,
                '?' => Letter::One,
                letter => Letter::Folded(fold(letter)),
            };
            if let Some(part) = parts.last_mut() {
                part.push(letter);
            }
        }
        let name = parts.pop().unwrap_or_default();
        Pattern { schema: parts.pop(), name }
    }

    fn matches(&self, name: &Name) -> bool {
        let schema = self.schema.as_ref().is_none_or(|schema| fits(schema, &name.schema));
        schema && fits(&self.name, &name.name)
    }
}

fn fold(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// Whether the pattern covers all of the text: each star first takes nothing, then one more letter
/// whenever the rest does not fit.
fn fits(pattern: &[Letter], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut letter) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while letter < text.len() {
        let fits = match pattern.get(at) {
            Some(Letter::Any) => {
                star = Some((at, letter));
                at += 1;
                continue;
            }
            Some(Letter::One) => true,
            Some(Letter::Folded(wanted)) => *wanted == fold(text[letter]),
            Some(Letter::Exactly(wanted)) => *wanted == text[letter],
            None => false,
        };
        if fits {
            (at, letter) = (at + 1, letter + 1);
        } else if let Some((place, taken)) = star {
            star = Some((place, taken + 1));
            (at, letter) = (place + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|letter| matches!(letter, Letter::Any))
}

fn nothing(catalog: &Catalog, word: &str) -> Error {
    let error = Error::usage(format!("nothing is named {word}"));
    let names: Vec<String> = catalog.objects.iter().map(|object| catalog.short(&object.name)).collect();
    match nearest(word, names.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint("without a name, schema show lists what there is"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Detail, Table};
    use crate::model::target::EngineKind;

    fn catalog() -> Catalog {
        let mut catalog = Catalog::empty(EngineKind::Postgres);
        catalog.default_schema = "public".to_owned();
        for (schema, name) in [
            ("public", "film"),
            ("public", "Film"),
            ("public", "film_actor"),
            ("audit", "film"),
            ("public", "a*b"),
            ("public", "x.y \"z\""),
        ] {
            catalog.objects.push(Object::new(Name::new(schema, name), Detail::Table(Table::default())));
        }
        catalog.sort();
        catalog
    }

    fn chosen(word: &str) -> String {
        let catalog = catalog();
        let chosen = choose(&catalog, &[word.to_owned()]);
        let chosen = chosen.unwrap_or_else(|error| panic!("{word}: {error}"));
        let names: Vec<String> = chosen.ids().map(|id| catalog.get(id).name.to_string()).collect();
        names.join(" | ")
    }

    #[test]
    fn names_and_patterns() {
        assert_eq!(chosen("film"), "audit.film | public.film");
        assert_eq!(chosen("FILM"), "audit.film | public.Film | public.film");
        assert_eq!(chosen("audit.film"), "audit.film");
        assert_eq!(chosen("Audit.*"), "audit.film");
        assert_eq!(chosen("film_*"), "public.film_actor");
        assert_eq!(chosen("f?lm"), "audit.film | public.Film | public.film");
        assert_eq!(chosen("public.\"Fi\"*"), "public.Film");
        assert_eq!(chosen("\"a*b\""), "public.a*b");
        assert_eq!(chosen("a*b"), "public.a*b");
        assert_eq!(chosen("x.y \"z\""), "public.x.y \"z\"");
        assert_eq!(chosen("*actor*"), "public.film_actor");
        assert_eq!(chosen("*").split(" | ").count(), 6);
    }

    #[test]
    fn what_is_not_there_is_said_with_the_nearest_name() {
        let error = choose(&catalog(), &["fim_actor".to_owned()]).err().unwrap();
        assert_eq!(error.message(), "nothing is named fim_actor");
        assert_eq!(error.hints(), ["did you mean film_actor?"]);
        for word in ["", ".", "\"", "a.b.c", "?", "zzzzzzzzzz"] {
            assert!(choose(&catalog(), &[word.to_owned()]).is_err(), "{word}");
        }
        assert!(choose(&catalog(), &[]).unwrap().is_all());
    }
}
