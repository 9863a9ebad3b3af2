//! COMMENT ON and SECURITY LABEL statements.

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
    let mut print = Printer { kind: object.kind().word(), name: &object.name, pieces };
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
}

fn whole(print: &mut Printer<'_>, object: &Object, word: &str, name: &str) {
    match &object.comment {
        // The schema is there already, with its comment.
        comment if matches!(object.detail, Detail::Schema) && name == "public" => match comment {
            None => print.statement(format!("COMMENT ON {word} {name} IS NULL")),
            Some(comment) if comment == OF_PUBLIC => {}
            Some(_) => print.comment(comment.as_deref(), || format!("{word} {name}")),
        },
        comment => print.comment(comment.as_deref(), || format!("{word} {name}")),
    }
    for attribute in &object.attributes {
        if let Some(provider) = attribute.name.strip_prefix(LABEL) {
            let label = literal(&attribute.value);
            print.statement(format!("SECURITY LABEL FOR {} ON {word} {name} IS {label}", ident(provider)));
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

/// Collects the statements of one object. They come after the data, when all parts are there.
struct Printer<'a> {
    kind: &'static str,
    name: &'a Name,
    pieces: &'a mut Vec<Piece>,
}

impl Printer<'_> {
    fn statement(&mut self, sql: String) {
        self.pieces.push(after(self.kind, self.name, sql));
    }

    fn comment(&mut self, comment: Option<&str>, what: impl FnOnce() -> String) {
        if let Some(comment) = comment {
            self.statement(format!("COMMENT ON {} IS {}", what(), literal(comment)));
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
