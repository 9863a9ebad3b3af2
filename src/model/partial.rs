//! What a backup holds of its database when it does not hold all of it, as its manifest tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was asked for, and what was left out because of it. A list that is empty chose nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Partial {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_tables: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_schemas: Vec<String>,
    /// Tables of which there is the definition and no row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_data: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub schema_only: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub data_only: bool,
    /// Which rows of a table there are: `public.orders` and a condition.
    #[serde(rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, String>,
    /// What needs something that is not in the backup, for people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

impl Partial {
    /// What was asked for, in the words of the command line.
    pub fn words(&self) -> Vec<String> {
        let lists = [
            ("--table", &self.tables),
            ("--exclude-table", &self.exclude_tables),
            ("--schema", &self.schemas),
            ("--exclude-schema", &self.exclude_schemas),
            ("--exclude-data", &self.exclude_data),
        ];
        let listed =
            lists.iter().flat_map(|(word, list)| list.iter().map(move |each| format!("{word} {each}")));
        let flags = [("--schema-only", self.schema_only), ("--data-only", self.data_only)];
        let flags = flags.iter().filter(|(_, is_set)| *is_set).map(|(word, _)| (*word).to_owned());
        let conditions =
            self.conditions.iter().map(|(table, condition)| format!("--where {table}={condition}"));
        listed.chain(flags).chain(conditions).collect()
    }
}

/// A column whose values were replaced before they were stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masked {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    pub table: String,
    pub column: String,
    /// `null`, `hash`, `fake`, `constant`.
    pub rule: String,
    /// The rule is that of the column which this one refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
}

/// For people: `public.customers.email (fake)`.
impl std::fmt::Display for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let dot = if self.schema.is_empty() { "" } else { "." };
        write!(f, "{}{dot}{}.{} ({}", self.schema, self.table, self.column, self.rule)?;
        match &self.follows {
            Some(column) => write!(f, " as {column})"),
            None => f.write_str(")"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_told_as_it_was_asked() {
        let partial = Partial {
            tables: vec!["a".into(), "s.b*".into()],
            schema_only: true,
            conditions: [("public.a".to_owned(), "id > 1".to_owned())].into(),
            ..Partial::default()
        };
        assert_eq!(partial.words().join(" "), "--table a --table s.b* --schema-only --where public.a=id > 1");
        let text = serde_json::to_string(&partial).unwrap();
        assert_eq!(text, r#"{"tables":["a","s.b*"],"schema_only":true,"where":{"public.a":"id > 1"}}"#);
        assert_eq!(serde_json::from_str::<Partial>(&text).unwrap(), partial);
    }
}
