//! Indexes.

use super::Maker;
use super::column::shortened;
use crate::definition::expression::Kind;
use crate::definition::{Index, IndexKey, Sql, Table};
use crate::model::catalog::{self, Name};

/// Characters of a long text that an index keeps where it cannot keep all.
const PREFIX: u32 = 255;

impl Maker<'_> {
    pub(super) fn index(
        &mut self,
        table: &Table,
        name: &Name,
        index: &Index,
        made: &[catalog::Column],
    ) -> Option<catalog::Index> {
        let shown = format!("table {}", table.name);
        let usual = format!("{}_{}_idx", table.name.name, key_words(index).join("_"));
        let called = index.name.clone().unwrap_or(usual);
        let what = match index.unique {
            true => format!("unique index {called}"),
            false => format!("index {called}"),
        };
        let method = match self.method(index) {
            Ok(method) => method,
            Err(method) => {
                self.lose(&shown, what, format!("the engine has no index of the kind {method}"));
                return None;
            }
        };
        let predicate = self.predicate(&shown, &what, index)?;
        let mut keys = Vec::new();
        for key in &index.keys {
            keys.push(self.index_key(table, &what, (index, key), made)?);
        }
        let include = match index.include.is_empty() || self.abilities.include {
            true => index.include.iter().map(|name| self.names.short(name)).collect(),
            false => {
                self.lose(&shown, format!("{what} INCLUDE"), "the engine's indexes hold their key only");
                Vec::new()
            }
        };
        let nulls_not_distinct = index.nulls_not_distinct && self.abilities.nulls_not_distinct;
        if index.nulls_not_distinct && !nulls_not_distinct {
            let reason = "the engine takes every NULL for another one";
            self.lose(&shown, format!("{what} NULLS NOT DISTINCT"), reason);
        }
        let name = match self.abilities.index_names_per_table {
            true => self.names.short(&called),
            false => self.names.unique(name, &called),
        };
        Some(catalog::Index {
            name,
            keys,
            include,
            unique: index.unique,
            nulls_not_distinct,
            method,
            predicate,
            usable: true,
            comment: index.comment.clone().filter(|_| self.abilities.comments),
            attributes: index.options.get(&self.engine).cloned().unwrap_or_default(),
            ..catalog::Index::default()
        })
    }

    /// The method; an error names one that the engine does not have.
    fn method(&self, index: &Index) -> Result<String, String> {
        let methods = self.abilities.index_methods;
        if let Some(own) = index.method.own.get(&self.engine) {
            return Ok(own.clone());
        }
        let named = index.method.get(self.engine).or(index.method.own.values().next().map(String::as_str));
        match named {
            None => Ok(String::new()),
            Some(method) if methods.contains(&method) => Ok(method.to_owned()),
            Some(method) => Err(method.to_owned()),
        }
    }

    /// The condition of a partial index; None when the index cannot be had at all.
    fn predicate(&mut self, shown: &str, what: &str, index: &Index) -> Option<Option<String>> {
        let Some(sql) = &index.predicate else { return Some(None) };
        let possible = self.abilities.partial_indexes;
        let why = match self.sql(sql, |kind, _| *kind == Kind::Bool) {
            Ok(text) if possible => return Some(Some(text)),
            Err(why) if possible => why,
            _ => "the engine has no partial indexes",
        };
        let what = format!("{what} WHERE {}", shortened(sql));
        if index.unique {
            // Over all rows it would refuse what is allowed.
            self.lose(shown, what, format!("{why}; the index is left out"));
            return None;
        }
        self.lose(shown, what, format!("{why}; the index is over all rows"));
        Some(None)
    }

    fn index_key(
        &mut self,
        table: &Table,
        what: &str,
        (index, key): (&Index, &IndexKey),
        made: &[catalog::Column],
    ) -> Option<catalog::IndexKey> {
        let shown = &format!("table {}", table.name);
        let mut new = catalog::IndexKey { descending: key.descending, ..catalog::IndexKey::default() };
        if let Some(sql) = &key.expression {
            if self.abilities.prefixes && names_long_text(shortened(sql).as_str(), made) {
                let reason = "the engine has no indexes on expressions of long texts";
                self.lose(shown, format!("{what} on {}", shortened(sql)), reason);
                return None;
            }
            match self.expression_key(table, sql) {
                Ok(text) => new.expression = Some(text),
                Err(why) => {
                    self.lose(shown, format!("{what} on {}", shortened(sql)), why);
                    return None;
                }
            }
        }
        new.column = key.column.as_deref().map(|name| self.names.short(name));
        new.prefix = self.prefix(shown, what, index, key, &new, made)?;
        if self.abilities.nulls_order {
            new.nulls_first = key.nulls_first;
        } else if key.nulls_first.is_some() {
            self.lose(shown, format!("{what} NULLS"), "the engine puts NULLs where it always does");
        }
        let own = |sql: &crate::definition::Sql| sql.own.get(&self.engine).or(sql.any.as_ref()).cloned();
        (new.collation, new.opclass) = (own(&key.collation), own(&key.opclass));
        for (sql, here) in [(&key.collation, &new.collation), (&key.opclass, &new.opclass)] {
            if here.is_none() && !sql.is_empty() {
                let what = format!("{what} {}", shortened(sql));
                self.losses.push(crate::definition::Loss {
                    object: shown.to_owned(),
                    what,
                    reason: "it is another engine's; the index has the column's own".into(),
                });
            }
        }
        Some(new)
    }

    fn expression_key(&self, table: &Table, sql: &Sql) -> Result<String, String> {
        if !self.abilities.expression_indexes {
            return Err("the engine has no indexes on expressions".to_owned());
        }
        let text = self.sql(sql, |kind, _| !matches!(kind, Kind::Other | Kind::Null | Kind::Literal(_)))?;
        let own = sql.own.contains_key(&self.engine);
        self.barred(table, &text).filter(|_| !own).map_or(Ok(text), Err)
    }

    /// How much of the column is kept; None when it cannot be in an index.
    fn prefix(
        &mut self,
        shown: &str,
        what: &str,
        index: &Index,
        key: &IndexKey,
        new: &catalog::IndexKey,
        made: &[catalog::Column],
    ) -> Option<Option<u32>> {
        if !self.abilities.prefixes {
            if key.prefix.is_some() {
                self.lose(shown, format!("{what} prefix"), "the engine's indexes hold the whole column");
            }
            return Some(None);
        }
        let native = new.column.as_ref().and_then(|name| made.iter().find(|column| column.name == *name));
        let native = native.map(|column| column.ty.split('(').next().unwrap_or_default()).unwrap_or_default();
        if native == "json" {
            self.lose(shown, what, "the engine has no indexes on JSON");
            return None;
        }
        let whole = index.method.get(self.engine).is_some_and(|method| method == "fulltext");
        let long = native.ends_with("text") || native.ends_with("blob");
        if key.prefix.is_none() && long && !whole {
            let reason = format!("of a long text the index keeps the first {PREFIX} characters");
            self.lose(shown, what, reason);
            return Some(Some(PREFIX));
        }
        Some(key.prefix)
    }
}

/// Whether an expression names a column of text without a limit.
fn names_long_text(expression: &str, made: &[catalog::Column]) -> bool {
    let words: Vec<&str> =
        expression.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let long = |column: &&catalog::Column| column.ty.ends_with("text") || column.ty.ends_with("blob");
    made.iter().filter(long).any(|column| words.iter().any(|word| word.eq_ignore_ascii_case(&column.name)))
}

fn key_words(index: &Index) -> Vec<String> {
    index.keys.iter().map(|key| key.column.clone().unwrap_or_else(|| "expr".to_owned())).collect()
}
