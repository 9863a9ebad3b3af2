//! Plans that turn one database of MySQL or MariaDB into another.

use dbwright::engine::{Session, engine_for};
use dbwright::model::catalog::{Catalog, Scope};
use dbwright::model::diff::diff;
use dbwright::model::plan::{ChangeOptions, Plan};

use super::schema_mysql::{fill, load_sample, on_mysql_and_mariadb};
use crate::servers::Bed;

on_mysql_and_mariadb!(columns_change, samples_become_each_other);

fn catalog(session: &mut dyn Session) -> Catalog {
    session.catalog(Scope::default()).unwrap()
}

/// Runs statements that end with a line of their own.
#[track_caller]
fn load(session: &mut dyn Session, script: &str) {
    for sql in script.split(";\n").map(str::trim).filter(|sql| !sql.is_empty()) {
        session.execute(sql.trim_end_matches(';'), &[]).unwrap_or_else(|error| panic!("{sql}\n{error:?}"));
    }
}

#[track_caller]
fn run(session: &mut dyn Session, plan: &Plan) {
    for step in &plan.steps {
        if let Some(probe) = step.loses.as_ref().and_then(|loss| loss.probe.as_ref()) {
            crate::servers::try_rows(session, probe, &[])
                .unwrap_or_else(|error| panic!("{probe}\n{error:?}"));
        }
        for sql in &step.sql {
            session
                .execute(sql, &[])
                .unwrap_or_else(|error| panic!("{sql}\n{error:?}\nof\n{}", script(plan)));
        }
    }
}

fn script(plan: &Plan) -> String {
    let steps =
        plan.steps.iter().map(|step| format!("-- {} {}\n{}", step.kind, step.object, step.sql.join(";\n")));
    steps.collect::<Vec<_>>().join("\n")
}

fn plan(from: &Catalog, to: &Catalog, options: ChangeOptions) -> Plan {
    engine_for(from.engine).ddl().change(from, to, &diff(from, to), options)
}

/// A catalog without what no diff tells: the order of indexes and constraints, and the texts.
fn told(catalog: &Catalog) -> Catalog {
    let mut catalog = catalog.clone();
    for object in &mut catalog.objects {
        object.depends_on.clear();
        if let dbwright::model::catalog::Detail::Table(table) = &mut object.detail {
            object.definition = None;
            table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
            table.constraints.sort_by_key(|each| (each.name.clone(), format!("{:?}", each.kind)));
        }
    }
    catalog
}

/// Turns `a` into `b` and back, by plans that leave nothing.
#[track_caller]
fn there_and_back(a: &mut dyn Session, b: &Catalog, options: ChangeOptions) -> Plan {
    let before = catalog(a);
    let there = plan(&before, b, options);
    assert_eq!(there.left, [], "{}", script(&there));
    run(a, &there);
    let after = catalog(a);
    assert_eq!(diff(&after, b), [], "after\n{}", script(&there));
    let back = plan(&after, &before, options);
    assert_eq!(back.left, []);
    run(a, &back);
    let again = catalog(a);
    assert_eq!(diff(&again, &before), [], "after\n{}\nand\n{}", script(&there), script(&back));
    assert_eq!(told(&again), told(&before), "after\n{}\nand\n{}", script(&there), script(&back));
    there
}

/// Loads two schemas, and turns one into the other and back, in both ways of working.
#[track_caller]
fn change(bed: &Bed, from: &str, to: &str) -> Plan {
    let other = Bed::new(bed.server, "other");
    let mut session = other.open();
    load(&mut *session, to);
    let to = catalog(&mut *session);
    let mut plans = [false, true].map(|online| {
        let own = Bed::new(bed.server, "own");
        let mut session = own.open();
        load(&mut *session, from);
        there_and_back(&mut *session, &to, ChangeOptions { online, ..ChangeOptions::default() })
    });
    std::mem::take(&mut plans[0])
}

fn columns_change(bed: &Bed) {
    let plan = change(
        bed,
        "create table t (id int not null primary key, a int, b varchar(20), c text, e enum('a','b'), key kb (b));
         insert into t values (1, 2, 'x', 'long', 'a');\n",
        "create table t (z int not null default 5, c text, id bigint not null primary key auto_increment, b varchar(40) not null comment 'it''s', e enum('a','b','c'), d datetime(3) default current_timestamp(3), key kb (b, z));\n",
    );
    assert_eq!(plan.steps.len(), 3, "{}", script(&plan));
}

fn samples_become_each_other(bed: &Bed) {
    let catalogs = ["chinook.sql", "sakila.sql", ""].map(|sample| {
        let source = Bed::new(bed.server, "sample");
        match sample {
            "" => fill(&source),
            sample => load_sample(&source, sample),
        }
        catalog(&mut *source.open())
    });
    let empty = Bed::new(bed.server, "empty");
    let mut session = empty.open();
    let mut at = catalog(&mut *session);
    for next in
        [&catalogs[0], &catalogs[1], &catalogs[2], &catalogs[1], &catalogs[0], &catalogs[2], &at.clone()]
    {
        let there = plan(&at, next, ChangeOptions::default());
        run(&mut *session, &there);
        at = catalog(&mut *session);
        assert_eq!(diff(&at, next), []);
    }
}
