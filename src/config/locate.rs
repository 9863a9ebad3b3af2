//! Finds the profile file: `--config`, `DBWRIGHT_CONFIG`, the working folder and its parents, then
//! the user's configuration folder.

use std::path::{Path, PathBuf};

use super::env::Env;
use crate::error::{Error, Kind, Result};

/// The name of the profile file.
pub const FILE_NAME: &str = "dbwright.toml";

/// The path of the profile file, or None when there is none. A file asked for by name must exist.
pub fn locate(env: &Env, explicit: Option<&Path>) -> Result<Option<PathBuf>> {
    if let Some(path) = explicit {
        return must_exist(env.cwd.join(path), "--config").map(Some);
    }
    if let Some(path) = env.filled("DBWRIGHT_CONFIG") {
        return must_exist(env.cwd.join(env.expand_home(path)), "DBWRIGHT_CONFIG").map(Some);
    }
    let nearby = env.cwd.ancestors().map(|folder| folder.join(FILE_NAME));
    let user = env.config_home.as_ref().map(|folder| folder.join("dbwright").join(FILE_NAME));
    Ok(nearby.chain(user).find(|path| path.is_file()))
}

/// The path of the profile file, which the command cannot do without.
pub fn must_locate(env: &Env, explicit: Option<&Path>) -> Result<PathBuf> {
    locate(env, explicit)?.ok_or_else(|| {
        Error::new(
            Kind::Config,
            "there is no dbwright.toml here, in a parent folder or in the user's configuration folder",
        )
        .hint("`dbwright profile init` writes one to start from")
    })
}

fn must_exist(path: PathBuf, asked_by: &str) -> Result<PathBuf> {
    if path.is_dir() {
        let inside = path.join(FILE_NAME);
        let error = Error::new(Kind::Config, format!("{asked_by}: {} is a folder", path.display()));
        return Err(match inside.is_file() {
            true => error.hint(format!("the file is {}", inside.display())),
            false => error,
        });
    }
    match path.exists() {
        true => Ok(path),
        false => Err(Error::new(Kind::Config, format!("{asked_by}: there is no file {}", path.display()))
            .hint("`dbwright profile init FILE` writes one to start from")),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_file_wins() {
        let folder = tempfile::tempdir().unwrap();
        let mut env = Env::in_folder(folder.path());
        env.cwd = folder.path().join("work/a/b");
        fs::create_dir_all(&env.cwd).unwrap();
        fs::create_dir_all(folder.path().join("home/.config/dbwright")).unwrap();
        assert_eq!(locate(&env, None).unwrap(), None);

        for (place, expected) in [("home/.config/dbwright", 0), ("work", 1), ("work/a/b", 2)]
            .map(|(p, n)| (folder.path().join(p), n))
        {
            fs::write(place.join(FILE_NAME), "").unwrap();
            let found = locate(&env, None).unwrap().unwrap();
            assert_eq!(found, place.join(FILE_NAME), "{expected}");
        }

        let other = folder.path().join("work/other.toml");
        fs::write(&other, "").unwrap();
        let env = env.with("DBWRIGHT_CONFIG", "../../other.toml");
        assert!(locate(&env, None).unwrap().unwrap().ends_with("other.toml"));
        let explicit = folder.path().join("work").join(FILE_NAME);
        assert_eq!(locate(&env, Some(&explicit)).unwrap(), Some(explicit));
    }

    #[test]
    fn a_file_asked_for_must_exist() {
        let folder = tempfile::tempdir().unwrap();
        let env = Env::in_folder(folder.path());
        let error = locate(&env, Some(Path::new("no.toml"))).unwrap_err();
        assert!(error.message().starts_with("--config: there is no file"));
        let env = env.with("DBWRIGHT_CONFIG", "no.toml");
        assert!(locate(&env, None).unwrap_err().message().starts_with("DBWRIGHT_CONFIG"));
        assert!(locate(&env, Some(folder.path())).unwrap_err().message().contains("is a folder"));
    }
}
