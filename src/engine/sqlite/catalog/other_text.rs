//! What the texts of indexes, triggers, views and virtual tables tell.

use super::code::{Code, items};
use crate::model::catalog::{Attribute, Trigger};
use crate::sql::{SQLITE, quote_ident_if_needed};

/// What the text of an index says.
#[derive(Debug, Default, PartialEq)]
pub struct IndexText {
    /// Each key without its direction.
    pub keys: Vec<String>,
    pub predicate: Option<String>,
}

/// Reads `CREATE INDEX` (<https://www.sqlite.org/lang_createindex.html>).
pub fn index(sql: &str) -> Option<IndexText> {
    let mut code = Code::new(sql);
    if !code.eat("create") {
        return None;
    }
    code.eat("unique");
    if !code.eat("index") {
        return None;
    }
    qualified_name(&mut code)?;
    if !code.eat("on") {
        return None;
    }
    code.name()?;
    let keys = items(code.parens()?).into_iter().map(without_direction).collect();
    let predicate = code.eat("where").then(|| code.rest().to_owned());
    Some(IndexText { keys, predicate })
}

/// `IF NOT EXISTS schema.name`.
fn qualified_name(code: &mut Code<'_>) -> Option<String> {
    code.eat_all(&["if", "not", "exists"]);
    let name = code.name()?;
    match code.eat(".") {
        true => code.name(),
        false => Some(name),
    }
}

fn without_direction(key: &str) -> String {
    let mut code = Code::new(key);
    while !code.is_end() {
        let mut last = code.clone();
        if last.eat("asc") || last.eat("desc") {
            let _ = last.eat_all(&["nulls", "first"]) || last.eat_all(&["nulls", "last"]);
            if last.is_end() {
                return key[..code.start()].trim_end().to_owned();
            }
        }
        code.skip();
    }
    key.to_owned()
}

/// Reads `CREATE TRIGGER` (<https://www.sqlite.org/lang_createtrigger.html>). What is not
/// understood is left empty.
pub fn trigger(name: &str, sql: &str) -> Trigger {
    let mut trigger = Trigger {
        name: name.to_owned(),
        each_row: true,
        state: "enabled".to_owned(),
        definition: Some(sql.to_owned()),
        ..Trigger::default()
    };
    let _ = trigger_parts(&mut Code::new(sql), &mut trigger);
    trigger
}

fn trigger_parts(code: &mut Code<'_>, trigger: &mut Trigger) -> Option<()> {
    if !code.eat("create") {
        return None;
    }
    let _ = code.eat("temp") || code.eat("temporary");
    if !code.eat("trigger") {
        return None;
    }
    qualified_name(code)?;
    let timing = if code.eat_all(&["instead", "of"]) {
        "INSTEAD OF"
    } else if code.eat("after") {
        "AFTER"
    } else {
        code.eat("before");
        "BEFORE"
    };
    trigger.timing = timing.to_owned();
    trigger.events = vec![event(code)?];
    if !code.eat("on") {
        return None;
    }
    code.name()?;
    code.eat_all(&["for", "each", "row"]);
    if code.eat("when") {
        let start = code.start();
        while !code.is("begin") && !code.is_end() {
            code.skip();
        }
        let value = code.since(start).to_owned();
        trigger.attributes.push(Attribute { name: "when".to_owned(), value });
    }
    trigger.action = code.rest().to_owned();
    Some(())
}

fn event(code: &mut Code<'_>) -> Option<String> {
    if let Some(event) = ["INSERT", "DELETE"].into_iter().find(|event| code.eat(event)) {
        return Some(event.to_owned());
    }
    if !code.eat("update") {
        return None;
    }
    if !code.eat("of") {
        return Some("UPDATE".to_owned());
    }
    let mut columns = Vec::new();
    loop {
        columns.push(quote_ident_if_needed(&SQLITE, &code.name()?));
        if !code.eat(",") {
            break;
        }
    }
    Some(format!("UPDATE OF {}", columns.join(", ")))
}

/// The SELECT of `CREATE VIEW` (<https://www.sqlite.org/lang_createview.html>).
pub fn view_query(sql: &str) -> Option<&str> {
    let mut code = after_view_name(sql)?;
    if code.is("(") {
        code.parens()?;
    }
    code.eat("as").then(|| code.rest())
}

/// Whether `CREATE VIEW` names the columns beside the query.
pub fn names_columns(sql: &str) -> bool {
    after_view_name(sql).is_some_and(|code| code.is("("))
}

fn after_view_name(sql: &str) -> Option<Code<'_>> {
    let mut code = Code::new(sql);
    if !code.eat("create") {
        return None;
    }
    let _ = code.eat("temp") || code.eat("temporary");
    if !code.eat("view") {
        return None;
    }
    qualified_name(&mut code)?;
    Some(code)
}

/// Module and arguments of `CREATE VIRTUAL TABLE`
/// (<https://www.sqlite.org/lang_createvtab.html>).
pub fn module(sql: &str) -> Option<(String, Option<&str>)> {
    let mut code = Code::new(sql);
    if !code.eat_all(&["create", "virtual", "table"]) {
        return None;
    }
    qualified_name(&mut code)?;
    if !code.eat("using") {
        return None;
    }
    Some((code.name()?, code.parens()))
}
