//! What people had before a plan they have after it: values, and rights, neither fewer nor more.

use dbwright::engine::engine_for;
use dbwright::model::diff::diff_without_privileges;
use dbwright::model::plan::{ChangeOptions, Plan};
use dbwright::model::target::EngineKind;

use super::{load, read, run_plan, script};
use crate::servers::{Bed, Server, one};

super::on_postgres! {
    stored_values_outlive_their_expression,
    values_that_are_computed_are_told_as_lost,
    numbers_go_on_under_another_name,
    rows_that_all_pass_are_not_told_as_lost,
    what_is_made_anew_gets_no_rights_by_default,
    what_is_made_anew_gets_rights_that_defaults_keep_from_it,
    a_column_that_comes_again_has_its_rights,
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
        plan.steps.iter().flat_map(|step| &step.loses).map(|loss| loss.what.as_str()).collect();
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
    let losses: Vec<_> = plan.steps.iter().flat_map(|step| &step.loses).collect();
    assert_eq!(losses.len(), 1, "{plan:#?}");
    assert_eq!(losses[0].what, "the values of a");
}

fn numbers_go_on_under_another_name(bed: &Bed) {
    let a = "CREATE TABLE t (id serial PRIMARY KEY, n text); INSERT INTO t (n) VALUES ('a'), ('b');
        GRANT USAGE ON SEQUENCE t_id_seq TO PUBLIC; ALTER TABLE t RENAME TO t2";
    let b = "CREATE TABLE t2 (id serial PRIMARY KEY, n text)";
    let (plan, next) = after(
        bed,
        a,
        b,
        "SELECT nextval('t2_id_seq') || relacl::text FROM pg_class WHERE oid = 't2_id_seq'::regclass",
    );
    assert!(next.starts_with("3{") && next.contains(",=U/"), "{next}\n{}", script(&plan));
    assert!(plan.steps.iter().all(|step| step.loses.is_empty()), "{}", script(&plan));
}

fn rows_that_all_pass_are_not_told_as_lost(bed: &Bed) {
    let a = "CREATE TABLE m (id integer, n integer NOT NULL CHECK (n > 0)) PARTITION BY RANGE (id);
        CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (1) TO (10); INSERT INTO m VALUES (1, 2)";
    let b = "CREATE TABLE m (id bigint, n integer NOT NULL CHECK (n > 0)) PARTITION BY RANGE (id);
        CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (1) TO (10)";
    let (plan, found) = after(bed, a, b, "SELECT sum(n) FROM m");
    assert_eq!(found, "2");
    assert!(plan.steps.iter().all(|step| step.loses.is_empty()), "{plan:#?}");
    let (plan, _) = after(bed, a, &b.replace("(10)", "(11)"), "SELECT 1");
    assert!(plan.steps.iter().any(|step| !step.loses.is_empty()), "{plan:#?}");
}

/// Who may do what with the relations, routines and types of a database.
const RIGHTS: &str = "SELECT string_agg(each, E'\\n' ORDER BY each COLLATE \"C\") FROM (
    SELECT concat_ws(' ', relname, x.grantee::regrole, x.privilege_type, x.is_grantable) FROM pg_class,
      aclexplode(coalesce(relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::\"char\", relowner))) x
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'S')
    UNION ALL
    SELECT concat_ws(' ', proname, x.grantee::regrole, x.privilege_type) FROM pg_proc,
      aclexplode(coalesce(proacl, acldefault('f', proowner))) x WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', typname, x.grantee::regrole, x.privilege_type) FROM pg_type,
      aclexplode(coalesce(typacl, acldefault('T', typowner))) x
      WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
    ) found (each)";

const BEFORE: &str = "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (a integer, e e);
    CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM t; GRANT SELECT ON w TO PUBLIC;
    CREATE MATERIALIZED VIEW mv AS SELECT a FROM t;
    CREATE TABLE m (id integer, n integer GENERATED BY DEFAULT AS IDENTITY) PARTITION BY RANGE (id);
    CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION g() RETURNS integer LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION g() FROM PUBLIC";

const AFTER: &str = "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (a bigint, e e);
    CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM t;
    CREATE MATERIALIZED VIEW mv AS SELECT a FROM t;
    CREATE TABLE m (id bigint, n integer GENERATED BY DEFAULT AS IDENTITY) PARTITION BY RANGE (id);
    CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
    CREATE FUNCTION g() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'";

/// The rights on what a plan makes anew are the same as before, whatever the defaults are by then.
fn rights_stay(bed: &Bed, defaults: &str) {
    let place = Bed::new(bed.server, "rights");
    let mut session = place.open();
    load(&mut *session, BEFORE);
    let rights = one(&mut *session, RIGHTS);
    let (plan, reached) = after(bed, &format!("{BEFORE}; {defaults}"), AFTER, RIGHTS);
    assert_eq!(reached, rights, "{}", script(&plan));
}

fn what_is_made_anew_gets_no_rights_by_default(bed: &Bed) {
    rights_stay(
        bed,
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
         ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO PUBLIC",
    );
}

fn what_is_made_anew_gets_rights_that_defaults_keep_from_it(bed: &Bed) {
    rights_stay(
        bed,
        "ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
         ALTER DEFAULT PRIVILEGES REVOKE ALL ON TYPES FROM PUBLIC;
         ALTER DEFAULT PRIVILEGES REVOKE INSERT ON TABLES FROM CURRENT_USER",
    );
}

fn a_column_that_comes_again_has_its_rights(bed: &Bed) {
    let a = "CREATE TABLE g (c text, a text GENERATED ALWAYS AS (upper(c)) STORED)";
    let b = a.replace("c text", "c varchar(9)");
    let rights = "SELECT attacl FROM pg_attribute WHERE attrelid = 'g'::regclass AND attname = 'a'";
    let (_, rights) = after(bed, &format!("{a}; GRANT SELECT (a) ON g TO PUBLIC"), &b, rights);
    assert!(rights.starts_with("{=r/"), "{rights}");
}
