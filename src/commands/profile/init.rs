//! `profile init`: writes a commented file to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde_json::json;

use super::write_json;
use crate::config::Env;
use crate::error::{Error, Kind, Result};

/// The file that is written.
pub const TEMPLATE: &str = include_str!("template.toml");

pub fn run(file: &Path, force: bool, env: &Env, json: bool, out: &mut dyn Write) -> Result<()> {
    let path = env.cwd.join(file);
    let shown = env.show(&path);
    let mut options = OpenOptions::new();
    // `create_new` refuses in one step with looking, so that nothing is ever overwritten by chance.
    options.write(true).create_new(!force).create(force).truncate(force);
    let mut opened = options.open(&path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Error::new(Kind::Refused, format!("{shown} exists already"))
            .hint("`--force` overwrites it; `dbwright profile check` checks it"),
        _ => Error::new(Kind::Io, format!("cannot write {shown}")).because(error),
    })?;
    opened
        .write_all(TEMPLATE.as_bytes())
        .map_err(|error| Error::new(Kind::Io, format!("cannot write {shown}")).because(error))?;
    match json {
        true => write_json(out, &json!({ "version": 1, "file": path.display().to_string() })),
        false => Ok(writeln!(out, "wrote {shown}: edit it, then `dbwright profile check`")?),
    }
}
