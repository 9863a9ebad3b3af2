//! Definitions as text: the shortest form that says everything.

mod parts;
mod syntax;
#[cfg(test)]
mod tests;

use super::node::{Key, Node, Value};
use super::{Column, DefaultValue, Definition, Options, Rule, Sql, Syntax, Table, View};
use crate::model::catalog::{Attribute, Name};

/// Writes a definition.
pub fn write(definition: &Definition, syntax: Syntax) -> String {
    let mut document = Map::default();
    document.put("version", Node::new(Value::Number("1".into())));
    document.put_some("schemas", schemas(definition));
    let enums = definition.enums.iter().map(|each| {
        let labels = texts(&each.labels);
        let node = match &each.comment {
            None => labels,
            Some(comment) => {
                let mut map = Map::default();
                map.put("values", labels);
                map.put("comment", Node::text(comment));
                map.node()
            }
        };
        (name_key(&each.name), node)
    });
    document.put_map("enums", enums.collect());
    document.put_map(
        "tables",
        definition.tables.iter().map(|each| (name_key(&each.name), table(each))).collect(),
    );
    document
        .put_map("views", definition.views.iter().map(|each| (name_key(&each.name), view(each))).collect());
    syntax::write(&document.node(), syntax)
}

/// A table of keys that is being put together.
#[derive(Default)]
struct Map(Vec<(Key, Node)>);

impl Map {
    fn put(&mut self, word: &str, node: Node) {
        self.0.push((Key { word: word.to_owned(), at: 0 }, node));
    }

    fn put_some(&mut self, word: &str, node: Option<Node>) {
        if let Some(node) = node {
            self.put(word, node);
        }
    }

    fn put_text(&mut self, word: &str, text: Option<&String>) {
        self.put_some(word, text.map(Node::text));
    }

    fn put_flag(&mut self, word: &str, flag: bool) {
        if flag {
            self.put(word, Node::new(Value::Bool(true)));
        }
    }

    fn put_sql(&mut self, word: &str, sql: &Sql) {
        if !sql.is_empty() {
            self.put(word, sql_node(sql));
        }
    }

    fn put_map(&mut self, word: &str, entries: Vec<(String, Node)>) {
        if entries.is_empty() {
            return;
        }
        let entries = entries.into_iter().map(|(word, node)| (Key { word, at: 0 }, node)).collect();
        self.put(word, Node::new(Value::Map(entries)));
    }

    fn put_options(&mut self, options: &Options) {
        let entries = options.iter().filter(|(_, attributes)| !attributes.is_empty());
        let entries = entries.map(|(engine, list)| (engine.word().to_owned(), attributes(list)));
        self.put_map("options", entries.collect());
    }

    fn node(self) -> Node {
        Node::new(Value::Map(self.0))
    }
}

fn attributes(list: &[Attribute]) -> Node {
    let mut map = Map::default();
    for each in list {
        match each.value.is_empty() {
            true => map.put_flag(&each.name, true),
            false => map.put(&each.name, Node::text(&each.value)),
        }
    }
    map.node()
}

fn texts(list: &[String]) -> Node {
    Node::new(Value::List(list.iter().map(Node::text).collect()))
}

fn name_key(name: &Name) -> String {
    let part = |text: &str| match text.contains(['.', '"']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    match name.schema.is_empty() {
        true => part(&name.name),
        false => format!("{}.{}", part(&name.schema), part(&name.name)),
    }
}

/// A name inside of a short form, in quotes if it needs them.
fn short_name(name: &str) -> String {
    let plain = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
        && name.chars().next().is_some_and(|first| !first.is_ascii_digit());
    match plain {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

fn sql_node(sql: &Sql) -> Node {
    match (&sql.any, sql.own.is_empty()) {
        (Some(any), true) => Node::text(any),
        _ => {
            let mut map = Map::default();
            put_sql_keys(&mut map, sql);
            map.node()
        }
    }
}

fn put_sql_keys(map: &mut Map, sql: &Sql) {
    map.put_text("sql", sql.any.as_ref());
    for (engine, text) in &sql.own {
        map.put(engine.word(), Node::text(text));
    }
}

fn schemas(definition: &Definition) -> Option<Node> {
    if definition.schemas.is_empty() {
        return None;
    }
    if definition.schemas.iter().all(|schema| schema.comment.is_none()) {
        let names: Vec<String> = definition.schemas.iter().map(|schema| schema.name.clone()).collect();
        return Some(texts(&names));
    }
    let mut map = Map::default();
    for schema in &definition.schemas {
        let mut inner = Map::default();
        inner.put_text("comment", schema.comment.as_ref());
        map.put(&schema.name, inner.node());
    }
    Some(map.node())
}

fn view(view: &View) -> Node {
    let short =
        !view.materialized && view.columns.is_empty() && view.comment.is_none() && view.options.is_empty();
    if let (true, Some(text), true) = (short, &view.query.any, view.query.own.is_empty()) {
        return Node::text(text);
    }
    let mut map = Map::default();
    map.put_some("columns", Some(texts(&view.columns)).filter(|_| !view.columns.is_empty()));
    map.put_sql("query", &view.query);
    map.put_flag("materialized", view.materialized);
    map.put_text("comment", view.comment.as_ref());
    map.put_options(&view.options);
    map.node()
}

fn table(table: &Table) -> Node {
    let mut map = Map::default();
    map.put_text("comment", table.comment.as_ref());
    parts::primary_key(&mut map, table);
    let columns = table.columns.iter().map(|column| (column.name.clone(), column_node(column)));
    map.put_map("columns", columns.collect());
    parts::parts(&mut map, table);
    map.put_options(&table.options);
    map.node()
}

fn column_node(column: &Column) -> Node {
    let short = short_column(column);
    let mut map = Map::default();
    if let Some(short) = short {
        map.put("type", Node::text(short));
    } else if !column.nullable {
        map.put("nullable", Node::new(Value::Bool(false)));
    }
    map.put_flag("nullable", column.null_in_key);
    map.put_sql("native", &column.native);
    match &column.default {
        Some(value) if column.ty.is_none() || short_default(value).is_none() => {
            map.put("default", default_node(value));
        }
        _ => {}
    }
    if let Some(generated) = &column.generated {
        let mut inner = Map::default();
        put_sql_keys(&mut inner, &generated.expression);
        if !generated.stored {
            inner.put("stored", Node::new(Value::Bool(false)));
        }
        let plain = generated.stored && generated.expression.own.is_empty();
        map.put("generated", if plain { sql_node(&generated.expression) } else { inner.node() });
    }
    if let Some(identity) = &column.identity
        && (column.ty.is_none() || !identity.attributes.is_empty())
    {
        let mut inner = Map::default();
        inner.put("rule", Node::text(rule_word(identity.rule)));
        if !identity.attributes.is_empty() {
            inner.put("options", attributes(&identity.attributes));
        }
        map.put("identity", inner.node());
    }
    map.put_sql("collation", &column.collation);
    map.put_flag("on_update_now", column.on_update_now);
    map.put_text("comment", column.comment.as_ref());
    map.put_options(&column.options);
    match map.0.as_slice() {
        [(key, node)] if key.word == "type" => node.clone(),
        _ => map.node(),
    }
}

fn rule_word(rule: Rule) -> &'static str {
    match rule {
        Rule::ByDefault => "by default",
        Rule::Always => "always",
        Rule::Reuse => "reuse",
    }
}

/// `varchar(20) not null default 'x'`, as far as it goes.
fn short_column(column: &Column) -> Option<String> {
    let mut text = column.ty.as_ref()?.to_string();
    if !column.nullable && column.identity.is_none() {
        text += " not null";
    }
    if let Some(identity) = column.identity.as_ref().filter(|identity| identity.attributes.is_empty()) {
        text += " identity";
        if identity.rule != Rule::ByDefault {
            text = format!("{text} {}", rule_word(identity.rule));
        }
    }
    if let Some(default) = column.default.as_ref().and_then(short_default) {
        text = format!("{text} default {default}");
    }
    Some(text)
}

/// A default behind the word `default`; None for one that needs its own key.
fn short_default(value: &DefaultValue) -> Option<String> {
    match value {
        DefaultValue::Text(text) => Some(format!("'{}'", text.replace('\'', "''"))),
        DefaultValue::Number(number) if is_plain(number) => Some(number.clone()),
        DefaultValue::Number(_) => None,
        DefaultValue::Bool(flag) => Some(flag.to_string()),
        DefaultValue::Now => Some("now()".to_owned()),
        DefaultValue::Uuid => Some("uuid()".to_owned()),
        DefaultValue::Sql(_) => None,
    }
}

/// A number that every syntax writes alike.
fn is_plain(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match digits.split_once('.') {
        Some((before, after)) => whole(before) && whole(after),
        None => whole(digits),
    }
}

fn default_node(value: &DefaultValue) -> Node {
    let mut map = Map::default();
    match value {
        DefaultValue::Text(text) => map.put("value", Node::text(text)),
        DefaultValue::Number(number) => map.put("value", Node::text(number)),
        DefaultValue::Bool(flag) => return Node::new(Value::Bool(*flag)),
        DefaultValue::Now => return Node::text("now()"),
        DefaultValue::Uuid => return Node::text("uuid()"),
        DefaultValue::Sql(sql) => put_sql_keys(&mut map, sql),
    }
    map.node()
}
