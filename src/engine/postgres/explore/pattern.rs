//! psql's patterns: `*`, `?`, `schema.name`, quotes, case folding (manual of psql, "Patterns").

use crate::model::rows::Param;

/// A pattern as the conditions it stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    /// Regular expressions; None matches everything.
    schema: Option<String>,
    name: Option<String>,
    /// A schema was named, if only as `*`.
    has_schema: bool,
    given: bool,
}

impl Pattern {
    pub fn parse(pattern: Option<&str>) -> Self {
        let Some(pattern) = pattern else { return Pattern::default() };
        let mut parts = split(pattern);
        let name = parts.pop().and_then(anchored);
        // In front of the schema the name of the database may stand; it can only be this one.
        let schema = parts.pop();
        let has_schema = schema.is_some();
        Pattern { schema: schema.and_then(anchored), name, has_schema, given: true }
    }

    /// Whether there is a pattern at all; without one the system's own objects are left out.
    pub fn is_given(&self) -> bool {
        self.given
    }

    /// Conditions on the columns `schema` and `name`, to put behind a WHERE with other conditions,
    /// and the values for its `$1`, `$2`. Without a schema, only what is `visible` without one.
    pub fn conditions(&self, schema: &str, name: &str, visible: &str) -> (String, Vec<Param>) {
        let mut sql = String::new();
        let mut params = Vec::new();
        for (column, expression) in [(name, &self.name), (schema, &self.schema)] {
            if let Some(expression) = expression {
                params.push(Param::Text(expression.clone()));
                sql += &format!("\n  AND {column} OPERATOR(pg_catalog.~) ${}", params.len());
            }
        }
        if !self.has_schema && !visible.is_empty() {
            sql += &format!("\n  AND {visible}");
        }
        (sql, params)
    }
}

/// None when it matches everything.
fn anchored(expression: String) -> Option<String> {
    match expression.as_str() {
        "" | ".*" => None,
        _ => Some(format!("^({expression})$")),
    }
}

/// The parts between dots, as regular expressions.
fn split(pattern: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut rest = pattern.trim().chars().peekable();
    while let Some(c) = rest.next() {
        // Never empty: it begins with one part and only grows.
        let part = match parts.last_mut() {
            Some(part) => part,
            None => break,
        };
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                part.push('"');
            }
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            '*' if !quoted => part.push_str(".*"),
            '?' if !quoted => part.push('.'),
            // A dollar is common in names and makes no sense in a pattern.
            '$' => part.push_str("\\$"),
            // Outside quotes other characters of regular expressions work as such.
            c if quoted && "|*+?()[]{}.^\\".contains(c) => part.extend(['\\', c]),
            c if quoted => part.push(c),
            c => part.extend(c.to_lowercase()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(pattern: &str) -> (Option<String>, Option<String>) {
        let Pattern { schema, name, .. } = Pattern::parse(Some(pattern));
        (schema, name)
    }

    #[test]
    fn patterns_become_regular_expressions_as_in_psql() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(both("Foo"), (None, some("^(foo)$")));
        assert_eq!(both("f*o?"), (None, some("^(f.*o.)$")));
        assert_eq!(both("s.T*"), (some("^(s)$"), some("^(t.*)$")));
        assert_eq!(both("\"A.b\"\"*\""), (None, some("^(A\\.b\"\\*)$")));
        assert_eq!(both("db.s.t"), (some("^(s)$"), some("^(t)$")));
        assert_eq!(both("*.*"), (None, None));
        assert_eq!(both("a$b"), (None, some("^(a\\$b)$")));
        assert_eq!(both("t[0-9]+"), (None, some("^(t[0-9]+)$")));
    }

    #[test]
    fn a_schema_lifts_the_search_path() {
        let (sql, params) = Pattern::parse(Some("s.t")).conditions("n.nspname", "c.relname", "visible(c)");
        assert!(!sql.contains("visible") && sql.contains("n.nspname OPERATOR(pg_catalog.~) $2"));
        assert_eq!(params.len(), 2);
        let (sql, _) = Pattern::parse(Some("*.*")).conditions("n.nspname", "c.relname", "visible(c)");
        assert_eq!(sql, "");
        let (sql, params) = Pattern::parse(None).conditions("n.nspname", "c.relname", "visible(c)");
        assert_eq!((sql.as_str(), params.len()), ("\n  AND visible(c)", 0));
    }
}
