//! Views that come and change. What they stand on may be altered under them: the servers look
//! their names up when they are used, so that only a view that differs itself is made again.

use super::{Work, programs};
use crate::ddl::views;
use crate::model::catalog::{Detail, Kind, Object, ObjectId};
use crate::model::diff::{self, Part, What};
use crate::model::plan::Step;

pub fn create(work: &mut Work<'_>) {
    let mut wanted = work.created_of(Kind::View);
    for changed in &work.changed {
        // Types of columns follow from what the view stands on; their names are its own.
        let follows = |part: &Part| match part.what {
            What::Column => matches!(part.step, diff::Step::Alter { .. }),
            what => what == What::Grant,
        };
        let is_view = changed.new.kind() == Kind::View;
        if is_view && !changed.parts.iter().all(follows) {
            wanted.push((changed.id, changed.new));
        }
    }
    let broken = |object: &Object| match &object.detail {
        Detail::View(view) => view.broken.clone(),
        _ => None,
    };
    for (_, object) in &wanted {
        if let Some(why) = broken(object) {
            work.left(super::told(object), &format!("it is broken: {why}"));
        }
    }
    wanted.retain(|(_, object)| broken(object).is_none());
    let (ordered, circle) = views::ordered(wanted);
    for (_, object) in &circle {
        let sql = work.printed(false, |script| views::stand_in(script, object));
        let mut step = step(object, "create view", sql);
        step.why = "views that need each other begin with their columns alone".into();
        work.step(step);
    }
    for (id, object) in &ordered {
        view(work, *id, object, false);
    }
    for (id, object) in &circle {
        view(work, *id, object, true);
    }
}

fn view(work: &mut Work<'_>, id: ObjectId, object: &Object, stands_in: bool) {
    let old = work.changed.iter().find(|changed| changed.id == id).map(|changed| changed.old);
    let sql = match old {
        Some(old) => {
            let kept = programs::kept_definer(work, object, old);
            work.printed(true, |script| views::view(script, &kept, true))
        }
        None => work.printed(work.options.privileges, |script| views::view(script, object, stands_in)),
    };
    let kind = if old.is_some() { "replace view" } else { "create view" };
    work.step(step(object, kind, sql));
}

fn step(object: &Object, kind: &str, sql: Vec<String>) -> Step {
    Step { kind: kind.into(), object: super::told(object), sql, ..Step::default() }
}
