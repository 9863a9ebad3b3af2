//! `profile check`: everything that is wrong with the file.

use std::path::Path;

use serde_json::{Value, json};

use crate::commands::Context;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::rules;
use crate::ui::{error_json, human};

pub fn run(context: &Context) -> Result<()> {
    let path = context.config_path()?;
    let shown = context.env.show(&path);
    let rules = rules::ids();
    let problems = Config::problems(&path, &context.env, &rules)?;
    match (context.ui.wants_json(), problems.as_slice()) {
        (true, problems) => context.ui.print_json(&document(&path, problems))?,
        (false, []) => {
            let profiles = Config::read(&path, &context.env)?.profiles().count() as u64;
            context.ui.print(&format!("{shown} is right: {}", human::counted(profiles, "profiles")))?;
        }
        (false, problems) => problems.iter().try_for_each(|problem| context.ui.print_problem(problem))?,
    }
    match problems.len() as u64 {
        0 => Ok(()),
        count => {
            let count = human::counted(count, "problems");
            Err(Error::new(Kind::Config, format!("{shown} has {count}")))
        }
    }
}

pub fn document(path: &Path, problems: &[Error]) -> Value {
    json!({
        "version": 1,
        "kind": "profile_check",
        "file": path.display().to_string(),
        "ok": problems.is_empty(),
        "problems": problems.iter().map(error_json).collect::<Vec<_>>(),
    })
}
