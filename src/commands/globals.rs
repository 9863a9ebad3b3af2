//! The global options.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::formats::Formats;
use crate::config::parse_duration;
use crate::ui::{Format, LogFormat, UiOptions};

/// Options that every command takes, at any position.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Read profiles from FILE [default: dbwright.toml here or above, then the user's]
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Use the profile NAME
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "url")]
    pub profile: Option<String>,
    /// Use the database at URL
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// How results are printed [default: table]
    #[arg(long, global = true, value_parser = Formats(Format::ROWS), value_name = "FORMAT", conflicts_with = "json")]
    pub format: Option<Format>,
    /// The same as --format json
    #[arg(long, global = true)]
    pub json: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: the SQL that is sent, without values; -vv says still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Cut nothing to fit the terminal
    #[arg(long, global = true)]
    pub wide: bool,
    /// No colours (also NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// No progress bars
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// How messages on standard error are written
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// Answer yes where a person would be asked
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Allow changes on the protected profile PROFILE
    #[arg(long, global = true, value_name = "PROFILE")]
    pub yes_on: Option<String>,
    /// End a statement that takes longer, such as 500ms, 30s or 5m
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// Wait no longer than this for a lock
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration)]
    pub lock_timeout: Option<Duration>,
}

impl Globals {
    /// What concerns the terminal.
    pub fn ui_options(&self) -> UiOptions {
        UiOptions {
            format: if self.json { Some(Format::Json) } else { self.format },
            quiet: self.quiet,
            verbose: self.verbose,
            no_color: self.no_color,
            no_progress: self.no_progress,
            log_format: self.log_format,
            yes: self.yes,
            yes_on: self.yes_on.clone(),
            wide: self.wide,
        }
    }
}
