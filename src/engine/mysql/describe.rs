//! Everything about a table or view (`\d NAME`).

use super::explore::{RELATION_KIND, cells, size};
use super::indexes;
use super::pattern::Pattern;
use super::session::MysqlSession;
use crate::error::Result;
use crate::model::listing::Listing;
use crate::model::rows::Param;
use crate::model::target::EngineKind;

/// Longest text of a trigger that is shown in its line.
const LONGEST_LINE: usize = 100;

/// The relation a listing is about.
struct Relation {
    schema: String,
    name: String,
    kind: String,
}

impl Relation {
    fn params(&self) -> [Param; 2] {
        [Param::Text(self.schema.clone()), Param::Text(self.name.clone())]
    }
}

pub fn describe(session: &mut MysqlSession, pattern: &Pattern) -> Result<Vec<Listing>> {
    let (filter, params) = pattern.filter(session, "t.table_schema", "t.table_name");
    let sql = format!(
        "SELECT t.table_schema, t.table_name, {RELATION_KIND}, t.engine, t.table_rows, t.data_length, \
         t.index_length, t.table_collation, t.create_options, t.table_comment \
         FROM information_schema.tables t {filter} ORDER BY 1, 2"
    );
    let mut listings = Vec::new();
    for row in session.collect(&sql, &params)? {
        let [schema, name, kind, engine, rows, data, index, collation, options, comment] = cells(row);
        let relation = Relation { schema, name, kind };
        let mut listing = columns(session, &relation)?;
        let notes = &mut listing.notes;
        match relation.kind.as_str() {
            "view" => view_definition(session, &relation, notes)?,
            "sequence" => {}
            _ => {
                table_indexes(session, &relation, notes)?;
                checks(session, &relation, notes)?;
                foreign_keys(session, &relation, notes)?;
                referenced_by(session, &relation, notes)?;
                triggers(session, &relation, notes)?;
                partitions(session, &relation, notes)?;
            }
        }
        if !engine.is_empty() {
            notes.push(format!(
                "Engine: {engine}, about {} rows, {} of data, {} of indexes, collation {collation}",
                if rows.is_empty() { "?" } else { &rows },
                size(&data),
                size(&index),
            ));
        }
        if !options.is_empty() && options != "partitioned" {
            notes.push(format!("Options: {options}"));
        }
        if !matches!(comment.as_str(), "" | "VIEW") {
            notes.push(format!("Comment: {comment}"));
        }
        listings.push(listing);
    }
    Ok(listings)
}

fn columns(session: &mut MysqlSession, relation: &Relation) -> Result<Listing> {
    let rows = session.collect(
        "SELECT c.column_name, c.column_type, c.collation_name, \
         IF(c.is_nullable = 'NO', 'not null', ''), c.column_default, c.extra, c.column_comment, \
         c.generation_expression, c.data_type FROM information_schema.columns c \
         WHERE c.table_schema = ? AND c.table_name = ? ORDER BY c.ordinal_position",
        &relation.params(),
    )?;
    let is_mariadb = session.engine() == EngineKind::Mariadb;
    let mut rows: Vec<Vec<String>> =
        rows.into_iter()
            .map(|row| {
                let default = row.get(4).cloned().flatten();
                let [name, kind, collation, nullable, _, extra, comment, expression, data_type] = cells(row);
                let default = match expression.as_str() {
                    "" => default
                        .map_or(String::new(), |text| default_text(&text, &extra, &data_type, is_mariadb)),
                    expression => {
                        let stored = if extra.contains("STORED") { "stored" } else { "virtual" };
                        format!("generated always as ({expression}) {stored}")
                    }
                };
                vec![name, kind, collation, nullable, default, extra_text(&extra), comment]
            })
            .collect();
    let mut headers: Vec<String> =
        ["Column", "Type", "Collation", "Nullable", "Default", "Extra", "Comment"].map(String::from).into();
    // The last two are often empty.
    for index in [6, 5] {
        if rows.iter().all(|row| row[index].is_empty()) {
            headers.remove(index);
            rows.iter_mut().for_each(|row| drop(row.remove(index)));
        }
    }
    let mut kind = relation.kind.clone();
    if let Some(first) = kind.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let title = format!("{kind} \"{}.{}\"", relation.schema, relation.name);
    Ok(Listing { title, headers, rows, notes: Vec::new() })
}

/// The default as one would write it: MariaDB keeps it so, MySQL keeps the plain text.
fn default_text(text: &str, extra: &str, data_type: &str, is_mariadb: bool) -> String {
    if is_mariadb {
        return if text == "NULL" { String::new() } else { text.to_owned() };
    }
    if extra.contains("DEFAULT_GENERATED") || data_type == "bit" || text.starts_with("CURRENT_TIMESTAMP") {
        return text.to_owned();
    }
    let is_number = matches!(
        data_type,
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "float" | "double" | "year"
    );
    match is_number {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}

/// What the other columns do not say already.
fn extra_text(extra: &str) -> String {
    let extra = extra.replace("DEFAULT_GENERATED", "").replace("STORED GENERATED", "");
    extra.replace("VIRTUAL GENERATED", "").trim().to_owned()
}

fn note(notes: &mut Vec<String>, title: &str, lines: Vec<String>) {
    if !lines.is_empty() {
        notes.push(format!("{title}:"));
        notes.extend(lines);
    }
}

fn table_indexes(session: &mut MysqlSession, relation: &Relation, notes: &mut Vec<String>) -> Result<()> {
    let filter = "WHERE s.table_schema = ? AND s.table_name = ?";
    let indexes = indexes::read(session, filter, &relation.params())?;
    note(notes, "Indexes", indexes.iter().map(indexes::Index::line).collect());
    Ok(())
}

fn checks(session: &mut MysqlSession, relation: &Relation, notes: &mut Vec<String>) -> Result<()> {
    let version = session.version();
    let sql = match session.engine() {
        EngineKind::Mariadb if version >= 100_222 => {
            "SELECT c.constraint_name, c.check_clause, '' FROM information_schema.check_constraints c \
             WHERE c.constraint_schema = ? AND c.table_name = ? ORDER BY 1"
        }
        EngineKind::Mysql if version >= 80_016 => {
            "SELECT c.constraint_name, c.check_clause, t.enforced \
             FROM information_schema.table_constraints t JOIN information_schema.check_constraints c \
             ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name \
             WHERE t.table_schema = ? AND t.table_name = ? AND t.constraint_type = 'CHECK' ORDER BY 1"
        }
        _ => return Ok(()),
    };
    // MySQL keeps the outer parentheses, MariaDB does not.
    let wrapped = session.engine() == EngineKind::Mysql;
    let rows = session.collect(sql, &relation.params())?.into_iter().map(|row| {
        let [name, clause, enforced] = cells(row);
        let not = if enforced == "NO" { " NOT ENFORCED" } else { "" };
        let clause = if wrapped { clause } else { format!("({clause})") };
        format!("    \"{name}\" CHECK {clause}{not}")
    });
    note(notes, "Check constraints", rows.collect());
    Ok(())
}

/// Foreign keys with their columns; `side` is the condition that picks them.
fn key_lines(
    session: &mut MysqlSession,
    relation: &Relation,
    side: &str,
    show: impl Fn(&ForeignKey) -> String,
) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT k.constraint_schema, k.constraint_name, k.table_schema, k.table_name, k.column_name, \
         k.referenced_table_schema, k.referenced_table_name, k.referenced_column_name, r.delete_rule, \
         r.update_rule FROM information_schema.key_column_usage k \
         JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema \
         AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name \
         WHERE {side} ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position"
    );
    let mut keys: Vec<ForeignKey> = Vec::new();
    for row in session.collect(&sql, &relation.params())? {
        let [_, name, schema, table, column, to_schema, to_table, to_column, on_delete, on_update] =
            cells(row);
        match keys.last_mut().filter(|key| key.name == name && key.schema == schema && key.table == table) {
            Some(key) => {
                key.columns.push(column);
                key.to_columns.push(to_column);
            }
            None => keys.push(ForeignKey {
                name,
                schema,
                table,
                columns: vec![column],
                to_schema,
                to_table,
                to_columns: vec![to_column],
                on_delete,
                on_update,
            }),
        }
    }
    Ok(keys.iter().map(show).collect())
}

struct ForeignKey {
    name: String,
    schema: String,
    table: String,
    columns: Vec<String>,
    to_schema: String,
    to_table: String,
    to_columns: Vec<String>,
    on_delete: String,
    on_update: String,
}

impl ForeignKey {
    fn line(&self, relation: &Relation) -> String {
        let rule = |event: &str, rule: &str| match rule {
            // They mean the same here, and are what one gets without asking.
            "" | "NO ACTION" | "RESTRICT" => String::new(),
            rule => format!(" ON {event} {rule}"),
        };
        let to = match self.to_schema == relation.schema {
            true => self.to_table.clone(),
            false => format!("{}.{}", self.to_schema, self.to_table),
        };
        format!(
            "\"{}\" FOREIGN KEY ({}) REFERENCES {to}({}){}{}",
            self.name,
            self.columns.join(", "),
            self.to_columns.join(", "),
            rule("DELETE", &self.on_delete),
            rule("UPDATE", &self.on_update),
        )
    }
}

fn foreign_keys(session: &mut MysqlSession, relation: &Relation, notes: &mut Vec<String>) -> Result<()> {
    let lines = key_lines(session, relation, "k.table_schema = ? AND k.table_name = ?", |key| {
        format!("    {}", key.line(relation))
    })?;
    note(notes, "Foreign-key constraints", lines);
    Ok(())
}

fn referenced_by(session: &mut MysqlSession, relation: &Relation, notes: &mut Vec<String>) -> Result<()> {
    let side = "k.referenced_table_schema = ? AND k.referenced_table_name = ?";
    let lines = key_lines(session, relation, side, |key| {
        let table = match key.schema == relation.schema {
            true => key.table.clone(),
            false => format!("{}.{}", key.schema, key.table),
        };
        format!("    TABLE \"{table}\" CONSTRAINT {}", key.line(relation))
    })?;
    note(notes, "Referenced by", lines);
    Ok(())
}

fn triggers(session: &mut MysqlSession, relation: &Relation, notes: &mut Vec<String>) -> Result<()> {
    let rows = session.collect(
        "SELECT t.trigger_name, t.action_timing, t.event_manipulation, t.action_statement \
         FROM information_schema.triggers t WHERE t.event_object_schema = ? AND t.event_object_table = ? \
         ORDER BY t.action_timing DESC, t.event_manipulation, t.action_order",
        &relation.params(),
    )?;
    let lines = rows.into_iter().map(|row| {
        let [name, timing, event, statement] = cells(row);
        let words: Vec<_> = statement.split_whitespace().collect();
        let mut text = words.join(" ");
        if let Some((cut, _)) = text.char_indices().nth(LONGEST_LINE) {
            text.truncate(cut);
            text.push('…');
        }
        format!("    {name} {timing} {event} FOR EACH ROW {text}")
    });
    note(notes, "Triggers", lines.collect());
    Ok(())
}

fn partitions(session: &mut MysqlSession, relation: &Relation, notes: &mut Vec<String>) -> Result<()> {
    let rows = session.collect(
        "SELECT p.partition_name, p.partition_method, p.partition_expression, p.partition_description, \
         p.subpartition_name, p.subpartition_method, p.subpartition_expression, p.table_rows \
         FROM information_schema.partitions p \
         WHERE p.table_schema = ? AND p.table_name = ? AND p.partition_name IS NOT NULL \
         ORDER BY p.partition_ordinal_position, p.subpartition_ordinal_position",
        &relation.params(),
    )?;
    let mut lines = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        let [name, method, expression, description, sub, sub_method, sub_expression, count] = cells(row);
        if index == 0 {
            let by = match sub_method.as_str() {
                "" => String::new(),
                sub_method => format!(", each by {sub_method} ({sub_expression})"),
            };
            notes.push(format!("Partition key: {method} ({expression}){by}"));
        }
        let values = match method.split(' ').next() {
            _ if description.is_empty() => String::new(),
            Some("RANGE") if description == "MAXVALUE" => " VALUES LESS THAN MAXVALUE".into(),
            Some("RANGE") => format!(" VALUES LESS THAN ({description})"),
            Some("LIST") => format!(" VALUES IN ({description})"),
            _ => format!(" {description}"),
        };
        let name = if sub.is_empty() { name } else { format!("{name}/{sub}") };
        lines.push(format!("    {name}{values}, about {count} rows"));
    }
    note(notes, "Partitions", lines);
    Ok(())
}

fn view_definition(session: &mut MysqlSession, relation: &Relation, notes: &mut Vec<String>) -> Result<()> {
    let rows = session.collect(
        "SELECT v.view_definition, v.definer, v.security_type, v.check_option \
         FROM information_schema.views v WHERE v.table_schema = ? AND v.table_name = ?",
        &relation.params(),
    )?;
    for row in rows {
        let [definition, definer, security, check] = cells(row);
        let definition = match definition.as_str() {
            "" => "    (needs SHOW VIEW)".to_owned(),
            text => format!("    {text}"),
        };
        note(notes, "View definition", vec![definition]);
        let check = if check == "NONE" { String::new() } else { format!(", {check} CHECK OPTION") };
        notes.push(format!("Definer: {definer}, SQL SECURITY {security}{check}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_as_one_writes_them() {
        assert_eq!(default_text("it's", "", "varchar", false), "'it''s'");
        assert_eq!(default_text("0", "", "int", false), "0");
        assert_eq!(default_text("b'1'", "", "bit", false), "b'1'");
        assert_eq!(default_text("uuid()", "DEFAULT_GENERATED", "char", false), "uuid()");
        assert_eq!(default_text("'it''s'", "", "varchar", true), "'it''s'");
        assert_eq!(default_text("NULL", "", "varchar", true), "");
    }

    #[test]
    fn extras_say_nothing_twice() {
        assert_eq!(
            extra_text("DEFAULT_GENERATED on update CURRENT_TIMESTAMP"),
            "on update CURRENT_TIMESTAMP"
        );
        assert_eq!(extra_text("STORED GENERATED INVISIBLE"), "INVISIBLE");
        assert_eq!(extra_text("auto_increment"), "auto_increment");
    }
}
