//! Who asks: keys from the environment, or from the files that AWS's own tools read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Lookup;
use crate::error::{Error, Kind, Result};
use crate::model::target::SecretString;

/// The keys of a user. The secret ones appear in no message.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub key: String,
    pub secret: SecretString,
    /// Of credentials that end by themselves.
    pub session: Option<SecretString>,
}

impl Credentials {
    pub fn new(key: &str, secret: &str, session: Option<&str>) -> Self {
        Credentials {
            key: key.to_owned(),
            secret: SecretString::from(secret.to_owned()),
            session: session.map(|token| SecretString::from(token.to_owned())),
        }
    }

    /// From AWS_ACCESS_KEY_ID and its companions, or else from the profile AWS_PROFILE (`default`)
    /// of ~/.aws/credentials.
    pub fn find(lookup: Lookup) -> Result<Self> {
        if let (Some(key), Some(secret)) = (lookup("AWS_ACCESS_KEY_ID"), lookup("AWS_SECRET_ACCESS_KEY")) {
            return Ok(Credentials::new(&key, &secret, lookup("AWS_SESSION_TOKEN").as_deref()));
        }
        let profile = lookup("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
        let path = file(lookup, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
        let said = section(path.as_ref(), &[&profile])?;
        match (said.get("aws_access_key_id"), said.get("aws_secret_access_key")) {
            (Some(key), Some(secret)) => {
                Ok(Credentials::new(key, secret, said.get("aws_session_token").map(String::as_str)))
            }
            _ => Err(Error::new(Kind::Auth, "there are no credentials for S3").hint(format!(
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write aws_access_key_id and aws_secret_access_key under [{profile}] in ~/.aws/credentials (AWS_PROFILE names another section)"
            ))),
        }
    }
}

/// What ~/.aws/config says of the profile AWS_PROFILE: its region and endpoint.
pub fn config(lookup: Lookup) -> Result<BTreeMap<String, String>> {
    let profile = lookup("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
    let path = file(lookup, "AWS_CONFIG_FILE", "config");
    section(path.as_ref(), &[&format!("profile {profile}"), &profile])
}

fn file(lookup: Lookup, variable: &str, name: &str) -> Option<PathBuf> {
    let usual = || lookup("HOME").map(|home| PathBuf::from(home).join(".aws").join(name));
    lookup(variable).map(PathBuf::from).or_else(usual)
}

/// The settings under the first of the names that the file has; a file that is not there has none.
fn section(path: Option<&PathBuf>, names: &[&str]) -> Result<BTreeMap<String, String>> {
    let Some(path) = path else { return Ok(BTreeMap::new()) };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => {
            return Err(Error::new(Kind::Config, format!("cannot read {}", path.display())).because(error));
        }
    };
    let mut sections: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let mut here = "";
    for line in text.lines() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
            here = name.trim();
        } else if !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once('=')
        {
            let settings = sections.entry(here).or_default();
            settings.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    Ok(names.iter().find_map(|name| sections.remove(name)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::target::ExposeSecret;

    #[test]
    fn the_environment_goes_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        std::fs::write(
            &path,
            "# keys\n[default]\naws_access_key_id = one\naws_secret_access_key=s=1\n\n[other]\nAWS_Access_Key_ID=two\naws_secret_access_key = s2 \naws_session_token = t2\n",
        )
        .unwrap();
        let path = path.to_str().unwrap().to_owned();
        let find = |more: &[(&str, &str)]| {
            Credentials::find(&|name| match name {
                "AWS_SHARED_CREDENTIALS_FILE" => Some(path.clone()),
                _ => more.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
            })
        };
        let found = find(&[]).unwrap();
        assert_eq!((found.key.as_str(), found.secret.expose_secret()), ("one", "s=1"));
        let found = find(&[("AWS_PROFILE", "other")]).unwrap();
        assert_eq!((found.key.as_str(), found.secret.expose_secret()), ("two", "s2"));
        assert_eq!(found.session.unwrap().expose_secret(), "t2");
        let found = find(&[("AWS_ACCESS_KEY_ID", "three"), ("AWS_SECRET_ACCESS_KEY", "s3")]).unwrap();
        assert_eq!((found.key.as_str(), found.session.is_none()), ("three", true));
        let error = find(&[("AWS_PROFILE", "none")]).unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
        assert!(error.hints()[0].contains("[none]"), "{error}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!("{:?}", Credentials::new("AKIA", "hunter2", Some("hunter3")));
        assert!(!shown.contains("hunter"), "{shown}");
    }
}
