//! The surroundings that configuration depends on, in one place, so that tests can make their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// Environment variables, folders and the user of this process.
#[derive(Clone)]
pub struct Env {
    variables: BTreeMap<String, String>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The working folder.
    pub cwd: PathBuf,
    /// The folder of the user's configuration files (`~/.config`).
    pub config_home: Option<PathBuf>,
    /// The operating system's user where tests say it; else it is looked up when it is needed.
    user: Option<String>,
    /// Where `/etc`, `/run` and so on are looked for: `/`.
    pub root: PathBuf,
}

impl Env {
    /// What this process sees.
    pub fn from_process() -> Self {
        // Names and values that are not UTF-8 cannot be part of a URL or a profile.
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Env {
            home: etcetera::home_dir().ok(),
            cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            config_home: etcetera::choose_base_strategy().ok().map(|strategy| strategy.config_dir()),
            user: None,
            root: PathBuf::from("/"),
            variables,
        }
    }

    /// Surroundings below one folder: `home`, `work` and a root of their own.
    pub fn in_folder(folder: &Path) -> Self {
        Env {
            variables: BTreeMap::new(),
            home: Some(folder.join("home")),
            cwd: folder.join("work"),
            config_home: Some(folder.join("home/.config")),
            user: Some("osuser".to_owned()),
            root: folder.join("root"),
        }
    }

    /// The same with one more variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A variable's value; one that is set but empty counts as set.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// A variable's value unless it is empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.variable(name).filter(|value| !value.is_empty())
    }

    /// The name of the operating system's user.
    pub fn user(&self) -> Option<String> {
        self.user.clone().or_else(|| user_name(&self.variables))
    }

    /// The folder for what a program remembers between runs (`~/.local/state`).
    pub fn state_home(&self) -> Option<PathBuf> {
        let given = self.filled("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        given.or_else(|| self.in_home(".local/state"))
    }

    /// A path of the system, such as `/etc/my.cnf`.
    pub fn system(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// A path below the home folder.
    pub fn in_home(&self, path: &str) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(path))
    }

    /// `~/x` with the home folder in it; any other path as it is.
    pub fn expand_home(&self, path: &str) -> PathBuf {
        let home = self.home.as_deref();
        match (path, path.strip_prefix("~/"), home) {
            ("~", _, Some(home)) => home.to_owned(),
            (_, Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(path),
        }
    }

    /// A path as a person would write it: from the working folder or from `~`.
    pub fn show(&self, path: &Path) -> String {
        if let Ok(inside) = path.strip_prefix(&self.cwd) {
            return inside.display().to_string();
        }
        match self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(inside) => format!("~/{}", inside.display()),
            None => path.display().to_string(),
        }
    }
}

/// The name of the user this process runs as, as libpq and mysql find it; the environment's word
/// when the system's list does not have it.
fn user_name(variables: &BTreeMap<String, String>) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let listed = std::fs::metadata("/proc/self").ok().and_then(|me| {
        let users = std::fs::read_to_string("/etc/passwd").ok()?;
        user_with_id(&users, me.uid())
    });
    listed
        .or_else(|| variables.get("USER").cloned())
        .or_else(|| variables.get("LOGNAME").cloned())
        .filter(|name| !name.is_empty())
}

fn user_with_id(users: &str, id: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_id() {
        let users = "root:x:0:0:root:/root:/bin/bash\nbroken\npostgres:x:104:110::/var:/bin/sh\n";
        assert_eq!(user_with_id(users, 104).as_deref(), Some("postgres"));
        assert_eq!(user_with_id(users, 7), None);
    }

    #[test]
    fn paths_are_shown_short() {
        let env = Env::in_folder(Path::new("/t"));
        assert_eq!(env.show(Path::new("/t/work/a/b")), "a/b");
        assert_eq!(env.show(Path::new("/t/home/.pgpass")), "~/.pgpass");
        assert_eq!(env.show(Path::new("/etc/x")), "/etc/x");
        assert_eq!(env.expand_home("~/x"), Path::new("/t/home/x"));
        assert_eq!(env.expand_home("~x"), Path::new("~x"));
    }
}
