//! Keys of encrypted repositories: for whom they are written, and who reads them.

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{Settings, repository_place, settled_if_any};
use crate::commands::Context;
use crate::config::others_can_read;
use crate::error::{At, Error, Kind, Result};
use crate::model::target::SecretString;
use crate::store::Repository;
use crate::store::age::{Identity, Recipient, identities};

/// For whom a repository is encrypted.
#[derive(Debug, Clone, Default, Args)]
pub struct Recipients {
    /// Encrypt for the owner of this key of age, and of each other one that is given [default: the
    /// profile's]
    #[arg(long, value_name = "AGE1...")]
    encrypt_to: Vec<String>,
    /// The same for the keys of a file, one a line
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    encrypt_to_file: Vec<PathBuf>,
}

/// Who reads an encrypted repository.
#[derive(Debug, Clone, Default, Args)]
pub struct Identities {
    /// Decrypt with the keys of age of this file [default: the profile's]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    identity: Vec<PathBuf>,
}

impl Recipients {
    /// As the command line says, or else the profile.
    pub fn read(&self, settings: &Settings) -> Result<Vec<Recipient>> {
        if self.encrypt_to.is_empty() && self.encrypt_to_file.is_empty() {
            return settings.encrypt_to.iter().map(|text| Recipient::parse(text)).collect();
        }
        let mut recipients: Vec<Recipient> =
            self.encrypt_to.iter().map(|text| Recipient::parse(text)).collect::<Result<_>>()?;
        for path in &self.encrypt_to_file {
            let before = recipients.len();
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
            for (number, line) in text.lines().map(str::trim).enumerate() {
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                recipients.push(Recipient::parse(line).map_err(|error| error.at(place(path, number + 1)))?);
            }
            if recipients.len() == before {
                return Err(Error::new(Kind::Config, format!("{} holds no recipient", path.display()))
                    .hint("it holds keys such as age1..., one a line"));
            }
        }
        Ok(recipients)
    }
}

impl Identities {
    fn read(&self, context: &Context) -> Result<Vec<Identity>> {
        let mut paths = self.identity.clone();
        if paths.is_empty() {
            paths.extend(settled_if_any(context)?.identity_file);
        }
        let mut found = Vec::new();
        for path in &paths {
            found.extend(identities_of(path)?);
        }
        Ok(found)
    }
}

/// The repository that is there, read with the identities if it is encrypted.
pub fn open(context: &Context, repo: Option<&str>, identities: &Identities) -> Result<Repository> {
    let repository = Repository::open(&repository_place(context, repo)?)?;
    match repository.is_encrypted() {
        true => Ok(repository.reading_with(identities.read(context)?)),
        false => Ok(repository),
    }
}

fn identities_of(path: &Path) -> Result<Vec<Identity>> {
    let facts = std::fs::metadata(path).map_err(|error| unreadable(path, error))?;
    if facts.is_file() && others_can_read(&facts) {
        return Err(Error::new(Kind::Config, format!("others than you can read {}", path.display()))
            .hint(format!("chmod 600 {}", path.display())));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
    if text.starts_with("age-encryption.org/") || text.starts_with("-----BEGIN AGE ENCRYPTED FILE") {
        return Err(Error::new(
            Kind::Unsupported,
            format!("{} is encrypted itself, which is not known here", path.display()),
        )
        .hint(format!("decrypt it into memory: --identity <(age -d {})", path.display())));
    }
    let found: Option<Vec<Identity>> = identities(&SecretString::from(text)).into_iter().collect();
    found.filter(|found| !found.is_empty()).ok_or_else(|| {
        // What the file holds is not repeated: it may be a secret all the same.
        Error::new(Kind::Config, format!("{} is no file of identities of age", path.display()))
            .hint("it holds lines that begin with AGE-SECRET-KEY-1, as age-keygen writes them")
    })
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Config, format!("cannot read {}", path.display())).because(error)
}

fn place(path: &Path, line: usize) -> At {
    At { source: path.display().to_string(), line, column: 0, excerpt: String::new(), caret: None }
}
