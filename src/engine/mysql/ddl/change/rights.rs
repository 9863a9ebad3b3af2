//! Rights that come and go.

use super::{Work, qualified, told};
use crate::catalog::UNREAD_RIGHTS;
use crate::ddl::rights;
use crate::model::catalog::{Catalog, Grant, Object};
use crate::model::ddl::DdlOptions;
use crate::model::plan::Step;

/// What `from` has and `to` has not is taken back; what only `to` has is given.
pub fn change(work: &mut Work<'_>) {
    give_created(work);
    for changed in work.changed.clone() {
        let missing = |grants: &[Grant], others: &[Grant]| -> Vec<Grant> {
            grants.iter().filter(|grant| !others.iter().any(|other| is_same(grant, other))).cloned().collect()
        };
        let gone = missing(&changed.old.grants, &changed.new.grants);
        let come = missing(&changed.new.grants, &changed.old.grants);
        take(work, changed.old, &gone);
        let mut given = Object { grants: come, ..changed.new.clone() };
        forget_columns(&mut given);
        let sql = statements(work.to, given);
        give(work, changed.new, sql);
    }
}

fn is_same(one: &Grant, other: &Grant) -> bool {
    one.grantee == other.grantee && one.privilege == other.privilege && one.grantable == other.grantable
}

fn forget_columns(object: &mut Object) {
    use crate::model::catalog::Detail;
    let columns = match &mut object.detail {
        Detail::Table(table) => &mut table.columns,
        Detail::View(view) => &mut view.columns,
        _ => return,
    };
    columns.iter_mut().for_each(|column| column.grants.clear());
}

/// The statements that give an object that is made again the rights that it had; on the way back,
/// when only the second catalog knows of rights, those that it is to have.
pub fn again(work: &Work<'_>, old: &Object, new: &Object) -> Vec<String> {
    match old.owner.is_some() {
        true => statements(work.from, old.clone()),
        false => statements(work.to, new.clone()),
    }
}

/// Whether the rights of an object on one side were read. An owner is read with them.
pub fn are_known(work: &Work<'_>, old: &Object, new: &Object) -> bool {
    let was_read = |catalog: &Catalog, object: &Object| {
        object.owner.is_some() && !catalog.unread.iter().any(|unread| unread.what == UNREAD_RIGHTS)
    };
    was_read(work.from, old) || was_read(work.to, new)
}

/// Gives what was dropped its rights again, on the way back: only then the second catalog knows of
/// rights that nobody asked for.
pub fn give_created(work: &mut Work<'_>) {
    for (_, object) in work.created.clone() {
        let sql = statements(work.to, object.clone());
        give(work, object, sql);
    }
}

pub fn statements(catalog: &Catalog, object: Object) -> Vec<String> {
    let mut alone = catalog.subset(&std::collections::BTreeSet::new());
    alone.objects.push(object);
    let mut script = super::Script::new(&alone, DdlOptions { privileges: true });
    rights::all(&mut script);
    script.pieces.into_iter().map(|piece| piece.sql).collect()
}

fn give(work: &mut Work<'_>, object: &Object, sql: Vec<String>) {
    if !sql.is_empty() {
        work.step(Step { kind: "grant".into(), object: told(object), sql, ..Step::default() });
    }
}

fn take(work: &mut Work<'_>, object: &Object, gone: &[Grant]) {
    let sql = taken(object, gone);
    if !sql.is_empty() {
        work.step(Step { kind: "revoke".into(), object: told(object), sql, ..Step::default() });
    }
}

/// The statements that take rights back.
pub fn taken(object: &Object, gone: &[Grant]) -> Vec<String> {
    let Some(word) = rights::word(object) else { return Vec::new() };
    let target = format!("{word} {}", qualified(&object.name));
    let mut sql = Vec::new();
    for grant in gone {
        let account = rights::account(&grant.grantee);
        sql.push(format!("REVOKE {} ON {target} FROM {account}", grant.privilege));
        if grant.grantable {
            sql.push(format!("REVOKE GRANT OPTION ON {target} FROM {account}"));
        }
    }
    sql.dedup();
    sql
}
