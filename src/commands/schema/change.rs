//! From one side of a comparison to the other: what differs, the plan that changes it, and the plan
//! that takes it back.

use super::diff::report;
use super::keep::{Counts, Keeping, Kept};
use super::sides::Side;
use super::stuck::stuck;
use crate::commands::plan::Reviewed;
use crate::commands::{Context, interrupt};
use crate::engine::engine_for;
use crate::error::{self, Error, Result};
use crate::model::catalog::{Catalog, Constraint, ConstraintKind, Detail, Kind, Name, Object};
use crate::model::diff::{Change, Part, Step, What, diff, diff_without_privileges};
use crate::model::plan::{Behind, ChangeOptions, Plan, Rename};

/// What leads from A to B and back.
pub struct Way {
    pub renames: Vec<Rename>,
    /// A with the renames made.
    pub from: Catalog,
    /// B with what is kept of A.
    pub to: Catalog,
    pub changes: Vec<Change>,
    /// What a rename makes fail, and what is not made anew.
    pub behind: Vec<Behind>,
    /// What is to stay and names a column that goes.
    stuck: Vec<String>,
    pub plan: Plan,
    pub undo: Plan,
    kept: Kept,
    keeping: Keeping,
}

/// Finds the way from one side to the other.
pub fn way(sides: [&Side; 2], renames: Vec<Rename>, options: ChangeOptions, keep_extra: bool) -> Way {
    let [from, to] = sides;
    let keeping = Keeping {
        from_definition: from.is_definition(),
        to_definition: to.is_definition(),
        from_files: from.target.is_none(),
        to_files: to.target.is_none(),
        extra: keep_extra,
    };
    let mut way = one_way(&from.catalog, &to.catalog, &renames, options, keeping);
    way.undo = one_way(&way.to, &from.catalog, &back(&renames), options, keeping.back()).plan;
    Way { renames, ..way }
}

fn one_way(
    from: &Catalog,
    to: &Catalog,
    renames: &[Rename],
    options: ChangeOptions,
    keeping: Keeping,
) -> Way {
    let ddl = engine_for(from.engine).ddl();
    let (mut from, mut to) = (from.clone(), to.clone());
    let (mut steps, mut behind) = (Vec::new(), Vec::new());
    for rename in renames {
        behind.extend(ddl.left_behind(&from, rename));
        let renamed = ddl.rename(&from, rename);
        steps.extend(renamed.steps);
        from = renamed.catalog;
    }
    let kept = keeping.apply(&mut from, &mut to);
    let to = ddl.spelled(&from, to);
    let stuck = stuck(&from, &to, &kept.objects);
    let changes = compare(&from, &to, options.privileges);
    behind.retain(|each| !changes.iter().any(|change| makes_anew(&from, change, each)));
    let mut plan = ddl.change(&from, &to, &changes, options);
    plan.steps.splice(0..0, steps);
    Way { renames: Vec::new(), from, to, changes, behind, stuck, plan, undo: Plan::default(), kept, keeping }
}

/// Whether the change drops or replaces what a rename leaves behind.
fn makes_anew(from: &Catalog, change: &Change, behind: &Behind) -> bool {
    let is_trigger = |object: &Object| match &object.detail {
        Detail::Table(table) => table.triggers.iter().any(|each| each.name == behind.name),
        Detail::View(view) => view.triggers.iter().any(|each| each.name == behind.name),
        _ => false,
    };
    let is_it = |object: &Object| match behind.kind {
        Some(kind) => object.kind() == kind && object.name.name == behind.name,
        None => is_trigger(object),
    };
    match change {
        Change::Create { .. } => false,
        Change::Drop { from: id } => is_it(from.get(*id)),
        Change::Alter { from: id, parts, .. } => {
            let part = |part: &Part| match behind.kind {
                Some(_) => part.what == What::Itself,
                None => part.what == What::Trigger && part.name == behind.name,
            };
            is_it(from.get(*id)) && parts.iter().any(part)
        }
    }
}

impl Way {
    /// Tells what is not compared, and what a rename makes fail.
    pub fn tell(&self, context: &Context) {
        let tell = |why: &str, counts: &Counts| {
            let words: Vec<String> = counts.iter().map(|(word, count)| format!("{word} ({count})")).collect();
            if !words.is_empty() {
                context.ui.status(&format!("not compared, as {why}: {}", words.join(", ")));
            }
        };
        tell("no definition tells of them", &self.kept.unsaid);
        tell("files are loaded without them", &self.kept.unloaded);
        for each in &self.stuck {
            context.ui.warn(&format!("{each}: it is to stay, and names a column that goes"));
        }
        for each in &self.behind {
            let told = words(each);
            context
                .ui
                .warn(&format!("{told} may name what is renamed by its old name, and fail from then on"));
        }
    }

    /// What differs, object by object.
    pub fn titles(&self) -> Vec<String> {
        titles(&self.from, &self.to, &self.changes)
    }

    /// What differs after the plan has run, from the database as it is now and B as it was read.
    ///
    /// What was kept has to be there, but not as it was: the columns of a view follow from what it
    /// stands on, and a server may write its text in another way.
    pub fn still(&self, [mut now, mut wanted]: [Catalog; 2], privileges: bool) -> Vec<String> {
        let ddl = engine_for(now.engine).ddl();
        let planned = ddl.spelled(&now, self.to.clone());
        let mut gone = compare(&now, &planned, privileges);
        gone.retain(|change| match change {
            Change::Create { .. } => true,
            Change::Alter { to, parts, .. } => parts.iter().any(|part| {
                let table = self.to.get(*to).as_table();
                let excludes = |each: &Constraint| {
                    each.kind == ConstraintKind::Exclusion && each.name.as_ref() == Some(&part.name)
                };
                let is_kept = match part.what {
                    What::Trigger | What::Policy | What::Rule => true,
                    What::Constraint => table.is_some_and(|table| table.constraints.iter().any(excludes)),
                    What::Index => table.is_none(),
                    _ => false,
                };
                is_kept && matches!(part.step, Step::Add { .. })
            }),
            Change::Drop { .. } => false,
        });
        let mut found = titles(&now, &planned, &gone);
        self.keeping.apply(&mut now, &mut wanted);
        let wanted = ddl.spelled(&now, wanted);
        let rest = titles(&now, &wanted, &compare(&now, &wanted, privileges));
        found.extend(rest.into_iter().filter(|title| !found.contains(title)).collect::<Vec<_>>());
        found
    }

    /// An error where what is to stay names a column that goes: the plan could not be run.
    pub fn refuse_stuck(&self) -> Result<()> {
        match self.stuck.is_empty() {
            true => Ok(()),
            false => Err(Error::new(
                error::Kind::Refused,
                format!("{}: to stay, and names a column that goes", self.stuck.join(", ")),
            )
            .hint("keep the column, or drop before what names it")),
        }
    }

    /// An error where a trigger or a view that stays would fail from then on: every change of its
    /// table, or whoever reads it. Of other programs nobody can say what they name.
    pub fn refuse_broken(&self) -> Result<()> {
        self.refuse_stuck()?;
        let fails = self.behind.iter().filter(|each| matches!(each.kind, None | Some(Kind::View)));
        let told: Vec<String> = fails.map(words).collect();
        match told.is_empty() {
            true => Ok(()),
            false => Err(Error::new(
                error::Kind::Refused,
                format!("{}: left as it is, and the rename would make it fail", told.join(", ")),
            )
            .hint("say it by the new name in a file of SQL, or drop it before and make it again after")),
        }
    }
}

/// The objects that changes are about.
fn titles(from: &Catalog, to: &Catalog, changes: &[Change]) -> Vec<String> {
    let title = |catalog: &Catalog, id| report::title(catalog, catalog.get(id));
    let titles = changes.iter().map(|change| match change {
        Change::Create { to: id } | Change::Alter { to: id, .. } => title(to, *id),
        Change::Drop { from: id } => title(from, *id),
    });
    titles.collect()
}

/// `trigger audit`.
fn words(behind: &Behind) -> String {
    format!("{} {}", behind.kind.map_or("trigger", Kind::word), behind.name)
}

/// What differs; with or without owners and grants, which only the first may know of.
pub fn compare(from: &Catalog, to: &Catalog, privileges: bool) -> Vec<Change> {
    if privileges { diff(from, to) } else { diff_without_privileges(from, to) }
}

/// The renames that give the old names back: columns first, by the names that tables have then.
fn back(renames: &[Rename]) -> Vec<Rename> {
    let then = |table: &Name| {
        let renamed = renames.iter().find(|each| each.column.is_none() && each.table == *table);
        renamed.map_or_else(|| table.clone(), |each| Name::new(table.schema.clone(), each.to.clone()))
    };
    renames
        .iter()
        .map(|rename| match &rename.column {
            Some(column) => {
                Rename { table: then(&rename.table), column: Some(rename.to.clone()), to: column.clone() }
            }
            None => Rename { table: then(&rename.table), column: None, to: rename.table.name.clone() },
        })
        .collect()
}

/// The plan with what a look at the database tells of its losses; only a database can be looked at.
pub fn review(context: &Context, side: &Side, plan: Plan) -> Result<Reviewed> {
    let asks = plan.steps.iter().any(|step| step.loses.iter().any(|loss| loss.probe.is_some()));
    let Some(target) = side.target.as_ref().filter(|_| asks) else {
        return Ok(Reviewed::unseen(plan));
    };
    let mut target = target.clone();
    context.guard_protected(&mut target);
    let mut session = context.open(&mut target)?;
    let _stoppable = interrupt::guard(session.canceller());
    let reviewed = Reviewed::of(session.as_mut(), plan);
    match interrupt::arrived() {
        true => Err(Error::new(error::Kind::Interrupted, "interrupted")),
        false => Ok(reviewed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn the_way_back_gives_the_old_names() {
        let rename = |table: &str, column: Option<&str>, to: &str| Rename {
            table: Name::new("", table),
            column: column.map(Into::into),
            to: to.into(),
        };
        let there = [rename("a", Some("x"), "y"), rename("b", Some("x"), "z"), rename("a", None, "c")];
        let expected = [rename("c", Some("y"), "x"), rename("b", Some("z"), "x"), rename("c", None, "a")];
        assert_eq!(back(&there), expected);
    }
}
