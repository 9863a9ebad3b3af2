//! Owners, grants and default privileges (section "Privileges" and the pages of
//! GRANT and ALTER DEFAULT PRIVILEGES in the manual).
//!
//! Rights are compared with those that the object is born with, item by item as the server keeps
//! them, and what differs is taken away or given in the order of the items: so the copy's list is
//! the same as that of the original.

use std::collections::BTreeSet;

use super::reference;
use super::rights::{Item, full, given_at_birth, items, kind};
use super::text::{after, ident};
use crate::model::catalog::{Catalog, Column, Detail, Kind, NO_RIGHTS, Object, ObjectId, attribute};
use crate::model::ddl::Piece;

/// ALTER ... OWNER TO, REVOKE and GRANT of an object and of its columns.
pub fn of(catalog: &Catalog, _id: ObjectId, object: &Object, pieces: &mut Vec<Piece>) {
    // Without an owner nothing is known of the rights.
    let Some(owner) = &object.owner else { return };
    let mut statements = Vec::new();
    if object.kind() == Kind::DefaultPrivileges {
        defaults(catalog, object, owner, &mut statements);
    } else {
        statements.extend(change_of_owner(object, owner));
        if let Some((word, name)) = reference::in_grant(object) {
            let target = Target { prefix: String::new(), on: format!("{word} {name}"), column: None };
            on_object(catalog, object, owner, &target, &mut statements);
            for column in object.columns() {
                on_column(column, owner, &target, &mut statements);
            }
        }
    }
    let kind = object.kind().word();
    pieces.extend(statements.into_iter().map(|sql| after(kind, &object.name, sql)));
}

/// What gives an object of the first catalog the owner and the rights of one of the second; of one
/// that is new, or made anew, those that it is not born with.
pub fn change(from: &Catalog, old: Option<&Object>, to: &Catalog, new: &Object) -> Vec<String> {
    let Some(owner) = &new.owner else { return Vec::new() };
    let Some(old) = old else {
        let mut pieces = Vec::new();
        of(to, ObjectId(0), new, &mut pieces);
        return pieces.into_iter().map(|piece| piece.sql).collect();
    };
    let mut statements = Vec::new();
    let (version, kind) = (from.server_version_num, new.kind());
    if kind == Kind::DefaultPrivileges {
        let word = new.signature.as_deref().unwrap_or_default();
        let target =
            Target { prefix: prefix_of_defaults(owner, &new.name.schema), on: word.to_owned(), column: None };
        let all = full(word, version);
        difference(
            &now_of_defaults(old, all, owner),
            &items(&new.grants),
            all,
            owner,
            &target,
            &mut statements,
        );
        return statements;
    }
    if old.owner.as_ref() != Some(owner) {
        statements.extend(change_of_owner(new, owner));
    }
    let Some((word, name)) = reference::in_grant(new) else { return statements };
    let target = Target { prefix: String::new(), on: format!("{word} {name}"), column: None };
    let all = full(&target.on, version);
    let mut before = present_rights(old, &target.on, all);
    let mut after = present_rights(new, &target.on, all);
    if let Some(old_owner) = old.owner.as_ref().filter(|old| *old != owner) {
        // The server writes the new owner wherever the old one stood.
        before.iter_mut().for_each(|item| item.pass(old_owner, owner));
    }
    if before != after {
        in_one_order(&mut before, &mut after);
        difference(&before, &after, all, owner, &target, &mut statements);
    }
    for column in new.columns() {
        let was = old.columns().iter().find(|each| each.name == column.name);
        let target = Target { prefix: String::new(), on: target.on.clone(), column: Some(&column.name) };
        let was = was.map(|each| items(&each.grants)).unwrap_or_default();
        difference(&was, &items(&column.grants), &[], owner, &target, &mut statements);
    }
    statements
}

/// The same for an object that the plan has just made, in a database where default privileges may
/// have given it rights that it is not to have, or kept some of the usual ones from it. They are
/// those of the role that runs the plan, which is not known here: so those of all roles count.
pub fn anew(catalogs: [&Catalog; 2], of: &Catalog, new: &Object) -> Vec<String> {
    let usual = || change(of, None, of, new);
    let (Some(owner), Some((word, name))) = (&new.owner, reference::in_grant(new)) else { return usual() };
    let defaults = defaults_for(catalogs, new, word);
    if defaults.is_empty() || new.extension.is_some() {
        return usual();
    }
    let target = Target { prefix: String::new(), on: format!("{word} {name}"), column: None };
    let all = full(word, of.server_version_num);
    let birth = usual_rights(new, word, all, owner);
    let mut doubtful = BTreeSet::new();
    for each in defaults {
        // Whoever makes an object is its owner at first; the server passes his rights on.
        let maker = each.owner.as_ref().unwrap_or(owner);
        let grantees = each.grants.iter().map(|grant| &grant.grantee);
        doubtful.extend(grantees.map(|grantee| if grantee == maker { owner } else { grantee }));
        if each.name.schema.is_empty() {
            doubtful.extend(birth.iter().map(|item| &item.grantee));
        }
    }
    let mut actual = present_rights(new, word, all);
    let has_all = |grantee: &str| birth.iter().any(|item| item.grantee == grantee && actual.contains(item));
    let mut statements: Vec<String> = change_of_owner(new, owner).into_iter().collect();
    let taken = birth.iter().map(|item| &item.grantee).filter(|grantee| !has_all(grantee));
    let taken: BTreeSet<&String> =
        taken.chain(doubtful.iter().copied().filter(|grantee| !has_all(grantee))).collect();
    statements
        .extend(taken.iter().map(|grantee| format!("REVOKE ALL ON {} FROM {}", target.on, role(grantee))));
    actual.retain(|item| doubtful.contains(&item.grantee) || !birth.contains(item));
    difference(&[], &actual, all, owner, &target, &mut statements);
    for column in new.columns() {
        on_column(column, owner, &target, &mut statements);
    }
    statements
}

/// The default privileges that an object may have been born with.
fn defaults_for<'a>(catalogs: [&'a Catalog; 2], object: &Object, word: &str) -> Vec<&'a Object> {
    let objects = match kind(word) {
        "FUNCTION" | "PROCEDURE" | "ROUTINE" => "FUNCTIONS".to_owned(),
        word => format!("{word}S"),
    };
    let applies = |each: &&Object| {
        each.kind() == Kind::DefaultPrivileges
            && each.signature.as_ref() == Some(&objects)
            && (each.name.schema.is_empty() || each.name.schema == object.name.schema)
    };
    catalogs.into_iter().flat_map(|catalog| &catalog.objects).filter(applies).collect()
}

/// The rights that an object has, told or not.
fn present_rights(object: &Object, word: &str, all: &[&str]) -> Vec<Item> {
    let owner = object.owner.as_deref().unwrap_or_default();
    match has_the_usual_rights(object) {
        true => usual_rights(object, word, all, owner),
        false => items(&object.grants),
    }
}

/// The order of items says nothing.
fn in_one_order(before: &mut [Item], after: &mut [Item]) {
    let key = |item: &Item| (item.grantor.clone(), item.grantee.clone());
    before.sort_by_key(key);
    after.sort_by_key(key);
}

fn prefix_of_defaults(owner: &str, schema: &str) -> String {
    let place = if schema.is_empty() { String::new() } else { format!("IN SCHEMA {} ", ident(schema)) };
    format!("ALTER DEFAULT PRIVILEGES FOR ROLE {} {place}", ident(owner))
}

fn now_of_defaults(object: &Object, all: &[&str], owner: &str) -> Vec<Item> {
    let word = object.signature.as_deref().unwrap_or_default();
    match object.grants.is_empty() && attribute(&object.attributes, NO_RIGHTS).is_none() {
        true if object.name.schema.is_empty() => given_at_birth(word, all, owner),
        _ => items(&object.grants),
    }
}

/// Back to the rights that objects are born with anyway.
pub fn end_of_defaults(catalog: &Catalog, object: &Object) -> Vec<String> {
    let Some(owner) = &object.owner else { return Vec::new() };
    let word = object.signature.as_deref().unwrap_or_default();
    let schema = &object.name.schema;
    let all = full(word, catalog.server_version_num);
    let usual = if schema.is_empty() { given_at_birth(word, all, owner) } else { Vec::new() };
    let target = Target { prefix: prefix_of_defaults(owner, schema), on: word.to_owned(), column: None };
    let mut statements = Vec::new();
    difference(&now_of_defaults(object, all, owner), &usual, all, owner, &target, &mut statements);
    statements
}

/// None where the object has no owner of its own.
fn change_of_owner(object: &Object, owner: &str) -> Option<String> {
    let follows_its_table = match &object.detail {
        Detail::Sequence(sequence) => sequence.identity || sequence.owned_by.is_some(),
        _ => false,
    };
    let is_unchanged_public = is_public(object) && owner == "pg_database_owner";
    if object.extension.is_some()
        || follows_its_table
        || is_unchanged_public
        || matches!(object.detail, Detail::Extension { .. })
    {
        return None;
    }
    let (word, name) = match object.kind() {
        Kind::AccessMethod
        | Kind::Cast
        | Kind::Transform
        | Kind::TextSearchParser
        | Kind::TextSearchTemplate => return None,
        _ => reference::of(object)?,
    };
    Some(format!("ALTER {word} {name} OWNER TO {}", ident(owner)))
}

fn is_public(object: &Object) -> bool {
    object.kind() == Kind::Schema && object.name.name == "public"
}

/// What rights are on, and what stands before GRANT or REVOKE.
struct Target<'a> {
    prefix: String,
    on: String,
    column: Option<&'a str>,
}

fn on_object(catalog: &Catalog, object: &Object, owner: &str, target: &Target<'_>, out: &mut Vec<String>) {
    if has_the_usual_rights(object) {
        return;
    }
    let word = target.on.as_str();
    let all = full(word, catalog.server_version_num);
    let usual = usual_rights(object, word, all, owner);
    difference(&usual, &items(&object.grants), all, owner, target, out);
}

fn usual_rights(object: &Object, word: &str, all: &[&str], owner: &str) -> Vec<Item> {
    if !object.initial_grants.is_empty() {
        return items(&object.initial_grants);
    }
    let mut usual = given_at_birth(word, all, owner);
    if is_public(object) {
        usual.push(Item::new("PUBLIC", owner, &["USAGE"]));
    }
    usual
}

/// Whether the list that the server keeps says no more than if it kept none.
pub fn are_those_of_birth(object: &Object, version: u32) -> bool {
    let (Some(owner), Some((word, _))) = (&object.owner, reference::in_grant(object)) else { return false };
    let mut usual = usual_rights(object, word, full(word, version), owner);
    let mut actual = items(&object.grants);
    in_one_order(&mut usual, &mut actual);
    !object.grants.is_empty() && usual == actual
}

/// Nobody changed them: then the server keeps no list.
fn has_the_usual_rights(object: &Object) -> bool {
    object.grants.is_empty() && attribute(&object.attributes, NO_RIGHTS).is_none()
}

fn on_column(column: &Column, owner: &str, target: &Target<'_>, out: &mut Vec<String>) {
    let target = Target { prefix: String::new(), on: target.on.clone(), column: Some(&column.name) };
    difference(&[], &items(&column.grants), &[], owner, &target, out);
}

/// Those without a schema replace the rights that objects are born with, the others add to them.
fn defaults(catalog: &Catalog, object: &Object, owner: &str, out: &mut Vec<String>) {
    let word = object.signature.as_deref().unwrap_or_default();
    let schema = &object.name.schema;
    let all = full(word, catalog.server_version_num);
    let usual = if schema.is_empty() { given_at_birth(word, all, owner) } else { Vec::new() };
    let target = Target { prefix: prefix_of_defaults(owner, schema), on: word.to_owned(), column: None };
    difference(&usual, &items(&object.grants), all, owner, &target, out);
}

fn difference(
    usual: &[Item],
    actual: &[Item],
    all: &[&str],
    owner: &str,
    target: &Target<'_>,
    out: &mut Vec<String>,
) {
    let Target { prefix, on, .. } = target;
    for item in usual.iter().filter(|item| !actual.contains(item)) {
        out.push(format!("{prefix}REVOKE ALL ON {on} FROM {}", role(&item.grantee)));
    }
    let given: Vec<&Item> = actual.iter().filter(|item| !usual.contains(item)).collect();
    for item in in_turn(&given, owner) {
        let by_owner = item.grantor == owner;
        if !by_owner {
            // A grant by another role is one that its holder made.
            out.push(format!("SET SESSION AUTHORIZATION {}", ident(&item.grantor)));
        }
        for grantable in [false, true] {
            let option = if grantable { " WITH GRANT OPTION" } else { "" };
            if let Some(rights) = rights(item, grantable, all, target.column) {
                out.push(format!("{prefix}GRANT {rights} ON {on} TO {}{option}", role(&item.grantee)));
            }
        }
        if !by_owner {
            out.push("RESET SESSION AUTHORIZATION".to_owned());
        }
    }
}

/// The owner's grants, then those of roles in an order in which each has got its grant option
/// before it passes rights on.
fn in_turn<'a>(items: &[&'a Item], owner: &str) -> Vec<&'a Item> {
    let (mut turn, mut waiting): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| item.grantor == owner);
    while !waiting.is_empty() {
        let may = |item: &&Item| {
            turn.iter().any(|held| held.grantee == item.grantor && held.rights.iter().any(|right| right.1))
        };
        // Where nobody's turn comes, the option is one on the whole table: columns come after it.
        let at = waiting.iter().position(may).unwrap_or(0);
        turn.push(waiting.remove(at));
    }
    turn
}

/// `SELECT, UPDATE`, or `ALL`; on a column `SELECT (a), UPDATE (a)`.
fn rights(item: &Item, grantable: bool, all: &[&str], column: Option<&str>) -> Option<String> {
    let held: Vec<&str> =
        item.rights.iter().filter(|right| right.1 == grantable).map(|right| right.0.as_str()).collect();
    if held.is_empty() {
        return None;
    }
    if !all.is_empty() && all.iter().all(|right| held.contains(right)) {
        return Some("ALL".to_owned());
    }
    let one = |right: &&str| match column {
        Some(column) => format!("{right} ({})", ident(column)),
        None => (*right).to_owned(),
    };
    Some(held.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn role(name: &str) -> String {
    if name == "PUBLIC" { name.to_owned() } else { ident(name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Grant, Name, Routine, Table};
    use crate::model::target::EngineKind;

    fn printed(object: &Object) -> Vec<String> {
        let mut pieces = Vec::new();
        of(&Catalog::empty(EngineKind::Postgres), ObjectId(0), object, &mut pieces);
        pieces.into_iter().map(|piece| piece.sql).collect()
    }

    /// `grantee=right*/grantor`; the star is the grant option.
    fn grants(items: &[&str]) -> Vec<Grant> {
        let one = |item: &&str| {
            let (grantee, rest) = item.split_once('=').unwrap();
            let (right, grantor) = rest.split_once('/').unwrap();
            Grant {
                grantee: grantee.to_owned(),
                grantor: grantor.to_owned(),
                privilege: right.trim_end_matches('*').to_owned(),
                grantable: right.ends_with('*'),
            }
        };
        items.iter().map(one).collect()
    }

    fn owned(detail: Detail, list: &[&str]) -> Object {
        let mut object = Object::new(Name::new("s", "o"), detail);
        object.owner = Some("boss".to_owned());
        object.signature = matches!(object.detail, Detail::Routine(_)).then(|| "integer".to_owned());
        object.grants = grants(list);
        object
    }

    const TABLE: [&str; 7] = [
        "boss=SELECT/boss",
        "boss=INSERT/boss",
        "boss=UPDATE/boss",
        "boss=DELETE/boss",
        "boss=TRUNCATE/boss",
        "boss=REFERENCES/boss",
        "boss=TRIGGER/boss",
    ];

    #[test]
    fn without_an_owner_nothing_is_known() {
        let mut table = owned(Detail::Table(Table::default()), &["a=SELECT/boss"]);
        table.owner = None;
        assert_eq!(printed(&table), [""; 0]);
    }

    #[test]
    fn rights_of_birth_are_not_told() {
        let owner = "ALTER TABLE s.o OWNER TO boss";
        assert_eq!(printed(&owned(Detail::Table(Table::default()), &[])), [owner]);
        assert_eq!(printed(&owned(Detail::Table(Table::default()), &TABLE)), [owner]);
        let taken = owned(Detail::Routine(Routine::default()), &["boss=EXECUTE/boss"]);
        assert_eq!(
            printed(&taken),
            ["ALTER FUNCTION s.o(integer) OWNER TO boss", "REVOKE ALL ON FUNCTION s.o(integer) FROM PUBLIC"]
        );
    }

    #[test]
    fn an_option_is_given_before_it_is_used() {
        let mut list = TABLE.to_vec();
        // The server lists a grant of `b` before the one that lets `b` grant.
        list.extend(["c=SELECT/b", "b=SELECT*/a", "a=SELECT*/boss", "Odd=SELECT/boss"]);
        assert_eq!(
            printed(&owned(Detail::Table(Table::default()), &list))[1..],
            [
                "GRANT SELECT ON TABLE s.o TO a WITH GRANT OPTION",
                "GRANT SELECT ON TABLE s.o TO \"Odd\"",
                "SET SESSION AUTHORIZATION a",
                "GRANT SELECT ON TABLE s.o TO b WITH GRANT OPTION",
                "RESET SESSION AUTHORIZATION",
                "SET SESSION AUTHORIZATION b",
                "GRANT SELECT ON TABLE s.o TO c",
                "RESET SESSION AUTHORIZATION",
            ]
        );
    }

    #[test]
    fn an_extension_has_given_rights_before() {
        let mut table = owned(Detail::Table(Table::default()), &["PUBLIC=SELECT/boss", "a=SELECT/boss"]);
        table.extension = Some("x".to_owned());
        table.initial_grants = grants(&["PUBLIC=SELECT/boss"]);
        assert_eq!(printed(&table), ["GRANT SELECT ON TABLE s.o TO a"]);
    }

    #[test]
    fn all_rights_can_be_taken_away() {
        let mut table = owned(Detail::Table(Table::default()), &[]);
        table.attributes =
            vec![crate::model::catalog::Attribute { name: NO_RIGHTS.into(), value: "".into() }];
        assert_eq!(printed(&table)[1..], ["REVOKE ALL ON TABLE s.o FROM boss"]);
    }
}
