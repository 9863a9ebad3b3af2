//! Options of a table that change: its engine, its comment, its usual character set, how its rows
//! are kept.

use super::alter::Alter;
use super::cost::{self, COPY, Cost, INSTANT, LAYOUT, METADATA, REBUILD};
use super::{Work, literal};
use crate::ddl::{Flavour, options};
use crate::model::catalog::{Attribute, Column, Object, attribute};
use crate::model::plan::{Loss, Step};

pub fn clauses(work: &mut Work<'_>, alter: &mut Alter<'_>) {
    let (old, new) = (alter.pair.old, alter.pair.new);
    letters(alter, old, new);
    for (name, _) in options::known() {
        let (before, after) = (attribute(&old.attributes, name), attribute(&new.attributes, name));
        if before == after || matches!(name, "charset" | "collate") {
            continue;
        }
        let told = format!("{}: {name}", super::told(new));
        match after.map_or_else(|| options::reset(name).map(str::to_owned), |value| options::one(name, value))
        {
            _ if name == "engine" && super::is_versioned(old) && super::is_versioned(new) => {
                work.left(told, "a table that keeps earlier versions of its rows keeps its engine");
            }
            _ if matches!(name, "data directory" | "index directory") => {
                work.left(told, "the server only heeds it when a table is made");
            }
            _ if matches!(name, "connection" | "password") => {
                work.left(told, "it holds a password, which is not read");
            }
            Some(sql) => alter.clause("alter table", sql, cost_of(name, alter.flavour)),
            None => work.left(told, "no statement takes it away"),
        }
    }
    if old.comment != new.comment {
        let comment = literal(new.comment.as_deref().unwrap_or_default());
        alter.clause("comment", format!("COMMENT={comment}"), Cost::metadata(alter.flavour));
    }
    periods(alter, old, new);
    versioning(alter, old, new);
}

/// The character set of columns that come later; those that are there say theirs by themselves.
fn letters(alter: &mut Alter<'_>, old: &Object, new: &Object) {
    let of = |object: &Object| {
        let value = |name| attribute(&object.attributes, name).map(str::to_owned);
        (value("charset"), value("collate"))
    };
    let (before, after) = (of(old), of(new));
    if let (true, (Some(charset), collation)) = (before != after, after) {
        let collation = collation.map(|collation| format!(" COLLATE={collation}")).unwrap_or_default();
        let sql = format!("DEFAULT CHARSET={charset}{collation}");
        alter.clause("alter table", sql, Cost::metadata(alter.flavour));
    }
}

fn cost_of(name: &str, flavour: Flavour) -> Cost {
    match name {
        "engine" | "encryption" | "tablespace" | "transactional" | "secondary_engine" => COPY,
        "row_format"
        | "key_block_size"
        | "page_compressed"
        | "page_compression_level"
        | "encrypted"
        | "encryption_key_id" => REBUILD,
        _ if flavour == Flavour::Mariadb => INSTANT,
        _ => METADATA,
    }
}

/// MariaDB's periods. That of the system belongs to the versions of rows.
fn periods(alter: &mut Alter<'_>, old: &Object, new: &Object) {
    let of = |object: &Object| -> Vec<String> {
        let all = object.attributes.iter().filter(|each| each.name == "period");
        all.map(|each: &Attribute| each.value.clone()).collect()
    };
    let (before, after) = (of(old), of(new));
    let name = |text: &str| text.split(" (").next().unwrap_or_default().to_owned();
    let quoted = |text: &str| match name(text).as_str() {
        "SYSTEM_TIME" => "SYSTEM_TIME".to_owned(),
        other => super::quoted(other),
    };
    for gone in before.iter().filter(|period| !after.contains(period)) {
        alter.clause("alter table", format!("DROP PERIOD FOR {}", quoted(gone)), COPY);
    }
    for text in after.iter().filter(|period| !before.contains(period)) {
        let columns = text.split_once(" (").map(|(_, columns)| columns).unwrap_or_default();
        alter.clause("alter table", format!("ADD PERIOD FOR {} ({columns}", quoted(text)), COPY);
    }
}

fn versioning(alter: &mut Alter<'_>, old: &Object, new: &Object) {
    let has = super::is_versioned;
    let engine = |object: &Object| attribute(&object.attributes, "engine").map(str::to_owned);
    // Earlier versions do not move to another engine.
    let apart = engine(old) != engine(new);
    let step = |sql: &str, loses| Step {
        kind: "alter table".into(),
        object: super::told(new),
        sql: vec![format!("ALTER TABLE {} {sql}", super::qualified(&old.name))],
        lock: cost::WRITES_WAIT.into(),
        rewrites: true,
        loses,
        ..Step::default()
    };
    match (has(old), has(new)) {
        (false, true) if apart => alter.after.push(step("ADD SYSTEM VERSIONING", Vec::new())),
        // Only a table with versions has columns without.
        (false, true) if leaves_out(new) => alter.before.push(step("ADD SYSTEM VERSIONING", Vec::new())),
        (false, true) => alter.clause("alter table", "ADD SYSTEM VERSIONING".into(), COPY),
        (true, false) if apart => alter.before.push(step("DROP SYSTEM VERSIONING", vec![earlier(old)])),
        (true, false) => {
            alter.clause("alter table", "DROP SYSTEM VERSIONING".into(), COPY);
            alter.losses.push(earlier(old));
        }
        _ => {}
    }
    if alter.shape.versioned && has(old) == has(new) {
        // A column that comes or goes is copied into the earlier versions too.
        let moves =
            alter.costs.contains(&LAYOUT) || alter.costs.iter().any(|each| each.work > cost::Work::Nothing);
        alter.costs.extend(moves.then_some(COPY));
    }
}

fn leaves_out(table: &Object) -> bool {
    let left_out = |column: &Column| attribute(&column.attributes, "without system versioning").is_some();
    table.columns().iter().any(left_out)
}

fn earlier(old: &Object) -> Loss {
    let table = super::qualified(&old.name);
    let probe =
        format!("SELECT 1 FROM {table} FOR SYSTEM_TIME ALL HAVING COUNT(*) > (SELECT COUNT(*) FROM {table})");
    Loss::lost("earlier versions of rows", Some(probe))
}
