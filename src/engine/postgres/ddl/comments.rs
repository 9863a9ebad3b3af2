//! COMMENT ON and SECURITY LABEL statements.

use std::collections::{HashMap, HashSet};

use super::reference;
use super::text::{after, ident, literal, qualified};
use crate::model::catalog::{
    Catalog, Column, Constraint, Detail, Index, Name, Object, ObjectId, Policy, Rule, Trigger, Type,
};
use crate::model::ddl::Piece;

/// How the catalog's reader names the attribute of a security label, before its provider.
const LABEL: &str = "security label ";

/// What every new database says of its schema `public`.
const OF_PUBLIC: &str = "standard public schema";

/// Those of an object and of all its parts: columns, constraints, indexes, triggers, policies, rules.
pub fn of(_catalog: &Catalog, _id: ObjectId, object: &Object, pieces: &mut Vec<Piece>) {
    let kind = object.kind().word();
    let said = said(object, false).into_iter();
    pieces.extend(said.map(|each| after(kind, &object.name, each.sql())));
}

/// What differs between those of two objects of one name, or of one that is new.
pub fn change(old: Option<&Object>, new: &Object) -> Vec<String> {
    let Some(old) = old else { return said(new, false).iter().map(Said::sql).collect() };
    let before: HashMap<String, Option<String>> =
        said(old, true).into_iter().map(|each| (each.of, each.text)).collect();
    let mut changed: Vec<Said> = said(new, true);
    let after: HashSet<String> = changed.iter().map(|each| each.of.clone()).collect();
    changed.retain(|each| before.get(&each.of).cloned().flatten() != each.text);
    // A label whose provider says nothing more.
    let gone = before
        .into_iter()
        .filter(|(of, text)| of.starts_with("SECURITY LABEL") && text.is_some() && !after.contains(of));
    changed.extend(gone.map(|(of, _)| Said { of, text: None }));
    changed.iter().map(Said::sql).collect()
}

/// A comment or label, or that there is none.
struct Said {
    /// `COMMENT ON TABLE shop.orders`
    of: String,
    text: Option<String>,
}

impl Said {
    fn sql(&self) -> String {
        format!("{} IS {}", self.of, self.text.as_deref().map_or("NULL".to_owned(), literal))
    }
}

/// `all` tells too where nothing is said.
fn said(object: &Object, all: bool) -> Vec<Said> {
    let mut print = Printer { name: &object.name, all, said: Vec::new() };
    if let Some((word, name)) = reference::of(object) {
        whole(&mut print, object, word, &name);
    }
    let relation = qualified(&object.name);
    match &object.detail {
        Detail::Table(table) => {
            columns(&mut print, &table.columns);
            constraints(&mut print, &table.constraints, &format!("ON {relation}"));
            indexes(&mut print, &table.indexes);
            triggers(&mut print, &table.triggers);
            policies(&mut print, &table.policies);
            rules(&mut print, &table.rules);
        }
        Detail::View(view) => {
            columns(&mut print, &view.columns);
            indexes(&mut print, &view.indexes);
            triggers(&mut print, &view.triggers);
            rules(&mut print, &view.rules);
        }
        Detail::Type(Type::Composite { columns: parts }) => columns(&mut print, parts),
        Detail::Type(Type::Domain(domain)) => {
            constraints(&mut print, &domain.constraints, &format!("ON DOMAIN {relation}"));
        }
        _ => {}
    }
    print.said
}

fn whole(print: &mut Printer<'_>, object: &Object, word: &str, name: &str) {
    match &object.comment {
        // The schema is there already, with its comment.
        comment if matches!(object.detail, Detail::Schema) && name == "public" && !print.all => match comment
        {
            None => print.said.push(Said { of: format!("COMMENT ON {word} {name}"), text: None }),
            Some(comment) if comment == OF_PUBLIC => {}
            Some(_) => print.comment(comment.as_deref(), || format!("{word} {name}")),
        },
        comment => print.comment(comment.as_deref(), || format!("{word} {name}")),
    }
    for attribute in &object.attributes {
        if let Some(provider) = attribute.name.strip_prefix(LABEL) {
            let of = format!("SECURITY LABEL FOR {} ON {word} {name}", ident(provider));
            print.said.push(Said { of, text: Some(attribute.value.clone()) });
        }
    }
}

fn columns(print: &mut Printer<'_>, columns: &[Column]) {
    let relation = qualified(print.name);
    for each in columns {
        print.comment(each.comment.as_deref(), || format!("COLUMN {relation}.{}", ident(&each.name)));
    }
}

/// `on` is the table or domain: `ON DOMAIN shop.price`.
fn constraints(print: &mut Printer<'_>, constraints: &[Constraint], on: &str) {
    for each in constraints {
        if let Some(name) = &each.name {
            print.comment(each.comment.as_deref(), || format!("CONSTRAINT {} {on}", ident(name)));
        }
    }
}

fn indexes(print: &mut Printer<'_>, indexes: &[Index]) {
    let schema = print.name.schema.clone();
    for each in indexes {
        let name = Name::new(schema.as_str(), each.name.as_str());
        print.comment(each.comment.as_deref(), || format!("INDEX {}", qualified(&name)));
    }
}

fn triggers(print: &mut Printer<'_>, triggers: &[Trigger]) {
    for each in triggers {
        print.on_part("TRIGGER", &each.name, each.comment.as_deref());
    }
}

fn policies(print: &mut Printer<'_>, policies: &[Policy]) {
    for each in policies {
        print.on_part("POLICY", &each.name, each.comment.as_deref());
    }
}

fn rules(print: &mut Printer<'_>, rules: &[Rule]) {
    for each in rules {
        print.on_part("RULE", &each.name, each.comment.as_deref());
    }
}

/// Collects what is said of one object.
struct Printer<'a> {
    name: &'a Name,
    all: bool,
    said: Vec<Said>,
}

impl Printer<'_> {
    fn comment(&mut self, comment: Option<&str>, what: impl FnOnce() -> String) {
        if self.all || comment.is_some() {
            let of = format!("COMMENT ON {}", what());
            self.said.push(Said { of, text: comment.map(ToOwned::to_owned) });
        }
    }

    /// On what hangs on a relation.
    fn on_part(&mut self, word: &str, part: &str, comment: Option<&str>) {
        let relation = qualified(self.name);
        self.comment(comment, || format!("{word} {} ON {relation}", ident(part)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Attribute, Table};
    use crate::model::target::EngineKind;

    fn printed(object: &Object) -> Vec<String> {
        let mut pieces = Vec::new();
        of(&Catalog::empty(EngineKind::Postgres), ObjectId(0), object, &mut pieces);
        pieces.into_iter().map(|piece| piece.sql).collect()
    }

    #[test]
    fn labels_name_their_provider() {
        let mut table = Object::new(Name::new("s", "T"), Detail::Table(Table::default()));
        table.attributes = vec![Attribute { name: "security label selinux".into(), value: "it's".into() }];
        assert_eq!(printed(&table), ["SECURITY LABEL FOR selinux ON TABLE s.\"T\" IS 'it''s'"]);
    }

    #[test]
    fn the_comment_of_public_is_there_already() {
        let mut public = Object::new(Name::new("", "public"), Detail::Schema);
        assert_eq!(printed(&public), ["COMMENT ON SCHEMA public IS NULL"]);
        public.comment = Some(OF_PUBLIC.to_owned());
        assert_eq!(printed(&public), [""; 0]);
        public.comment = Some("ours".to_owned());
        assert_eq!(printed(&public), ["COMMENT ON SCHEMA public IS 'ours'"]);
    }
}
