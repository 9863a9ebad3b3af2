//! Which columns are masked, and how: what was asked for, what refers to that, and what a rule would
//! break.

use std::collections::{BTreeMap, BTreeSet};

use super::filter::{names, tables};
use crate::engine::Session;
use crate::engine::backup::{Backup, Choice, texts};
use crate::engine::engine_for;
use crate::engine::masking::{MaskKey, Masking, Rule};
use crate::error::{Error, Kind, Result, nearest};
use crate::model::catalog::{Catalog, Column, ConstraintKind, Detail, Name, Object, Table, Type};
use crate::model::partial::Masked;
use crate::rules::pattern;
use crate::sql::{quote_ident, quote_qualified};

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    table: Name,
    column: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

/// What becomes of a column.
#[derive(Debug, Clone)]
struct Mask {
    rule: Rule,
    /// The column that decides what values are like.
    like: Place,
    /// The column that it refers to, and whose rule it has.
    follows: Option<Place>,
}

type Masks = BTreeMap<Place, Mask>;

/// Puts what takes the place of columns into the choice, and tells which those are.
pub fn choose(
    wanted: &[(String, String)],
    catalog: &Catalog,
    backup: &dyn Backup,
    choice: &mut Choice,
) -> Result<Vec<Masked>> {
    let mut masks = Masks::new();
    for (word, rule) in wanted {
        let rule = Rule::read(rule)?;
        for place in places(catalog, word)? {
            masks.insert(place.clone(), Mask { rule: rule.clone(), like: place, follows: None });
        }
    }
    follow(catalog, &mut masks)?;
    let mut told = Vec::new();
    for (place, mask) in &masks {
        let expression = expression(catalog, backup, place, mask)?;
        let chosen = choice.tables.entry(place.table.clone()).or_default();
        chosen.columns.insert(place.column.clone(), expression);
        told.push(Masked {
            schema: place.table.schema.clone(),
            table: place.table.name.clone(),
            column: place.column.clone(),
            rule: mask.rule.word().to_owned(),
            follows: mask.follows.as_ref().map(ToString::to_string),
        });
    }
    Ok(told)
}

/// The columns that `TABLE.COLUMN` names, also in the parts of a table.
fn places(catalog: &Catalog, word: &str) -> Result<Vec<Place>> {
    let Some((of, wanted)) = split(word) else {
        return Err(Error::usage(format!("{word:?} names no column")).hint("a rule is about TABLE.COLUMN"));
    };
    let found = tables(catalog, of)?;
    let mut places = Vec::new();
    let mut computed = None;
    for id in &found {
        let object = catalog.get(*id);
        for column in object.columns().iter().filter(|column| pattern::matches(wanted, &column.name)) {
            match &column.generated {
                Some(_) => computed = Some(column.name.as_str()),
                None => places.push(Place { table: object.name.clone(), column: column.name.clone() }),
            }
        }
    }
    if !places.is_empty() {
        return Ok(with_descendants(catalog, places));
    }
    if let Some(column) = computed {
        return Err(Error::usage(format!("{of}.{column} is computed from other columns"))
            .hint("mask those; it follows by itself"));
    }
    let columns = found.iter().flat_map(|id| catalog.get(*id).columns()).map(|column| column.name.as_str());
    let error = Error::usage(format!("table {of} has no column {wanted}"));
    Err(match nearest(wanted, columns) {
        Some(near) => error.hint(format!("did you mean {of}.{near}?")),
        None => error,
    })
}

/// The table and the column, whose name may be in quotes.
fn split(word: &str) -> Option<(&str, &str)> {
    if let Some(rest) = word.strip_suffix('"') {
        let (table, column) = rest.rsplit_once(".\"")?;
        return Some((table, column));
    }
    word.rsplit_once('.').filter(|(table, column)| !table.is_empty() && !column.is_empty())
}

/// The same columns in tables that inherit them.
fn with_descendants(catalog: &Catalog, mut places: Vec<Place>) -> Vec<Place> {
    let mut at = 0;
    while let Some(place) = places.get(at).cloned() {
        let is_child = |table: &Table| {
            table.inherits.contains(&place.table)
                || table.partition_of.as_ref().is_some_and(|part| part.parent == place.table)
        };
        for (object, _) in catalog.tables().filter(|(_, table)| is_child(table)) {
            let child = Place { table: object.name.clone(), column: place.column.clone() };
            if !places.contains(&child) {
                places.push(child);
            }
        }
        at += 1;
    }
    places
}

/// Gives the rule of a column to those that refer to it; a rule for one that refers to another which
/// has none would lead it nowhere.
fn follow(catalog: &Catalog, masks: &mut Masks) -> Result<()> {
    let references = references(catalog);
    loop {
        let mut found = Vec::new();
        for (from, to) in &references {
            let (mask, parent) = (masks.get(from), masks.get(to));
            let Some(parent) = parent else { continue };
            match mask {
                Some(mask) if mask.rule == Rule::Null && parent.rule != Rule::Null => {}
                Some(mask) if mask.rule != parent.rule => {
                    return Err(Error::usage(format!(
                        "{from} refers to {to}, for which there is another rule"
                    ))
                    .hint(format!("leave the rule for {from} away: it follows")));
                }
                Some(mask) if mask.like == parent.like => {}
                Some(mask) if mask.follows.is_some() => {
                    return Err(Error::usage(format!("{from} refers to {to}, and to {} besides", mask.like))
                        .hint("their values would no longer be the same: leave one of the rules away"));
                }
                _ => found.push((from.clone(), to.clone(), parent.clone())),
            }
        }
        if found.is_empty() {
            break;
        }
        for (from, to, parent) in found {
            for place in with_descendants(catalog, vec![from]) {
                let follows = Some(to.clone());
                masks.insert(place, Mask { rule: parent.rule.clone(), like: parent.like.clone(), follows });
            }
        }
    }
    let lost = references.iter().find(|(from, to)| {
        masks.get(from).is_some_and(|mask| mask.rule != Rule::Null) && !masks.contains_key(to)
    });
    match lost {
        None => Ok(()),
        Some((from, to)) => Err(Error::usage(format!("{from} refers to {to}, which is not masked"))
            .hint(format!("give the rule to {to}: {from} follows by itself"))),
    }
}

/// Which column refers to which.
fn references(catalog: &Catalog) -> Vec<(Place, Place)> {
    let mut found = Vec::new();
    for (object, table) in catalog.tables() {
        for constraint in &table.constraints {
            let ConstraintKind::ForeignKey(to) = &constraint.kind else { continue };
            for (column, referenced) in constraint.columns.iter().zip(&to.referenced) {
                let from = Place { table: object.name.clone(), column: column.clone() };
                // To itself, as a tree is kept, the rule is the same anyway.
                let to = Place { table: to.table.clone(), column: referenced.clone() };
                found.push((from, to));
            }
        }
    }
    found.retain(|(from, to)| from != to);
    found
}

fn find<'a>(catalog: &'a Catalog, place: &Place) -> Result<(&'a Object, &'a Table, &'a Column)> {
    let found = catalog.tables().find(|(object, _)| object.name == place.table);
    let found = found.and_then(|(object, table)| {
        Some((object, table, table.columns.iter().find(|column| column.name == place.column)?))
    });
    found.ok_or_else(|| Error::usage(format!("there is no column {place}")))
}

fn expression(catalog: &Catalog, backup: &dyn Backup, place: &Place, mask: &Mask) -> Result<String> {
    let (_, table, column) = find(catalog, place)?;
    let (_, like_table, like) = find(catalog, &mask.like)?;
    let unique = is_unique(catalog, like_table, like);
    match &mask.rule {
        Rule::Null if !column.nullable => {
            return Err(
                Error::usage(format!("{place} cannot be null")).hint("use hash, fake or constant:VALUE")
            );
        }
        Rule::Constant(_) if is_unique(catalog, table, column) => {
            return Err(Error::usage(format!("no two rows may have the same {place}"))
                .hint("use hash or fake, which keep different values different"));
        }
        _ if divides(catalog, place) => {
            return Err(Error::usage(format!("{place} says which part of its table a row belongs to"))
                .hint("it cannot be masked; leave the rows out: --exclude-data"));
        }
        _ => {}
    }
    backup
        .mask(&Masking {
            rule: &mask.rule,
            column: &column.name,
            ty: &column.ty,
            like: &like.name,
            like_ty: base(catalog, &like.ty),
            unique,
        })
        .map_err(|error| error.context(format!("cannot mask {place}")))
}

/// What a type that somebody made stands for.
fn base<'a>(catalog: &'a Catalog, ty: &'a str) -> &'a str {
    let domain = catalog.objects.iter().find_map(|object| match &object.detail {
        Detail::Type(Type::Domain(domain))
            if object.name.to_string() == ty || catalog.short(&object.name) == ty =>
        {
            Some(domain.base.as_str())
        }
        _ => None,
    });
    domain.unwrap_or(ty)
}

fn is_unique(catalog: &Catalog, table: &Table, column: &Column) -> bool {
    let dialect = engine_for(catalog.engine).dialect(catalog.engine);
    let in_key = table.constraints.iter().any(|constraint| {
        matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
            && constraint.columns.contains(&column.name)
    });
    let in_index =
        table.indexes.iter().filter(|index| index.unique).flat_map(|index| &index.keys).any(|key| {
            key.column.as_ref() == Some(&column.name)
                || key
                    .expression
                    .as_ref()
                    .is_some_and(|text| names(text, dialect).any(|name| name == column.name))
        });
    in_key || in_index
}

/// Whether the parts of a table are told apart by the column.
fn divides(catalog: &Catalog, place: &Place) -> bool {
    let dialect = engine_for(catalog.engine).dialect(catalog.engine);
    let mut table = Some(&place.table);
    while let Some(name) = table {
        let Some((_, found)) = catalog.tables().find(|(object, _)| object.name == *name) else {
            return false;
        };
        let by = found.partitioning.as_ref().map_or("", |partitioning| &partitioning.by);
        if names(by, dialect).any(|name| name == place.column) {
            return true;
        }
        table = found.partition_of.as_ref().map(|part| &part.parent);
    }
    false
}

/// Looks whether rows, as they would be stored, would be refused by a check of their table.
pub fn refuse_broken_checks(session: &mut dyn Session, catalog: &Catalog, choice: &Choice) -> Result<()> {
    let dialect = engine_for(catalog.engine).dialect(catalog.engine);
    for (object, table) in catalog.tables() {
        let Some(chosen) = choice.of(&object.name).filter(|chosen| !chosen.columns.is_empty()) else {
            continue;
        };
        let masked: BTreeSet<&String> = chosen.columns.keys().collect();
        let columns = table.columns.iter().map(|column| {
            let name = quote_ident(dialect, &column.name);
            chosen
                .columns
                .get(&column.name)
                .map_or_else(|| name.clone(), |expression| format!("{expression} AS {name}"))
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        let parts = [object.name.schema.as_str(), object.name.name.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let from = quote_qualified(dialect, &parts);
        for constraint in &table.constraints {
            let ConstraintKind::Check { expression } = &constraint.kind else { continue };
            if !names(expression, dialect).any(|name| masked.contains(&name)) {
                continue;
            }
            let sql = format!(
                "SELECT 1 FROM (SELECT {columns} FROM {from}{}) AS masked WHERE NOT ({expression}\n) LIMIT 1",
                chosen.condition("WHERE")
            );
            if !texts(session, &sql)?.is_empty() {
                let name = constraint.name.as_deref().unwrap_or("without a name");
                return Err(Error::usage(format!(
                    "masked rows of {} would break its check {name}",
                    object.name
                ))
                .hint(format!("the check is {expression}; use another rule, such as constant:VALUE")));
            }
        }
    }
    Ok(())
}

/// The key: of a variable, so that all backups have the same values, or one for this backup alone.
pub fn key(variable: Option<&str>, value: impl Fn(&str) -> Option<String>) -> Result<MaskKey> {
    let Some(name) = variable else { return MaskKey::random() };
    let secret = value(name).unwrap_or_default();
    match secret.len() {
        16.. => Ok(MaskKey::of(secret.as_bytes())),
        0 => Err(Error::new(
            Kind::Config,
            format!("the environment variable {name} holds no key for masking"),
        )
        .hint(
            "set it to a secret of 16 letters or more; without mask_key_env each backup has a key of its own",
        )),
        _ => Err(Error::new(Kind::Config, format!("the key for masking in {name} is too short"))
            .hint("take 16 letters or more, which nobody can guess")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Action, Constraint, Reference};
    use crate::model::target::EngineKind;

    fn column(name: &str, ty: &str, nullable: bool) -> Column {
        Column { name: name.to_owned(), ty: ty.to_owned(), nullable, ..Column::default() }
    }

    fn catalog() -> Catalog {
        dbwright_engines::install();
        let to = Reference {
            table: Name::new("public", "customers"),
            referenced: vec!["id".to_owned()],
            on_update: Action::NoAction,
            on_delete: Action::NoAction,
            full: false,
        };
        let key = Constraint::new(None, ConstraintKind::PrimaryKey, vec!["id".to_owned()]);
        let foreign = Constraint::new(None, ConstraintKind::ForeignKey(to), vec!["customer".to_owned()]);
        let customers = Table {
            columns: vec![
                column("id", "integer", false),
                column("email", "character varying(40)", true),
                column("code", "character varying(5)", true),
            ],
            constraints: vec![key, Constraint::new(None, ConstraintKind::Unique, vec!["code".to_owned()])],
            ..Table::default()
        };
        let orders = Table {
            columns: vec![column("customer", "bigint", false), column("state", "public.state", true)],
            constraints: vec![foreign],
            ..Table::default()
        };
        let mut catalog = Catalog::empty(EngineKind::Postgres);
        catalog.default_schema = "public".to_owned();
        catalog.objects = vec![
            Object::new(Name::new("public", "customers"), Detail::Table(customers)),
            Object::new(Name::new("public", "orders"), Detail::Table(orders)),
        ];
        catalog
    }

    fn masked(rules: &[(&str, &str)]) -> Result<Vec<String>> {
        let catalog = catalog();
        let rules: Vec<_> =
            rules.iter().map(|(word, rule)| ((*word).to_owned(), (*rule).to_owned())).collect();
        let backup = engine_for(EngineKind::Postgres).backup().unwrap();
        let told = choose(&rules, &catalog, backup, &mut Choice::default())?;
        Ok(told
            .into_iter()
            .map(|each| format!("{}.{} {} {:?}", each.table, each.column, each.rule, each.follows))
            .collect())
    }

    #[test]
    fn a_rule_goes_to_what_refers_to_its_column() {
        assert_eq!(masked(&[("customers.email", "fake")]).unwrap(), ["customers.email fake None"]);
        assert_eq!(
            masked(&[("public.customers.id", "hash")]).unwrap(),
            ["customers.id hash None", "orders.customer hash Some(\"public.customers.id\")"]
        );
        assert_eq!(masked(&[("*.*mail", "null")]).unwrap().len(), 1);
    }

    #[test]
    fn what_would_break_something_is_refused() {
        for (rules, says) in [
            (&[("customers.id", "null")][..], "public.customers.id cannot be null"),
            (&[("customers.id", "constant:1")], "no two rows may have the same public.customers.id"),
            (
                &[("orders.customer", "fake")],
                "public.orders.customer refers to public.customers.id, which is not masked",
            ),
            (&[("customers.code", "hash")], "cannot mask public.customers.code"),
            (&[("orders.state", "fake")], "cannot mask public.orders.state"),
            (&[("customers.emial", "fake")], "table customers has no column emial"),
            (&[("email", "fake")], "\"email\" names no column"),
            (&[("customers.email", "fak")], "\"fak\" is no rule of masking"),
            (
                &[("customers.id", "hash"), ("orders.customer", "constant:1")],
                "public.orders.customer refers to public.customers.id, for which there is another rule",
            ),
        ] {
            assert_eq!(masked(rules).unwrap_err().message(), says, "{rules:?}");
        }
    }

    #[test]
    fn keys_are_long_enough() {
        assert!(key(None, |_| None).is_ok());
        assert!(key(Some("K"), |_| Some("sixteen letters!".to_owned())).is_ok());
        assert!(key(Some("K"), |_| Some("short".to_owned())).is_err());
        assert!(key(Some("K"), |_| None).is_err());
    }
}
