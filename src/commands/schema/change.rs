//! From one side of a comparison to the other: what differs, the plan that changes it, and the plan
//! that takes it back.

use super::sides::Side;
use crate::commands::plan::Reviewed;
use crate::commands::{Context, interrupt};
use crate::engine::engine_for;
use crate::error::Result;
use crate::model::catalog::{Catalog, Name};
use crate::model::diff::{Change, diff, diff_without_privileges};
use crate::model::plan::{ChangeOptions, Plan, Rename};

/// What leads from A to B and back.
pub struct Way {
    pub renames: Vec<Rename>,
    /// A with the renames made.
    pub from: Catalog,
    pub changes: Vec<Change>,
    pub plan: Plan,
    pub undo: Plan,
}

/// Finds the way from one catalog to another.
pub fn way(from: &Catalog, to: &Catalog, renames: Vec<Rename>, options: ChangeOptions) -> Way {
    let (plan, renamed, changes) = one_way(from, to, &renames, options);
    let (undo, ..) = one_way(to, from, &back(&renames), options);
    Way { renames, from: renamed, changes, plan, undo }
}

fn one_way(
    from: &Catalog,
    to: &Catalog,
    renames: &[Rename],
    options: ChangeOptions,
) -> (Plan, Catalog, Vec<Change>) {
    let ddl = engine_for(from.engine).ddl();
    let mut catalog = from.clone();
    let mut steps = Vec::new();
    for rename in renames {
        let renamed = ddl.rename(&catalog, rename);
        steps.extend(renamed.steps);
        catalog = renamed.catalog;
    }
    let changes = compare(&catalog, to, options.privileges);
    let mut plan = ddl.change(&catalog, to, &changes, options);
    plan.steps.splice(0..0, steps);
    (plan, catalog, changes)
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
    let asks = plan.steps.iter().any(|step| step.loses.as_ref().is_some_and(|loss| loss.probe.is_some()));
    let Some(target) = side.target.as_ref().filter(|_| asks) else {
        return Ok(Reviewed::unseen(plan));
    };
    let mut target = target.clone();
    context.guard_protected(&mut target);
    let mut session = context.open(&mut target)?;
    let _stoppable = interrupt::guard(session.canceller());
    let reviewed = Reviewed::of(session.as_mut(), plan);
    match interrupt::arrived() {
        true => Err(crate::error::Error::new(crate::error::Kind::Interrupted, "interrupted")),
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
