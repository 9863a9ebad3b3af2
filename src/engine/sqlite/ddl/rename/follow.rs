//! What SQLite makes of views and triggers when a table or a column gets another name, found by
//! letting it do so in memory: it rewrites their texts by rules of its own.
//!
//! A view or a trigger that cannot be read stops it
//! (<https://www.sqlite.org/lang_altertable.html#alter_table_rename>), so it is dropped before and
//! made again after, as it was.

use rusqlite::Connection;

use crate::catalog;
use crate::ddl::change::{lock, triggers};
use crate::ddl::{SqliteDdl, change::words::ident};
use crate::engine::Ddl;
use crate::model::catalog::{Catalog, Detail, Kind, Object, Scope, Trigger};
use crate::model::ddl::DdlOptions;
use crate::model::plan::{Behind, Step};

/// The database after the new name is given.
pub struct Followed {
    /// With views and triggers as they are then; None if SQLite would not tell.
    after: Option<Catalog>,
    aside: Vec<Aside>,
}

/// A view or a trigger that is dropped before, and what makes it again.
struct Aside {
    word: &'static str,
    name: String,
    sql: Vec<String>,
    /// It could be read before.
    breaks: bool,
}

impl Followed {
    /// What comes of the statements.
    pub fn of(from: &Catalog, sql: &[String]) -> Self {
        let mut aside = Vec::new();
        let after = Connection::open_in_memory().and_then(|connection| {
            for piece in SqliteDdl.create(from, DdlOptions::default()) {
                // What needs a module or a collation that is not here is no reason to know nothing.
                drop(connection.execute_batch(&piece.sql));
            }
            for statement in sql {
                while let Err(error) = connection.execute_batch(statement) {
                    let stops = Aside::told_by(&error.to_string(), from, &aside).ok_or(error)?;
                    connection.execute_batch(&stops.drop_sql())?;
                    aside.push(stops);
                }
            }
            for statement in aside.iter().flat_map(|each| &each.sql) {
                drop(connection.execute_batch(statement));
            }
            catalog::read(&connection, "", Scope::default())
        });
        Followed { after: after.ok(), aside }
    }

    /// The steps that stand around the rename.
    pub fn around(&self, from: &Catalog, rename: Step) -> Vec<Step> {
        let step = |kind: &str, each: &Aside, sql: Vec<String>, why: &str| Step {
            kind: format!("{kind} {}", each.word),
            object: format!("{} {}", each.word, each.name),
            sql,
            why: why.to_owned(),
            lock: lock(from).to_owned(),
            in_transaction: true,
            ..Step::default()
        };
        let why = |each: &Aside| match each.breaks {
            true => "it cannot follow the new name, which stops the rename, and is made again after",
            false => "it cannot be read, which stops the rename, and is made again after",
        };
        let before = self.aside.iter().map(|each| step("drop", each, vec![each.drop_sql()], why(each)));
        let after = self.aside.iter().map(|each| step("create", each, each.sql.clone(), "as it was"));
        before.chain([rename]).chain(after).collect()
    }

    /// Views and triggers that do not work by the new name.
    pub fn broken(&self) -> impl Iterator<Item = Behind> {
        self.aside
            .iter()
            .filter(|each| each.breaks)
            .map(|each| Behind { kind: (each.word == "view").then_some(Kind::View), name: each.name.clone() })
    }

    /// Puts views and triggers as they are then into a catalog that knows the rest.
    pub fn tell(&self, catalog: &mut Catalog) {
        let Some(after) = &self.after else { return };
        for object in &mut catalog.objects {
            let Some(then) = after.relation(&object.name) else { continue };
            match (&mut object.detail, &then.detail) {
                (Detail::View(view), Detail::View(new)) => {
                    view.clone_from(new);
                    object.definition.clone_from(&then.definition);
                }
                (Detail::Table(table), Detail::Table(new)) => {
                    for trigger in &mut table.triggers {
                        let new = new.triggers.iter().find(|each| each.name == trigger.name);
                        new.into_iter().for_each(|new| trigger.clone_from(new));
                    }
                }
                _ => {}
            }
        }
    }
}

impl Aside {
    /// The view or trigger that an error says cannot be read: `error in view v: no such table: t`.
    fn told_by(error: &str, from: &Catalog, known: &[Aside]) -> Option<Self> {
        const AFTER: &str = " after rename:";
        let is_told = |word: &str, name: &str| {
            let rest = error.strip_prefix(&format!("error in {word} {name}"));
            rest.is_some_and(|rest| rest.starts_with(':') || rest.starts_with(AFTER))
                && !known.iter().any(|each| each.word == word && each.name == name)
        };
        let told = from.objects.iter().find_map(|object| {
            if matches!(object.detail, Detail::View(_)) && is_told("view", &object.name.name) {
                return Some(Self::view(object));
            }
            let trigger = triggers(object).iter().find(|each| is_told("trigger", &each.name))?;
            Self::trigger(trigger)
        });
        told.map(|each| Aside { breaks: error.contains(AFTER), ..each })
    }

    /// A view, and the triggers that go with it.
    fn view(object: &Object) -> Self {
        let mut alone = Catalog::empty(crate::model::target::EngineKind::Sqlite);
        alone.objects.push(object.clone());
        let sql = SqliteDdl.create(&alone, DdlOptions::default()).into_iter().map(|piece| piece.sql);
        Aside { word: "view", name: object.name.name.clone(), sql: sql.collect(), breaks: false }
    }

    fn trigger(trigger: &Trigger) -> Option<Self> {
        let sql = vec![trigger.definition.clone()?];
        Some(Aside { word: "trigger", name: trigger.name.clone(), sql, breaks: false })
    }

    fn drop_sql(&self) -> String {
        format!("DROP {} IF EXISTS {}", self.word.to_uppercase(), ident(&self.name))
    }
}
