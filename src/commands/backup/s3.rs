//! Where S3 is, as a profile says it in its table `[profile.NAME.backup.s3]`.

use super::args::{config, unknown};
use crate::error::Result;
use crate::store::s3::{OPTIONS, SCHEME, encoded};

/// The settings of the table, as options of an address.
#[derive(Debug, Default)]
pub struct Options(Vec<(&'static str, String)>);

impl Options {
    pub fn of(table: &toml::Table) -> Result<Self> {
        let mut options = Vec::new();
        for (key, value) in table {
            let Some(known) = OPTIONS.iter().find(|known| *known == key) else {
                return Err(unknown(key, "s3", &OPTIONS));
            };
            let text = match value {
                toml::Value::String(text) if *known != "path_style" => text.clone(),
                toml::Value::Boolean(word) if *known == "path_style" => word.to_string(),
                _ if *known == "path_style" => {
                    return Err(config("`path_style` in the table `s3` is true or false".to_owned()));
                }
                _ => return Err(config(format!("`{key}` in the table `s3` is a text"))),
            };
            options.push((*known, text));
        }
        Ok(Options(options))
    }

    /// The address with what it does not say itself; a folder stays as it is.
    pub fn complete(&self, place: &str) -> String {
        let said = place.split_once('?').map_or("", |(_, options)| options);
        let mut place = place.to_owned();
        if !place.starts_with(SCHEME) {
            return place;
        }
        let is_said = |key: &str| said.split('&').any(|option| option.split('=').next() == Some(key));
        for (key, value) in self.0.iter().filter(|(key, _)| !is_said(key)) {
            let before = if place.contains('?') { '&' } else { '?' };
            place += &format!("{before}{key}={}", encoded(value, false));
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Result<Options> {
        Options::of(&toml::from_str(text).unwrap())
    }

    #[test]
    fn an_address_goes_before_the_profile() {
        let said = options("endpoint = 'http://h:1'\nregion = 'r'\npath_style = false").unwrap();
        assert_eq!(
            said.complete("s3://b/p?region=x"),
            "s3://b/p?region=x&endpoint=http%3A%2F%2Fh%3A1&path_style=false"
        );
        assert_eq!(said.complete("/backups"), "/backups");
        assert_eq!(Options::default().complete("s3://b"), "s3://b");
    }

    #[test]
    fn wrong_settings_are_told() {
        for (text, says) in [
            ("endpoints = ''", "unknown key `endpoints` in the table `s3`"),
            ("region = 1", "`region` in the table `s3` is a text"),
            ("path_style = 'yes'", "`path_style` in the table `s3` is true or false"),
        ] {
            assert_eq!(options(text).unwrap_err().message(), says);
        }
    }
}
