//! The rights of accounts on the objects of the database, as the server's tables of rights show
//! them ("Grant Tables" in MySQL's manual). Rights on the whole database or server are the
//! accounts' own, not the objects'.

use super::{Reader, cell};
use crate::error::{Kind, Result};
use crate::model::catalog::{Detail, Grant, Kind as ObjectKind, RoutineKind};

pub fn read(reader: &mut Reader<'_>) -> Result<()> {
    tables(reader)?;
    columns(reader)?;
    routines(reader)
}

/// What is told as not read without a right on the tables of the mysql schema.
pub const UNREAD: &str = "rights of other accounts";

/// The rows of a query on tables of rights that not everybody may read.
fn rows(reader: &mut Reader<'_>, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
    match reader.session.collect(sql, &[]) {
        Err(error) if error.kind() == Kind::Permission => {
            let what = UNREAD.to_owned();
            if !reader.catalog.unread.iter().any(|unread| unread.what == what) {
                reader.not_read(what, "they are in the tables of the mysql schema, which may not be read");
            }
            Ok(Vec::new())
        }
        other => other,
    }
}

/// `Select,Insert,Grant` of a SET column, as grants.
fn grants(account: &str, grantor: &str, set: &str) -> Vec<Grant> {
    let names: Vec<&str> = set.split(',').filter(|name| !name.is_empty()).collect();
    let grantable = names.contains(&"Grant");
    let named: Vec<&str> = names.iter().copied().filter(|name| *name != "Grant").collect();
    // The option alone, without a right.
    let named = if named.is_empty() && grantable { vec!["Usage"] } else { named };
    let grant = |name: &str| Grant {
        grantee: account.to_owned(),
        grantor: grantor.to_owned(),
        privilege: match name {
            "Delete versioning rows" => "DELETE HISTORY".to_owned(),
            name => name.to_ascii_uppercase(),
        },
        grantable,
    };
    named.into_iter().map(grant).collect()
}

/// `user@host`; a role of MariaDB has no host.
const ACCOUNT: &str = "IF(host = '', user, CONCAT(user, '@', host))";

fn tables(reader: &mut Reader<'_>) -> Result<()> {
    let sql = format!(
        "SELECT table_name, {ACCOUNT}, grantor, CAST(table_priv AS CHAR) FROM mysql.tables_priv \
         WHERE {} AND table_priv <> '' ORDER BY user, host",
        reader.is_ours("db")
    );
    for row in rows(reader, &sql)? {
        let relation = reader.catalog.objects.iter_mut().find(|object| {
            matches!(object.kind(), ObjectKind::Table | ObjectKind::View | ObjectKind::Sequence)
                && object.name.name == cell(&row, 0)
        });
        if let Some(object) = relation {
            object.grants.extend(grants(cell(&row, 1), cell(&row, 2), cell(&row, 3)));
        }
    }
    Ok(())
}

fn columns(reader: &mut Reader<'_>) -> Result<()> {
    let sql = format!(
        "SELECT table_name, column_name, {ACCOUNT}, CAST(column_priv AS CHAR) FROM mysql.columns_priv \
         WHERE {} AND column_priv <> '' ORDER BY user, host",
        reader.is_ours("db")
    );
    for row in rows(reader, &sql)? {
        let column = reader
            .catalog
            .objects
            .iter_mut()
            .filter(|object| object.name.name == cell(&row, 0))
            .filter_map(|object| match &mut object.detail {
                Detail::Table(table) => Some(&mut table.columns),
                Detail::View(view) => Some(&mut view.columns),
                _ => None,
            })
            .flatten()
            .find(|column| column.name == cell(&row, 1));
        if let Some(column) = column {
            column.grants.extend(grants(cell(&row, 2), "", cell(&row, 3)));
        }
    }
    Ok(())
}

fn routines(reader: &mut Reader<'_>) -> Result<()> {
    let sql = format!(
        "SELECT routine_name, routine_type, {ACCOUNT}, grantor, CAST(proc_priv AS CHAR) FROM mysql.procs_priv \
         WHERE {} AND proc_priv <> '' ORDER BY user, host",
        reader.is_ours("db")
    );
    for row in rows(reader, &sql)? {
        let wanted = cell(&row, 1);
        let object = reader.catalog.objects.iter_mut().find(|object| {
            object.name.name.to_lowercase() == cell(&row, 0).to_lowercase()
                && match &object.detail {
                    Detail::Routine(routine) => {
                        wanted
                            == if routine.kind == RoutineKind::Procedure { "PROCEDURE" } else { "FUNCTION" }
                    }
                    Detail::Other { kind: ObjectKind::Package } => wanted == "PACKAGE",
                    _ => false,
                }
        });
        if let Some(object) = object {
            object.grants.extend(grants(cell(&row, 2), cell(&row, 3), cell(&row, 4)));
        }
    }
    Ok(())
}
