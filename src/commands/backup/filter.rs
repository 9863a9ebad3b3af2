//! Which objects a backup holds when it does not hold all: what was chosen, what that needs, and
//! nothing that needs what is not there.

use std::collections::{BTreeMap, BTreeSet};

use super::masking;
use super::wanted::Wanted;
use crate::commands::schema::matching;
use crate::engine::backup::{Backup, Choice, Extract};
use crate::engine::engine_for;
use crate::error::{Error, Result, nearest};
use crate::model::catalog::{
    Catalog, ConstraintKind, Detail, Kind, Name, Object, ObjectId, Table, attribute,
};
use crate::model::partial::{Masked, Partial};
use crate::model::snapshot::Form;
use crate::rules::pattern;
use crate::sql::{Dialect, Lexer, TokenKind};

type Ids = BTreeSet<ObjectId>;

/// The part of a database that a backup holds.
#[derive(Debug)]
pub struct Filtered {
    pub catalog: Catalog,
    /// What is read of the tables.
    pub choice: Choice,
    /// As the manifest tells it.
    pub partial: Partial,
    pub masked: Vec<Masked>,
    /// The tables whose rows are read.
    rows: BTreeSet<Name>,
    /// Something was named: what was not is left out.
    some: bool,
}

impl Filtered {
    /// Chooses out of a whole catalog.
    pub fn of(wanted: &Wanted, catalog: &Catalog, backup: &dyn Backup) -> Result<Filtered> {
        let named = Named::of(wanted, catalog)?;
        let mut chosen = Choosing::new(catalog, &named);
        let kept = chosen.kept()?;
        let mut left_out = chosen.left_out;
        let mut filtered = catalog.subset(&kept);
        loosen(&mut filtered, backup, &mut left_out);
        let conditions = conditions(wanted, catalog)?;
        let mut choice = Choice::default();
        for (name, condition) in &conditions {
            choice.tables.entry(name.clone()).or_default().condition = Some(condition.clone());
        }
        let masked = masking::choose(&wanted.masks, catalog, backup, &mut choice)?;
        let rows = kept.iter().filter(|id| !wanted.schema_only && !named.no_rows.contains(id));
        let rows = rows.filter(|id| !named.some || named.roots.contains(id));
        let partial = Partial {
            tables: wanted.tables.clone(),
            exclude_tables: wanted.exclude_tables.clone(),
            schemas: wanted.schemas.clone(),
            exclude_schemas: wanted.exclude_schemas.clone(),
            exclude_data: wanted.exclude_data.clone(),
            schema_only: wanted.schema_only,
            data_only: wanted.data_only,
            conditions: conditions.into_iter().map(|(name, text)| (name.to_string(), text)).collect(),
            left_out,
        };
        let rows: BTreeSet<Name> = rows.map(|id| catalog.get(*id).name.clone()).collect();
        let is_read = |each: &Masked| rows.contains(&Name::new(each.schema.clone(), each.table.clone()));
        let masked = masked.into_iter().filter(is_read).collect();
        choice.tables.retain(|name, _| rows.contains(name));
        Ok(Filtered { catalog: filtered, choice, partial, masked, rows, some: named.some })
    }

    /// Of what there is to read that of which rows are wanted; a table without is there with no parts.
    pub fn of_extracts(&self, extracts: Vec<Extract>) -> Vec<Extract> {
        let tables: BTreeSet<&Name> = self.catalog.tables().map(|(object, _)| &object.name).collect();
        let wanted = extracts.into_iter().filter_map(|mut extract| {
            match tables.contains(&extract.table) {
                // Rows of extensions and large objects belong to the whole.
                false if self.some || self.partial.schema_only => return None,
                false => {}
                true if self.rows.contains(&extract.table) => {}
                true if self.partial.data_only || extract.form == Form::Image => return None,
                true => extract.parts.clear(),
            }
            Some(extract)
        });
        wanted.collect()
    }

    /// Whether what belongs to the database as a whole is wanted.
    pub fn with_settings(&self) -> bool {
        !self.some && !self.partial.schema_only && !self.partial.data_only
    }
}

/// What the words name.
struct Named {
    /// Something is chosen, and not all.
    some: bool,
    roots: Ids,
    /// What is not wanted.
    out: Ids,
    no_rows: Ids,
}

impl Named {
    fn of(wanted: &Wanted, catalog: &Catalog) -> Result<Named> {
        let some = !wanted.tables.is_empty() || !wanted.schemas.is_empty();
        let mut roots = in_schemas(catalog, &wanted.schemas)?;
        roots.extend(with_parts(catalog, relations(catalog, &wanted.tables)?));
        if !some {
            roots.extend(catalog.iter().map(|(id, _)| id));
        }
        let mut out = in_schemas(catalog, &wanted.exclude_schemas)?;
        out.extend(with_parts(catalog, relations(catalog, &wanted.exclude_tables)?));
        let no_rows = with_parts(catalog, relations(catalog, &wanted.exclude_data)?);
        // Whoever else needs such a sequence still gets it.
        let tables: BTreeSet<&Name> = out.iter().map(|id| &catalog.get(*id).name).collect();
        let is_gone = |id: &ObjectId| match &catalog.get(*id).detail {
            Detail::Sequence(sequence) => {
                sequence.owned_by.as_ref().is_some_and(|(table, _)| tables.contains(table))
            }
            _ => false,
        };
        let roots = roots.difference(&out).copied().filter(|id| !is_gone(id)).collect();
        Ok(Named { some, roots, out, no_rows })
    }
}

/// The tables and views that the patterns name.
fn relations(catalog: &Catalog, words: &[String]) -> Result<Ids> {
    let is_relation = |id: &ObjectId| matches!(catalog.get(*id).detail, Detail::Table(_) | Detail::View(_));
    let mut found = Ids::new();
    for word in words {
        let ids: Ids = matching(catalog, word).into_iter().filter(is_relation).collect();
        if ids.is_empty() {
            let names = catalog
                .objects
                .iter()
                .filter(|each| matches!(each.detail, Detail::Table(_) | Detail::View(_)));
            return Err(no_match("table", word, names.map(|object| catalog.short(&object.name)).collect()));
        }
        found.extend(ids);
    }
    Ok(found)
}

/// A table by one name, for what is about one.
pub fn tables(catalog: &Catalog, word: &str) -> Result<Vec<ObjectId>> {
    let found = relations(catalog, &[word.to_owned()])?;
    Ok(with_parts(catalog, found).into_iter().filter(|id| catalog.get(*id).as_table().is_some()).collect())
}

fn no_match(what: &str, word: &str, names: Vec<String>) -> Error {
    let error = Error::usage(format!("no {what} is named {word}"));
    match nearest(word, names.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint("dbwright schema show lists what there is"),
    }
}

/// All that is in the schemas that the patterns name, and these themselves.
fn in_schemas(catalog: &Catalog, words: &[String]) -> Result<Ids> {
    let mut found = Ids::new();
    let schema = |object: &Object| match object.detail {
        Detail::Schema => object.name.name.clone(),
        _ => object.name.schema.clone(),
    };
    let names: BTreeSet<String> =
        catalog.objects.iter().map(schema).filter(|name| !name.is_empty()).collect();
    if let (Some(_), true) = (words.first(), names.is_empty()) {
        return Err(Error::usage(format!("a database of {} has no schemas", catalog.engine.title()))
            .hint("choose tables: --table, --exclude-table"));
    }
    for word in words {
        if !names.iter().any(|name| pattern::matches(word, name)) {
            return Err(no_match("schema", word, names.into_iter().collect()));
        }
        let fits = |object: &Object| pattern::matches(word, &schema(object));
        found.extend(catalog.iter().filter(|(_, object)| fits(object)).map(|(id, _)| id));
    }
    Ok(found)
}

/// These and, for a table that is made of others, those.
fn with_parts(catalog: &Catalog, mut ids: Ids) -> Ids {
    loop {
        let names: BTreeSet<&Name> = ids.iter().map(|id| &catalog.get(*id).name).collect();
        let is_part =
            |table: &Table| table.partition_of.as_ref().is_some_and(|part| names.contains(&part.parent));
        let parts =
            catalog.iter().filter(|(id, object)| !ids.contains(id) && object.as_table().is_some_and(is_part));
        let parts: Ids = parts.map(|(id, _)| id).collect();
        if parts.is_empty() {
            return ids;
        }
        ids.extend(parts);
    }
}

fn conditions(wanted: &Wanted, catalog: &Catalog) -> Result<BTreeMap<Name, String>> {
    let mut conditions = BTreeMap::new();
    for (word, condition) in &wanted.conditions {
        for id in tables(catalog, word)? {
            let object = catalog.get(id);
            if object
                .as_table()
                .is_some_and(|table| table.partitioning.is_none() || catalog.default_schema.is_empty())
            {
                conditions.insert(object.name.clone(), condition.clone());
            }
        }
    }
    Ok(conditions)
}

/// A choice that is being made.
struct Choosing<'a> {
    catalog: &'a Catalog,
    named: &'a Named,
    left_out: Vec<String>,
    tables: BTreeMap<&'a Name, ObjectId>,
    /// What the text of an index or a trigger may mean by a name.
    by_name: BTreeMap<&'a str, Vec<ObjectId>>,
}

/// The kinds of what indexes, triggers, policies and rules use.
const USED: [Kind; 5] =
    [Kind::Routine, Kind::Type, Kind::Collation, Kind::OperatorClass, Kind::TextSearchConfiguration];

impl<'a> Choosing<'a> {
    fn new(catalog: &'a Catalog, named: &'a Named) -> Self {
        let mut choosing = Choosing {
            catalog,
            named,
            left_out: Vec::new(),
            tables: BTreeMap::new(),
            by_name: BTreeMap::new(),
        };
        for (id, object) in catalog.iter() {
            if object.as_table().is_some() {
                choosing.tables.insert(&object.name, id);
            } else if USED.contains(&object.kind()) {
                choosing.by_name.entry(&object.name.name).or_default().push(id);
            }
        }
        choosing
    }

    fn kept(&mut self) -> Result<Ids> {
        let mut kept: Ids = Ids::new();
        let (tables, others): (Vec<ObjectId>, Vec<ObjectId>) =
            self.named.roots.iter().copied().partition(|id| self.catalog.get(*id).as_table().is_some());
        // What belongs to a table is there with it, so tables come first.
        for id in tables {
            self.with_needs(id, &mut kept, true)?;
        }
        for id in self.belonging(&kept).into_iter().chain(others) {
            self.with_needs(id, &mut kept, false)?;
        }
        self.surroundings(&mut kept);
        Ok(kept)
    }

    /// Puts an object in, and all that it needs; leaves it out where that is not there.
    fn with_needs(&mut self, id: ObjectId, kept: &mut Ids, is_table: bool) -> Result<()> {
        let mut needed = Ids::new();
        let mut open = vec![id];
        while let Some(next) = open.pop() {
            if !kept.contains(&next) && needed.insert(next) {
                open.extend(self.needs(next));
            }
        }
        let object = self.catalog.get(id);
        let is_missing = |need: &&ObjectId| {
            let found = self.catalog.get(**need);
            let is_rows = matches!(found.detail, Detail::Table(_) | Detail::View(_));
            self.named.out.contains(need)
                || **need != id && is_rows && !is_table && !self.named.roots.contains(need)
        };
        let missing = needed.iter().find(is_missing).map(|need| self.catalog.get(*need));
        let missing = missing.map(|missing| format!("{} {}", missing.kind().word(), missing.name));
        match missing.or_else(|| self.speaks_of_what_is_out(object)) {
            None => kept.extend(needed),
            Some(missing) if is_table => {
                return Err(Error::usage(format!("table {} cannot be without {missing}", object.name))
                    .hint("do not leave that out, or leave the table out as well"));
            }
            Some(missing) => {
                let what = format!("{} {}", object.kind().word(), object.name);
                self.left_out.push(format!("{what}: it needs {missing}"));
            }
        }
        Ok(())
    }

    /// What must be there before an object can be made whole.
    fn needs(&self, id: ObjectId) -> Ids {
        let object = self.catalog.get(id);
        let mut needs: Ids = object.depends_on.iter().copied().collect();
        if let Some(table) = object.as_table() {
            let parents = table.partition_of.iter().map(|part| &part.parent).chain(&table.inherits);
            needs.extend(parents.filter_map(|name| self.tables.get(name).copied()));
            needs.extend(self.spoken_of(table));
        }
        needs.remove(&id);
        needs
    }

    /// Functions and the like that indexes, triggers, policies and rules of a table name: these are
    /// made last, so no catalog says what they need.
    fn spoken_of(&self, table: &Table) -> Ids {
        let keys = table.indexes.iter().flat_map(|index| {
            let keys = index
                .keys
                .iter()
                .flat_map(|key| key.expression.iter().chain(&key.opclass).chain(&key.collation));
            keys.chain(&index.predicate).chain(&index.definition)
        });
        let triggers =
            table.triggers.iter().flat_map(|each| std::iter::once(&each.action).chain(&each.definition));
        let policies = table.policies.iter().flat_map(|policy| policy.using.iter().chain(&policy.check));
        let rules = table.rules.iter().map(|rule| &rule.definition);
        let texts = keys.chain(triggers).chain(policies).chain(rules);
        let words: BTreeSet<String> = texts.flat_map(|text| names(text, self.dialect())).collect();
        let meant = words.iter().filter_map(|word| self.by_name.get(word.as_str())).flatten().copied();
        // One that is not wanted may only have the same name, unless its schema is named too.
        let is_sure = |id: &ObjectId| words.contains(&self.catalog.get(*id).name.schema);
        meant.filter(|id| !self.named.out.contains(id) || is_sure(id)).collect()
    }

    fn dialect(&self) -> &'static Dialect {
        engine_for(self.catalog.engine).dialect(self.catalog.engine)
    }

    /// A publication names its tables in its text alone.
    fn speaks_of_what_is_out(&self, object: &Object) -> Option<String> {
        let text = object.definition.as_ref().filter(|_| object.kind() == Kind::Publication)?;
        let words: BTreeSet<String> = names(text, self.dialect()).collect();
        let out = self.named.out.iter().map(|id| self.catalog.get(*id));
        let mut spoken_of = out.filter(|out| words.contains(&out.name.name) && out.kind() != Kind::Routine);
        spoken_of.next().map(|out| format!("{} {}", out.kind().word(), out.name))
    }

    /// What goes where its tables go: sequences of their columns, and statistics of them.
    fn belonging(&self, kept: &Ids) -> Ids {
        let tables: BTreeSet<&Name> = kept.iter().map(|id| &self.catalog.get(*id).name).collect();
        let belongs = |object: &Object| match &object.detail {
            Detail::Sequence(sequence) => {
                sequence.owned_by.as_ref().is_some_and(|(table, _)| tables.contains(table))
            }
            _ if object.kind() == Kind::Statistics => object.depends_on.iter().all(|id| kept.contains(id)),
            _ => false,
        };
        self.catalog.iter().filter(|(_, object)| belongs(object)).map(|(id, _)| id).collect()
    }

    /// The schemas and extensions that the objects live in.
    fn surroundings(&self, kept: &mut Ids) {
        let of = |kept: &Ids| -> (BTreeSet<String>, BTreeSet<String>) {
            let objects = kept.iter().map(|id| self.catalog.get(*id));
            let schemas = objects.clone().flat_map(|object| {
                std::iter::once(object.name.schema.as_str()).chain(attribute(&object.attributes, "schema"))
            });
            (
                schemas.map(str::to_owned).collect(),
                objects.filter_map(|object| object.extension.clone()).collect(),
            )
        };
        for _ in 0..2 {
            let (schemas, extensions) = of(kept);
            kept.extend(self.catalog.iter().filter_map(|(id, object)| match object.detail {
                Detail::Schema => schemas.contains(&object.name.name).then_some(id),
                Detail::Extension { .. } => extensions.contains(&object.name.name).then_some(id),
                _ => None,
            }));
        }
    }
}

/// The names in a text.
pub fn names<'a>(text: &'a str, dialect: &'a Dialect) -> impl Iterator<Item = String> + 'a {
    Lexer::new(text, dialect).code().filter_map(|(token, word)| match token.kind {
        TokenKind::QuotedIdent => {
            let quote = &word[..word.chars().next().map_or(0, char::len_utf8)];
            Some(word.trim_matches(['"', '`']).replace(&quote.repeat(2), quote))
        }
        kind if kind.is_word() => Some(word.to_owned()),
        _ => None,
    })
}

/// Takes away what refers to what is not there: foreign keys, and who owns a sequence.
fn loosen(catalog: &mut Catalog, backup: &dyn Backup, left_out: &mut Vec<String>) {
    let tables: BTreeSet<Name> = catalog.tables().map(|(object, _)| object.name.clone()).collect();
    for object in &mut catalog.objects {
        let name = object.name.clone();
        match &mut object.detail {
            Detail::Sequence(sequence)
                if sequence.owned_by.as_ref().is_some_and(|(table, _)| !tables.contains(table)) =>
            {
                sequence.owned_by = None;
            }
            Detail::Table(table) => {
                let mut gone = Vec::new();
                table.constraints.retain(|constraint| match &constraint.kind {
                    ConstraintKind::ForeignKey(to) if !tables.contains(&to.table) => {
                        let key = constraint.name.clone().unwrap_or_default();
                        left_out.push(format!("foreign key {key} of {name}: it needs table {}", to.table));
                        gone.push(key);
                        false
                    }
                    _ => true,
                });
                let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
                if let (Some(definition), false) = (&object.definition, gone.is_empty()) {
                    object.definition = Some(backup.without_foreign_keys(definition, &gone));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Action, Constraint, Reference, Sequence, Trigger, View};
    use crate::model::catalog::{PartitionOf, Routine};
    use crate::model::target::EngineKind;

    /// Orders of customers, with a trigger, a view, a sequence, and parts by year; and a log.
    fn catalog() -> Catalog {
        dbwright_engines::install();
        let mut catalog = Catalog::empty(EngineKind::Postgres);
        catalog.default_schema = "public".to_owned();
        let object = |name: &str, detail| Object::new(Name::new("public", name), detail);
        let to = Reference {
            table: Name::new("public", "customers"),
            referenced: vec!["id".to_owned()],
            on_update: Action::NoAction,
            on_delete: Action::NoAction,
            full: false,
        };
        let key = Constraint::new(
            Some("orders_customer".to_owned()),
            ConstraintKind::ForeignKey(to),
            vec!["customer".to_owned()],
        );
        let stamp = Trigger { action: "public.stamp()".to_owned(), ..Trigger::default() };
        let orders = Table { constraints: vec![key], triggers: vec![stamp], ..Table::default() };
        let part = PartitionOf { parent: Name::new("public", "orders"), bound: "DEFAULT".to_owned() };
        let part = Table { partition_of: Some(part), ..Table::default() };
        let owned = Sequence {
            owned_by: Some((Name::new("public", "orders"), "id".to_owned())),
            ..Sequence::default()
        };
        catalog.objects = vec![
            Object::new(Name::new("", "public"), Detail::Schema),
            Object::new(Name::new("", "other"), Detail::Schema),
            object("orders_id_seq", Detail::Sequence(owned)),
            object("customers", Detail::Table(Table::default())),
            object("log", Detail::Table(Table::default())),
            object("orders", Detail::Table(orders)),
            object("orders_rest", Detail::Table(part)),
            object("open_orders", Detail::View(View::default())),
            object("stamp", Detail::Routine(Routine::default())),
            object("unused", Detail::Routine(Routine::default())),
            Object::new(Name::new("other", "t"), Detail::Table(Table::default())),
        ];
        catalog.objects[7].depends_on = vec![ObjectId(3), ObjectId(5)];
        catalog
    }

    fn filtered(wanted: Wanted) -> Result<Filtered> {
        let catalog = catalog();
        Filtered::of(&wanted, &catalog, engine_for(EngineKind::Postgres).backup().unwrap())
    }

    fn kept(filtered: &Filtered) -> String {
        let names: Vec<&str> =
            filtered.catalog.objects.iter().map(|object| object.name.name.as_str()).collect();
        names.join(" ")
    }

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_table_comes_with_what_belongs_to_it_and_without_what_refers_elsewhere() {
        let found = filtered(Wanted { tables: list(&["orders"]), ..Wanted::default() }).unwrap();
        assert_eq!(kept(&found), "public orders_id_seq orders orders_rest stamp");
        assert_eq!(
            found.partial.left_out,
            ["foreign key orders_customer of public.orders: it needs table public.customers"]
        );
        let both = filtered(Wanted { tables: list(&["orders", "c*"]), ..Wanted::default() }).unwrap();
        assert!(both.partial.left_out.is_empty(), "{both:?}");
    }

    #[test]
    fn what_cannot_be_without_a_table_goes_with_it() {
        let found = filtered(Wanted { exclude_tables: list(&["customers"]), ..Wanted::default() }).unwrap();
        assert_eq!(kept(&found), "public other orders_id_seq log orders orders_rest stamp unused t");
        assert_eq!(
            found.partial.left_out,
            [
                "view public.open_orders: it needs table public.customers",
                "foreign key orders_customer of public.orders: it needs table public.customers"
            ]
        );
        let found = filtered(Wanted { exclude_tables: list(&["orders"]), ..Wanted::default() }).unwrap();
        assert_eq!(kept(&found), "public other customers log stamp unused t");
    }

    #[test]
    fn schemas_are_chosen_with_all_that_is_in_them() {
        let found = filtered(Wanted { schemas: list(&["oth*"]), ..Wanted::default() }).unwrap();
        assert_eq!(kept(&found), "other t");
        let found = filtered(Wanted { exclude_schemas: list(&["public"]), ..Wanted::default() }).unwrap();
        assert_eq!(kept(&found), "other t");
    }

    #[test]
    fn what_names_nothing_is_told_with_the_nearest() {
        let error = filtered(Wanted { tables: list(&["ordres"]), ..Wanted::default() }).unwrap_err();
        assert_eq!(error.message(), "no table is named ordres");
        assert_eq!(error.hints(), ["did you mean orders?"]);
        let error = filtered(Wanted { exclude_schemas: list(&["pubic"]), ..Wanted::default() }).unwrap_err();
        assert_eq!(error.hints(), ["did you mean public?"]);
        let wanted = Wanted { conditions: vec![("ordres".into(), "true".into())], ..Wanted::default() };
        assert!(filtered(wanted).is_err());
    }

    #[test]
    fn a_part_needs_the_table_that_it_is_a_part_of() {
        let found = filtered(Wanted { tables: list(&["orders_rest"]), ..Wanted::default() }).unwrap();
        assert!(kept(&found).contains("orders orders_rest"), "{found:?}");
        assert!(!found.rows.contains(&Name::new("public", "orders")));
    }
}
