//! `profile check`: everything that is wrong with the file.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::{no_file, write_json};
use crate::config::{Config, Env, locate};
use crate::error::{Error, Kind, Result};

pub fn run(env: &Env, config: Option<&Path>, json: bool, out: &mut dyn Write) -> Result<()> {
    let path = locate(env, config)?.ok_or_else(no_file)?;
    let shown = env.show(&path);
    let problems = Config::problems(&path, env)?;
    if json {
        let list: Vec<Value> = problems.iter().map(entry).collect();
        let file = path.display().to_string();
        write_json(out, &json!({ "version": 1, "file": file, "ok": list.is_empty(), "problems": list }))?;
    } else {
        for problem in &problems {
            write_problem(out, problem)?;
        }
    }
    match problems.len() {
        0 if json => Ok(()),
        0 => {
            let profiles = Config::read(&path, env)?.profiles().count();
            let word = if profiles == 1 { "profile" } else { "profiles" };
            Ok(writeln!(out, "{shown} is right: {profiles} {word}")?)
        }
        1 => Err(Error::new(Kind::Config, format!("{shown} has 1 problem"))),
        count => Err(Error::new(Kind::Config, format!("{shown} has {count} problems"))),
    }
}

/// The message with its causes, without the place.
fn entry(problem: &Error) -> Value {
    let at = problem.place();
    json!({
        "line": at.map(|at| at.line),
        "column": at.map(|at| at.column),
        "source": at.map(|at| at.source.clone()),
        "message": problem.to_string(),
        "excerpt": at.map(|at| at.excerpt.clone()),
        "help": problem.hints(),
    })
}

/// A problem as compilers write it, so that editors find the place.
pub fn write_problem(out: &mut dyn Write, problem: &Error) -> Result<()> {
    match problem.place() {
        None => writeln!(out, "{problem}")?,
        Some(at) => {
            let column = if at.column > 0 { format!(":{}", at.column) } else { String::new() };
            writeln!(out, "{}:{}{column}: {problem}", at.source, at.line)?;
            let gutter = at.line.to_string();
            writeln!(out, "  {gutter} | {}", at.excerpt)?;
            if let Some(caret) = at.caret {
                writeln!(out, "  {} | {}^", " ".repeat(gutter.len()), " ".repeat(caret))?;
            }
        }
    }
    for hint in problem.hints() {
        writeln!(out, "  help: {hint}")?;
    }
    Ok(())
}
