//! The names of NOT NULLs, each a constraint since 18. One of the usual name is not told by the
//! catalog's constraints.

use super::Work;
use super::locks::ACCESS_EXCLUSIVE;
use crate::engine::postgres::catalog::usual_name;
use crate::engine::postgres::ddl::text::{ident, qualified};
use crate::model::catalog::{Column, Constraint, ConstraintKind, Name, Object, Table};

/// From this version on each NOT NULL is a constraint with a name.
pub const NAMED: u32 = 180_000;

/// The constraint of a column, where it is told.
pub fn of<'a>(table: &'a Table, column: &str) -> Option<&'a Constraint> {
    table
        .constraints
        .iter()
        .find(|each| each.kind == ConstraintKind::NotNull && each.columns.as_slice() == [column])
}

/// The name of a column's NOT NULL.
fn name(relation: &Name, table: &Table, column: &Column) -> Option<String> {
    if column.nullable {
        return None;
    }
    match of(table, &column.name) {
        Some(constraint) => constraint.name.clone(),
        None => Some(usual_name(&relation.name, &column.name)),
    }
}

impl Work<'_> {
    /// Gives the NOT NULLs that stay the names that they are to have.
    pub(super) fn rename_not_nulls(&mut self, new: &Object, table: &Table) {
        if self.version < NAMED {
            return;
        }
        let Some(now) = self.now.table(&new.name).cloned() else { return };
        for column in &table.columns {
            let Some(old) = now.columns.iter().find(|each| each.name == column.name) else { continue };
            let from_above = of(&now, &column.name).is_some_and(|each| each.inherited);
            let (Some(was), Some(is)) = (name(&new.name, &now, old), name(&new.name, table, column)) else {
                continue;
            };
            if was == is || from_above {
                continue;
            }
            let at = qualified(&new.name);
            let sql = format!("ALTER TABLE {at} RENAME CONSTRAINT {} TO {}", ident(&was), ident(&is));
            self.step("rename constraint", new, vec![sql]).lock = ACCESS_EXCLUSIVE.into();
            let told = of(table, &column.name).cloned();
            let mut below = self.now.descendants(&new.name);
            below.push(new.name.clone());
            for name in below {
                let Some(table) = self.now.table_mut(&name) else { continue };
                match table.constraints.iter_mut().find(|each| each.name.as_ref() == Some(&was)) {
                    Some(each) => each.name = Some(is.clone()),
                    None if name == new.name => {
                        let there = |each| Constraint { comment: None, attributes: Vec::new(), ..each };
                        table.constraints.extend(told.clone().map(there));
                    }
                    None => {}
                }
            }
        }
    }

    /// The table with the names of all its NOT NULLs. Asked for without one, the server makes up a
    /// name that no other table of the schema has, and the one set aside has the usual one.
    pub(super) fn with_not_nulls(&self, relation: &Name, table: &Table) -> Table {
        let mut told = table.clone();
        if self.version < NAMED {
            return told;
        }
        for column in table.columns.iter().filter(|column| of(table, &column.name).is_none()) {
            let Some(name) = name(relation, table, column) else { continue };
            let columns = vec![column.name.clone()];
            told.constraints.push(Constraint::new(Some(name), ConstraintKind::NotNull, columns));
        }
        told
    }

    /// What is below a table gets its NOT NULL under the same name.
    pub(super) fn pass_not_null_down(&mut self, relation: &Name, column: &str, name: Option<String>) {
        if self.version < NAMED {
            return;
        }
        let name = name.unwrap_or_else(|| usual_name(&relation.name, column));
        for below in self.now.descendants(relation) {
            let Some(table) = self.now.table_mut(&below) else { continue };
            if of(table, column).is_none() && usual_name(&below.name, column) != name {
                let columns = vec![column.to_owned()];
                let mut passed = Constraint::new(Some(name.clone()), ConstraintKind::NotNull, columns);
                passed.inherited = true;
                table.constraints.push(passed);
            }
        }
    }

    /// The constraint goes with the word.
    pub(super) fn forget_not_null(&mut self, relation: &Name, column: &str) {
        let mut tables = self.now.descendants(relation);
        tables.push(relation.clone());
        for name in tables {
            if let Some(table) = self.now.table_mut(&name) {
                let is_it = |each: &Constraint| {
                    each.kind == ConstraintKind::NotNull && each.columns.as_slice() == [column]
                };
                table.constraints.retain(|each| !is_it(each));
            }
        }
    }
}
