//! Lists of rights as the server keeps them, and those that an object is born with (section
//! "Privileges" of the manual).

use std::collections::BTreeSet;

use crate::model::catalog::Grant;

/// The rights that one role was given by one other, each with its grant option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub grantee: String,
    pub grantor: String,
    pub rights: BTreeSet<(String, bool)>,
}

impl Item {
    /// Without grant options.
    pub fn new(grantee: &str, grantor: &str, rights: &[&str]) -> Self {
        let rights = rights.iter().map(|right| ((*right).to_owned(), false)).collect();
        Item { grantee: grantee.to_owned(), grantor: grantor.to_owned(), rights }
    }

    /// Puts one role in the place of another.
    pub fn pass(&mut self, from: &str, to: &str) {
        for role in [&mut self.grantee, &mut self.grantor] {
            if role == from {
                to.clone_into(role);
            }
        }
    }
}

/// The grants put together, in the order in which each pair of roles comes first.
pub fn items(grants: &[Grant]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for grant in grants {
        let right = (grant.privilege.clone(), grant.grantable);
        match items.iter_mut().find(|item| item.grantee == grant.grantee && item.grantor == grant.grantor) {
            Some(item) => {
                item.rights.insert(right);
            }
            None => items.push(Item {
                grantee: grant.grantee.clone(),
                grantor: grant.grantor.clone(),
                rights: BTreeSet::from([right]),
            }),
        }
    }
    items
}

const MAINTAIN: u32 = 170_000;

/// Every right there is on a kind of object, which is what GRANT and ALTER DEFAULT PRIVILEGES call
/// it: `TABLE shop.orders`, `TABLES`.
pub fn full(word: &str, version: u32) -> &'static [&'static str] {
    let table: &[&str] =
        &["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"];
    match kind(word) {
        "TABLE" | "TABLES" if version >= MAINTAIN => table,
        "TABLE" | "TABLES" => &table[..7],
        "SEQUENCE" | "SEQUENCES" => &["USAGE", "SELECT", "UPDATE"],
        "FUNCTION" | "PROCEDURE" | "ROUTINE" | "FUNCTIONS" => &["EXECUTE"],
        "SCHEMA" | "SCHEMAS" => &["USAGE", "CREATE"],
        "LARGE" => &["SELECT", "UPDATE"],
        _ => &["USAGE"],
    }
}

/// All to the owner, and to everybody the use of routines, types and languages.
pub fn given_at_birth(word: &str, all: &[&str], owner: &str) -> Vec<Item> {
    let mut items = Vec::new();
    if matches!(
        kind(word),
        "FUNCTION" | "PROCEDURE" | "ROUTINE" | "FUNCTIONS" | "TYPE" | "TYPES" | "LANGUAGE"
    ) {
        items.push(Item::new("PUBLIC", owner, all));
    }
    items.push(Item::new(owner, owner, all));
    items
}

/// `TABLE` of `TABLE shop.orders`.
pub fn kind(word: &str) -> &str {
    word.split(' ').next().unwrap_or_default()
}
