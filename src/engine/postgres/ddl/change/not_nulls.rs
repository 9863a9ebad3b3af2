//! The names of NOT NULLs, each a constraint since 18. One of the usual name is not told by the
//! catalog's constraints.

use super::Work;
use super::locks::ACCESS_EXCLUSIVE;
use crate::catalog::usual_name;
use crate::ddl::text::{ident, qualified};
use crate::model::catalog::{Column, Constraint, ConstraintKind, Name, Object, Table, attribute};

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

/// A NOT NULL that has a name, and is to have another where `is` tells one.
struct Renamed {
    /// The constraint as it is told of the second catalog.
    told: Option<Constraint>,
    was: String,
    is: Option<String>,
}

/// A name to have for a while.
fn aside(name: &str) -> String {
    let mut aside = name.to_owned();
    while aside.len() + " before".len() > 63 {
        aside.pop();
    }
    aside + " before"
}

impl Work<'_> {
    /// Gives the NOT NULLs that stay the names that they are to have.
    pub(super) fn rename_not_nulls(&mut self, new: &Object, table: &Table) {
        if self.version < NAMED {
            return;
        }
        let Some(now) = self.now.table(&new.name).cloned() else { return };
        let mut waiting: Vec<Renamed> = now
            .columns
            .iter()
            .filter_map(|old| {
                let was = name(&new.name, &now, old)?;
                let wanted = table.columns.iter().find(|each| each.name == old.name);
                let is = wanted.and_then(|wanted| name(&new.name, table, wanted));
                let from_above = of(&now, &old.name).is_some_and(|each| each.inherited);
                let is = is.filter(|is| *is != was && !from_above);
                Some(Renamed { told: of(table, &old.name).cloned(), was, is })
            })
            .collect();
        while let Some(first) = waiting.iter().find_map(|each| each.is.clone()) {
            let has = |all: &[Renamed], name: &String| all.iter().position(|each| each.was == *name);
            let is_free = |each: &Renamed| each.is.as_ref().is_some_and(|is| has(&waiting, is).is_none());
            match (waiting.iter().position(is_free), has(&waiting, &first)) {
                (Some(at), _) => {
                    let each = waiting.remove(at);
                    self.rename_not_null(new, &each, each.is.as_deref().unwrap_or_default());
                }
                // They take each other's names, or that of one which goes.
                (None, Some(holder)) => {
                    let aside = aside(&waiting[holder].was);
                    self.rename_not_null(new, &waiting[holder], &aside);
                    waiting[holder].was = aside;
                }
                (None, None) => return,
            }
        }
    }

    fn rename_not_null(&mut self, new: &Object, each: &Renamed, is: &str) {
        let (at, was) = (qualified(&new.name), &each.was);
        let sql = format!("ALTER TABLE {at} RENAME CONSTRAINT {} TO {}", ident(was), ident(is));
        self.step("rename constraint", new, vec![sql]).lock = ACCESS_EXCLUSIVE.into();
        let mut below = self.now.descendants(&new.name);
        below.push(new.name.clone());
        for name in below {
            let Some(table) = self.now.table_mut(&name) else { continue };
            match table.constraints.iter_mut().find(|each| each.name.as_ref() == Some(was)) {
                Some(each) => each.name = Some(is.to_owned()),
                None if name == new.name => {
                    let name = Some(is.to_owned());
                    let there = |each| Constraint { name, comment: None, attributes: Vec::new(), ..each };
                    table.constraints.extend(each.told.clone().map(there));
                }
                None => {}
            }
        }
    }

    /// NOT NULLs that are for their own table alone from now on: those of the tables below are these
    /// tables' own then, and can go.
    pub(super) fn end_inheriting(&mut self, new: &Object, table: &Table) {
        if self.version < NAMED {
            return;
        }
        let alone = |each: &Constraint| attribute(&each.attributes, "no inherit").is_some();
        let wanted = table.constraints.iter().filter(|each| each.kind == ConstraintKind::NotNull);
        for each in wanted.filter(|each| alone(each)) {
            let (Some(is), [column]) = (&each.name, each.columns.as_slice()) else { continue };
            let Some(now) = self.now.table(&new.name) else { return };
            let old = now.columns.iter().find(|old| old.name == *column);
            let has_it = old.and_then(|old| name(&new.name, now, old)).as_ref() == Some(is);
            let differs = of(now, column).is_none_or(|old| !alone(old) && !old.inherited && old.validated);
            if !has_it || !differs {
                continue;
            }
            let sql =
                format!("ALTER TABLE {} ALTER CONSTRAINT {} NO INHERIT", qualified(&new.name), ident(is));
            self.step("alter constraint", new, vec![sql]).lock = ACCESS_EXCLUSIVE.into();
            for below in self.now.children(&new.name) {
                let Some(table) = self.now.table_mut(&below) else { continue };
                let own = table.constraints.iter_mut().filter(|each| each.name.as_ref() == Some(is));
                own.for_each(|each| each.inherited = false);
            }
            let Some(now) = self.now.table_mut(&new.name) else { return };
            now.constraints.retain(|old| old.name.as_ref() != Some(is));
            now.constraints.push(Constraint { comment: None, ..each.clone() });
        }
    }

    /// Whether a NOT NULL has the name, told or not.
    pub(super) fn names_a_not_null(&self, object: &Object, name: Option<&String>) -> bool {
        let Some(table) = object.as_table().filter(|_| self.version >= NAMED) else { return false };
        name.is_some()
            && table.columns.iter().any(|column| self::name(&object.name, table, column).as_ref() == name)
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
