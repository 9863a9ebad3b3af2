//! psql's patterns for names, as conditions on the information schema.

use super::session::MysqlSession;
use crate::model::rows::Param;

/// Schemas of the servers' own.
pub const SYSTEM_SCHEMAS: &str = "('information_schema', 'mysql', 'performance_schema', 'sys')";

/// One part of a pattern: what is asked for, as the argument of LIKE.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Part {
    like: String,
    /// It stood in quotes: wildcards and letter case are meant as they are.
    exact: bool,
}

/// `name`, `schema.name`, with `*` and `?`, each part in quotes or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    schema: Option<Part>,
    name: Option<Part>,
}

impl Pattern {
    pub fn parse(text: Option<&str>) -> Self {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return Pattern::default();
        };
        let (mut schema, mut part) = (None, Part::default());
        let mut quote = None;
        for c in text.chars() {
            match c {
                '"' | '`' if quote == Some(c) => quote = None,
                '"' | '`' if quote.is_none() => {
                    quote = Some(c);
                    part.exact = true;
                }
                '.' if quote.is_none() && schema.is_none() => schema = Some(std::mem::take(&mut part)),
                '*' if quote.is_none() => part.like.push('%'),
                '?' if quote.is_none() => part.like.push('_'),
                '%' | '_' | '|' => part.like.extend(['|', c]),
                c => part.like.push(c),
            }
        }
        let given = |part: &Part| !part.like.is_empty();
        Pattern { schema: schema.filter(given), name: Some(part).filter(given) }
    }

    /// The condition on a schema column and a name column, beginning with WHERE. Without a
    /// schema in the pattern the selected database is meant, and all but the server's own where
    /// none is selected.
    pub fn filter(&self, session: &MysqlSession, schema: &str, name: &str) -> (String, Vec<Param>) {
        let mut params = Vec::new();
        let selected = session.selected_database();
        let schema = match (&self.schema, selected) {
            (Some(part), _) => part.condition(schema, &mut params),
            (None, "") => format!("{schema} NOT IN {SYSTEM_SCHEMAS}"),
            (None, selected) => {
                params.push(Param::Text(selected.to_owned()));
                format!("{schema} = ?")
            }
        };
        match &self.name {
            Some(part) => (format!("WHERE {schema} AND {}", part.condition(name, &mut params)), params),
            None => (format!("WHERE {schema}"), params),
        }
    }

    /// The condition on a name that is in no schema; a schema in the pattern is left out.
    pub fn filter_name(&self, name: &str) -> (String, Vec<Param>) {
        let mut params = Vec::new();
        match &self.name {
            Some(part) => (format!("WHERE {}", part.condition(name, &mut params)), params),
            None => (String::new(), params),
        }
    }
}

impl Part {
    fn condition(&self, column: &str, params: &mut Vec<Param>) -> String {
        params.push(Param::Text(self.like.clone()));
        match self.exact {
            true => format!("CAST({column} AS BINARY) LIKE ? ESCAPE '|'"),
            false => format!("LOWER({column}) LIKE LOWER(?) ESCAPE '|'"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Like = Option<(String, bool)>;

    fn parts(text: &str) -> (Like, Like) {
        let pattern = Pattern::parse(Some(text));
        let part = |part: Option<Part>| part.map(|part| (part.like, part.exact));
        (part(pattern.schema), part(pattern.name))
    }

    fn some(like: &str, exact: bool) -> Like {
        Some((like.to_owned(), exact))
    }

    #[test]
    fn patterns() {
        assert_eq!(parts("users"), (None, some("users", false)));
        assert_eq!(parts("app.u*r?"), (some("app", false), some("u%r_", false)));
        assert_eq!(parts("a_b%|"), (None, some("a|_b|%||", false)));
        assert_eq!(parts("`My.Table`"), (None, some("My.Table", true)));
        assert_eq!(parts("\"a\".\"b*\""), (some("a", true), some("b*", true)));
        assert_eq!(parts("app."), (some("app", false), None));
        assert_eq!(parts("a.b.c"), (some("a", false), some("b.c", false)));
        assert_eq!(Pattern::parse(Some(" ")), Pattern::default());
    }
}
