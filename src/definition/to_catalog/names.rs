//! Names as the engine takes them: short enough, without a schema where there are none, and
//! different where they must be.

use std::collections::{HashMap, HashSet};

use super::DEFAULT_SCHEMA;
use crate::definition::{Definition, Loss};
use crate::engine::type_map::Abilities;
use crate::model::catalog::Name;

pub struct Names {
    abilities: &'static Abilities,
    relations: HashMap<Name, Name>,
    /// Names of indexes and the like that are taken, with their schema.
    taken: HashSet<(String, String)>,
    pub losses: Vec<Loss>,
}

impl Names {
    pub fn new(definition: &Definition, abilities: &'static Abilities) -> Self {
        let mut names =
            Names { abilities, relations: HashMap::new(), taken: HashSet::new(), losses: Vec::new() };
        let tables = definition.tables.iter().map(|table| &table.name);
        for name in tables.chain(definition.views.iter().map(|view| &view.name)) {
            let mut new = names.relation_name(name);
            if !abilities.schemas && names.taken.contains(&(String::new(), new.name.to_lowercase())) {
                new.name = names.short(&format!("{}_{}", name.schema, name.name));
                names.renamed(&format!("table {name}"), &name.name, &new.name, "the name is taken");
            }
            names.taken.insert((new.schema.clone(), new.name.to_lowercase()));
            names.relations.insert(name.clone(), new);
        }
        names
    }

    fn renamed(&mut self, object: &str, old: &str, new: &str, why: &str) {
        let reason = format!("{why}: it is `{new}`");
        self.losses.push(Loss { object: object.to_owned(), what: format!("name {old}"), reason });
    }

    /// The name of a table, view or type.
    pub fn relation(&mut self, name: &Name) -> Name {
        self.relations.get(name).cloned().unwrap_or_else(|| self.relation_name(name))
    }

    fn relation_name(&mut self, name: &Name) -> Name {
        let short = self.short(&name.name);
        if short != name.name {
            self.renamed(&format!("table {name}"), &name.name, &short, self.why(&name.name));
        }
        match (self.abilities.schemas, name.schema.is_empty()) {
            (true, true) => Name::new(DEFAULT_SCHEMA, short),
            (true, false) => Name::new(&name.schema, short),
            (false, _) => Name::new("", short),
        }
    }

    /// Whether the engine takes every letter of a name.
    fn takes(&self, name: &str) -> bool {
        self.abilities.names_with_emoji || name.chars().all(|letter| letter <= '\u{ffff}')
    }

    /// Why a name is another here.
    fn why(&self, name: &str) -> &'static str {
        if self.takes(name) { "the name is too long" } else { "the name has letters that the engine refuses" }
    }

    /// A name cut to the length and letters that the engine takes, so that two cut names still differ.
    pub fn short(&self, name: &str) -> String {
        let length = |text: &str| match self.abilities.names_in_bytes {
            true => text.len(),
            false => text.chars().count(),
        };
        if length(name) <= self.abilities.longest_name && self.takes(name) {
            return name.to_owned();
        }
        let end = format!("_{:08x}", hash(name));
        let taken = |letter: &char| self.takes(letter.encode_utf8(&mut [0; 4]));
        let mut cut: String = name.chars().filter(taken).collect();
        while length(&cut) + end.len() > self.abilities.longest_name {
            cut.pop();
        }
        cut + &end
    }

    /// The name of a column; told when it had to be cut.
    pub fn column(&mut self, table: &Name, name: &str) -> String {
        let short = self.short(name);
        if short != name {
            self.renamed(&format!("column {table}.{name}"), name, &short, self.why(name));
        }
        short
    }

    /// A name for an index or constraint of a table, different from those of its schema.
    pub fn unique(&mut self, table: &Name, name: &str) -> String {
        let short = self.short(name);
        let mut new = short.clone();
        let mut number = 1;
        while !self.taken.insert((table.schema.clone(), new.to_lowercase())) {
            let again = if number > 1 { format!("_{number}") } else { String::new() };
            new = self.short(&format!("{}_{name}{again}", table.name));
            number += 1;
        }
        if new != name {
            let why = if short != name { self.why(name) } else { "the name is taken" };
            self.renamed(&format!("table {}", table.name), name, &new, why);
        }
        new
    }
}

/// FNV-1a: the same on every machine and in every version.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
