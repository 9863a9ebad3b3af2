//! What a database holds: every object of its catalog, read at one moment, as pure data.
//!
//! One model serves all engines. What every engine has (tables, columns, keys, indexes, views,
//! triggers, routines) is told part by part, so that it can be compared and printed for another
//! engine; what only one engine has keeps that engine's own words, as an [`Attribute`] of the
//! object or as the whole [`Object::definition`].

mod relation;
mod routine;

pub use relation::{
    Action, Column, Constraint, ConstraintKind, Generated, Identity, Index, IndexKey, PartitionOf,
    Partitioning, Policy, Reference, Rule, Table, Trigger, View,
};
pub use routine::{Domain, Routine, RoutineKind, Sequence, Type};

use serde::Serialize;

use super::target::EngineKind;

/// The catalog of one database.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Catalog {
    /// The engine whose types and expressions these are.
    #[serde(serialize_with = "as_word")]
    pub engine: EngineKind,
    /// The server's short version: `18.4`, `10.11.19`; empty for a catalog that no server gave.
    pub server_version: String,
    /// The server's comparable version (`ServerInfo::version_num`); 0 when no server gave it.
    #[serde(skip)]
    pub server_version_num: u32,
    /// The database's name, or the path of a SQLite file.
    pub database: String,
    /// The schema whose names need no qualification: `public`; empty where a database has no
    /// schemas (SQLite, MySQL, MariaDB).
    pub default_schema: String,
    /// What belongs to the database as a whole: character set and collation, `user_version`.
    pub attributes: Vec<Attribute>,
    /// Every object, ordered by kind, schema, name and signature: the same database always gives
    /// the same order. [`ObjectId`] is a place in this list.
    pub objects: Vec<Object>,
    /// What could not be read, and why: the picture is known to be incomplete.
    pub unread: Vec<Unread>,
}

/// A place in [`Catalog::objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ObjectId(pub u32);

/// The name of an object. The schema is empty where the engine has none, and for objects that
/// live outside schemas (a schema itself, an extension, a cast).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Default)]
pub struct Name {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub schema: String,
    pub name: String,
}

impl Name {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Name { schema: schema.into(), name: name.into() }
    }
}

/// For people: `schema.name`, unquoted.
impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.schema.is_empty() {
            true => f.write_str(&self.name),
            false => write!(f, "{}.{}", self.schema, self.name),
        }
    }
}

/// One object of the catalog.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Object {
    #[serde(flatten)]
    pub name: Name,
    /// What tells objects of one name apart: the argument types of a function (`integer, text`),
    /// the access method of an operator class; None where the name is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
    /// Those that an extension, or the server itself, gave this object of its own; the rest of
    /// `grants` was given by somebody since.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub initial_grants: Vec<Grant>,
    /// The extension that made this object and will make it again; it is no part of a dump.
    /// PostgreSQL's own objects, which are here only where their rights were changed, name
    /// `pg_catalog`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// Objects that must be there before this one can be made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<ObjectId>,
    /// The statement that makes the object, in the engine's own words, without a closing
    /// semicolon: as the engine keeps it or gives it out. None where it is put together from the
    /// parts below, and for a catalog that came from no engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// The definition with the passwords that are masked in it; for a dump only, and never shown.
    #[serde(skip)]
    pub secret_definition: Option<String>,
    /// What only this engine knows of the object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    pub detail: Detail,
}

/// The attribute of an object whose rights were all taken away, which no grants tell apart from one
/// that has those it is born with.
pub const NO_RIGHTS: &str = "no rights";

/// The attribute of a view whose columns were given names beside the query, where the engine keeps
/// them apart from it.
pub const COLUMN_LIST: &str = "column list";

impl Object {
    /// An object with a name and its parts, and nothing else known.
    pub fn new(name: Name, detail: Detail) -> Self {
        Object {
            name,
            signature: None,
            owner: None,
            comment: None,
            grants: Vec::new(),
            initial_grants: Vec::new(),
            extension: None,
            depends_on: Vec::new(),
            definition: None,
            secret_definition: None,
            attributes: Vec::new(),
            detail,
        }
    }

    pub fn kind(&self) -> Kind {
        match &self.detail {
            Detail::Schema => Kind::Schema,
            Detail::Extension { .. } => Kind::Extension,
            Detail::Type(_) => Kind::Type,
            Detail::Sequence(_) => Kind::Sequence,
            Detail::Table(_) => Kind::Table,
            Detail::View(_) => Kind::View,
            Detail::Routine(_) => Kind::Routine,
            Detail::Other { kind } => *kind,
        }
    }

    /// The columns of a table or view; none for anything else.
    pub fn columns(&self) -> &[Column] {
        match &self.detail {
            Detail::Table(table) => &table.columns,
            Detail::View(view) => &view.columns,
            _ => &[],
        }
    }

    pub fn columns_mut(&mut self) -> &mut [Column] {
        match &mut self.detail {
            Detail::Table(table) => &mut table.columns,
            Detail::View(view) => &mut view.columns,
            Detail::Type(Type::Composite { columns }) => columns,
            _ => &mut [],
        }
    }

    pub fn as_table(&self) -> Option<&Table> {
        match &self.detail {
            Detail::Table(table) => Some(table),
            _ => None,
        }
    }
}

/// The parts of an object, by its kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Detail {
    Schema,
    Extension {
        version: String,
    },
    Type(Type),
    Sequence(Sequence),
    Table(Table),
    View(View),
    Routine(Routine),
    /// A kind that is told by its definition alone.
    Other {
        kind: Kind,
    },
}

/// The kinds of objects, in the order in which a listing shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Schema,
    Extension,
    Language,
    AccessMethod,
    ForeignDataWrapper,
    ForeignServer,
    UserMapping,
    Collation,
    Conversion,
    Type,
    Operator,
    OperatorFamily,
    OperatorClass,
    Cast,
    Transform,
    TextSearchParser,
    TextSearchTemplate,
    TextSearchDictionary,
    TextSearchConfiguration,
    Sequence,
    Table,
    View,
    Routine,
    /// A MariaDB package with its body (`sql_mode=ORACLE`).
    Package,
    /// A scheduled event of MySQL and MariaDB.
    Event,
    EventTrigger,
    Statistics,
    Publication,
    Subscription,
    /// Rights that objects made later are born with.
    DefaultPrivileges,
}

impl Kind {
    /// The word for people and JSON: `foreign server`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Schema => "schema",
            Kind::Extension => "extension",
            Kind::Language => "language",
            Kind::AccessMethod => "access method",
            Kind::ForeignDataWrapper => "foreign data wrapper",
            Kind::ForeignServer => "foreign server",
            Kind::UserMapping => "user mapping",
            Kind::Collation => "collation",
            Kind::Conversion => "conversion",
            Kind::Type => "type",
            Kind::Operator => "operator",
            Kind::OperatorFamily => "operator family",
            Kind::OperatorClass => "operator class",
            Kind::Cast => "cast",
            Kind::Transform => "transform",
            Kind::TextSearchParser => "text search parser",
            Kind::TextSearchTemplate => "text search template",
            Kind::TextSearchDictionary => "text search dictionary",
            Kind::TextSearchConfiguration => "text search configuration",
            Kind::Sequence => "sequence",
            Kind::Table => "table",
            Kind::View => "view",
            Kind::Routine => "routine",
            Kind::Package => "package",
            Kind::Event => "event",
            Kind::EventTrigger => "event trigger",
            Kind::Statistics => "statistics",
            Kind::Publication => "publication",
            Kind::Subscription => "subscription",
            Kind::DefaultPrivileges => "default privileges",
        }
    }
}

/// Something that one engine knows of an object and that has no part of its own in the model:
/// `engine` = `InnoDB`, `fillfactor` = `70`, `without rowid` = `` (a word without a value).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Attribute {
    pub name: String,
    pub value: String,
}

/// The value of an attribute.
pub fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|each| each.name == name).map(|each| each.value.as_str())
}

/// Rights on an object or a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Grant {
    /// The role or account; `PUBLIC` for everybody.
    pub grantee: String,
    pub grantor: String,
    /// `SELECT`, `USAGE`, as the engine's GRANT statement spells it.
    pub privilege: String,
    pub grantable: bool,
}

/// Something the session may not see, or the engine could not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// What it is: `table shop.orders`, `routine bodies of schema audit`.
    pub what: String,
    /// Why: the right that is missing, the server's message.
    pub why: String,
}

/// What to read, where reading all has its price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scope {
    /// Row estimates, sizes on disk, and the numbers that sequences have come to.
    pub sizes: bool,
    /// Owners and grants.
    pub privileges: bool,
    /// No more than statements are made from: where the engine keeps a definition of an object in
    /// full, its parts may be left out.
    pub statements: bool,
}

impl Catalog {
    /// A catalog of nothing.
    pub fn empty(engine: EngineKind) -> Self {
        Catalog {
            engine,
            server_version: String::new(),
            server_version_num: 0,
            database: String::new(),
            default_schema: String::new(),
            attributes: Vec::new(),
            objects: Vec::new(),
            unread: Vec::new(),
        }
    }

    pub fn get(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    /// Every object with its place.
    pub fn iter(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        (0u32..).map(ObjectId).zip(&self.objects)
    }

    /// The tables, in their order.
    pub fn tables(&self) -> impl Iterator<Item = (&Object, &Table)> {
        self.objects.iter().filter_map(|object| Some((object, object.as_table()?)))
    }

    /// The same objects at the same places, and nothing of who owns and who may use them.
    pub fn without_privileges(&self) -> Self {
        let mut catalog = self.clone();
        for object in &mut catalog.objects {
            object.owner = None;
            object.grants.clear();
            object.initial_grants.clear();
            object.attributes.retain(|each| each.name != NO_RIGHTS);
            object.columns_mut().iter_mut().for_each(|column| column.grants.clear());
        }
        catalog
    }

    /// A catalog of these objects alone, in the order of this one; what they depend on outside of
    /// them is forgotten.
    pub fn subset(&self, wanted: &std::collections::BTreeSet<ObjectId>) -> Self {
        let place: std::collections::BTreeMap<ObjectId, ObjectId> =
            wanted.iter().copied().zip((0u32..).map(ObjectId)).collect();
        let objects = wanted.iter().map(|id| {
            let mut object = self.get(*id).clone();
            object.depends_on = object.depends_on.iter().filter_map(|id| place.get(id).copied()).collect();
            object
        });
        Catalog { objects: objects.collect(), ..self.without_objects() }
    }

    fn without_objects(&self) -> Self {
        Catalog {
            engine: self.engine,
            server_version: self.server_version.clone(),
            server_version_num: self.server_version_num,
            database: self.database.clone(),
            default_schema: self.default_schema.clone(),
            attributes: self.attributes.clone(),
            objects: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// The table or view of a name.
    pub fn relation(&self, name: &Name) -> Option<&Object> {
        self.objects.iter().find(|object| {
            matches!(object.detail, Detail::Table(_) | Detail::View(_)) && object.name == *name
        })
    }

    /// The name as a person of this database writes it: without the schema that is meant anyway.
    pub fn short(&self, name: &Name) -> String {
        match name.schema.is_empty() || name.schema == self.default_schema {
            true => name.name.clone(),
            false => name.to_string(),
        }
    }

    /// Leaves the objects that `wanted` chooses; what depended on others no longer says so.
    pub fn keep(&mut self, wanted: impl Fn(&Object) -> bool) {
        let mut place: Vec<Option<ObjectId>> = Vec::with_capacity(self.objects.len());
        let mut next = 0;
        for object in &self.objects {
            let kept = wanted(object).then_some(ObjectId(next));
            next += u32::from(kept.is_some());
            place.push(kept);
        }
        let mut at = 0;
        self.objects.retain(|_| {
            at += 1;
            place[at - 1].is_some()
        });
        for object in &mut self.objects {
            object.depends_on = object.depends_on.iter().filter_map(|id| place[id.0 as usize]).collect();
        }
    }

    /// Puts the objects into their order, and every [`ObjectId`] in them right.
    pub fn sort(&mut self) {
        let key = |object: &Object| {
            (object.kind(), object.name.clone(), object.signature.clone().unwrap_or_default())
        };
        let mut order: Vec<usize> = (0..self.objects.len()).collect();
        order.sort_by_cached_key(|&at| key(&self.objects[at]));
        let mut place = vec![ObjectId(0); order.len()];
        for (new, &old) in (0u32..).zip(&order) {
            place[old] = ObjectId(new);
        }
        let mut objects: Vec<Option<Object>> =
            std::mem::take(&mut self.objects).into_iter().map(Some).collect();
        self.objects = order.iter().filter_map(|&old| objects[old].take()).collect();
        for object in &mut self.objects {
            for id in &mut object.depends_on {
                *id = place[id.0 as usize];
            }
            object.depends_on.sort_unstable();
            object.depends_on.dedup();
        }
    }
}

fn as_word<S: serde::Serializer>(engine: &EngineKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(engine.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_keeps_what_depends_on_what() {
        let mut catalog = Catalog::empty(EngineKind::Postgres);
        let mut view = Object::new(Name::new("public", "a_view"), Detail::View(View::default()));
        view.depends_on = vec![ObjectId(2), ObjectId(1), ObjectId(2)];
        catalog.objects = vec![
            view,
            Object::new(Name::new("public", "b"), Detail::Table(Table::default())),
            Object::new(Name::new("public", "a"), Detail::Table(Table::default())),
        ];
        catalog.sort();
        let names: Vec<String> = catalog.objects.iter().map(|object| object.name.to_string()).collect();
        assert_eq!(names, ["public.a", "public.b", "public.a_view"]);
        assert_eq!(catalog.objects[2].depends_on, [ObjectId(0), ObjectId(1)]);
        assert_eq!(catalog.short(&catalog.objects[0].name), "public.a");
        let views = catalog.subset(&[ObjectId(1), ObjectId(2)].into());
        assert_eq!(views.objects.len(), 2);
        assert_eq!(views.objects[1].depends_on, [ObjectId(0)]);
        catalog.default_schema = "public".into();
        assert_eq!(catalog.short(&catalog.objects[0].name), "a");
        catalog.keep(|object| object.name.name != "a");
        assert_eq!(catalog.objects[1].name.to_string(), "public.a_view");
        assert_eq!(catalog.objects[1].depends_on, [ObjectId(0)]);
    }
}
