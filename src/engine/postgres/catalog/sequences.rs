//! Sequences, and with those of identity columns the options of the columns.

use super::found::{Found, attribute, of_users, word};
use super::reader::Reader;
use super::relations::Places;
use crate::error::Result;
use crate::model::catalog::{Attribute, Column, Detail, Name, Object, Sequence};

pub fn read(reader: &mut Reader, found: &mut Vec<Found>, places: &Places) -> Result<()> {
    let last = if reader.scope.sizes { LAST_VALUE } else { "NULL" };
    let sql = SEQUENCES.replace("{last}", last).replace("{users}", &of_users("n.nspname"));
    for mut row in reader.rows(&sql)? {
        let oid = row.oid();
        let name = Name::new(row.text(), row.text());
        let is_unlogged = row.flag();
        let sequence = Sequence {
            ty: row.text(),
            start: row.number(),
            increment: row.number(),
            min: row.number(),
            max: row.number(),
            cache: row.number(),
            cycle: row.flag(),
            last_value: row.maybe().and_then(|number| number.parse().ok()),
            identity: row.text() == "i",
            owned_by: row.maybe().map(|schema| (Name::new(schema, row.text()), row.text())),
        };
        if sequence.identity
            && let Some((_, column)) = &sequence.owned_by
            && let Some(&at) = places.get(&row.oid())
        {
            let owner = &mut found[at].object;
            if let Detail::Table(table) = &mut owner.detail {
                let each = table.columns.iter_mut().find(|each| each.name == *column);
                tell_identity(each, &owner.name, &name, &sequence);
            }
        }
        let mut object = Object::new(name, Detail::Sequence(sequence));
        if is_unlogged {
            object.attributes.push(word("unlogged"));
        }
        found.push(Found { class: "pg_class", oid, object });
    }
    Ok(())
}

fn tell_identity(column: Option<&mut Column>, table: &Name, name: &Name, sequence: &Sequence) {
    let Some(column) = column else { return };
    let usual = format!("{}_{}_seq", table.name, column.name);
    let is_usual = name.schema == table.schema && name.name == usual;
    if let Some(identity) = &mut column.identity {
        if !is_usual {
            identity.attributes.push(attribute("sequence", name.to_string()));
        }
        identity.attributes.extend(unusual(sequence));
    }
}

/// The options that are not those of a sequence of this type that was made without any.
pub fn unusual(sequence: &Sequence) -> Vec<Attribute> {
    let (low, high) = limits(&sequence.ty);
    let upwards = sequence.increment > 0;
    let (min, max) = if upwards { (1, high) } else { (low, -1) };
    let start = if upwards { sequence.min } else { sequence.max };
    let mut options = Vec::new();
    let mut tell = |name: &str, value: i128, usual: i128| {
        if value != usual {
            options.push(attribute(name, value.to_string()));
        }
    };
    tell("start", sequence.start, start);
    tell("increment", sequence.increment, 1);
    tell("min", sequence.min, min);
    tell("max", sequence.max, max);
    tell("cache", sequence.cache, 1);
    if sequence.cycle {
        options.push(word("cycle"));
    }
    options
}

fn limits(ty: &str) -> (i128, i128) {
    match ty {
        "smallint" => (i16::MIN.into(), i16::MAX.into()),
        "integer" => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    }
}

/// As the view pg_sequences tells it; before the first number, the step before the start.
const LAST_VALUE: &str = "\
CASE WHEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT,USAGE')
  THEN coalesce(pg_catalog.pg_sequence_last_value(c.oid), s.seqstart::numeric - s.seqincrement) END";

const SEQUENCES: &str = "\
SELECT c.oid, n.nspname, c.relname, c.relpersistence = 'u', pg_catalog.format_type(s.seqtypid, NULL), s.seqstart,
  s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, {last}, d.deptype, tn.nspname, t.relname, a.attname, t.oid
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
  AND d.objsubid = 0 AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0
  AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S' AND {users}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unusual_is_told() {
        let plain = Sequence {
            ty: "integer".into(),
            start: 1,
            increment: 1,
            min: 1,
            max: i32::MAX.into(),
            cache: 1,
            ..Sequence::default()
        };
        assert!(unusual(&plain).is_empty());
        let down = Sequence { increment: -2, min: i32::MIN.into(), max: -1, start: -1, ..plain.clone() };
        assert_eq!(unusual(&down), [attribute("increment", "-2")]);
        let odd = Sequence { start: 5, cycle: true, ..plain };
        assert_eq!(unusual(&odd), [attribute("start", "5"), word("cycle")]);
    }
}
