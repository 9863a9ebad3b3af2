//! A folder of its own for a test, with a home, a working folder and an empty environment, in which
//! the compiled program runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dbwright::config::{Env, Origin, Overrides, resolve_url};
use dbwright::model::target::Target;

use crate::process::Ran;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_dbwright");

pub struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        dbwright_engines::install();
        let folder = tempfile::Builder::new().prefix("dbw-it.").tempdir().unwrap();
        for name in ["home", "work", "root"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Sandbox { folder }
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The working folder.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Writes a file in the working folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.work().join(name)).unwrap()
    }

    /// Any program, in this sandbox.
    pub fn program(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", path_with(Path::new(PROGRAM).parent().unwrap()))
            .env("HOME", self.home())
            .env("USER", "osuser")
            .env("LANG", "C.UTF-8")
            .env("TERM", "dumb")
            .current_dir(self.work())
            .stdin(Stdio::null());
        command
    }

    /// dbwright, in this sandbox.
    pub fn command<I: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Command {
        let mut command = self.program(PROGRAM);
        command.args(arguments);
        command
    }

    /// Runs dbwright to its end.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// What a URL resolves to here.
    #[track_caller]
    pub fn target(&self, url: &str) -> Target {
        let env = Env::in_folder(self.folder.path());
        resolve_url(url, Origin::Url("URL"), &env, &Overrides::default())
            .unwrap_or_else(|error| panic!("{url}: {error}"))
            .target
    }
}

/// The search path with `folder` in front.
fn path_with(folder: &Path) -> std::ffi::OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&inherited));
    std::env::join_paths(folders).unwrap()
}
