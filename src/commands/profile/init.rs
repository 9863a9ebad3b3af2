//! `profile init`: writes a commented file to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::InitArgs;
use crate::commands::Context;
use crate::config::{Env, FILE_NAME};
use crate::error::{Error, Kind, Result};

/// The file that is written.
pub const TEMPLATE: &str = include_str!("template.toml");

pub fn run(context: &Context, args: InitArgs) -> Result<()> {
    let asked = args.file.or_else(|| context.globals.config.clone());
    let file = asked.unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let path = write(&file, args.force, &context.env)?;
    match context.ui.wants_json() {
        true => context.ui.print_json(&json!({
            "version": 1,
            "kind": "profile_init",
            "file": path.display().to_string(),
        })),
        false => {
            let shown = context.env.show(&path);
            context.ui.status(&format!("wrote {shown}: edit it, then `dbwright profile check`"));
            Ok(())
        }
    }
}

/// Writes the template and returns where it stands.
pub fn write(file: &Path, force: bool, env: &Env) -> Result<PathBuf> {
    let path = env.cwd.join(file);
    let shown = env.show(&path);
    let mut options = OpenOptions::new();
    // `create_new` refuses in one step with looking, so that nothing is ever overwritten by chance.
    options.write(true).create_new(!force).create(force).truncate(force);
    let cannot_write =
        |error: std::io::Error| Error::new(Kind::Io, format!("cannot write {shown}")).because(error);
    let mut opened = options.open(&path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Error::new(Kind::Refused, format!("{shown} exists already"))
            .hint("`--force` overwrites it; `dbwright profile check` checks it"),
        _ => cannot_write(error),
    })?;
    opened.write_all(TEMPLATE.as_bytes()).map_err(cannot_write)?;
    Ok(path)
}
