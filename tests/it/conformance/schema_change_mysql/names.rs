//! Tables and columns that get other names.

use dbwright::engine::{Session, engine_for};
use dbwright::model::catalog::Name;
use dbwright::model::diff::diff;
use dbwright::model::plan::{ChangeOptions, Plan, Rename};

use super::super::schema_mysql::on_mysql_and_mariadb;
use super::{catalog, load, plan, run, script, told};
use crate::servers::{Bed, Server, one};

on_mysql_and_mariadb!(names_change, what_is_renamed_goes_on_changing);

fn renamed(session: &mut dyn Session, table: &str, column: Option<&str>, to: &str) {
    let before = catalog(session);
    let rename = Rename { table: Name::new("", table), column: column.map(Into::into), to: to.into() };
    let renamed = engine_for(before.engine).ddl().rename(&before, &rename);
    let steps = Plan { steps: renamed.steps, left: Vec::new() };
    assert_eq!(steps.steps.len(), 1);
    run(session, &steps);
    let after = catalog(session);
    assert_eq!(diff(&after, &renamed.catalog), [], "{}", script(&steps));
    assert_eq!(told(&after), told(&renamed.catalog), "{}", script(&steps));
}

fn names_change(bed: &Bed) {
    let mut session = bed.open();
    load(
        &mut *session,
        "create table p (id int primary key, a int, b int, g int as (a + b) virtual, s int as (a * 2) stored, d int default (a + 1), me int, code varchar(10), key kab (a, b), key kg (g), unique key (code), check (a > 0), constraint named check (a > b), constraint p_chk_x check (b > -4), foreign key (me) references p (id));
         create table c (id int primary key, pid int, foreign key (pid) references p (id));
         create table parted (a int, b int) partition by hash (a) partitions 2;
         create trigger g1 before insert on p for each row set @n = new.id;
         insert into p (id, a, b, me, code) values (1, 2, 1, 1, 'x');
         insert into c values (1, 1);\n",
    );
    if bed.server == Server::Mysql {
        load(&mut *session, "alter table p add key fn ((a + b), id)");
    }
    renamed(&mut *session, "p", None, "odd `name");
    renamed(&mut *session, "odd `name", Some("a"), "the `a");
    renamed(&mut *session, "odd `name", Some("id"), "key");
    renamed(&mut *session, "odd `name", Some("me"), "self");
    renamed(&mut *session, "odd `name", Some("g"), "gg");
    renamed(&mut *session, "c", Some("pid"), "parent");
    renamed(&mut *session, "odd `name", None, "p");
    renamed(&mut *session, "parted", Some("b"), "bb");
    if bed.server == Server::Mariadb {
        renamed(&mut *session, "parted", Some("a"), "aa");
    } else {
        let before = catalog(&mut *session);
        let rename = Rename { table: Name::new("", "parted"), column: Some("a".into()), to: "aa".into() };
        let renamed = engine_for(before.engine).ddl().rename(&before, &rename);
        run(&mut *session, &Plan { steps: renamed.steps, left: Vec::new() });
        assert_eq!(diff(&catalog(&mut *session), &renamed.catalog), []);
    }
    assert_eq!(
        one(
            &mut *session,
            "select concat_ws(',', `key`, `the `` a`, gg, s, self) from p".replace("`` a", "``a").as_str()
        ),
        "1,2,3,4,1"
    );
}

/// Views and triggers that name the old table are made again by the plan that follows.
fn what_is_renamed_goes_on_changing(bed: &Bed) {
    let from = "create table t (id int primary key, a int, constraint ck check (a > 0));
        create table child (t_id int, foreign key (t_id) references t (id));
        create view v as select id, a from t;
        create trigger g before insert on t for each row set new.a = 1;
        insert into t values (1, 2);\n";
    let to = "create table renamed (id int primary key, b bigint, constraint ck check (b > 0));
        create table child (t_id int, foreign key (t_id) references renamed (id));
        create view v as select id, b from renamed;
        create trigger g before insert on renamed for each row set new.b = 1;\n";
    let other = Bed::new(bed.server, "other");
    let mut second = other.open();
    load(&mut *second, to);
    let mut session = bed.open();
    load(&mut *session, from);
    let wanted = catalog(&mut *second);
    let ddl = engine_for(wanted.engine).ddl();
    let table = ddl.rename(
        &catalog(&mut *session),
        &Rename { table: Name::new("", "t"), column: None, to: "renamed".into() },
    );
    let rename = Rename { table: Name::new("", "renamed"), column: Some("a".into()), to: "b".into() };
    let column = ddl.rename(&table.catalog, &rename);
    let mut all = plan(&column.catalog, &wanted, ChangeOptions::default());
    all.steps.splice(0..0, table.steps.into_iter().chain(column.steps));
    run(&mut *session, &all);
    assert_eq!(diff(&catalog(&mut *session), &wanted), [], "{}", script(&all));
    assert_eq!(one(&mut *session, "select b from renamed"), "1");
}
