//! Texts that a rename leaves as they were: the servers rewrite neither views nor the bodies of
//! triggers, routines and events, and those that name the old name fail from then on.

use crate::catalog::words::Words;
use crate::model::catalog::{Catalog, Detail, Kind, Object};
use crate::model::plan::{Behind, Rename};
use crate::sql::MYSQL;

pub fn left_behind(from: &Catalog, rename: &Rename) -> Vec<Behind> {
    let mut found = Vec::new();
    for object in &from.objects {
        let text = match &object.detail {
            Detail::Table(table) => {
                let own = object.name == rename.table;
                let stale = table.triggers.iter().filter(|each| is_stale(&each.action, rename, own));
                found.extend(stale.map(|each| Behind { kind: None, name: each.name.clone() }));
                continue;
            }
            Detail::View(view) => Some(view.query.as_str()),
            _ => program_text(object),
        };
        if text.is_some_and(|text| is_stale(text, rename, false)) {
            found.push(Behind { kind: Some(object.kind()), name: object.name.name.clone() });
        }
    }
    found
}

fn program_text(object: &Object) -> Option<&str> {
    let is_program = matches!(object.kind(), Kind::Routine | Kind::Event | Kind::Package);
    object.definition.as_deref().filter(|_| is_program)
}

/// Whether a text names the table, or the column beside its table; the trigger of a table names its
/// columns as those of NEW and OLD.
fn is_stale(text: &str, rename: &Rename, own: bool) -> bool {
    let names = |wanted: &str| {
        let mut words = Words::new(text, &MYSQL);
        while words.peek().is_some() {
            match words.name() {
                Some(name) if name.eq_ignore_ascii_case(wanted) => return true,
                Some(_) => {}
                None => drop(words.next()),
            }
        }
        false
    };
    match &rename.column {
        Some(column) => names(column) && (own || names(&rename.table.name)),
        None => names(&rename.table.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Name;

    #[test]
    fn a_text_is_stale_when_it_names_what_is_renamed() {
        let table = Name::new("", "t");
        let column = Rename { table: table.clone(), column: Some("a".into()), to: "b".into() };
        let whole = Rename { table, column: None, to: "u".into() };
        assert!(is_stale("INSERT INTO log VALUES (NEW.A)", &column, true));
        assert!(!is_stale("INSERT INTO log VALUES (NEW.c, 'a')", &column, true));
        assert!(!is_stale("select `x`.`a` from `x`", &column, false));
        assert!(is_stale("select `t`.`a` AS `a` from `t`", &column, false));
        assert!(is_stale("select 1 from `t`", &whole, false));
        assert!(!is_stale("select 't' from `x`", &whole, false));
    }
}
