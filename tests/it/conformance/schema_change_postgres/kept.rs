//! What people had before a plan they have after it: values that a column has.

use dbwright::engine::engine_for;
use dbwright::model::diff::diff_without_privileges;
use dbwright::model::plan::{ChangeOptions, Plan};
use dbwright::model::target::EngineKind;

use super::{load, read, run_plan, script};
use crate::servers::{Bed, Server, one};

super::on_postgres! {
    stored_values_outlive_their_expression,
    values_that_are_computed_are_told_as_lost,
}

const PLAIN: ChangeOptions = ChangeOptions { online: false, privileges: false };

/// Makes a database what a script makes, which tells of no rights; and what a query finds then.
fn after(bed: &Bed, a: &str, b: &str, query: &str) -> (Plan, String) {
    let other = Bed::new(bed.server, "kept");
    let (mut from, mut to) = (bed.open(), other.open());
    load(&mut *from, a);
    load(&mut *to, b);
    let (before, wanted) = (read(&mut *from), read(&mut *to).without_privileges());
    let changes = diff_without_privileges(&before, &wanted);
    let plan = engine_for(EngineKind::Postgres).ddl().change(&before, &wanted, &changes, PLAIN);
    run_plan(&mut *from, &plan);
    let missed = diff_without_privileges(&read(&mut *from), &wanted);
    assert!(missed.is_empty() || !plan.left.is_empty(), "{missed:#?}\nafter\n{}", script(&plan));
    (plan, one(&mut *from, query))
}

fn stored_values_outlive_their_expression(bed: &Bed) {
    let a = "CREATE FUNCTION f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT upper($1)';
        CREATE TABLE g (id integer, c text, d text, a text GENERATED ALWAYS AS (upper(c)) STORED,
          b text GENERATED ALWAYS AS (c || d) STORED, e text GENERATED ALWAYS AS (f(c)) STORED);
        CREATE TABLE h () INHERITS (g); INSERT INTO g VALUES (1, 'x', 'y'); INSERT INTO h VALUES (2, 'x', 'y')";
    let b = "CREATE TABLE g (id integer, c varchar(10), a text, b varchar(20), e text);
        CREATE TABLE h () INHERITS (g)";
    let (plan, values) = after(bed, a, b, "SELECT string_agg(concat(a, b, e), ',' ORDER BY id) FROM g");
    assert_eq!(values, "XxyX,XxyX");
    let losses: Vec<&str> =
        plan.steps.iter().filter_map(|step| step.loses.as_ref()).map(|loss| loss.what.as_str()).collect();
    assert!(losses.iter().any(|what| what.contains("the column d")), "{losses:?}");
    assert!(!losses.iter().any(|what| what.contains("values of")), "{losses:?}");
}

fn values_that_are_computed_are_told_as_lost(bed: &Bed) {
    if bed.server != Server::Pg18 {
        return;
    }
    let a = "CREATE TABLE g (c text, a text GENERATED ALWAYS AS (upper(c)) VIRTUAL);
        INSERT INTO g VALUES ('x')";
    let (plan, _) = after(bed, a, "CREATE TABLE g (c text, a text)", "SELECT 1");
    let losses: Vec<_> = plan.steps.iter().filter_map(|step| step.loses.as_ref()).collect();
    assert_eq!(losses.len(), 1, "{plan:#?}");
    assert_eq!(losses[0].what, "the values of a");
}
