//! All objects: a tree, or a row each.

use std::collections::BTreeMap;

use super::choose::Chosen;
use super::facts;
use crate::model::catalog::{Catalog, Detail, Kind, Object};
use crate::model::listing::Listing;
use crate::ui::{Tree, human};

/// Schemas with their kinds with their objects.
pub fn tree(catalog: &Catalog) -> Tree {
    let mut tree = Tree::new(catalog.database.clone(), Vec::new());
    tree.note = format!("{} {}", catalog.engine.title(), catalog.server_version).trim_end().to_owned();
    let own = || catalog.objects.iter().filter(|object| is_own(object));
    let outside: Vec<&Object> =
        own().filter(|object| object.name.schema.is_empty() && object.kind() != Kind::Schema).collect();
    let mut schemas: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for schema in own().filter(|object| object.kind() == Kind::Schema) {
        schemas.entry(&schema.name.name).or_default();
    }
    for object in own().filter(|object| !object.name.schema.is_empty()) {
        schemas.entry(&object.name.schema).or_default().push(object);
    }
    tree.below = kinds(&outside);
    for (name, objects) in schemas {
        let mut branch = Tree::new(format!("schema {name}"), kinds(&objects));
        if objects.is_empty() {
            branch.note = "empty".to_owned();
        }
        tree.below.push(branch);
    }
    let members = catalog.objects.iter().filter(|object| object.extension.is_some()).count();
    if members > 0 {
        let note = format!("and {} of extensions", human::counted(members as u64, "objects"));
        tree.below.push(Tree::new(note, Vec::new()));
    }
    if tree.below.is_empty() {
        tree.below.push(Tree::new("nothing", Vec::new()));
    }
    tree
}

/// Not made by an extension, nor by a column.
fn is_own(object: &Object) -> bool {
    let of_column = matches!(&object.detail, Detail::Sequence(sequence) if sequence.identity);
    object.extension.is_none() && !of_column
}

fn kinds(objects: &[&Object]) -> Vec<Tree> {
    let mut kinds: BTreeMap<Kind, Vec<&Object>> = BTreeMap::new();
    for object in objects {
        kinds.entry(object.kind()).or_default().push(object);
    }
    let branch = |(kind, objects): (Kind, Vec<&Object>)| {
        // A partition stands below its table, if that is here.
        let parent = |object: &Object| {
            let place = object.as_table().and_then(|table| table.partition_of.as_ref())?;
            objects.iter().find(|other| other.name == place.parent).map(|other| &other.name)
        };
        let top = objects.iter().filter(|object| parent(object).is_none());
        Tree::new(facts::plural(kind), top.map(|object| leaf(object, &objects)).collect())
    };
    kinds.into_iter().map(branch).collect()
}

fn leaf(object: &Object, brothers: &[&Object]) -> Tree {
    let is_partition = |other: &&&Object| {
        let place = other.as_table().and_then(|table| table.partition_of.as_ref());
        place.is_some_and(|place| place.parent == object.name)
    };
    let partitioned = object.as_table().is_some_and(|table| table.partitioning.is_some());
    let partitions = brothers.iter().filter(|_| partitioned).filter(is_partition);
    let mut notes = vec![facts::gist(object)];
    notes.extend(object.comment.clone());
    notes.retain(|note| !note.is_empty());
    Tree {
        name: object.name.name.clone(),
        facts: amounts(object),
        note: notes.join(": "),
        below: partitions.map(|partition| leaf(partition, brothers)).collect(),
    }
}

/// Columns, rows and size of what has them.
fn amounts(object: &Object) -> Vec<String> {
    let (columns, rows, bytes) = match &object.detail {
        Detail::Table(table) => (table.columns.len(), table.rows, table.bytes),
        Detail::View(view) if view.broken.is_none() => (view.columns.len(), view.rows, view.bytes),
        _ => return Vec::new(),
    };
    vec![
        human::counted(columns as u64, "columns"),
        rows.map(|rows| human::counted(rows, "rows")).unwrap_or_default(),
        bytes.map(human::bytes).unwrap_or_default(),
    ]
}

/// A row for each object.
pub fn table(catalog: &Catalog, chosen: &Chosen) -> Listing {
    let objects: Vec<&Object> =
        chosen.ids().map(|id| catalog.get(id)).filter(|object| is_own(object)).collect();
    let row = |object: &Object| {
        let (columns, rows, bytes) = match &object.detail {
            Detail::Table(table) => (Some(table.columns.len()), table.rows, table.bytes),
            Detail::View(view) if view.broken.is_none() => (Some(view.columns.len()), view.rows, view.bytes),
            _ => (None, None, None),
        };
        vec![
            object.name.schema.clone(),
            facts::sort_of(object).to_owned(),
            object.name.name.clone(),
            columns.map(|count| count.to_string()).unwrap_or_default(),
            rows.map(human::count).unwrap_or_default(),
            bytes.map(human::bytes).unwrap_or_default(),
            object.owner.clone().unwrap_or_default(),
            facts::one_line(&facts::gist(object)),
            object.comment.clone().unwrap_or_default(),
        ]
    };
    let headers = ["Schema", "Kind", "Name", "Columns", "Rows", "Size", "Owner", "Details", "Comment"];
    let listing = Listing {
        title: String::new(),
        headers: headers.map(str::to_owned).to_vec(),
        rows: objects.into_iter().map(row).collect(),
        notes: Vec::new(),
    };
    without_empty_columns(listing)
}

/// Columns that say nothing in any row are left out.
pub fn without_empty_columns(listing: Listing) -> Listing {
    let used: Vec<bool> = (0..listing.headers.len())
        .map(|index| index < 2 || listing.rows.iter().any(|row| !row[index].is_empty()))
        .collect();
    // An engine without schemas shows none.
    let used: Vec<bool> = used
        .into_iter()
        .enumerate()
        .map(|(index, used)| used && !(index == 0 && listing.rows.iter().all(|row| row[0].is_empty())))
        .collect();
    let kept = |cells: Vec<String>| {
        cells.into_iter().zip(&used).filter(|(_, used)| **used).map(|(cell, _)| cell).collect::<Vec<_>>()
    };
    Listing { headers: kept(listing.headers), rows: listing.rows.into_iter().map(kept).collect(), ..listing }
}
