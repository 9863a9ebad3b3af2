//! Indexes, read from the rows that the information schema keeps for each of their parts.

use super::session::{MysqlSession, NamedRow};
use crate::error::Result;
use crate::model::rows::Param;

/// An index with its parts in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    pub schema: String,
    pub table: String,
    pub name: String,
    pub unique: bool,
    /// `BTREE`, `HASH`, `FULLTEXT`, `SPATIAL`.
    pub method: String,
    /// The optimizer does not use it.
    pub hidden: bool,
    pub comment: String,
    /// `name`, `name(10)`, `name DESC`, `(lower(name))`.
    pub columns: Vec<String>,
}

impl Index {
    pub fn kind(&self) -> String {
        match (self.name.as_str(), self.unique) {
            ("PRIMARY", _) => "primary key".into(),
            (_, true) => "unique".into(),
            _ => match self.method.as_str() {
                "FULLTEXT" | "SPATIAL" => self.method.to_ascii_lowercase(),
                _ => "index".into(),
            },
        }
    }

    /// A line of psql's kind.
    pub fn line(&self) -> String {
        let constraint = match (self.name.as_str(), self.unique) {
            ("PRIMARY", _) => " PRIMARY KEY,",
            (_, true) => " UNIQUE,",
            _ => "",
        };
        let method = self.method.to_ascii_lowercase();
        let hidden = if self.hidden { " INVISIBLE" } else { "" };
        let comment = match self.comment.as_str() {
            "" => String::new(),
            comment => format!(" COMMENT '{comment}'"),
        };
        format!("    \"{}\"{constraint} {method} ({}){hidden}{comment}", self.name, self.columns.join(", "))
    }
}

/// The indexes that a condition on `information_schema.statistics s` lets through, by schema,
/// table and name, the primary key first.
pub fn read(session: &mut MysqlSession, filter: &str, params: &[Param]) -> Result<Vec<Index>> {
    // Expressions and visibility have columns in some versions only.
    let sql = format!(
        "SELECT s.* FROM information_schema.statistics s {filter} ORDER BY s.index_schema, s.table_name, \
         s.index_name <> 'PRIMARY', s.index_name, s.seq_in_index"
    );
    let mut indexes: Vec<Index> = Vec::new();
    for row in session.collect_named(&sql, params)? {
        let part = part(&row);
        let is_next = |index: &&mut Index| {
            index.schema == row.text("index_schema")
                && index.table == row.text("table_name")
                && index.name == row.text("index_name")
        };
        match indexes.last_mut().filter(is_next) {
            Some(index) => index.columns.push(part),
            None => indexes.push(Index {
                schema: row.text("index_schema").into(),
                table: row.text("table_name").into(),
                name: row.text("index_name").into(),
                unique: row.text("non_unique") == "0",
                method: row.text("index_type").into(),
                hidden: row.text("is_visible") == "NO" || row.text("ignored") == "YES",
                comment: row.text("index_comment").into(),
                columns: vec![part],
            }),
        }
    }
    Ok(indexes)
}

fn part(row: &NamedRow) -> String {
    let mut part = match row.text("expression") {
        "" => row.text("column_name").to_owned(),
        expression => format!("({expression})"),
    };
    if !matches!(row.text("sub_part"), "" | "0") && row.text("index_type") != "SPATIAL" {
        part = format!("{part}({})", row.text("sub_part"));
    }
    if row.text("collation") == "D" {
        part.push_str(" DESC");
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let index = Index {
            name: "PRIMARY".into(),
            unique: true,
            method: "BTREE".into(),
            columns: vec!["a".into(), "b(10) DESC".into()],
            ..Index::default()
        };
        assert_eq!(index.line(), "    \"PRIMARY\" PRIMARY KEY, btree (a, b(10) DESC)");
        let index = Index { name: "x".into(), method: "FULLTEXT".into(), hidden: true, ..index };
        assert_eq!(index.kind(), "unique");
        let index = Index { unique: false, ..index };
        assert_eq!(index.kind(), "fulltext");
        assert_eq!(index.line(), "    \"x\" fulltext (a, b(10) DESC) INVISIBLE");
    }
}
