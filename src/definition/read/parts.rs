//! Keys, checks and indexes of a table.

use super::super::node::{Key, Node, Value};
use super::super::{Column, Constraint, ConstraintKind, Index, IndexKey, Place, Sql, Table, keys};
use super::shorthand::{ACTIONS, names};
use super::{Fields, Reader};
use crate::model::catalog::Action;

/// One of several parts: its name, where its key gives one, and what it says.
type Part<'n> = (Option<&'n Key>, &'n Node);

impl Reader<'_> {
    pub(super) fn parts(&mut self, table: &mut Table, fields: &Fields<'_>) {
        if let Some(node) = fields.get("primary_key") {
            let at = fields.key("primary_key").map_or(node.at, |key| key.at);
            let key = self.key((None, node), |_| ConstraintKind::PrimaryKey);
            table.constraints.extend(key.map(|key| Constraint { at: self.place(at), ..key }));
        }
        for part in self.several("unique", fields, true) {
            let key = self.key(part, |nulls_not_distinct| ConstraintKind::Unique { nulls_not_distinct });
            table.constraints.extend(key);
        }
        for part in self.several("foreign_keys", fields, false) {
            let key = self.foreign_key(part);
            table.constraints.extend(key);
        }
        for part in self.several("checks", fields, false) {
            let check = self.check_constraint(part);
            table.constraints.push(check);
        }
        for part in self.several("indexes", fields, true) {
            let index = self.index(part);
            table.indexes.push(index);
        }
        self.keys_are_not_null(table);
    }

    fn keys_are_not_null(&mut self, table: &mut Table) {
        let columns: Vec<String> = table.primary_key().map(|key| key.columns.clone()).unwrap_or_default();
        let in_key = |column: &&mut Column| columns.contains(&column.name) && !column.null_in_key;
        for column in table.columns.iter_mut().filter(in_key) {
            column.nullable = false;
        }
    }

    /// Parts with names (a table of keys) or without (a list, or a single one).
    fn several<'n>(&mut self, word: &str, fields: &Fields<'n>, plain_list: bool) -> Vec<Part<'n>> {
        let Some(node) = fields.get(word) else { return Vec::new() };
        match &node.value {
            Value::Map(map) => map.iter().map(|(key, node)| (Some(key), node)).collect(),
            // `unique = ["a", "b"]` is one key of two columns, and no list of keys.
            Value::List(list)
                if plain_list && list.iter().all(|node| matches!(node.value, Value::Text(_))) =>
            {
                let hint = format!(
                    "`{word} = [[\"a\", \"b\"], [\"c\"]]`, or with names: `{word}.NAME = [\"a\", \"b\"]`"
                );
                self.complain(node.at, format!("`{word}` must be a list of lists of columns"), Some(hint));
                Vec::new()
            }
            Value::List(list) => list.iter().map(|node| (None, node)).collect(),
            Value::Text(_) => vec![(None, node)],
            _ => {
                let message = format!("`{word}` must be a list or a table of names, not {}", node.kind());
                self.complain(node.at, message, None);
                Vec::new()
            }
        }
    }

    fn at(&self, part: Part<'_>) -> Place {
        self.place(part.0.map_or(part.1.at, |key| key.at))
    }

    fn key(&mut self, part: Part<'_>, kind: impl Fn(bool) -> ConstraintKind) -> Option<Constraint> {
        let mut constraint = Constraint::new(self.at(part), kind(false), Vec::new());
        constraint.name = part.0.map(|key| key.word.clone());
        match &part.1.value {
            Value::Text(text) => constraint.columns = names(text),
            Value::List(_) => constraint.columns = self.texts("columns", part.1),
            _ => {
                let fields = self.fields("key", part.1, &keys::KEY);
                constraint.columns = self.texts_of(&fields, "columns");
                constraint.kind = kind(self.flag_of(&fields, "nulls_not_distinct").unwrap_or(false));
                self.constraint_flags(&mut constraint, &fields);
            }
        }
        if constraint.columns.is_empty() {
            self.complain(part.1.at, "a key needs columns", None);
            return None;
        }
        Some(constraint)
    }

    fn constraint_flags(&mut self, constraint: &mut Constraint, fields: &Fields<'_>) {
        constraint.name = self.text_of(fields, "name").or(constraint.name.take());
        match self.word_of(fields, "deferrable", &["immediate", "deferred"]) {
            Some("deferred") => (constraint.deferrable, constraint.initially_deferred) = (true, true),
            Some(_) => constraint.deferrable = true,
            None => {}
        }
        constraint.validated = self.flag_of(fields, "validated").unwrap_or(true);
        constraint.enforced = self.flag_of(fields, "enforced").unwrap_or(true);
        constraint.comment = self.text_of(fields, "comment");
        constraint.options = self.options_of(fields);
    }

    fn foreign_key(&mut self, part: Part<'_>) -> Option<Constraint> {
        let at = self.at(part);
        let name = part.0.map(|key| key.word.clone());
        if let Value::Text(text) = &part.1.value {
            let (columns, reference) = self.short_foreign_key(text, part.1.at)?;
            let constraint = Constraint::new(at, ConstraintKind::ForeignKey(reference), columns);
            return Some(Constraint { name, ..constraint });
        }
        let fields = self.fields("foreign key", part.1, &keys::FOREIGN_KEY);
        let mut columns = self.texts_of(&fields, "columns");
        if let [one] = columns.as_slice() {
            columns = names(one);
        }
        let Some(node) = fields.get("references") else {
            self.complain(fields.at, "a foreign key needs `references`", None);
            return None;
        };
        let text = self.text("references", node)?;
        let mut reference = self.reference(&text, node.at)?;
        if let Some(action) = self.action(&fields, "on_delete") {
            reference.on_delete = action;
        }
        if let Some(action) = self.action(&fields, "on_update") {
            reference.on_update = action;
        }
        reference.full = self.word_of(&fields, "match", &["simple", "full"]) == Some("full");
        if columns.is_empty() {
            self.complain(fields.at, "a foreign key needs `columns`", None);
            return None;
        }
        let mut constraint = Constraint::new(at, ConstraintKind::ForeignKey(reference), columns);
        constraint.name = name;
        self.constraint_flags(&mut constraint, &fields);
        Some(constraint)
    }

    fn action(&mut self, fields: &Fields<'_>, word: &str) -> Option<Action> {
        let known: Vec<&'static str> = ACTIONS.iter().map(|(word, _)| *word).collect();
        let found = self.word_of(fields, word, &known)?;
        ACTIONS.iter().find(|(word, _)| *word == found).map(|(_, action)| *action)
    }

    fn check_constraint(&mut self, part: Part<'_>) -> Constraint {
        let at = self.at(part);
        if let Value::Text(_) = part.1.value {
            let check = ConstraintKind::Check(self.sql("checks", part.1));
            let name = part.0.map(|key| key.word.clone());
            return Constraint { name, ..Constraint::new(at, check, Vec::new()) };
        }
        let fields = self.fields("check", part.1, &keys::CHECK);
        let sql = self.sql_of(&fields);
        if sql == Sql::default() {
            self.complain(fields.at, "a check needs `sql`, or the text for an engine", None);
        }
        let mut constraint = Constraint::new(at, ConstraintKind::Check(sql), Vec::new());
        constraint.name = part.0.map(|key| key.word.clone());
        self.constraint_flags(&mut constraint, &fields);
        constraint
    }

    fn index(&mut self, part: Part<'_>) -> Index {
        let mut index = Index { at: self.at(part), ..Index::default() };
        index.name = part.0.map(|key| key.word.clone());
        match &part.1.value {
            Value::Text(_) | Value::List(_) => index.keys = self.index_keys(part.1),
            _ => {
                let fields = self.fields("index", part.1, &keys::INDEX);
                match fields.get("columns") {
                    Some(node) => index.keys = self.index_keys(node),
                    None => self.complain(fields.at, "an index needs `columns`", None),
                }
                index.unique = self.flag_of(&fields, "unique").unwrap_or(false);
                index.nulls_not_distinct = self.flag_of(&fields, "nulls_not_distinct").unwrap_or(false);
                index.predicate = fields.get("where").map(|node| self.sql("where", node));
                index.include = self.texts_of(&fields, "include");
                index.method = fields.get("method").map(|node| self.sql("method", node)).unwrap_or_default();
                index.name = self.text_of(&fields, "name").or(index.name);
                index.comment = self.text_of(&fields, "comment");
                index.options = self.options_of(&fields);
            }
        }
        index
    }

    fn index_keys(&mut self, node: &Node) -> Vec<IndexKey> {
        let one = std::slice::from_ref(node);
        let list = match &node.value {
            Value::List(list) => list.as_slice(),
            _ => one,
        };
        if list.is_empty() {
            self.complain(node.at, "an index needs `columns`", None);
        }
        list.iter().map(|node| self.index_key(node)).collect()
    }

    /// `a`, `a desc`, `(lower(a))`, `{ column = "a", prefix = 10 }`.
    fn index_key(&mut self, node: &Node) -> IndexKey {
        let Value::Map(_) = node.value else {
            return self.text("columns", node).map(|text| short_key(&text)).unwrap_or_default();
        };
        let fields = self.fields("columns", node, &keys::INDEX_KEY);
        let key = IndexKey {
            column: self.text_of(&fields, "column"),
            expression: fields.get("expression").map(|node| self.sql("expression", node)),
            descending: self.word_of(&fields, "order", &["asc", "desc"]) == Some("desc"),
            nulls_first: self.word_of(&fields, "nulls", &["first", "last"]).map(|word| word == "first"),
            collation: fields.get("collation").map(|node| self.sql("collation", node)).unwrap_or_default(),
            opclass: fields.get("opclass").map(|node| self.sql("opclass", node)).unwrap_or_default(),
            prefix: self.prefix(&fields),
        };
        if key.column.is_some() == key.expression.is_some() {
            self.complain(fields.at, "an index key has a `column` or an `expression`", None);
        }
        key
    }

    fn prefix(&mut self, fields: &Fields<'_>) -> Option<u32> {
        let node = fields.get("prefix")?;
        let length = match &node.value {
            Value::Number(number) => number.parse().ok().filter(|length| *length > 0),
            _ => None,
        };
        if length.is_none() {
            self.complain(node.at, "`prefix` must be a number of characters", None);
        }
        length
    }
}

fn short_key(text: &str) -> IndexKey {
    let lower = text.to_ascii_lowercase();
    let (body, descending) = match (lower.strip_suffix(" desc"), lower.strip_suffix(" asc")) {
        (Some(body), _) => (text[..body.len()].trim(), true),
        (_, Some(body)) => (text[..body.len()].trim(), false),
        _ => (text.trim(), false),
    };
    let expression = body.strip_prefix('(').and_then(|body| body.strip_suffix(')'));
    match expression {
        Some(inside) => IndexKey { expression: Some(Sql::any(inside)), descending, ..IndexKey::default() },
        None => IndexKey { column: names(body).pop(), descending, ..IndexKey::default() },
    }
}
