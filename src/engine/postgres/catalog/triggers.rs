//! Triggers, rules and policies of tables and views.

use super::found::{Found, of_users, word};
use super::reader::Reader;
use super::relations::Places;
use super::rows::Row;
use crate::error::Result;
use crate::model::catalog::{Detail, Policy, Rule, Trigger};

pub fn read(reader: &mut Reader, found: &mut [Found], places: &Places) -> Result<()> {
    // What tells a trigger that a partition has from its parent; before 13 those are internal.
    let parent = reader.since(130_000, "t.tgparentid", "0");
    let sql = TRIGGERS.replace("{parent}", parent).replace("{users}", &of_users("n.nspname"));
    for mut row in reader.rows(&sql)? {
        let Some(&at) = places.get(&row.oid()) else { continue };
        let trigger = trigger(&mut row);
        match &mut found[at].object.detail {
            Detail::Table(table) => table.triggers.push(trigger),
            Detail::View(view) => view.triggers.push(trigger),
            _ => {}
        }
    }
    for mut row in reader.rows(&RULES.replace("{users}", &of_users("n.nspname")))? {
        let Some(&at) = places.get(&row.oid()) else { continue };
        let (name, state) = (row.text(), state(&row.text()));
        let Some(definition) = row.maybe() else { continue };
        let definition = definition.trim_end().trim_end_matches(';').to_owned();
        let rule = Rule { name, state, comment: row.maybe(), definition };
        match &mut found[at].object.detail {
            Detail::Table(table) => table.rules.push(rule),
            Detail::View(view) => view.rules.push(rule),
            _ => {}
        }
    }
    for mut row in reader.rows(&POLICIES.replace("{users}", &of_users("n.nspname")))? {
        let Some(&at) = places.get(&row.oid()) else { continue };
        if let Detail::Table(table) = &mut found[at].object.detail {
            table.policies.push(policy(&mut row));
        }
    }
    Ok(())
}

fn trigger(row: &mut Row) -> Trigger {
    let (name, bits) = (row.text(), row.number());
    let (state, definition, function) = (state(&row.text()), row.maybe(), row.text());
    let call = definition.as_deref().and_then(|text| {
        let at = text.rfind(&format!(" {function}("))?;
        Some(text[at + 1..].to_owned())
    });
    Trigger {
        name,
        timing: timing(bits).to_owned(),
        events: events(bits, &row.list()),
        each_row: bits & ROW != 0,
        action: call.unwrap_or(function),
        state,
        definition,
        comment: row.maybe(),
        attributes: if row.flag() { vec![word("inherited")] } else { Vec::new() },
    }
}

// The bits of pg_trigger.tgtype (catalog/pg_trigger.h).
const ROW: u32 = 1;
const BEFORE: u32 = 1 << 1;
const INSERT: u32 = 1 << 2;
const DELETE: u32 = 1 << 3;
const UPDATE: u32 = 1 << 4;
const TRUNCATE: u32 = 1 << 5;
const INSTEAD: u32 = 1 << 6;

fn timing(bits: u32) -> &'static str {
    match (bits & BEFORE != 0, bits & INSTEAD != 0) {
        (true, _) => "BEFORE",
        (_, true) => "INSTEAD OF",
        _ => "AFTER",
    }
}

fn events(bits: u32, columns: &[String]) -> Vec<String> {
    let mut events = Vec::new();
    for (bit, word) in [(INSERT, "INSERT"), (DELETE, "DELETE"), (UPDATE, "UPDATE"), (TRUNCATE, "TRUNCATE")] {
        if bits & bit != 0 {
            events.push(match bit == UPDATE && !columns.is_empty() {
                true => format!("UPDATE OF {}", columns.join(", ")),
                false => word.to_owned(),
            });
        }
    }
    events
}

/// Of a trigger or a rule.
fn state(letter: &str) -> String {
    let word = match letter {
        "D" => "disabled",
        "R" => "replica",
        "A" => "always",
        _ => "enabled",
    };
    word.to_owned()
}

fn policy(row: &mut Row) -> Policy {
    let (name, permissive) = (row.text(), row.flag());
    let command = match row.text().as_str() {
        "r" => "SELECT",
        "a" => "INSERT",
        "w" => "UPDATE",
        "d" => "DELETE",
        _ => "ALL",
    };
    Policy {
        name,
        permissive,
        command: command.to_owned(),
        roles: row.list(),
        using: row.maybe(),
        check: row.maybe(),
        comment: row.maybe(),
    }
}

/// Those that a partition has from its parent are left out, unless they are in another state.
const TRIGGERS: &str = "\
SELECT t.tgrelid, t.tgname, t.tgtype, t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid),
  t.tgfoid::pg_catalog.regproc,
  ARRAY(SELECT a.attname FROM pg_catalog.unnest(t.tgattr) WITH ORDINALITY k(n, o)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = k.n ORDER BY k.o),
  d.description, p.oid IS NOT NULL
FROM pg_catalog.pg_trigger t
LEFT JOIN pg_catalog.pg_trigger p ON p.oid = {parent}
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description d ON d.objoid = t.oid AND d.objsubid = 0
  AND d.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
WHERE NOT t.tgisinternal AND ({parent} = 0 OR t.tgenabled <> p.tgenabled) AND {users}
ORDER BY t.tgrelid, t.tgname";

/// The rule `_RETURN` is the view itself.
const RULES: &str = "\
SELECT r.ev_class, r.rulename, r.ev_enabled, pg_catalog.pg_get_ruledef(r.oid), d.description
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description d ON d.objoid = r.oid AND d.objsubid = 0
  AND d.classoid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
WHERE r.rulename <> '_RETURN' AND {users}
ORDER BY r.ev_class, r.rulename";

const POLICIES: &str = "\
SELECT p.polrelid, p.polname, p.polpermissive, p.polcmd,
  ARRAY(SELECT CASE u.role WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(u.role) END
    FROM pg_catalog.unnest(p.polroles) u(role) ORDER BY 1),
  pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
  d.description
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description d ON d.objoid = p.oid AND d.objsubid = 0
  AND d.classoid = 'pg_catalog.pg_policy'::pg_catalog.regclass
WHERE {users}
ORDER BY p.polrelid, p.polname";
