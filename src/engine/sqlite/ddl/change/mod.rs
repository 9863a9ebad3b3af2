//! From one SQLite catalog to another.
//!
//! What hangs on a table or stands on it is text that SQLite reads when it is used, so that only
//! what differs is made again. A table that cannot be altered is made anew under a free name, filled
//! from the old one, and put in its place
//! (<https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes>).

mod keys;
mod loss;
mod rebuild;
mod standing;
mod table;
#[cfg(test)]
pub mod tests;
pub mod words;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use self::keys::KeyCheck;
use self::loss::Losses;
use self::standing::Standing;
use self::table::{Kept, Way};
use self::words::{Relations, ident};
use super::{index_sql, table_sql, trigger_piece, view_sql};
use crate::model::catalog::{Catalog, Detail, Index, Object, Trigger, attribute};
use crate::model::diff::{self, Change, Part, What};
use crate::model::plan::{Left, Loss, Plan, Step};

/// The steps from one catalog to the other.
pub fn change(from: &Catalog, to: &Catalog, changes: &[Change]) -> Plan {
    let work = Work::new(from, to, changes);
    let mut plan = Plan::default();
    let keys = KeyCheck::of(&work);
    plan.steps.extend(keys.set_aside());
    plan.steps.extend(keys.note(&work));
    work.drop_parts(&mut plan.steps);
    work.drop_tables(&mut plan);
    work.change_tables(&mut plan);
    work.create_tables(&mut plan);
    work.create_parts(&mut plan.steps);
    work.fill_indexes(&mut plan.steps);
    plan.steps.extend(keys.check(&work));
    plan.steps.extend(keys.put_back());
    plan
}

/// What there is to do, sorted by kind of object.
pub struct Work<'a> {
    from: &'a Catalog,
    to: &'a Catalog,
    before: Relations<'a>,
    after: Relations<'a>,
    /// Names that no other table can have meanwhile.
    taken: BTreeSet<String>,
    dropped: Vec<&'a Object>,
    created: Vec<&'a Object>,
    tables: Vec<Kept<'a>>,
    views: Vec<KeptView<'a>>,
    lock: &'static str,
}

/// A view that is in both catalogs and differs.
struct KeptView<'a> {
    old: &'a Object,
    new: &'a Object,
    parts: &'a [Part],
    /// Its own text differs, and not just what it shows of changed tables.
    made_again: bool,
}

impl<'a> Work<'a> {
    fn new(from: &'a Catalog, to: &'a Catalog, changes: &'a [Change]) -> Self {
        let taken = [from, to].into_iter().flat_map(words::relation_names).collect();
        let mut work = Work {
            from,
            to,
            before: Relations::of(from),
            after: Relations::of(to),
            taken,
            dropped: Vec::new(),
            created: Vec::new(),
            tables: Vec::new(),
            views: Vec::new(),
            lock: lock(from),
        };
        let standing = OnceCell::new();
        let after = Relations::of(to);
        let lets_go = |column: &str| standing.get_or_init(|| Standing::of(from, &after)).lets_go(column);
        for change in changes {
            match change {
                Change::Drop { from: id } => work.dropped.push(from.get(*id)),
                Change::Create { to: id } => work.created.push(to.get(*id)),
                Change::Alter { from: old, to: new, parts } => {
                    let (old, new) = (from.get(*old), to.get(*new));
                    match (&old.detail, &new.detail) {
                        (Detail::Table(_), Detail::Table(_)) => {
                            work.tables.extend(Kept::new(&lets_go, old, new, parts));
                        }
                        (Detail::View(_), Detail::View(_)) => {
                            let made_again = old.definition != new.definition || old.definition.is_none();
                            work.views.push(KeptView { old, new, parts, made_again });
                        }
                        _ => {}
                    }
                }
            }
        }
        work.pair_by_case();
        // What is altered is read again by SQLite with all that then stands on it.
        work.tables.sort_by_key(|table| matches!(table.way, Way::Alter { .. }));
        work
    }

    /// To SQLite a name in other letters is the same name: such a table keeps its rows.
    fn pair_by_case(&mut self) {
        let is_plain = |object: &Object| object.as_table().is_some_and(|table| table.foreign.is_none());
        let kept = |new: &&'a Object| {
            let old = self.before.get(&new.name.name)?;
            (is_plain(old) && is_plain(new)).then(|| Kept::rebuilt(old, new))?
        };
        let tables: Vec<Kept<'a>> = self.created.iter().filter_map(kept).collect();
        self.created.retain(|new| !tables.iter().any(|table| std::ptr::eq(table.new, *new)));
        self.dropped.retain(|old| !tables.iter().any(|table| std::ptr::eq(table.old, *old)));
        self.tables.extend(tables);
    }

    fn step(&self, kind: &str, object: String, sql: Vec<String>) -> Step {
        Step {
            kind: kind.to_owned(),
            object,
            sql,
            lock: self.lock.to_owned(),
            in_transaction: true,
            ..Step::default()
        }
    }

    /// Triggers, views and indexes that go or are made again, and are not gone with their table.
    fn drop_parts(&self, steps: &mut Vec<Step>) {
        for (parts, _) in self.kept_parts() {
            for part in parts.iter().filter(|part| part.what == What::Trigger && goes(part)) {
                let sql = vec![format!("DROP TRIGGER {}", ident(&part.name))];
                steps.push(self.step("drop trigger", format!("trigger {}", part.name), sql));
            }
        }
        for view in self.views.iter().filter(|view| view.made_again) {
            steps.push(self.drop_view(view.old));
        }
        for view in self.dropped.iter().filter(|object| matches!(object.detail, Detail::View(_))) {
            steps.push(self.drop_view(view));
        }
        for (parts, _) in self.kept_parts() {
            for part in parts.iter().filter(|part| part.what == What::Index && goes(part)) {
                let sql = vec![format!("DROP INDEX {}", ident(&part.name))];
                steps.push(self.step("drop index", format!("index {}", part.name), sql));
            }
        }
    }

    fn drop_view(&self, view: &Object) -> Step {
        let name = &view.name.name;
        self.step("drop view", format!("view {name}"), vec![format!("DROP VIEW {}", ident(name))])
    }

    /// The parts of tables and views that stay where they are, with their new object.
    fn kept_parts(&self) -> impl Iterator<Item = (&'a [Part], &'a Object)> {
        let tables = self.tables.iter().filter(|table| !table.is_remade());
        let views = self.views.iter().filter(|view| !view.made_again);
        tables.map(|table| (table.parts, table.new)).chain(views.map(|view| (view.parts, view.new)))
    }

    fn drop_tables(&self, plan: &mut Plan) {
        for object in self.dropped.iter().filter(|object| object.as_table().is_some()) {
            let name = &object.name.name;
            if let Some(why) = attribute(&object.attributes, "broken") {
                plan.left.push(Left { what: format!("table {name}"), why: why.to_owned() });
                continue;
            }
            let sql = vec![format!("DROP TABLE {}", ident(name))];
            let mut step = self.step("drop table", format!("table {name}"), sql);
            step.loses.extend(rebuild::holds_rows(object).then(|| rows_go(name)));
            plan.steps.push(step);
        }
    }

    fn change_tables(&self, plan: &mut Plan) {
        for table in &self.tables {
            let name = &table.new.name.name;
            match &table.way {
                Way::PartsOnly => {}
                Way::Alter { .. } => plan.steps.append(&mut self.alter(table)),
                Way::Rebuild => plan.steps.push(self.rebuild(table)),
                Way::Remake => plan.steps.push(self.remake(table)),
                Way::Leave { why } => {
                    plan.left.push(Left { what: format!("table {name}"), why: why.clone() });
                }
            }
        }
    }

    /// A virtual table with its contents; where they cannot be had or come from elsewhere, it is
    /// dropped, and created with the other tables.
    fn remake(&self, table: &Kept<'_>) -> Step {
        let name = &table.old.name.name;
        let mut losses = Losses::of(table);
        let (kind, sql) = match rebuild::of_virtual(table, &words::free_name(&self.taken, name)) {
            Some(sql) => {
                losses.dropped_columns();
                ("rebuild virtual table", sql)
            }
            None => {
                if rebuild::holds_rows(table.old) {
                    losses.all_rows();
                }
                ("drop virtual table", vec![format!("DROP TABLE {}", ident(name))])
            }
        };
        let mut step = self.step(kind, format!("table {name}"), sql);
        step.why = "a virtual table cannot be altered".to_owned();
        step.loses = losses.into_losses();
        step.rewrites = true;
        step
    }

    fn alter(&self, table: &Kept<'_>) -> Vec<Step> {
        let Way::Alter { dropped, added } = &table.way else { return Vec::new() };
        let name = &table.new.name.name;
        let mut steps = Vec::new();
        for column in dropped {
            let sql = format!("ALTER TABLE {} DROP COLUMN {}", ident(name), ident(&column.name));
            let mut step = self.step("drop column", format!("column {name}.{}", column.name), vec![sql]);
            step.rewrites = column.generated.as_ref().is_none_or(|generated| generated.stored);
            let mut losses = Losses::of(table);
            losses.dropped_column(column);
            step.loses = losses.into_losses();
            steps.push(step);
        }
        for (column, constraints) in added {
            let mut sql =
                format!("ALTER TABLE {} ADD COLUMN {}", ident(name), super::column_sql(column, None));
            for constraint in constraints {
                sql += &table::inline(constraint);
            }
            let mut step = self.step("add column", format!("column {name}.{}", column.name), vec![sql]);
            let mut losses = Losses::of(table);
            losses.checks(constraints.iter().copied());
            step.loses = losses.into_losses();
            steps.push(step);
        }
        steps
    }

    fn rebuild(&self, table: &Kept<'_>) -> Step {
        let name = &table.new.name.name;
        let sql = rebuild::statements(table, &words::free_name(&self.taken, name));
        let mut step = self.step("rebuild table", format!("table {name}"), sql);
        step.why = "ALTER TABLE cannot do it: the rows are copied into a new table".to_owned();
        step.rewrites = true;
        let mut losses = Losses::of(table);
        losses.of_a_rebuild(&self.before);
        step.loses = losses.into_losses();
        step
    }

    fn create_tables(&self, plan: &mut Plan) {
        let plain = |object: &&Object| object.as_table().is_some_and(|table| table.foreign.is_none());
        let created = self.created.iter().copied().filter(plain);
        for object in created.chain(self.created_virtual()) {
            let Some(table) = object.as_table() else { continue };
            let name = &object.name.name;
            if let Some(why) = attribute(&object.attributes, "broken") {
                plan.left.push(Left { what: format!("table {name}"), why: why.to_owned() });
                continue;
            }
            let kind = match table.foreign {
                Some(_) => "create virtual table",
                None => "create table",
            };
            plan.steps.push(self.step(kind, format!("table {name}"), vec![table_sql(object, table)]));
        }
    }

    /// The virtual tables that are created, with those that are dropped for it.
    fn created_virtual(&self) -> impl Iterator<Item = &'a Object> {
        let is_virtual = |object: &&Object| object.as_table().is_some_and(|table| table.foreign.is_some());
        let remade = self
            .tables
            .iter()
            .filter(|table| matches!(table.way, Way::Remake) && rebuild::of_virtual(table, "").is_none());
        self.created.iter().copied().filter(is_virtual).chain(remade.map(|table| table.new))
    }

    /// Full-text indexes of what a table or view has, when it is there.
    fn fill_indexes(&self, steps: &mut Vec<Step>) {
        for object in
            self.created_virtual().filter(|object| attribute(&object.attributes, "broken").is_none())
        {
            if let Some(sql) = rebuild::refill(&self.after, object) {
                steps.push(self.step(
                    "fill full-text index",
                    format!("table {}", object.name.name),
                    vec![sql],
                ));
            }
        }
    }

    /// Indexes, views and triggers, when all tables are there.
    fn create_parts(&self, steps: &mut Vec<Step>) {
        for object in &self.created {
            let indexes = object.as_table().map_or(&[][..], |table| &table.indexes);
            steps.extend(indexes.iter().filter_map(|index| self.create_index(object, index)));
        }
        for table in &self.tables {
            let indexes = table.new_table.indexes.iter().filter(|index| index.constraint.is_none());
            let is_made = |index: &&Index| table.is_remade() || comes(table.parts, What::Index, &index.name);
            for index in indexes.filter(is_made) {
                let Some(mut step) = self.create_index(table.new, index) else { continue };
                let mut losses = Losses::of(table);
                losses.unique_index(index);
                step.loses = losses.into_losses();
                if table.is_remade() && !comes(table.parts, What::Index, &index.name) {
                    step.why = "its table is made anew".to_owned();
                }
                steps.push(step);
            }
        }
        for view in self
            .created
            .iter()
            .copied()
            .chain(self.views.iter().filter(|view| view.made_again).map(|view| view.new))
        {
            let Detail::View(parts) = &view.detail else { continue };
            let name = &view.name.name;
            steps.push(self.step("create view", format!("view {name}"), vec![view_sql(view, parts)]));
        }
        self.create_triggers(steps);
    }

    fn create_triggers(&self, steps: &mut Vec<Step>) {
        let all = |object: &'a Object| triggers(object).iter().map(move |each| (object, each, ""));
        for (object, trigger, why) in self.created.iter().copied().flat_map(all).chain(self.triggers_again())
        {
            let sql = vec![trigger_piece(&object.name.name, trigger).sql];
            let mut step = self.step("create trigger", format!("trigger {}", trigger.name), sql);
            step.why = why.to_owned();
            steps.push(step);
        }
    }

    /// The triggers that are new or different, and those that went with their table or view.
    fn triggers_again(&self) -> impl Iterator<Item = (&'a Object, &'a Trigger, &'static str)> {
        let tables = self
            .tables
            .iter()
            .map(|table| (table.new, table.parts, table.is_remade(), "its table is made anew"));
        let views =
            self.views.iter().map(|view| (view.new, view.parts, view.made_again, "its view is made again"));
        tables.chain(views).flat_map(|(object, parts, remade, why)| {
            triggers(object).iter().filter_map(move |trigger| {
                let differs = comes(parts, What::Trigger, &trigger.name);
                (differs || remade).then_some((object, trigger, if differs { "" } else { why }))
            })
        })
    }

    fn create_index(&self, object: &Object, index: &Index) -> Option<Step> {
        let sql = vec![index_sql(&object.name.name, index)?];
        index.constraint.is_none().then(|| self.step("create index", format!("index {}", index.name), sql))
    }
}

/// What fires on a table or view.
pub fn triggers(object: &Object) -> &[Trigger] {
    match &object.detail {
        Detail::Table(table) => &table.triggers,
        Detail::View(view) => &view.triggers,
        _ => &[],
    }
}

/// The part as it was is taken away.
fn goes(part: &Part) -> bool {
    !matches!(part.step, diff::Step::Add { .. })
}

/// The part as it shall be is made.
fn comes(parts: &[Part], what: What, name: &str) -> bool {
    let this = |part: &&Part| part.what == what && part.name == name;
    parts.iter().filter(this).any(|part| !matches!(part.step, diff::Step::Drop { .. }))
}

fn rows_go(table: &str) -> Loss {
    Loss::lost("the table and its rows", Some(format!("SELECT 1 FROM {} LIMIT 1", ident(table))))
}

/// One process writes to a file at a time
/// (<https://www.sqlite.org/lockingv3.html>, <https://www.sqlite.org/wal.html>).
pub fn lock(catalog: &Catalog) -> &'static str {
    match attribute(&catalog.attributes, "journal_mode") {
        Some("wal") => "the whole file: writes wait",
        _ => "the whole file: writes wait, and reads while it is committed",
    }
}
