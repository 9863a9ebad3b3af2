//! SQLite's catalogs as statements.

mod change;
mod rename;
mod spelling;

use crate::engine::Ddl;
use crate::model::catalog::Name;
use crate::model::catalog::{
    Action, Attribute, COLUMN_LIST, Catalog, Column, Constraint, ConstraintKind, Detail, Index, IndexKey,
    Object, Reference, Table, Trigger, View, attribute,
};
use crate::model::ddl::{DdlOptions, Piece, Section};
use crate::model::diff::Change;
use crate::model::plan::{Behind, ChangeOptions, Plan, Rename, Renamed};
use crate::sql::{Lexer, SQLITE, TokenKind, quote_ident, quote_literal};

/// How SQLite's databases are built.
pub struct SqliteDdl;

impl Ddl for SqliteDdl {
    /// Tables before views, and both before what hangs on them. SQLite looks for the names in a
    /// view or a trigger when it is used, so that their order does not matter otherwise.
    fn create(&self, catalog: &Catalog, _options: DdlOptions) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = settings(&catalog.attributes).collect();
        let mut after = Vec::new();
        for object in &catalog.objects {
            let name = &object.name.name;
            match &object.detail {
                Detail::Table(each) => {
                    pieces.push(piece("table", name, Section::BeforeData, table_sql(object, each)));
                    let indexes =
                        each.indexes.iter().filter_map(|index| Some((index, index_sql(name, index)?)));
                    after.extend(
                        indexes.map(|(index, sql)| piece("index", &index.name, Section::AfterData, sql)),
                    );
                    after.extend(each.triggers.iter().map(|trigger| trigger_piece(name, trigger)));
                }
                Detail::View(each) => {
                    pieces.push(piece("view", name, Section::BeforeData, view_sql(object, each)));
                    after.extend(each.triggers.iter().map(|trigger| trigger_piece(name, trigger)));
                }
                // SQLite has nothing else.
                _ => {}
            }
        }
        pieces.append(&mut after);
        pieces
    }

    /// SQLite has no owners, and nothing that lets others write meanwhile: no option matters.
    fn change(&self, from: &Catalog, to: &Catalog, changes: &[Change], _options: ChangeOptions) -> Plan {
        change::change(from, to, changes)
    }

    fn rename(&self, from: &Catalog, rename: &Rename) -> Renamed {
        rename::rename(from, rename)
    }

    fn spelled(&self, from: &Catalog, to: Catalog) -> Catalog {
        spelling::spelled(from, to)
    }

    fn left_behind(&self, from: &Catalog, rename: &Rename) -> Vec<Behind> {
        rename::left_behind(from, rename)
    }
}

fn piece(kind: &'static str, name: &str, section: Section, sql: String) -> Piece {
    Piece { kind, name: Name::new("", name), section, sql }
}

/// The pragmas that are part of a file and can be set by statements, where they are not what a
/// new file has. They must come before the first table
/// (<https://www.sqlite.org/pragma.html#pragma_encoding>).
fn settings(attributes: &[Attribute]) -> impl Iterator<Item = Piece> {
    const USUAL: [(&str, &str); 5] = [
        ("page_size", "4096"),
        ("encoding", "UTF-8"),
        ("auto_vacuum", "0"),
        ("user_version", "0"),
        ("application_id", "0"),
    ];
    USUAL.into_iter().filter_map(|(name, usual)| {
        let value = attribute(attributes, name).filter(|value| *value != usual)?;
        let value = match value.parse::<i64>() {
            Ok(number) => number.to_string(),
            Err(_) => quote_literal(&SQLITE, value).ok()?,
        };
        Some(piece("setting", "", Section::BeforeData, format!("PRAGMA {name} = {value}")))
    })
}

fn table_sql(object: &Object, table: &Table) -> String {
    if let Some(definition) = &object.definition {
        return definition.clone();
    }
    let name = quote_ident(&SQLITE, &object.name.name);
    if let Some(module) = &table.foreign {
        let arguments = attribute(&object.attributes, "arguments");
        let arguments = arguments.map(|list| format!("({list})")).unwrap_or_default();
        return format!("CREATE VIRTUAL TABLE {name} USING {}{arguments}", quote_ident(&SQLITE, module));
    }
    let own_key = own_key(table);
    let columns = table.columns.iter().map(|column| {
        let key = own_key.filter(|key| key.columns[0] == column.name);
        column_sql(column, key)
    });
    let rest = table.constraints.iter().filter(|each| own_key.is_none_or(|key| !std::ptr::eq(*each, key)));
    let lines: Vec<String> = columns.chain(rest.filter_map(constraint_sql)).collect();
    let has = |word: &'static str| attribute(&object.attributes, word).map(|_| word.to_uppercase());
    let options: Vec<String> = ["strict", "without rowid"].into_iter().filter_map(has).collect();
    let options = if options.is_empty() { String::new() } else { format!(" {}", options.join(", ")) };
    format!("CREATE TABLE {name} (\n  {}\n){options}", lines.join(",\n  "))
}

/// A primary key that is to be written with its column: that of the rowid under another name, which
/// alone can be AUTOINCREMENT (<https://www.sqlite.org/autoinc.html>), and by an old mistake
/// `INTEGER PRIMARY KEY DESC` is another thing than `PRIMARY KEY (id DESC)`.
fn own_key(table: &Table) -> Option<&Constraint> {
    let key = table.constraints.iter().find(|each| each.kind == ConstraintKind::PrimaryKey)?;
    let [name] = key.columns.as_slice() else { return None };
    let column = table.columns.iter().find(|column| column.name == *name)?;
    let is_rowid = column.identity.is_some() || column.ty.eq_ignore_ascii_case("integer");
    (is_rowid && attribute(&key.attributes, "descending").is_none_or(str::is_empty)).then_some(key)
}

fn column_sql(column: &Column, key: Option<&Constraint>) -> String {
    let mut sql = quote_ident(&SQLITE, &column.name);
    // Numbers are given to INTEGER alone.
    let ty = if key.is_some() { "INTEGER" } else { column.ty.as_str() };
    if !ty.is_empty() {
        sql += &format!(" {ty}");
    }
    if let Some(key) = key {
        sql += &named(key.name.as_deref(), "PRIMARY KEY");
        if attribute(&key.attributes, "descending").is_some() {
            sql += " DESC";
        }
        sql += &conflict(&key.attributes, "on conflict");
        if column.identity.is_some() {
            sql += " AUTOINCREMENT";
        }
    }
    if let Some(collation) = &column.collation {
        sql += &format!(" COLLATE {}", quote_ident(&SQLITE, collation));
    }
    if !column.nullable && key.is_none() {
        sql += &named(attribute(&column.attributes, "not null constraint"), "NOT NULL");
        sql += &conflict(&column.attributes, "not null on conflict");
    }
    if let Some(default) = &column.default {
        sql += &format!(" DEFAULT {}", default_sql(default));
    }
    if let Some(generated) = &column.generated {
        let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
        sql += &format!(" GENERATED ALWAYS AS ({}) {kept}", generated.expression);
    }
    sql
}

fn named(name: Option<&str>, what: &str) -> String {
    match name {
        Some(name) => format!(" CONSTRAINT {} {what}", quote_ident(&SQLITE, name)),
        None => format!(" {what}"),
    }
}

fn conflict(attributes: &[Attribute], name: &str) -> String {
    let action = attribute(attributes, name);
    action.map(|action| format!(" ON CONFLICT {}", action.to_uppercase())).unwrap_or_default()
}

/// A default is a literal or stands in brackets.
fn default_sql(default: &str) -> String {
    let mut code = Lexer::new(default, &SQLITE).code();
    let first = code.next();
    let signed = matches!(first, Some((_, "+" | "-")));
    let value = if signed { code.next() } else { first };
    let is_literal = match value.map(|(token, _)| token.kind) {
        Some(TokenKind::Number) => true,
        Some(TokenKind::String | TokenKind::QuotedIdent | TokenKind::Word | TokenKind::Keyword) => !signed,
        _ => false,
    };
    match is_literal && code.next().is_none() {
        true => default.trim().to_owned(),
        false => format!("({})", default.trim()),
    }
}

/// A constraint of the table; None for what SQLite does not have.
fn constraint_sql(constraint: &Constraint) -> Option<String> {
    let columns = || {
        let columns = constraint.columns.iter().map(|column| key_column(column, &constraint.attributes));
        columns.collect::<Vec<_>>().join(", ")
    };
    let sql = match &constraint.kind {
        ConstraintKind::PrimaryKey => format!("PRIMARY KEY ({})", columns()),
        ConstraintKind::Unique => format!("UNIQUE ({})", columns()),
        ConstraintKind::Check { expression } => format!("CHECK ({expression})"),
        ConstraintKind::ForeignKey(reference) => {
            format!("FOREIGN KEY ({}) {}", columns(), reference_sql(reference))
        }
        ConstraintKind::NotNull | ConstraintKind::Exclusion | ConstraintKind::Other => return None,
    };
    Some(in_constraint(constraint, sql))
}

/// With the name before it, and what is to happen and when after it.
fn in_constraint(constraint: &Constraint, mut sql: String) -> String {
    sql += &conflict(&constraint.attributes, "on conflict");
    if constraint.deferrable {
        sql += if constraint.initially_deferred { " DEFERRABLE INITIALLY DEFERRED" } else { " DEFERRABLE" };
    }
    match &constraint.name {
        Some(name) => format!("CONSTRAINT {} {sql}", quote_ident(&SQLITE, name)),
        None => sql,
    }
}

/// `REFERENCES "t" ("id") ON DELETE CASCADE`
fn reference_sql(reference: &Reference) -> String {
    let mut sql = format!("REFERENCES {}", quote_ident(&SQLITE, &reference.table.name));
    if !reference.referenced.is_empty() {
        sql += &format!(" ({})", quoted(&reference.referenced));
    }
    for (event, action) in [("DELETE", reference.on_delete), ("UPDATE", reference.on_update)] {
        if action != Action::NoAction {
            sql += &format!(" ON {event} {}", action.sql());
        }
    }
    sql
}

/// A column of a key, with what the reader found there: `COLLATE`, `DESC`.
fn key_column(column: &str, attributes: &[Attribute]) -> String {
    let mut sql = quote_ident(&SQLITE, column);
    let collations = attributes.iter().filter(|each| each.name == "collation");
    for collation in collations.filter_map(|each| each.value.strip_prefix(column)?.strip_prefix(' ')) {
        sql += &format!(" COLLATE {}", quote_ident(&SQLITE, collation));
    }
    let descends =
        |each: &Attribute| each.name == "descending" && (each.value.is_empty() || each.value == column);
    if attributes.iter().any(descends) {
        sql += " DESC";
    }
    sql
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| quote_ident(&SQLITE, name)).collect::<Vec<_>>().join(", ")
}

/// None for the index that a constraint makes.
fn index_sql(table: &str, index: &Index) -> Option<String> {
    if let Some(definition) = &index.definition {
        return Some(definition.clone());
    }
    if index.constraint.is_some() {
        return None;
    }
    let keys: Vec<String> = index.keys.iter().map(index_key).collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let (name, table) = (quote_ident(&SQLITE, &index.name), quote_ident(&SQLITE, table));
    let mut sql = format!("CREATE {unique}INDEX {name} ON {table} ({})", keys.join(", "));
    if let Some(predicate) = &index.predicate {
        sql += &format!(" WHERE {predicate}");
    }
    Some(sql)
}

fn index_key(key: &IndexKey) -> String {
    let mut sql = match (&key.column, &key.expression) {
        (Some(column), _) => quote_ident(&SQLITE, column),
        (None, Some(expression)) => expression.clone(),
        (None, None) => String::new(),
    };
    if let Some(collation) = &key.collation {
        sql += &format!(" COLLATE {}", quote_ident(&SQLITE, collation));
    }
    if key.descending {
        sql += " DESC";
    }
    sql
}

fn view_sql(object: &Object, view: &View) -> String {
    let composed = || {
        let names: Vec<_> = view.columns.iter().map(|column| quote_ident(&SQLITE, &column.name)).collect();
        let has_list = attribute(&object.attributes, COLUMN_LIST).is_some() && !names.is_empty();
        let list = if has_list { format!(" ({})", names.join(", ")) } else { String::new() };
        format!("CREATE VIEW {}{list} AS {}", quote_ident(&SQLITE, &object.name.name), view.query)
    };
    object.definition.clone().unwrap_or_else(composed)
}

fn trigger_piece(relation: &str, trigger: &Trigger) -> Piece {
    let composed = || {
        let (name, relation) = (quote_ident(&SQLITE, &trigger.name), quote_ident(&SQLITE, relation));
        let when = attribute(&trigger.attributes, "when").map(|when| format!(" WHEN {when}"));
        let (timing, events) = (&trigger.timing, trigger.events.join(" OR "));
        let when = when.unwrap_or_default();
        format!(
            "CREATE TRIGGER {name} {timing} {events} ON {relation} FOR EACH ROW{when}\n{}",
            trigger.action
        )
    };
    let sql = trigger.definition.clone().unwrap_or_else(composed);
    piece("trigger", &trigger.name, Section::AfterData, sql)
}

#[cfg(test)]
mod tests;
