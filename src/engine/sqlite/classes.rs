//! What the columns of a SQLite database hold, whatever they declare: a type is a hint there, and any
//! value can be in any column ("Datatypes In SQLite").

use super::type_map::SqliteTypes;
use crate::engine::Session;
use crate::engine::backup::texts;
use crate::engine::copy::Seen;
use crate::engine::type_map::TypeMap;
use crate::error::Result;
use crate::model::catalog::{Catalog, Column, Name, attribute};
use crate::model::types::Portable;
use crate::sql::{SQLITE, quote_ident};

/// Columns that are asked for with one query.
const TOGETHER: usize = 100;

/// Looks at every value once, and at the columns with others than expected once more.
pub fn look(session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<Seen>> {
    let mut found = Vec::new();
    for (object, table) in catalog.tables().filter(|(_, table)| table.foreign.is_none()) {
        let strict = attribute(&object.attributes, "strict").is_some();
        let asked: Vec<Asked<'_>> = table
            .columns
            .iter()
            .filter(|column| !SqliteTypes.numbers_itself(table, column) && column.generated.is_none())
            .map(Asked::of)
            .filter(|asked| !strict || asked.declared.is_none())
            .collect();
        let name = quote_ident(&SQLITE, &object.name.name);
        for some in asked.chunks(TOGETHER) {
            // Mostly there is nothing to see, which takes half the time to tell.
            let unusual: Vec<String> =
                some.iter().map(|asked| format!("({}) IS NOT TRUE", asked.usual)).collect();
            let any = format!("SELECT 1 FROM {name} WHERE {} LIMIT 1", unusual.join(" OR "));
            if texts(session, &any)?.is_empty() {
                continue;
            }
            let sums: Vec<String> = some
                .iter()
                .map(|asked| format!("total(CASE WHEN {} THEN 0 ELSE 1 END)", asked.usual))
                .collect();
            let counts = texts(session, &format!("SELECT {} FROM {name}", sums.join(", ")))?;
            for (asked, count) in some.iter().zip(counts.into_iter().flatten().flatten()) {
                if count != "0" {
                    found.extend(asked.seen(&object.name, classes(session, &name, &asked.quoted)?));
                }
            }
        }
    }
    Ok(found)
}

/// A column, and what it should hold.
struct Asked<'a> {
    column: &'a Column,
    quoted: String,
    /// None for a type that says nothing.
    declared: Option<Portable>,
    /// A condition that holds for NULL and for each value of the declared type.
    usual: String,
}

/// How many values are of each class.
#[derive(Debug, Clone, Copy, Default)]
struct Classes {
    integers: u64,
    reals: u64,
    texts: u64,
    blobs: u64,
    /// Integers of more digits than a floating point keeps.
    long: u64,
}

impl<'a> Asked<'a> {
    fn of(column: &'a Column) -> Self {
        let quoted = quote_ident(&SQLITE, &column.name);
        let meaning = SqliteTypes.portable(&column.ty).filter(|meaning| meaning.loss.is_none());
        let declared = meaning.map(|meaning| meaning.ty);
        let usual = match &declared {
            Some(ty) => usual(ty, &quoted),
            None => format!("{quoted} IS NULL"),
        };
        Asked { column, quoted, declared, usual }
    }

    /// The type that holds all values; None where it is the one that is declared.
    fn seen(&self, table: &Name, classes: Classes) -> Option<Seen> {
        let meant = classes.meant();
        if self.declared.as_ref() == Some(&meant) {
            return None;
        }
        let ty = if self.column.ty.is_empty() { "no type" } else { &self.column.ty };
        Some(Seen {
            table: table.clone(),
            column: self.column.name.clone(),
            meant,
            what: format!("{ty}, and it holds {}", classes.words()),
        })
    }
}

/// What a value of a declared type is like.
fn usual(ty: &Portable, name: &str) -> String {
    let class = format!("typeof({name})");
    let day = "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]";
    match ty {
        Portable::Bool => format!("{name} IS NULL OR {class} = 'integer' AND {name} IN (0, 1)"),
        Portable::Int { bits: 64, .. } => format!("{class} = 'integer' OR {name} IS NULL"),
        Portable::Int { bits, .. } => {
            let most = (1_i64 << (bits - 1)) - 1;
            format!("{name} IS NULL OR {class} = 'integer' AND {name} BETWEEN {} AND {most}", -most - 1)
        }
        Portable::Float32 | Portable::Float64 => {
            format!(
                "{class} = 'real' OR {name} IS NULL OR {class} = 'integer' AND abs({name}) < 9007199254740992"
            )
        }
        Portable::Decimal(None) => format!("{class} = 'integer' OR {class} = 'real' OR {name} IS NULL"),
        Portable::Decimal(Some((precision, scale))) => {
            let least = format!("1e{}", precision - scale);
            format!(
                "{name} IS NULL OR {class} IN ('integer', 'real') AND abs({name}) < {least} \
                 AND round({name}, {scale}) = {name}"
            )
        }
        Portable::Varchar(length) | Portable::Char(length) => {
            format!("{name} IS NULL OR {class} = 'text' AND length({name}) <= {length}")
        }
        Portable::Bytes(_) => format!("{class} = 'blob' OR {name} IS NULL"),
        Portable::Date => format!("{name} IS NULL OR {class} = 'text' AND {name} GLOB {day}'"),
        Portable::Time(_) => {
            format!("{name} IS NULL OR {class} = 'text' AND {name} GLOB '[0-9][0-9]:[0-9][0-9]*'")
        }
        Portable::Timestamp(_) | Portable::TimestampTz(_) => {
            format!("{name} IS NULL OR {class} = 'text' AND {name} GLOB {day}*'")
        }
        Portable::Uuid => format!("{name} IS NULL OR {class} = 'text' AND length({name}) = 36"),
        Portable::Json => format!("{name} IS NULL OR {class} = 'text' AND json_valid({name})"),
        _ => format!("{class} = 'text' OR {name} IS NULL"),
    }
}

fn classes(session: &mut dyn Session, table: &str, name: &str) -> Result<Classes> {
    let sum = |condition: &str| format!("CAST(total({condition}) AS INTEGER)");
    let class = |word: &str| sum(&format!("typeof({name}) = '{word}'"));
    let sql = format!(
        "SELECT {}, {}, {}, {}, {} FROM {table}",
        class("integer"),
        class("real"),
        class("text"),
        class("blob"),
        sum(&format!(
            "typeof({name}) = 'integer' AND NOT {name} BETWEEN -9007199254740992 AND 9007199254740992"
        ))
    );
    let mut numbers =
        texts(session, &sql)?.into_iter().flatten().map(|cell| cell.and_then(|text| text.parse().ok()));
    let mut next = || numbers.next().flatten().unwrap_or(0);
    Ok(Classes { integers: next(), reals: next(), texts: next(), blobs: next(), long: next() })
}

impl Classes {
    /// Values of several classes are texts, as every one but bytes can be written; the texts among
    /// bytes are bytes.
    fn meant(self) -> Portable {
        match (self.integers > 0, self.reals > 0, self.texts > 0, self.blobs > 0) {
            (true, false, false, false) => Portable::int(64),
            (_, true, false, false) if self.long == 0 => Portable::Float64,
            (_, true, false, false) => Portable::Decimal(None),
            (false, false, _, true) => Portable::Bytes(None),
            _ => Portable::Text,
        }
    }

    fn words(self) -> String {
        let all = [
            (self.integers, "integers"),
            (self.reals, "reals"),
            (self.texts, "texts"),
            (self.blobs, "blobs"),
        ];
        let there = all.iter().filter(|(count, _)| *count > 0);
        there.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    }
}
