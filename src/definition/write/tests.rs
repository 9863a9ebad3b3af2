//! What is written is read again.

use super::*;
use crate::definition::{Place, Source, read};

const EVERYTHING: &str = r#"
schemas = { sales = { comment = "Money" }, "odd schema" = {} }
[enums]
status = ["new", "it's paid"]
mood = { values = ["happy"], comment = "How it goes" }
[tables.customer]
comment = "People \"who\" buy\nand pay"
primary_key = ["id"]
unique.by_email = { columns = ["email"], deferrable = "deferred", nulls_not_distinct = true }
checks = { long = "length(email) > 3", own = { postgres = "email ~ '@'", validated = false } }
options = { mysql = { engine = "InnoDB" }, sqlite = { strict = true } }
[tables.customer.columns]
id = { type = "int64", identity = { rule = "always", options = { start = 100 } } }
email = { type = "varchar(200) not null", collation = { sqlite = "NOCASE" }, comment = "where to" }
state = "status default 'it''s paid'"
odd = { native = { postgres = "point", mysql = "point" }, nullable = false, default = { postgres = "'(0,0)'::point" } }
half = { type = "decimal(10,2)", default = 0.50 }
yes = "bool default true"
text = { type = "text", default = "now()\\" }
call = { type = "varchar(20)", default = { value = "now()" } }
made = { type = "timestamp default now()", on_update_now = true }
total = { type = "int32", generated = { sql = "half * 2", stored = false } }
"my column" = "uuid default uuid()"
tags = "text[]"
[tables."sales.order"]
primary_key = { columns = ["id", "my no"], name = "pk" }
foreign_keys = [
  "customer -> customer(id) on delete cascade on update set null",
  { columns = ["customer"], references = "customer(id)", match = "full", name = "two", enforced = false },
]
[tables."sales.order".columns]
id = "int32 identity reuse"
"my no" = "int32 not null"
customer = "int64"
[tables."sales.order".indexes]
a = ["customer desc", "\"my no\"", "(customer + 1)"]
b = { columns = [{ column = "id", prefix = 3, nulls = "first", opclass = { postgres = "x" } }], unique = true, where = "id > 0", include = ["my no"], method = { postgres = "gin" } }
[tables.'"a.b"'.columns]
c = { type = "enum('x','y''z')" }
[views]
one = "select 1\nfrom customer"
two = { query = { sqlite = "select 2", sql = "select 3" }, materialized = true, comment = "m" }
three = { columns = ["x", "my y"], query = "select 1, 2" }
"#;

fn source(text: &str, syntax: Syntax) -> Source {
    Source { name: "everything".into(), text: text.into(), syntax }
}

fn without_places(mut definition: Definition) -> Definition {
    let none = Place::default();
    definition.schemas.iter_mut().for_each(|each| each.at = none);
    definition.enums.iter_mut().for_each(|each| each.at = none);
    definition.views.iter_mut().for_each(|each| each.at = none);
    for table in &mut definition.tables {
        table.at = none;
        table.columns.iter_mut().for_each(|each| each.at = none);
        table.constraints.iter_mut().for_each(|each| each.at = none);
        table.indexes.iter_mut().for_each(|each| each.at = none);
    }
    definition
}

#[test]
fn every_syntax_keeps_everything() {
    let first = read(&[source(EVERYTHING, Syntax::Toml)]).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let first = without_places(first);
    for syntax in [Syntax::Toml, Syntax::Yaml, Syntax::Json] {
        let text = write(&first, syntax);
        let again = read(&[source(&text, syntax)]).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"));
        let again = without_places(again);
        assert_eq!(again, first, "{syntax:?}:\n{text}");
        assert_eq!(write(&again, syntax), text);
    }
}

#[test]
fn json_is_json() {
    let definition = read(&[source(EVERYTHING, Syntax::Toml)]).unwrap();
    let text = write(&definition, Syntax::Json);
    serde_json::from_str::<serde_json::Value>(&text).unwrap();
}
