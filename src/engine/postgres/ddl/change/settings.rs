//! What is set on a table as a whole.

use super::indexes::storage_changes;
use super::locks::{ACCESS_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE};
use super::{Work, alter, others};
use crate::ddl::tables;
use crate::ddl::text::{ident, qualified};
use crate::model::catalog::{Attribute, Detail, Object, attribute};

impl Work<'_> {
    /// Storage of tables and materialized views.
    pub(super) fn set_relation(&mut self, new: &Object) {
        let Some(now) = self.now.get(&new.name).cloned() else { return };
        let alter = alter(new);
        let value = |object: &Object, name: &str| attribute(&object.attributes, name).map(str::to_owned);
        let differs = |name: &str| value(&now, name) != value(new, name);
        let mut heavy = Vec::new();
        if differs("unlogged") {
            let how = if value(new, "unlogged").is_some() { "UNLOGGED" } else { "LOGGED" };
            heavy.push(format!("{alter} SET {how}"));
        }
        if differs("access method") {
            let method = value(new, "access method").unwrap_or_else(|| "heap".into());
            heavy.push(format!("{alter} SET ACCESS METHOD {}", ident(&method)));
        }
        if differs("tablespace") {
            let space = value(new, "tablespace").unwrap_or_else(|| "pg_default".into());
            heavy.push(format!("{alter} SET TABLESPACE {}", ident(&space)));
        }
        if !heavy.is_empty() {
            let step = self.step("alter table", new, heavy);
            step.lock = ACCESS_EXCLUSIVE.into();
            step.rewrites = true;
        }
        let mut light = storage_changes(&alter, &now.attributes, &new.attributes);
        if differs("of") {
            light.push(match value(new, "of") {
                Some(of) => format!("{alter} OF {of}"),
                None => format!("{alter} NOT OF"),
            });
        }
        let options = |object: &Object| value(object, "options").unwrap_or_default();
        if matches!(&new.detail, Detail::Table(table) if table.foreign.is_some())
            && let Some(change) = others::options_change(&options(&now), &options(new))
        {
            light.push(format!("{alter} {change}"));
        }
        if !light.is_empty() {
            self.step("alter table", new, light).lock = SHARE_UPDATE_EXCLUSIVE.into();
        }
    }

    /// Row security and replica identity, when policies and indexes are there.
    pub(super) fn set_watching(&mut self, new: &Object) {
        let Some(now) = self.now.get(&new.name).cloned() else { return };
        if new.as_table().is_none() {
            return;
        }
        let added: Vec<Attribute> =
            new.attributes.iter().filter(|each| !now.attributes.contains(each)).cloned().collect();
        let clone = Object { attributes: added, ..new.clone() };
        let mut sql: Vec<String> = tables::settings(&clone).into_iter().map(|piece| piece.sql).collect();
        let table = qualified(&new.name);
        let has = |object: &Object, name: &str| attribute(&object.attributes, name).is_some();
        for gone in now.attributes.iter().filter(|each| !has(new, &each.name)) {
            let change = match gone.name.as_str() {
                "row security" => "DISABLE ROW LEVEL SECURITY",
                "force row security" => "NO FORCE ROW LEVEL SECURITY",
                _ => continue,
            };
            sql.push(format!("ALTER TABLE ONLY {table} {change}"));
        }
        if sets_identity(&now) && !sets_identity(new) {
            sql.push(format!("ALTER TABLE ONLY {table} REPLICA IDENTITY DEFAULT"));
        }
        if !sql.is_empty() {
            self.step("alter table", new, sql).lock = ACCESS_EXCLUSIVE.into();
        }
    }
}

/// Whether the replica identity is another than the primary key.
fn sets_identity(object: &Object) -> bool {
    attribute(&object.attributes, "replica identity").is_some()
        || super::indexes::of(object)
            .iter()
            .any(|index| attribute(&index.attributes, "replica identity").is_some())
}
