//! Columns.

use super::super::node::{Key, Node, Value};
use super::super::{
    Column, Constraint, ConstraintKind, DefaultValue, Generated, Identity, Rule, Sql, Table, keys,
};
use super::{Fields, Reader};
use crate::model::types::Portable;

/// The words of `identity`, and what each means.
const RULES: &[(&str, Rule)] =
    &[("by default", Rule::ByDefault), ("always", Rule::Always), ("reuse", Rule::Reuse)];

impl Reader<'_> {
    pub(super) fn column(&mut self, table: &mut Table, key: &Key, node: &Node) {
        let at = self.place(key.at);
        let mut column = Column { at, name: key.word.clone(), nullable: true, ..Column::default() };
        if column.name.is_empty() {
            self.complain(key.at, "a name cannot be empty", None);
        }
        match &node.value {
            Value::Text(text) => self.short_column(table, &mut column, text, node.at),
            _ => {
                let fields = self.fields(&key.word, node, &keys::COLUMN);
                self.long_column(table, &mut column, &fields);
            }
        }
        let in_key = |each: &&Constraint| {
            each.kind == ConstraintKind::PrimaryKey && each.columns.contains(&column.name)
        };
        let in_key = !column.null_in_key && table.constraints.iter().any(|each| in_key(&each));
        if column.identity.is_some() || in_key {
            column.nullable = false;
        }
        table.columns.push(column);
    }

    fn long_column(&mut self, table: &mut Table, column: &mut Column, fields: &Fields<'_>) {
        if let Some(node) = fields.get("type")
            && let Some(text) = self.text("type", node)
        {
            // `type` takes the short form too: `varchar(20) not null`.
            self.short_column(table, column, &text, node.at);
        }
        if let Some(node) = fields.get("native") {
            column.native = self.sql("native", node);
        }
        if fields.get("type").is_none() && column.native.is_empty() && fields.map.iter().any(|_| true) {
            self.complain(column.at.byte, format!("column `{}` has no `type`", column.name), None);
        } else if fields.map.is_empty() {
            self.complain(fields.at, format!("column `{}` has no `type`", column.name), None);
        }
        if let Some(nullable) = self.flag_of(fields, "nullable") {
            (column.nullable, column.null_in_key) = (nullable, nullable);
        }
        if let Some(node) = fields.get("default") {
            column.default = self.default(node, column.ty.as_ref());
        }
        if let Some(node) = fields.get("generated") {
            column.generated = Some(self.generated(node));
        }
        if let Some(node) = fields.get("identity") {
            column.identity = self.identity(node);
        }
        if let Some(node) = fields.get("collation") {
            column.collation = self.sql("collation", node);
        }
        column.on_update_now = self.flag_of(fields, "on_update_now").unwrap_or(false);
        column.comment = self.text_of(fields, "comment");
        column.options = self.options_of(fields);
        self.constraints_of_column(table, column, fields);
    }

    fn constraints_of_column(&mut self, table: &mut Table, column: &Column, fields: &Fields<'_>) {
        let own = || vec![column.name.clone()];
        let at = |word: &str| fields.key(word).map_or(column.at.byte, |key| key.at);
        if self.flag_of(fields, "primary_key") == Some(true) {
            let place = self.place(at("primary_key"));
            table.constraints.push(Constraint::new(place, ConstraintKind::PrimaryKey, own()));
        }
        if self.flag_of(fields, "unique") == Some(true) {
            let kind = ConstraintKind::Unique { nulls_not_distinct: false };
            table.constraints.push(Constraint::new(self.place(at("unique")), kind, own()));
        }
        if let Some(node) = fields.get("check") {
            let check = ConstraintKind::Check(self.sql("check", node));
            table.constraints.push(Constraint::new(self.place(node.at), check, Vec::new()));
        }
        if let Some(node) = fields.get("references")
            && let Some(text) = self.text("references", node)
            && let Some(reference) = self.reference(&text, node.at)
        {
            let kind = ConstraintKind::ForeignKey(reference);
            table.constraints.push(Constraint::new(self.place(node.at), kind, own()));
        }
    }

    /// `0`, `true`, `"text"`, `"now()"`, `{ value = "now()" }`, `{ sql = "1 + 1" }`.
    fn default(&mut self, node: &Node, ty: Option<&Portable>) -> Option<DefaultValue> {
        let value = match &node.value {
            Value::Text(text) => match text.to_ascii_lowercase().as_str() {
                "now()" => DefaultValue::Now,
                "uuid()" => DefaultValue::Uuid,
                _ => DefaultValue::Text(text.clone()),
            },
            Value::Number(number) => DefaultValue::Number(number.clone()),
            Value::Bool(flag) => DefaultValue::Bool(*flag),
            Value::Map(_) => {
                let fields = self.fields("default", node, &keys::DEFAULT);
                match fields.get("value").map(|node| &node.value) {
                    // Not every syntax writes every number.
                    Some(Value::Text(text)) if is_number(text, ty) => DefaultValue::Number(text.clone()),
                    Some(Value::Text(text)) => DefaultValue::Text(text.clone()),
                    Some(Value::Number(number)) => DefaultValue::Number(number.clone()),
                    Some(Value::Bool(flag)) => DefaultValue::Bool(*flag),
                    Some(_) => {
                        self.complain(node.at, "`value` must be text, a number, true or false", None);
                        return None;
                    }
                    None => DefaultValue::Sql(self.sql_of(&fields)),
                }
            }
            Value::Null | Value::List(_) => {
                let hint = Some("a column without a default is NULL when left out".to_owned());
                self.complain(node.at, format!("`default` cannot be {}", node.kind()), hint);
                return None;
            }
        };
        self.fits(&value, ty, node.at);
        Some(value)
    }

    /// Complains of a default that the type cannot hold.
    pub(super) fn fits(&mut self, value: &DefaultValue, ty: Option<&Portable>, at: usize) {
        let Some(ty) = ty else { return };
        let (shown, fits) = match value {
            DefaultValue::Bool(flag) => (flag.to_string(), *ty == Portable::Bool || *ty == Portable::Json),
            DefaultValue::Number(number) => {
                let whole = number.parse::<i128>().is_ok();
                let fits = match ty {
                    Portable::Int { unsigned, .. } => whole && !(*unsigned && number.starts_with('-')),
                    Portable::Json | Portable::Text | Portable::Varchar(_) | Portable::Char(_) => true,
                    _ => ty.is_number(),
                };
                (number.clone(), fits)
            }
            DefaultValue::Text(text) => (
                format!("'{text}'"),
                *ty != Portable::Bool && (!ty.is_number() || text.parse::<f64>().is_ok()),
            ),
            DefaultValue::Now => {
                use Portable::{Date, Time, Timestamp, TimestampTz};
                ("now()".to_owned(), matches!(ty, Date | Time(_) | Timestamp(_) | TimestampTz(_)))
            }
            DefaultValue::Uuid => {
                let long = match ty {
                    Portable::Varchar(length) | Portable::Char(length) => *length >= 36,
                    _ => matches!(ty, Portable::Uuid | Portable::Text),
                };
                ("uuid()".to_owned(), long)
            }
            DefaultValue::Sql(_) => return,
        };
        if !fits {
            self.complain(at, format!("the default {shown} is no value of type `{ty}`"), None);
        }
    }

    fn generated(&mut self, node: &Node) -> Generated {
        let Value::Map(_) = node.value else {
            return Generated { expression: self.sql("generated", node), stored: true };
        };
        let fields = self.fields("generated", node, &keys::GENERATED);
        let expression = self.sql_of(&fields);
        if expression == Sql::default() {
            let hint = Some("write `sql = \"price * amount\"`, or one for each engine".to_owned());
            self.complain(node.at, "`generated` has no expression", hint);
        }
        Generated { expression, stored: self.flag_of(&fields, "stored").unwrap_or(true) }
    }

    /// `true`, `"always"`, `{ rule = "always", options = { start = 100 } }`.
    fn identity(&mut self, node: &Node) -> Option<Identity> {
        match &node.value {
            Value::Bool(true) => Some(Identity::default()),
            Value::Bool(false) => None,
            Value::Text(word) => Some(Identity { rule: self.rule(word, node.at), ..Identity::default() }),
            _ => {
                let fields = self.fields("identity", node, &keys::IDENTITY);
                let rule = match fields.get("rule") {
                    Some(node) => {
                        self.text("rule", node).map(|word| self.rule(&word, node.at)).unwrap_or_default()
                    }
                    None => Rule::ByDefault,
                };
                let attributes =
                    fields.get("options").map(|node| self.attributes("options", node)).unwrap_or_default();
                Some(Identity { rule, attributes })
            }
        }
    }

    pub(super) fn rule(&mut self, word: &str, at: usize) -> Rule {
        match RULES.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)) {
            Some((_, rule)) => *rule,
            None => {
                let hint = super::suggestion(word, RULES.iter().map(|(word, _)| *word));
                self.complain(at, format!("`identity` cannot be `{word}`"), hint);
                Rule::ByDefault
            }
        }
    }
}

/// A number as SQL has it, for a column of numbers.
fn is_number(text: &str, ty: Option<&Portable>) -> bool {
    let signs = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    ty.is_some_and(Portable::is_number) && text.parse::<f64>().is_ok() && text.bytes().all(signs)
}
