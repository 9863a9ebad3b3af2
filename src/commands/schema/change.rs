//! From one side of a comparison to the other: what differs, the plan that changes it, and the plan
//! that takes it back.

use super::sides::Side;
use crate::commands::plan::Reviewed;
use crate::commands::{Context, interrupt};
use crate::engine::engine_for;
use crate::error::Result;
use crate::model::catalog::{Catalog, Name, ObjectId};
use crate::model::diff::{Change, diff};
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
    let changes = diff(&catalog, to);
    let mut plan = ddl.change(&catalog, to, &changes, options);
    plan.steps.splice(0..0, steps);
    (plan, catalog, changes)
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

/// Puts what only the first catalog has into the second, so that nothing is dropped whole.
pub fn keep_extra(from: &Catalog, to: &mut Catalog) {
    let extra: Vec<ObjectId> = diff(from, to)
        .into_iter()
        .filter_map(|change| match change {
            Change::Drop { from } => Some(from),
            _ => None,
        })
        .collect();
    // What an identity column or an extension brings along goes with it, and is no change itself.
    let known = |catalog: &Catalog, id: ObjectId| {
        let object = from.get(id);
        catalog.iter().find_map(|(place, each)| {
            let same = each.kind() == object.kind()
                && each.name == object.name
                && each.signature == object.signature;
            same.then_some(place)
        })
    };
    let first = to.objects.len() as u32;
    let places: Vec<Option<ObjectId>> = (0u32..)
        .zip(&from.objects)
        .map(|(at, _)| match extra.iter().position(|id| id.0 == at) {
            Some(position) => Some(ObjectId(first + position as u32)),
            None => known(to, ObjectId(at)),
        })
        .collect();
    for id in &extra {
        let mut object = from.get(*id).clone();
        object.depends_on = object.depends_on.iter().filter_map(|id| places[id.0 as usize]).collect();
        to.objects.push(object);
    }
    to.sort();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Detail, Object, Table, View};
    use crate::model::target::EngineKind;

    fn catalog(objects: Vec<Object>) -> Catalog {
        let mut catalog = Catalog::empty(EngineKind::Sqlite);
        catalog.objects = objects;
        catalog
    }

    fn table(name: &str) -> Object {
        Object::new(Name::new("", name), Detail::Table(Table::default()))
    }

    #[test]
    fn what_is_extra_is_kept_with_what_it_stands_on() {
        let mut view = Object::new(Name::new("", "v"), Detail::View(View::default()));
        view.depends_on = vec![ObjectId(0), ObjectId(1)];
        let mut from = catalog(vec![table("extra"), table("film"), view]);
        from.sort();
        let mut to = catalog(vec![table("actor"), table("film")]);
        to.sort();
        keep_extra(&from, &mut to);
        let names: Vec<&str> = to.objects.iter().map(|object| object.name.name.as_str()).collect();
        assert_eq!(names, ["actor", "extra", "film", "v"]);
        assert_eq!(to.objects[3].depends_on, [ObjectId(1), ObjectId(2)]);
        assert!(diff(&from, &to).iter().all(|change| matches!(change, Change::Create { .. })));
    }

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
