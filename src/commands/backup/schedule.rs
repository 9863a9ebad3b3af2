//! `backup schedule`: the lines that make a machine's own scheduler run backups. Nothing is installed.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::args::settled;
use crate::commands::Context;
use crate::error::{Error, Result};

/// Print what makes systemd or cron back up a profile
///
/// A systemd service and its timer, or a line of a crontab, that runs this dbwright with this
/// profile file, and prunes afterwards when the profile says what to keep. Nothing is installed, and
/// no secret is printed: the profile says where its password comes from.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright backup schedule prod --at 02:30 --as systemd
  dbwright backup schedule prod --at 02:30 --every week --as systemd
  dbwright backup schedule prod --at 00:15 --every hour --as cron | crontab -u backup -")]
pub struct ScheduleArgs {
    /// The profile
    #[arg(value_name = "PROFILE")]
    target: String,
    /// When, as the machine's clock has it; only the minutes count with --every hour
    #[arg(long, value_name = "HH:MM", value_parser = parse_time)]
    at: Time,
    /// How often; weekly is on Sundays
    #[arg(long, value_enum, default_value = "day")]
    every: Every,
    /// What is printed
    #[arg(long = "as", value_enum, value_name = "SCHEDULER")]
    scheduler: Scheduler,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Every {
    Day,
    Hour,
    Week,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scheduler {
    /// A service and its timer
    Systemd,
    /// A line of a crontab
    Cron,
}

/// A time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Time {
    hour: u8,
    minute: u8,
}

fn parse_time(text: &str) -> Result<Time, String> {
    let number = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u8>().ok())
            .flatten()
    };
    let parts = text.split_once(':').and_then(|(hour, minute)| Some((number(hour)?, number(minute)?)));
    match parts {
        Some((hour, minute)) if hour < 24 && minute < 60 => Ok(Time { hour, minute }),
        _ => Err("write it like 02:30".to_owned()),
    }
}

/// Runs the command.
pub fn run(context: &Context, args: &ScheduleArgs) -> Result<()> {
    if !context.config()?.profiles().any(|name| name == args.target) {
        return Err(Error::usage(format!("{:?} is no profile of the profile file", args.target)).hint(
            "a schedule names a profile, so that no password stands in it; dbwright profile list shows them",
        ));
    }
    let (_, settings) = settled(context, Some(&args.target))?;
    if settings.repo.is_none() {
        return Err(Error::usage(format!("profile {:?} does not say where its backups are", args.target))
            .hint("say repo = \"DIR\" in its table `backup`"));
    }
    let words = Words {
        program: std::env::current_exe()?,
        config: absolute(&context.config_path()?)?,
        profile: &args.target,
        prune: !settings.keep.is_empty(),
    };
    context.ui.print(&match args.scheduler {
        Scheduler::Systemd => words.systemd(args.at, args.every)?,
        Scheduler::Cron => words.cron(args.at, args.every)?,
    })
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path)
        .map_err(|error| Error::from(error).context(format!("cannot tell where {} is", path.display())))
}

/// What the commands are made of.
struct Words<'a> {
    program: PathBuf,
    config: PathBuf,
    profile: &'a str,
    prune: bool,
}

impl Words<'_> {
    /// The commands, word by word, one after the other.
    fn commands(&self) -> Result<Vec<Vec<String>>> {
        let (program, config) = (text(&self.program)?, text(&self.config)?);
        let command = |words: &[&str]| -> Vec<String> {
            [&program as &str, "--config", &config]
                .iter()
                .chain(words)
                .map(|word| (*word).to_owned())
                .collect()
        };
        let mut commands = vec![command(&["--quiet", "backup", "create", self.profile])];
        if self.prune {
            commands.push(command(&["--quiet", "--profile", self.profile, "backup", "prune", "--yes"]));
        }
        Ok(commands)
    }

    fn systemd(&self, at: Time, every: Every) -> Result<String> {
        let lines = |words: &Vec<String>| {
            // No variable is looked for in the name of a program.
            let words: Vec<String> = words
                .iter()
                .enumerate()
                .map(|(at, word)| for_systemd(&if at == 0 { word.clone() } else { word.replace('$', "$$") }))
                .collect();
            format!("ExecStart={}\n", words.join(" "))
        };
        let starts: String = self.commands()?.iter().map(lines).collect();
        let unit = format!("dbwright-backup-{}", unit_name(self.profile));
        let Time { hour, minute } = at;
        let when = match every {
            Every::Day => format!("*-*-* {hour:02}:{minute:02}:00"),
            Every::Hour => format!("*-*-* *:{minute:02}:00"),
            Every::Week => format!("Sun *-*-* {hour:02}:{minute:02}:00"),
        };
        let profile = self.profile.replace('%', "%%");
        Ok(format!(
            "\
# /etc/systemd/system/{unit}.service
[Unit]
Description=Backup of {profile} by dbwright
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
{starts}
# /etc/systemd/system/{unit}.timer
[Unit]
Description=When {profile} is backed up by dbwright

[Timer]
OnCalendar={when}
Persistent=true

[Install]
WantedBy=timers.target
"
        ))
    }

    fn cron(&self, at: Time, every: Every) -> Result<String> {
        // What is printed would be sent as mail; errors still are.
        let line = |words: &Vec<String>| {
            let words: Vec<String> = words.iter().map(|word| for_cron(word)).collect();
            format!("{} > /dev/null", words.join(" "))
        };
        let commands: Vec<String> = self.commands()?.iter().map(line).collect();
        let Time { hour, minute } = at;
        let when = match every {
            Every::Day => format!("{minute} {hour} * * *"),
            Every::Hour => format!("{minute} * * * *"),
            Every::Week => format!("{minute} {hour} * * 0"),
        };
        Ok(format!("{when} {}\n", commands.join(" && ")))
    }
}

/// A line of a schedule cannot hold a path that is no text, or has a line end.
fn text(path: &Path) -> Result<String> {
    path.to_str().filter(|text| !text.contains(['\n', '\r'])).map(str::to_owned).ok_or_else(|| {
        Error::usage(format!("the path {} cannot stand in a schedule", path.display()))
            .hint("use one of plain text")
    })
}

/// A word of ExecStart: `%` begins a specifier (systemd.service, "Command lines").
fn for_systemd(word: &str) -> String {
    let word = word.replace('%', "%%");
    match is_plain(&word) {
        true => word,
        false => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// A word for the shell, in a crontab, where `%` ends the line (crontab(5)).
fn for_cron(word: &str) -> String {
    let quoted = match is_plain(word) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    // Inside of quotes cron takes the backslash away before the shell sees it.
    quoted.replace('%', "\\%")
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+=:@,".contains(&byte))
}

/// The name of a unit may hold these and no others (systemd.unit).
fn unit_name(profile: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    profile.chars().map(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(prune: bool) -> Words<'static> {
        Words {
            program: "/opt/50% $off/dbwright".into(),
            config: "/etc/it's.toml".into(),
            profile: "prod",
            prune,
        }
    }

    const AT: Time = Time { hour: 2, minute: 5 };

    #[test]
    fn cron_reads_the_words_as_they_are() {
        assert_eq!(
            words(false).cron(AT, Every::Day).unwrap(),
            "5 2 * * * '/opt/50\\% $off/dbwright' --config '/etc/it'\\''s.toml' --quiet backup create prod > /dev/null\n"
        );
        let both = words(true).cron(AT, Every::Week).unwrap();
        assert!(both.starts_with("5 2 * * 0 ") && both.contains(" && "), "{both}");
        assert!(both.ends_with(" --quiet --profile prod backup prune --yes > /dev/null\n"), "{both}");
        assert!(words(false).cron(AT, Every::Hour).unwrap().starts_with("5 * * * * "));
    }

    #[test]
    fn systemd_reads_the_words_as_they_are() {
        let text = words(true).systemd(AT, Every::Week).unwrap();
        assert!(text.contains("ExecStart=\"/opt/50%% $off/dbwright\" --config \"/etc/it's.toml\""), "{text}");
        assert!(text.contains("OnCalendar=Sun *-*-* 02:05:00"), "{text}");
        assert_eq!(text.matches("ExecStart=").count(), 2);
    }

    #[test]
    fn times_are_of_the_clock() {
        assert_eq!(parse_time("02:05"), Ok(AT));
        for wrong in ["2:05", "24:00", "02:60", "0205", "02:05:00", "+2:05", ""] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }
}
