//! Questions, and the rules on what may be done without asking.

use std::io::{BufRead, Write, stderr, stdin};

use super::Ui;
use super::clean::{Layout, clean};
use crate::error::{Error, Kind, Result};
use crate::model::target::SecretString;

/// A change that is about to be made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Guard<'a> {
    /// What will be done; shown before the question. May have several lines.
    pub summary: &'a str,
    /// The profile that is changed, where there is one.
    pub profile: Option<&'a str>,
    /// The profile says `protected = true`.
    pub protected: bool,
    /// What would be lost for good, such as `2 tables with 1,234 rows`.
    pub loses: Option<&'a str>,
    /// `--allow-loss` was given.
    pub allow_loss: bool,
}

/// What has to happen before the change is made.
#[derive(Debug, PartialEq, Eq)]
enum Next<'a> {
    Go,
    Ask,
    /// The person has to type the profile's name.
    AskName(&'a str),
}

/// The rules of asking and refusing.
fn decide<'a>(guard: &Guard<'a>, yes: bool, yes_on: Option<&str>, interactive: bool) -> Result<Next<'a>> {
    if let Some(lost) = guard.loses
        && !guard.allow_loss
    {
        return Err(Error::new(Kind::Refused, format!("this would lose {lost}"))
            .hint("add --allow-loss if that is meant"));
    }
    if let Some(named) = yes_on
        && guard.profile != Some(named)
    {
        let actual = match guard.profile {
            Some(profile) => format!("the change is on profile \"{profile}\""),
            None => "the change is not on a profile".to_owned(),
        };
        let message = format!("--yes-on names \"{named}\", but {actual}");
        return Err(Error::new(Kind::Refused, message));
    }
    match (guard.protected, yes_on) {
        (_, Some(_)) => Ok(Next::Go),
        (false, None) if yes => Ok(Next::Go),
        (false, None) if interactive => Ok(Next::Ask),
        (false, None) => Err(Error::new(
            Kind::Refused,
            "a change needs a confirmation, and there is no terminal to ask at",
        )
        .hint("add --yes to make the change without a question, or --dry-run to see it")),
        (true, None) => decide_protected(guard, yes, interactive),
    }
}

fn decide_protected<'a>(guard: &Guard<'a>, yes: bool, interactive: bool) -> Result<Next<'a>> {
    let profile = guard.profile.unwrap_or_default();
    if interactive && !yes && !profile.is_empty() {
        return Ok(Next::AskName(profile));
    }
    let why = match yes {
        true => "--yes is not enough for that",
        false => "there is no terminal to ask at",
    };
    let message = format!("profile \"{profile}\" is protected, and {why}");
    Err(Error::new(Kind::Refused, message).hint(format!("add --yes-on {profile}")))
}

pub(super) fn guard(ui: &Ui, guard: &Guard<'_>) -> Result<()> {
    let options = ui.options();
    let yes_on = options.yes_on.as_deref();
    let next = decide(guard, options.yes, yes_on, ui.is_interactive())?;
    if !guard.summary.is_empty() && (next != Next::Go || !options.quiet) {
        ui.messages.status(guard.summary);
    }
    let agreed = match next {
        Next::Go => true,
        Next::Ask => ask(&mut stdin().lock(), &mut stderr(), "Go on?", true)?,
        Next::AskName(profile) => ask_name(&mut stdin().lock(), &mut stderr(), profile)?,
    };
    match agreed {
        true => Ok(()),
        false => Err(Error::new(Kind::Refused, "not confirmed; nothing was changed")),
    }
}

/// The error for a question that nobody can answer.
pub(super) fn no_terminal(question: &str) -> Error {
    let message = format!("cannot ask \"{question}\": there is no terminal");
    Error::new(Kind::Refused, message).hint("add --yes to answer yes")
}

pub(super) fn confirm(question: &str, default_no: bool) -> Result<bool> {
    ask(&mut stdin().lock(), &mut stderr(), question, default_no)
}

fn ask(input: &mut dyn BufRead, out: &mut dyn Write, question: &str, default_no: bool) -> Result<bool> {
    let question = clean(question, Layout::Keep);
    let choice = if default_no { "[y/N]" } else { "[Y/n]" };
    loop {
        write!(out, "{question} {choice} ")?;
        out.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            writeln!(out)?;
            return Ok(false);
        }
        match line.trim().to_lowercase().as_str() {
            "" => return Ok(!default_no),
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => writeln!(out, "Please answer yes or no.")?,
        }
    }
}

fn ask_name(input: &mut dyn BufRead, out: &mut dyn Write, profile: &str) -> Result<bool> {
    let shown = clean(profile, Layout::OneLine);
    write!(out, "Profile \"{shown}\" is protected. Type its name to go on: ")?;
    out.flush()?;
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line.trim() == profile)
}

/// Reads a password from the terminal itself, whatever the standard streams are.
pub(super) fn password(prompt: &str) -> Result<SecretString> {
    let prompt = clean(prompt, Layout::OneLine);
    match rpassword::prompt_password(prompt) {
        Ok(password) => Ok(SecretString::from(password)),
        Err(error) => {
            Err(Error::new(Kind::PasswordNeeded, "a password is needed, and there is no terminal to ask at")
                .because(error)
                .hint("give it by password_env, password_file or password_command in the profile"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Guard<'_> = Guard {
        summary: "drop index i",
        profile: Some("dev"),
        protected: false,
        loses: None,
        allow_loss: false,
    };
    const PROTECTED: Guard<'_> = Guard { profile: Some("prod"), protected: true, ..PLAIN };
    const LOSING: Guard<'_> = Guard { loses: Some("1 table"), ..PLAIN };

    #[test]
    fn who_has_to_be_asked() {
        let no_profile = Guard { profile: None, ..PLAIN };
        let allowed = Guard { allow_loss: true, ..LOSING };
        for (guard, yes, yes_on, interactive, next) in [
            (PLAIN, false, None, true, Some(Next::Ask)),
            (PLAIN, true, None, true, Some(Next::Go)),
            (PLAIN, true, None, false, Some(Next::Go)),
            (PLAIN, false, None, false, None),
            (PLAIN, false, Some("dev"), false, Some(Next::Go)),
            (PLAIN, true, Some("prod"), true, None),
            (no_profile, false, Some("prod"), true, None),
            (PROTECTED, false, None, true, Some(Next::AskName("prod"))),
            (PROTECTED, false, None, false, None),
            (PROTECTED, true, None, false, None),
            (PROTECTED, true, None, true, None),
            (PROTECTED, false, Some("prod"), false, Some(Next::Go)),
            (PROTECTED, true, Some("dev"), false, None),
            (LOSING, true, None, true, None),
            (allowed, true, None, false, Some(Next::Go)),
            (allowed, false, None, true, Some(Next::Ask)),
        ] {
            let decided = decide(&guard, yes, yes_on, interactive);
            let case = format!("{guard:?} {yes} {yes_on:?} {interactive}");
            match (decided, next) {
                (Ok(decided), Some(next)) => assert_eq!(decided, next, "{case}"),
                (Err(error), None) => assert_eq!(error.kind(), Kind::Refused, "{case}"),
                (decided, next) => panic!("{case}: {decided:?}, not {next:?}"),
            }
        }
    }

    #[test]
    fn a_refusal_names_the_way_out() {
        let hint = |guard, yes| {
            let error = decide(&guard, yes, None, false).unwrap_err();
            error.hints().join(" ")
        };
        assert!(hint(PLAIN, false).contains("--yes"));
        assert_eq!(hint(PROTECTED, true), "add --yes-on prod");
        assert!(hint(LOSING, true).contains("--allow-loss"));
    }

    #[test]
    fn answers() {
        for (typed, default_no, answer) in [
            ("y\n", true, true),
            ("YES\n", true, true),
            ("\n", true, false),
            ("\n", false, true),
            ("n\n", false, false),
            ("", false, false),
            ("what\ny\n", true, true),
        ] {
            let mut out = Vec::new();
            let answered = ask(&mut typed.as_bytes(), &mut out, "Go on?", default_no).unwrap();
            assert_eq!(answered, answer, "{typed:?}");
        }
        let mut out = Vec::new();
        assert!(ask_name(&mut "prod\n".as_bytes(), &mut out, "prod").unwrap());
        assert!(!ask_name(&mut "yes\n".as_bytes(), &mut out, "prod").unwrap());
        assert!(!ask_name(&mut "".as_bytes(), &mut out, "prod").unwrap());
    }
}
