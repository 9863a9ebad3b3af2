//! Defaults, NOT NULL, identity, expressions and settings of columns that stay.

use super::locks::{ACCESS_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE};
use super::{Work, not_nulls, others, probes, sequences, stops};
use crate::ddl::columns as printed;
use crate::ddl::text::{ident, qualified};
use crate::model::catalog::{Column, Detail, Name, Object, Table, attribute};
use crate::model::plan::Loss;

/// From this version on a generated column can be given another expression.
pub const SET_EXPRESSION: u32 = 170_000;

/// What is to be done to a column, in order.
#[derive(Default)]
struct Steps {
    sql: Vec<String>,
    rewrites: bool,
    loses: Vec<Loss>,
}

impl Work<'_> {
    pub(super) fn change_columns(&mut self, new: &Object, table: &Table) {
        for column in &table.columns {
            let now = self.now.table(&new.name);
            let Some(old) = now.and_then(|now| now.columns.iter().find(|each| each.name == column.name))
            else {
                continue;
            };
            let old = old.clone();
            let mut steps = Steps::default();
            self.change_expression(new, &old, column, &mut steps);
            self.change_default(new, &old, column, &mut steps);
            self.change_null(new, table, &old, column, &mut steps);
            self.change_identity(new, &old, column, &mut steps);
            if !steps.sql.is_empty() {
                let step = self.step("alter column", new, steps.sql);
                step.lock = ACCESS_EXCLUSIVE.into();
                step.rewrites = steps.rewrites;
                step.loses.extend(steps.loses);
            }
        }
    }

    /// Changes a column of a table and of those below it, as the server does.
    pub(super) fn set_column(
        &mut self,
        name: &Name,
        column: &str,
        below: bool,
        change: impl Fn(&mut Column),
    ) {
        let mut tables = if below { self.now.descendants(name) } else { Vec::new() };
        tables.push(name.clone());
        for name in tables {
            let Some(table) = self.now.table_mut(&name) else { continue };
            table.columns.iter_mut().filter(|each| each.name == column).for_each(&change);
        }
    }

    /// Columns that are to hold values of their own: they keep those that are stored, and only such
    /// can get any type, or stay when what they were computed from goes.
    pub(super) fn end_expressions(&mut self, name: &Name) {
        let Some((_, new)) = self.stays(name).filter(|_| !self.is_typed(name)) else { return };
        for column in new.columns().iter().filter(|column| column.generated.is_none()) {
            let now = self.now.table(name);
            let old = now.and_then(|now| now.columns.iter().find(|each| each.name == column.name));
            let is_stored = |old: &Column| old.generated.as_ref().is_some_and(|each| each.stored);
            if !old.is_some_and(|old| is_stored(old) && !old.inherited) {
                continue;
            }
            let at = format!("ALTER TABLE {} ALTER COLUMN {}", qualified(&new.name), ident(&column.name));
            let step = self.step("alter column", new, vec![format!("{at} DROP EXPRESSION")]);
            step.lock = ACCESS_EXCLUSIVE.into();
            self.set_column(&new.name, &column.name, true, |each| each.generated = None);
        }
    }

    fn change_expression(&mut self, new: &Object, old: &Column, column: &Column, steps: &mut Steps) {
        if old.generated == column.generated || old.inherited {
            return;
        }
        let Some(generated) = &column.generated else { return };
        let at = format!("ALTER TABLE {} ALTER COLUMN {}", qualified(&new.name), ident(&column.name));
        steps.sql.push(format!("{at} SET EXPRESSION AS ({})", generated.expression));
        steps.rewrites |= generated.stored;
        self.set_column(&new.name, &column.name, true, |each| each.generated.clone_from(&column.generated));
    }

    fn change_default(&mut self, new: &Object, old: &Column, column: &Column, steps: &mut Steps) {
        if old.default == column.default || column.generated.is_some() {
            return;
        }
        let at = format!("ALTER TABLE ONLY {} ALTER COLUMN {}", qualified(&new.name), ident(&column.name));
        steps.sql.push(match &column.default {
            Some(default) => format!("{at} SET DEFAULT {default}"),
            None => format!("{at} DROP DEFAULT"),
        });
        self.set_column(&new.name, &column.name, false, |each| each.default.clone_from(&column.default));
    }

    fn change_null(&mut self, new: &Object, table: &Table, old: &Column, column: &Column, steps: &mut Steps) {
        if old.nullable == column.nullable {
            return;
        }
        let at = format!("ALTER TABLE {} ALTER COLUMN {}", qualified(&new.name), ident(&column.name));
        if column.nullable {
            steps.sql.push(format!("{at} DROP NOT NULL"));
            self.set_column(&new.name, &column.name, true, |each| each.nullable = true);
            self.forget_not_null(&new.name, &column.name);
            return;
        }
        // One with a name is added by it; that of a parent comes with the parent, by now or when its
        // constraint is added or altered.
        let named = not_nulls::of(table, &column.name);
        if self.version >= not_nulls::NAMED && named.is_some() {
            return;
        }
        if self.options.online && self.has_rows(&new.name) {
            self.prove_not_null(new, column);
        }
        steps.sql.push(format!("{at} SET NOT NULL"));
        if self.options.online && self.has_rows(&new.name) {
            let proof = ident(&proof_of(&column.name));
            steps.sql.push(format!("ALTER TABLE {} DROP CONSTRAINT {proof}", qualified(&new.name)));
        }
        steps.loses.extend(self.null_loss(new, column));
        if self.now.children(&new.name).iter().any(|child| {
            self.now.table(child).is_some_and(|table| {
                table.columns.iter().any(|each| each.name == column.name && each.nullable)
            })
        }) {
            self.pass_not_null_down(&new.name, &column.name, None);
        }
        self.set_column(&new.name, &column.name, true, |each| each.nullable = false);
    }

    /// A CHECK that was validated spares SET NOT NULL its scan of the table.
    fn prove_not_null(&mut self, new: &Object, column: &Column) {
        let (table, proof) = (qualified(&new.name), ident(&proof_of(&column.name)));
        let name = ident(&column.name);
        let add = format!("ALTER TABLE {table} ADD CONSTRAINT {proof} CHECK ({name} IS NOT NULL) NOT VALID");
        let loses = self.null_loss(new, column);
        let step = self.step("add constraint", new, vec![add]);
        step.lock = ACCESS_EXCLUSIVE.into();
        step.why = format!("so that {} is known to have values before it must", column.name);
        let valid = format!("ALTER TABLE {table} VALIDATE CONSTRAINT {proof}");
        let step = self.step("validate constraint", new, vec![valid]);
        step.lock = SHARE_UPDATE_EXCLUSIVE.into();
        step.in_transaction = false;
        step.loses.extend(loses);
    }

    fn null_loss(&self, new: &Object, column: &Column) -> Option<Loss> {
        let old = self.from.get(*self.places.get(&new.name)?);
        let is_it = |each: &Column| {
            each.name == column.name && each.generated.is_some() == column.generated.is_some()
        };
        let known = old.columns().iter().any(is_it);
        let probe = match known {
            true => probes::row_where(old, &format!("{} IS NULL", ident(&column.name))),
            false => probes::any_row(old),
        };
        stops(format!("nulls in {}", column.name), Some(probe), Some(old))
    }

    fn change_identity(&mut self, new: &Object, old: &Column, column: &Column, steps: &mut Steps) {
        let Some(identity) = &column.identity else { return };
        let from_above = new
            .as_table()
            .and_then(|table| table.partition_of.as_ref())
            .is_some_and(|_| self.lookup.identity(&new.name, &column.name).is_none());
        if from_above {
            return;
        }
        let at = format!("ALTER TABLE {} ALTER COLUMN {}", qualified(&new.name), ident(&column.name));
        match &old.identity {
            None => {
                let Some(text) = sequences_identity(self, &new.name, column) else { return };
                steps.sql.push(format!("{at} ADD {text}"));
                steps.sql.extend(self.go_on_counting(&new.name, column));
            }
            Some(before) => {
                if before.always != identity.always {
                    let when = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
                    steps.sql.push(format!("{at} SET GENERATED {when}"));
                }
                if let Some((sql, loses)) = sequences::identity_changes(self, &new.name, column) {
                    steps.sql.extend(sql);
                    steps.loses.extend(loses);
                }
            }
        }
        self.set_column(&new.name, &column.name, true, |each| each.identity.clone_from(&column.identity));
    }

    /// Numbers go on after the last one that a row has.
    pub(super) fn go_on_counting(&self, table: &Name, column: &Column) -> Option<String> {
        if !self.has_rows(table) {
            return None;
        }
        let (object, sequence) = self.lookup.identity(table, &column.name)?;
        let last = if sequence.increment < 0 { "min" } else { "max" };
        Some(format!(
            "SELECT pg_catalog.setval({}, (SELECT pg_catalog.{last}({}) FROM {}))",
            crate::ddl::text::literal(&qualified(&object.name)),
            ident(&column.name),
            qualified(table)
        ))
    }

    /// Storage, compression, statistics and options.
    pub(super) fn set_columns(&mut self, new: &Object) {
        let Some(now) = self.now.get(&new.name).cloned() else { return };
        let mut sql = Vec::new();
        let is_view = matches!(new.detail, Detail::View(_));
        for column in new.columns() {
            let Some(old) = now.columns().iter().find(|each| each.name == column.name) else { continue };
            let added: Vec<_> =
                column.attributes.iter().filter(|each| !old.attributes.contains(each)).cloned().collect();
            let clone = Column { attributes: added, ..column.clone() };
            sql.extend(printed::settings(new, &[clone]).into_iter().map(|piece| piece.sql));
            let alter = if is_view { "ALTER MATERIALIZED VIEW" } else { "ALTER TABLE ONLY" };
            let at = format!("{alter} {} ALTER COLUMN {}", qualified(&new.name), ident(&column.name));
            let has = |name: &str| column.attributes.iter().any(|each| each.name == name);
            for gone in old.attributes.iter().filter(|each| !has(&each.name)) {
                sql.extend(self.unset(column, &gone.name).map(|change| format!("{at} {change}")));
            }
            let options =
                |each: &Column| attribute(&each.attributes, "options").unwrap_or_default().to_owned();
            if let Some(change) = others::options_change(&options(old), &options(column)) {
                let table = qualified(&new.name);
                sql.push(format!(
                    "ALTER FOREIGN TABLE {table} ALTER COLUMN {} {change}",
                    ident(&column.name)
                ));
            }
        }
        if !sql.is_empty() {
            self.step("alter column", new, sql).lock = ACCESS_EXCLUSIVE.into();
        }
    }

    fn unset(&self, column: &Column, attribute: &str) -> Option<String> {
        Some(match attribute {
            "storage" if self.version >= 160_000 => "SET STORAGE DEFAULT".to_owned(),
            "storage" => {
                let is_number =
                    column.ty.starts_with("numeric") || matches!(column.ty.as_str(), "inet" | "cidr");
                format!("SET STORAGE {}", if is_number { "MAIN" } else { "EXTENDED" })
            }
            "compression" => "SET COMPRESSION DEFAULT".to_owned(),
            "statistics" => "SET STATISTICS -1".to_owned(),
            "options" => return None,
            name => format!("RESET ({})", ident(name)),
        })
    }
}

fn sequences_identity(work: &Work<'_>, table: &Name, column: &Column) -> Option<String> {
    let identity = column.identity.as_ref()?;
    crate::ddl::sequences::identity(&work.lookup, table, column, identity)
}

/// The name of the CHECK that stands in for a NOT NULL for a while.
fn proof_of(column: &str) -> String {
    let mut name = format!("{column} has values");
    while name.len() > 63 {
        name.pop();
    }
    name
}
