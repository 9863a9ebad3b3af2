//! Rights on objects as GRANT statements.

use super::{Script, qualified, quoted};
use crate::grants;
use crate::model::catalog::{Detail, Grant, Kind, Object, RoutineKind};

/// An account as SQL names it; a role of MariaDB has no host.
pub fn account(name: &str) -> String {
    match name.contains('@') {
        true => grants::account(name),
        false => super::literal(name),
    }
}

pub fn all(script: &mut Script<'_>) {
    for object in &script.catalog.objects {
        let Some(word) = word(object) else { continue };
        let target = format!("{word} {}", qualified(&object.name));
        of(script, object, &target, &object.grants, None);
        for column in object.columns() {
            of(script, object, &target, &column.grants, Some(&column.name));
        }
    }
}

/// What GRANT calls an object; None for what has no rights of its own.
pub fn word(object: &Object) -> Option<&'static str> {
    Some(match (&object.detail, object.kind()) {
        (_, Kind::Table | Kind::View | Kind::Sequence) => "TABLE",
        (Detail::Routine(routine), _) if routine.kind == RoutineKind::Procedure => "PROCEDURE",
        (Detail::Routine(_), _) => "FUNCTION",
        (_, Kind::Package) => "PACKAGE",
        _ => return None,
    })
}

/// One statement for each account and for what it may pass on.
fn of(script: &mut Script<'_>, object: &Object, target: &str, grants: &[Grant], column: Option<&str>) {
    let mut left: Vec<&Grant> = grants.iter().collect();
    while let Some(first) = left.first().copied() {
        let alike = |grant: &Grant| grant.grantee == first.grantee && grant.grantable == first.grantable;
        let privileges: Vec<String> = left
            .iter()
            .filter(|grant| alike(grant))
            .map(|grant| match column {
                Some(column) => format!("{} ({})", grant.privilege, quoted(column)),
                None => grant.privilege.clone(),
            })
            .collect();
        let option = if first.grantable { " WITH GRANT OPTION" } else { "" };
        let sql =
            format!("GRANT {} ON {target} TO {}{option}", privileges.join(", "), account(&first.grantee));
        script.under(super::environment::Environment::default());
        script.push(object.kind().word(), object.name.clone(), sql);
        left.retain(|grant| !alike(grant));
    }
}
