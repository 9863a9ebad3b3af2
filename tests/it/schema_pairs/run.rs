//! The test of truth: a plan is run, and what it leads to is compared with what was wanted.

use dbwright::engine::{Session, engine_for};
use dbwright::error::{Error, Result};
use dbwright::model::catalog::{Catalog, Name, Scope};
use dbwright::model::diff::{Change, diff};
use dbwright::model::plan::{ChangeOptions, Plan, Rename};

use super::render::{Render, rows as insert_rows};
use super::schema::{Schema, Table};
use super::strategy::{Pair, Renaming};
use crate::servers::try_rows;

/// Two databases of one server, used by one pair after the other.
pub struct Databases<'a> {
    pub render: &'a dyn Render,
    pub a: Box<dyn Session>,
    pub b: Box<dyn Session>,
}

/// Why a pair fails, in words; with what was run.
pub type Failure = String;

/// A plan that was not run to its end.
enum Stop {
    /// Rows stand in its way, and it had said so.
    Refused,
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failed(failure)
    }
}

impl Databases<'_> {
    /// From A to B and back, with rows; where rows stand in the way of one of the plans, as it
    /// said, without.
    pub fn check(&mut self, pair: &Pair, options: ChangeOptions) -> std::result::Result<Outcome, Failure> {
        match self.there_and_back(pair, options, true) {
            Ok(()) => Ok(Outcome::Changed),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Refused) => match self.there_and_back(pair, options, false) {
                Ok(()) => Ok(Outcome::Refused),
                Err(Stop::Failed(failure)) => Err(format!("without rows: {failure}")),
                Err(Stop::Refused) => Err("a plan is refused although there are no rows".into()),
            },
        }
    }

    /// Loads the second schema into both databases, with rows into one.
    pub fn load_twice(&mut self, pair: &Pair) -> std::result::Result<Outcome, Failure> {
        load(self.render, &mut *self.a, &pair.b, true)?;
        load(self.render, &mut *self.b, &pair.b, false)?;
        self.render.is_sound(&mut *self.a);
        let differs = diff(&catalog(&mut *self.a)?, &catalog(&mut *self.b)?);
        if differs.is_empty() { Ok(Outcome::Changed) } else { Err(format!("{differs:#?}")) }
    }

    /// Gives a table or a column another name, by a statement that keeps all rows, and then changes
    /// what does not follow by itself.
    pub fn rename(&mut self, renaming: &Renaming) -> std::result::Result<Outcome, Failure> {
        let render = self.render;
        let Renaming { schema, table, column, new } = renaming;
        let wanted = schema.renamed(table, column.as_deref(), new);
        load(render, &mut *self.b, &wanted, false)?;
        load(render, &mut *self.a, schema, true)?;
        let query = |schema: &Schema, name: &str| {
            let columns = schema.table(name).map(|table| &table.columns).into_iter().flatten();
            let columns: Vec<String> = columns.map(|column| column.name.clone()).collect();
            format!("SELECT {} FROM {}", render.list(&columns), render.quote(name))
        };
        let before = sorted_rows(&mut *self.a, &query(schema, table))?;
        let first = catalog(&mut *self.a)?;
        let name = Name::new(first.default_schema.clone(), table);
        let rename = Rename { table: name, column: column.clone(), to: new.clone() };
        let renamed = engine_for(render.server().kind()).ddl().rename(&first, &rename);
        let plan = Plan { steps: renamed.steps, left: Vec::new() };
        if let Err((sql, error)) = run(render, &mut *self.a, &plan) {
            return Err(format!("{sql}\nfails: {error}\nin\n{}", script(&plan)));
        }
        let to = catalog(&mut *self.b)?;
        match change(render, &mut *self.a, &renamed.catalog, &to, ChangeOptions::default()) {
            Ok(()) => {}
            Err(Stop::Failed(failure)) => return Err(format!("after\n{}: {failure}", script(&plan))),
            Err(Stop::Refused) => return Err(format!("after\n{}: refused", script(&plan))),
        }
        let relation = if column.is_some() { table } else { new };
        let after = sorted_rows(&mut *self.a, &query(&wanted, relation))?;
        if after == before {
            Ok(Outcome::Changed)
        } else {
            Err(format!("rows changed: {before:?}, {after:?}"))
        }
    }

    fn there_and_back(
        &mut self,
        pair: &Pair,
        options: ChangeOptions,
        with_rows: bool,
    ) -> std::result::Result<(), Stop> {
        let render = self.render;
        load(render, &mut *self.b, &pair.b, false)?;
        load(render, &mut *self.a, &pair.a, with_rows)?;
        let first = catalog(&mut *self.a)?;
        let wanted = catalog(&mut *self.b)?;
        let kept = Kept::of(render, &pair.a, &pair.b);
        let before = kept.read(&mut *self.a)?;
        change(render, &mut *self.a, &first, &wanted, options)?;
        if kept.read(&mut *self.a)? != before {
            let now = kept.read(&mut *self.a)?;
            let plan = engine_for(render.server().kind()).ddl().change(
                &first,
                &wanted,
                &diff(&first, &wanted),
                options,
            );
            return Err(Stop::Failed(format!(
                "rows changed: {before:?}\nare now {now:?}\nafter {}",
                script(&plan)
            )));
        }
        let reached = catalog(&mut *self.a)?;
        change(render, &mut *self.a, &reached, &first, options)?;
        match kept.read(&mut *self.a)? == before {
            true => Ok(()),
            false => Err(Stop::Failed("rows changed on the way back".into())),
        }
    }
}

/// What came of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Changed,
    /// Rows stood in the way, as the plan had said; it worked without them.
    Refused,
}

fn load(
    render: &dyn Render,
    session: &mut dyn Session,
    schema: &Schema,
    rows: bool,
) -> std::result::Result<(), Failure> {
    let (off, on) = render.unchecked();
    let run = |session: &mut dyn Session, sql: &str| {
        session
            .execute(sql, &[])
            .map(|_| ())
            .map_err(|error| format!("the test's own schema: {sql}: {error}"))
    };
    run(session, off)?;
    render.clear(session);
    for sql in render.tables(schema) {
        run(session, &sql)?;
    }
    for table in schema.tables.iter().filter(|_| rows) {
        for sql in insert_rows(render, table) {
            run(session, &sql)?;
        }
    }
    for sql in render.rest(schema) {
        run(session, &sql)?;
    }
    run(session, on)
}

fn catalog(session: &mut dyn Session) -> std::result::Result<Catalog, Failure> {
    session.catalog(Scope::default()).map_err(|error| format!("catalog: {error}"))
}

/// Makes a plan, runs it, and sees that it leads to where it should.
fn change(
    render: &dyn Render,
    session: &mut dyn Session,
    from: &Catalog,
    to: &Catalog,
    options: ChangeOptions,
) -> std::result::Result<(), Stop> {
    let ddl = engine_for(render.server().kind()).ddl();
    let changes = diff(from, to);
    let plan = ddl.change(from, to, &changes, options);
    let told = || format!("{}\nbecause of {changes:#?}", script(&plan));
    let warned = warned(session, &plan).map_err(|error| format!("a probe: {error}\n{}", told()))?;
    if let Err((sql, error)) = run(render, session, &plan) {
        if warned {
            return Err(Stop::Refused);
        }
        return Err(Stop::Failed(format!("{sql}\nfails: {error}\nin\n{}", told())));
    }
    let reached = catalog(session)?;
    let is_left = |change: &Change| {
        let name = match change {
            Change::Drop { from } => &reached.get(*from).name,
            Change::Create { to: id } | Change::Alter { to: id, .. } => &to.get(*id).name,
        };
        plan.left.iter().any(|left| left.what.contains(&name.name))
    };
    let differs: Vec<Change> = diff(&reached, to).into_iter().filter(|change| !is_left(change)).collect();
    if !differs.is_empty() {
        return Err(Stop::Failed(format!("still differs: {differs:#?}\nafter\n{}", told())));
    }
    render.is_sound(session);
    Ok(())
}

/// Whether a probe finds what stands in the way.
fn warned(session: &mut dyn Session, plan: &Plan) -> Result<bool> {
    for probe in plan.steps.iter().flat_map(|step| &step.loses).filter_map(|loss| loss.probe.as_ref()) {
        if !try_rows(session, probe, &[])?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Runs the steps, those of a transaction together.
fn run(
    render: &dyn Render,
    session: &mut dyn Session,
    plan: &Plan,
) -> std::result::Result<(), (String, Error)> {
    let together = engine_for(render.server().kind()).transactional_ddl();
    let mut open = false;
    for step in &plan.steps {
        let wanted = together && step.in_transaction;
        if open != wanted {
            execute(session, if wanted { "BEGIN" } else { "COMMIT" })?;
            open = wanted;
        }
        for sql in &step.sql {
            if let Err(failed) = execute(session, sql) {
                if open {
                    execute(session, "ROLLBACK")?;
                }
                return Err(failed);
            }
        }
    }
    if open { execute(session, "COMMIT") } else { Ok(()) }
}

fn execute(session: &mut dyn Session, sql: &str) -> std::result::Result<(), (String, Error)> {
    session.execute(sql, &[]).map(|_| ()).map_err(|error| (sql.to_owned(), error))
}

/// A plan as people read it.
fn script(plan: &Plan) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        text += &format!("-- {} {} {}\n", step.kind, step.object, step.why);
        for sql in &step.sql {
            text += &format!("{sql};\n");
        }
        for loss in &step.loses {
            text += &format!("--   loses {}: {}\n", loss.what, loss.probe.as_deref().unwrap_or("always"));
        }
    }
    for left in &plan.left {
        text += &format!("-- left: {}: {}\n", left.what, left.why);
    }
    text
}

/// Queries of the columns that are the same in both schemas, whose values must survive.
struct Kept(Vec<String>);

impl Kept {
    fn of(render: &dyn Render, a: &Schema, b: &Schema) -> Self {
        let query = |old: &Table| {
            let new = b.table(&old.name)?;
            let same = old.columns.iter().filter(|column| {
                let other = new.column(&column.name);
                column.generated.is_none()
                    && other.is_some_and(|other| {
                        other.ty == column.ty && other.generated.is_none() && other.flavour == column.flavour
                    })
            });
            let names: Vec<String> = same.map(|column| column.name.clone()).collect();
            let columns = if names.is_empty() { "1".to_owned() } else { render.list(&names) };
            Some(format!("SELECT {columns} FROM {}", render.quote(&old.name)))
        };
        Kept(a.tables.iter().filter_map(query).collect())
    }

    fn read(&self, session: &mut dyn Session) -> std::result::Result<Vec<Vec<Vec<Option<String>>>>, Failure> {
        self.0.iter().map(|sql| sorted_rows(session, sql)).collect()
    }
}

fn sorted_rows(
    session: &mut dyn Session,
    sql: &str,
) -> std::result::Result<Vec<Vec<Option<String>>>, Failure> {
    let mut rows = try_rows(session, sql, &[]).map_err(|error| format!("{sql}: {error}"))?;
    rows.sort();
    Ok(rows)
}
