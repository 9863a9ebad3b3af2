//! Sequences, alone and of identity columns.

use super::lookup::Lookup;
use super::text::{before, ident, qualified};
use crate::model::catalog::{Attribute, Column, Identity, Name, Object, Sequence, attribute};
use crate::model::ddl::Piece;

pub fn create(object: &Object, sequence: &Sequence) -> Vec<Piece> {
    // One of an identity column is made with the column.
    if sequence.identity {
        return Vec::new();
    }
    let unlogged = if attribute(&object.attributes, "unlogged").is_some() { "UNLOGGED " } else { "" };
    let ty = match sequence.ty.as_str() {
        "" | "bigint" => String::new(),
        ty => format!("\n    AS {ty}"),
    };
    let sql = format!(
        "CREATE {unlogged}SEQUENCE {}{ty}\n    {}",
        qualified(&object.name),
        options(sequence).join("\n    ")
    );
    vec![before("sequence", &object.name, sql)]
}

/// The owning column, once its table is there.
pub fn own(object: &Object, sequence: &Sequence) -> Option<Piece> {
    let (table, column) = sequence.owned_by.as_ref().filter(|_| !sequence.identity)?;
    let sql =
        format!("ALTER SEQUENCE {} OWNED BY {}.{}", qualified(&object.name), qualified(table), ident(column));
    Some(before("sequence", &object.name, sql))
}

fn options(sequence: &Sequence) -> Vec<String> {
    let mut options = vec![
        format!("START WITH {}", sequence.start),
        format!("INCREMENT BY {}", sequence.increment),
        format!("MINVALUE {}", sequence.min),
        format!("MAXVALUE {}", sequence.max),
        format!("CACHE {}", sequence.cache.max(1)),
    ];
    if sequence.cycle {
        options.push("CYCLE".to_owned());
    }
    options
}

/// `GENERATED ALWAYS AS IDENTITY (...)`.
pub fn identity(lookup: &Lookup<'_>, table: &Name, column: &Column, identity: &Identity) -> Option<String> {
    let sequence = lookup.identity(table, &column.name);
    let options = match sequence {
        Some((object, sequence)) => {
            let mut all = vec![format!("SEQUENCE NAME {}", qualified(&object.name))];
            all.extend(options(sequence));
            all
        }
        // A partition takes its numbers from the table above it.
        None if is_partition(lookup, table) => return None,
        None => identity.attributes.iter().filter_map(option).collect(),
    };
    let when = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    Some(match options.is_empty() {
        true => format!("GENERATED {when} AS IDENTITY"),
        false => format!("GENERATED {when} AS IDENTITY ({})", options.join(" ")),
    })
}

fn is_partition(lookup: &Lookup<'_>, table: &Name) -> bool {
    let table = lookup.relation(table).and_then(Object::as_table);
    table.is_some_and(|table| table.partition_of.is_some())
}

fn option(option: &Attribute) -> Option<String> {
    let words = match option.name.as_str() {
        "start" => "START WITH",
        "increment" => "INCREMENT BY",
        "min" => "MINVALUE",
        "max" => "MAXVALUE",
        "cache" => "CACHE",
        "cycle" => return Some("CYCLE".to_owned()),
        _ => return None,
    };
    Some(format!("{words} {}", option.value))
}
