//! What of a database a backup takes: the options of the command line, and what the profile says in
//! `[profile.NAME.backup]`, of which an option takes the place.

use std::collections::BTreeMap;

use clap::Args;

use crate::error::{Error, Kind, Result};

/// Everything, unless something is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "What is taken")]
pub struct Wanted {
    /// Take these tables and views, with what belongs to them: SCHEMA.TABLE, `*` and `?` (repeatable)
    #[arg(long = "table", value_name = "PATTERN")]
    pub tables: Vec<String>,
    /// Leave these tables out, and what cannot be without them (repeatable)
    #[arg(long = "exclude-table", value_name = "PATTERN")]
    pub exclude_tables: Vec<String>,
    /// Take what is in these schemas (repeatable)
    #[arg(long = "schema", value_name = "PATTERN")]
    pub schemas: Vec<String>,
    /// Leave out what is in these schemas (repeatable)
    #[arg(long = "exclude-schema", value_name = "PATTERN")]
    pub exclude_schemas: Vec<String>,
    /// Take no rows of these tables (repeatable)
    #[arg(long, value_name = "PATTERN")]
    pub exclude_data: Vec<String>,
    /// Take no rows at all
    #[arg(long, conflicts_with = "data_only")]
    pub schema_only: bool,
    /// Take rows and nothing else
    #[arg(long)]
    pub data_only: bool,
    /// Take the rows of a table for which the condition holds (repeatable)
    #[arg(long = "where", value_name = "TABLE=CONDITION", value_parser = pair)]
    pub conditions: Vec<(String, String)>,
    /// Replace the values of a column: null, hash, fake or constant:VALUE (repeatable)
    #[arg(long = "mask", value_name = "TABLE.COLUMN=RULE", value_parser = pair)]
    pub masks: Vec<(String, String)>,
    /// Mask with the key in this variable, the same in every backup [default: a new key each time]
    #[arg(long, value_name = "VARIABLE")]
    pub mask_key_env: Option<String>,
}

/// The keys of a profile, beside those of the other rooms.
pub const KEYS: [&str; 10] = [
    "tables",
    "exclude_tables",
    "schemas",
    "exclude_schemas",
    "exclude_data",
    "schema_only",
    "data_only",
    "where",
    "mask",
    "mask_key_env",
];

impl Wanted {
    pub fn is_all(&self) -> bool {
        *self == Wanted::default()
    }

    /// Takes a key of a profile; false when it is none of these.
    pub fn take(&mut self, key: &str, value: &toml::Value) -> Result<bool> {
        match key {
            "tables" => self.tables = texts(key, value)?,
            "exclude_tables" => self.exclude_tables = texts(key, value)?,
            "schemas" => self.schemas = texts(key, value)?,
            "exclude_schemas" => self.exclude_schemas = texts(key, value)?,
            "exclude_data" => self.exclude_data = texts(key, value)?,
            "schema_only" => self.schema_only = flag(key, value)?,
            "data_only" => self.data_only = flag(key, value)?,
            "where" => self.conditions = pairs(key, value)?.into_iter().collect(),
            "mask" => self.masks = pairs(key, value)?.into_iter().collect(),
            "mask_key_env" => self.mask_key_env = texts(key, value)?.pop(),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What the command line says, and the profile where it says nothing.
    pub fn over(&self, profile: Wanted) -> Result<Wanted> {
        let list = |own: &[String], other: Vec<String>| if own.is_empty() { other } else { own.to_vec() };
        let wanted = Wanted {
            tables: list(&self.tables, profile.tables),
            exclude_tables: list(&self.exclude_tables, profile.exclude_tables),
            schemas: list(&self.schemas, profile.schemas),
            exclude_schemas: list(&self.exclude_schemas, profile.exclude_schemas),
            exclude_data: list(&self.exclude_data, profile.exclude_data),
            schema_only: self.schema_only || profile.schema_only && !self.data_only,
            data_only: self.data_only || profile.data_only && !self.schema_only,
            conditions: match self.conditions.is_empty() {
                true => profile.conditions,
                false => self.conditions.clone(),
            },
            masks: if self.masks.is_empty() { profile.masks } else { self.masks.clone() },
            mask_key_env: self.mask_key_env.clone().or(profile.mask_key_env),
        };
        match wanted.schema_only && wanted.data_only {
            true => Err(wrong("`schema_only` and `data_only` together leave nothing".to_owned())),
            false => Ok(wanted),
        }
    }
}

fn wrong(message: String) -> Error {
    Error::new(Kind::Config, message)
}

/// A text, or a list of them.
pub fn texts(key: &str, value: &toml::Value) -> Result<Vec<String>> {
    let list = match value {
        toml::Value::String(text) => Some(vec![text.clone()]),
        toml::Value::Array(list) => list.iter().map(|each| each.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    list.ok_or_else(|| wrong(format!("`{key}` in the table `backup` is a list of texts")))
}

fn flag(key: &str, value: &toml::Value) -> Result<bool> {
    value.as_bool().ok_or_else(|| wrong(format!("`{key}` in the table `backup` is `true` or `false`")))
}

/// A table of texts.
pub fn pairs(key: &str, value: &toml::Value) -> Result<BTreeMap<String, String>> {
    let table = value.as_table().map(|table| {
        table.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    });
    table.flatten().ok_or_else(|| {
        wrong(format!("`{key}` in the table `backup` is a table such as {{ \"NAME\" = \"TEXT\" }}"))
    })
}

/// `NAME=TEXT`; the text may hold further signs.
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, text)) if !name.trim().is_empty() && !text.trim().is_empty() => {
            Ok((name.trim().to_owned(), text.trim().to_owned()))
        }
        _ => Err("a name, `=` and a text are expected".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Result<Wanted> {
        let mut wanted = Wanted::default();
        for (key, value) in &toml::from_str::<toml::Table>(text).unwrap() {
            assert!(wanted.take(key, value)?, "{key}");
        }
        Ok(wanted)
    }

    #[test]
    fn an_option_takes_the_place_of_the_key_and_leaves_the_others() {
        let profile =
            taken("tables = ['a', 'b']\nexclude_data = 'log'\nschema_only = true\nwhere = { a = 'x = 1' }")
                .unwrap();
        let options = Wanted { tables: vec!["c".to_owned()], data_only: true, ..Wanted::default() };
        let both = options.over(profile.clone()).unwrap();
        assert_eq!((both.tables, both.exclude_data), (vec!["c".to_owned()], vec!["log".to_owned()]));
        assert_eq!((both.schema_only, both.data_only), (false, true));
        assert_eq!(both.conditions, [("a".to_owned(), "x = 1".to_owned())]);
        assert_eq!(Wanted::default().over(profile.clone()).unwrap(), profile);
        assert!(Wanted::default().is_all());
    }

    #[test]
    fn wrong_values_are_told() {
        for (text, says) in [
            ("tables = 1", "`tables` in the table `backup` is a list of texts"),
            ("schemas = ['a', 2]", "`schemas` in the table `backup` is a list of texts"),
            ("data_only = 'yes'", "`data_only` in the table `backup` is `true` or `false`"),
            ("where = 'a'", "`where` in the table `backup` is a table such as { \"NAME\" = \"TEXT\" }"),
        ] {
            assert_eq!(taken(text).unwrap_err().message(), says);
        }
        let both = taken("schema_only = true\ndata_only = true").unwrap();
        assert!(Wanted::default().over(both).is_err());
    }

    #[test]
    fn a_condition_may_hold_an_equals_sign() {
        assert_eq!(pair("a.b = x = 1"), Ok(("a.b".to_owned(), "x = 1".to_owned())));
        assert!(pair("a").is_err() && pair("=x").is_err() && pair("a=").is_err());
    }
}
