//! What a profile says of its migrations: the table `[profile.NAME.migrations]`.

use std::path::PathBuf;

use super::hooks::Hooks;
use super::placeholders::Placeholders;
use crate::commands::Context;
use crate::error::{Error, Kind, Result, nearest};
use crate::model::target::Target;

/// The keys of the table.
const KEYS: [&str; 5] = ["dir", "out_of_order", "placeholders", "placeholders_everywhere", "hooks"];

/// What to do with migrations that are older than the last that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OutOfOrder {
    /// Refuse
    Strict,
    /// Apply them, and warn
    Warn,
    /// Apply them
    Allow,
}

/// What a profile says of its migrations.
#[derive(Debug, Default)]
pub struct Settings {
    pub dir: Option<PathBuf>,
    pub out_of_order: Option<OutOfOrder>,
    /// Where dbwright's own tables are.
    pub schema: Option<String>,
    pub placeholders: Placeholders,
    pub hooks: Hooks,
}

/// The database, and what its profile says.
pub fn settled(context: &Context, target: Option<&str>) -> Result<(Target, Settings)> {
    let (target, sections, schema) = context.target_with_sections(target)?;
    let mut settings = Settings { schema, ..Settings::default() };
    let Some(section) = sections.get("migrations").and_then(toml::Value::as_table) else {
        return Ok((target, settings));
    };
    for (key, value) in section {
        settings.take(context, key, value)?;
    }
    Ok((target, settings))
}

impl Settings {
    fn take(&mut self, context: &Context, key: &str, value: &toml::Value) -> Result<()> {
        use toml::Value::{Boolean, String, Table};
        match (key, value) {
            ("dir", String(dir)) => self.dir = Some(anchored(context, dir)?),
            ("out_of_order", String(word)) => self.out_of_order = Some(policy(word)?),
            ("placeholders", Table(table)) => {
                for (name, value) in table {
                    self.placeholders.values.insert(name.clone(), text(name, value)?);
                }
            }
            ("placeholders_everywhere", Boolean(everywhere)) => self.placeholders.everywhere = *everywhere,
            ("hooks", Table(table)) => self.hooks = Hooks::read(table, |path| anchored(context, path))?,
            ("dir" | "out_of_order", _) => return Err(wrong(key, "a text")),
            ("placeholders", _) => return Err(wrong(key, "a table of names and values")),
            ("hooks", _) => return Err(wrong(key, "a table of moments and what is done then")),
            ("placeholders_everywhere", _) => return Err(wrong(key, "true or false")),
            _ => {
                let error = config(format!("unknown key `{key}` in the table `migrations`"));
                return Err(match nearest(key, KEYS) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("the keys are {}", KEYS.join(", "))),
                });
            }
        }
        Ok(())
    }
}

fn config(message: String) -> Error {
    Error::new(Kind::Config, message)
}

fn wrong(key: &str, what: &str) -> Error {
    config(format!("`{key}` in the table `migrations` is {what}"))
}

/// Numbers and truth values are written into statements as they are.
fn text(name: &str, value: &toml::Value) -> Result<String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) => Ok(value.to_string()),
        _ => Err(config(format!("the value of the placeholder `{name}` is no text"))),
    }
}

fn policy(word: &str) -> Result<OutOfOrder> {
    <OutOfOrder as clap::ValueEnum>::from_str(word, false)
        .map_err(|_| config(format!("`out_of_order` is `{word}`")).hint("it is `strict`, `warn` or `allow`"))
}

/// A folder in the profile file stands beside that file.
fn anchored(context: &Context, path: &str) -> Result<PathBuf> {
    let config = context.config_path()?;
    Ok(config.parent().map_or_else(|| PathBuf::from(path), |parent| parent.join(path)))
}
