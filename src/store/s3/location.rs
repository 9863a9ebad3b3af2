//! Where a bucket is: `s3://bucket/prefix?endpoint=URL&region=NAME&path_style=true&ca=FILE`, and
//! what is not said there from the environment, as AWS's own tools read it.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use super::Lookup;
use super::credentials::config;
use super::sign::encoded;
use crate::error::{Error, Result, nearest};

/// What every address of S3 begins with.
pub const SCHEME: &str = "s3://";

/// What may be said behind the `?`; the keys of a profile's table are the same.
pub const OPTIONS: [&str; 4] = ["endpoint", "region", "path_style", "ca"];

/// A bucket, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub bucket: String,
    /// Empty, or with a `/` at its end.
    pub prefix: String,
    /// Scheme, host and port of every request.
    pub origin: String,
    pub host: String,
    pub region: String,
    pub path_style: bool,
    /// A file of certificates to trust instead of those of this machine.
    pub ca: Option<PathBuf>,
}

impl Location {
    pub fn parse(url: &str, lookup: Lookup) -> Result<Self> {
        let (path, options) = url.split_once('?').unwrap_or((url, ""));
        let path = path.strip_prefix(SCHEME).unwrap_or(path);
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        // The bucket is not repeated: what stands before an @ may be a key.
        if bucket.contains('@') {
            return Err(wrong("an address of S3 holds no credentials")
                .hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use ~/.aws/credentials"));
        }
        if bucket.is_empty()
            || !bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        {
            return Err(wrong(format!("{bucket:?} cannot be the name of a bucket"))
                .hint("a repository in S3 is written as s3://BUCKET/PREFIX"));
        }
        let mut said: [Option<String>; OPTIONS.len()] = Default::default();
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            let Some(at) = OPTIONS.iter().position(|known| *known == key) else {
                let error = wrong(format!("unknown option {key:?} in the address of S3"));
                return Err(match nearest(key, OPTIONS) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("the options are {}", OPTIONS.join(", "))),
                });
            };
            said[at] = Some(percent_decode_str(value).decode_utf8_lossy().into_owned());
        }
        let [endpoint, region, path_style, ca] = said;
        let config = config(lookup)?;
        let region = region
            .or_else(|| lookup("AWS_REGION"))
            .or_else(|| lookup("AWS_DEFAULT_REGION"))
            .or_else(|| config.get("region").cloned())
            .unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = endpoint
            .or_else(|| lookup("AWS_ENDPOINT_URL_S3"))
            .or_else(|| lookup("AWS_ENDPOINT_URL"))
            .or_else(|| config.get("endpoint_url").cloned());
        let path_style = match path_style.as_deref() {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(other) => return Err(wrong(format!("path_style is true or false, and not {other:?}"))),
        };
        // Certificates name one label before the domain, and servers of one's own rarely any.
        let path_style = path_style.unwrap_or(endpoint.is_some() || bucket.contains('.'));
        let endpoint = endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let (scheme, host) = host_of(&endpoint)?;
        let host = if path_style { host } else { format!("{bucket}.{host}") };
        let prefix = prefix.trim_matches('/');
        Ok(Location {
            bucket: bucket.to_owned(),
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
            origin: format!("{scheme}://{host}"),
            host,
            region,
            path_style,
            ca: ca.or_else(|| lookup("AWS_CA_BUNDLE")).map(PathBuf::from),
        })
    }

    /// The encoded path of a file; of the bucket where there is none.
    pub fn path(&self, name: Option<&str>) -> String {
        let key = name.map(|name| encoded(&format!("{}{name}", self.prefix), true)).unwrap_or_default();
        match self.path_style {
            true => format!("/{}/{key}", self.bucket),
            false => format!("/{key}"),
        }
    }

    /// For people; what it takes to get there is left out.
    pub fn shown(&self) -> String {
        format!("{SCHEME}{}/{}", self.bucket, self.prefix).trim_end_matches('/').to_owned()
    }
}

/// The scheme, and host and port, of an endpoint.
fn host_of(endpoint: &str) -> Result<(&str, String)> {
    let (scheme, host) = endpoint.split_once("://").unwrap_or(("", endpoint));
    let host = host.trim_end_matches('/');
    let is_host = !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
    match (scheme, is_host) {
        ("https", true) => Ok((scheme, host.strip_suffix(":443").unwrap_or(host).to_owned())),
        ("http", true) => Ok((scheme, host.strip_suffix(":80").unwrap_or(host).to_owned())),
        _ => Err(wrong("the endpoint of S3 is not one")
            .hint("it is written as https://HOST or https://HOST:PORT, without a path or credentials")),
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::usage(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Location> {
        Location::parse(url, &|_| None)
    }

    #[test]
    fn addresses_are_read() {
        let amazon = parse("s3://backups/prod/db").unwrap();
        assert_eq!(amazon.origin, "https://backups.s3.us-east-1.amazonaws.com");
        assert_eq!(amazon.path(Some("chunks/a b")), "/prod/db/chunks/a%20b");
        assert_eq!((amazon.path(None).as_str(), amazon.shown().as_str()), ("/", "s3://backups/prod/db"));
        let dotted = parse("s3://my.backups?region=eu-central-1").unwrap();
        assert_eq!((dotted.host.as_str(), dotted.prefix.as_str()), ("s3.eu-central-1.amazonaws.com", ""));
        assert_eq!(dotted.path(Some("x")), "/my.backups/x");
        let own = parse("s3://b/p/?endpoint=http%3A%2F%2F127.0.0.1:9000/&ca=/ca.pem").unwrap();
        assert_eq!((own.origin.as_str(), own.path_style), ("http://127.0.0.1:9000", true));
        assert_eq!(own.ca, Some(PathBuf::from("/ca.pem")));
        let hosted = parse("s3://b/p?endpoint=https://store.example:443&path_style=false").unwrap();
        assert_eq!((hosted.origin.as_str(), hosted.path(None).as_str()), ("https://b.store.example", "/"));
    }

    #[test]
    fn what_is_not_said_comes_from_the_environment() {
        let told = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some("http://one".to_owned()),
            "AWS_ENDPOINT_URL_S3" => Some("http://two".to_owned()),
            "AWS_REGION" => Some("here".to_owned()),
            _ => None,
        };
        let found = Location::parse("s3://b", &told).unwrap();
        assert_eq!((found.origin.as_str(), found.region.as_str()), ("http://two", "here"));
        let found = Location::parse("s3://b?endpoint=http://three&region=there", &told).unwrap();
        assert_eq!((found.origin.as_str(), found.region.as_str()), ("http://three", "there"));
    }

    #[test]
    fn wrong_addresses_are_told() {
        for (url, says) in [
            ("s3://", "\"\" cannot be the name of a bucket"),
            ("s3://a b/c", "\"a b\" cannot be the name of a bucket"),
            ("s3://b?regio=x", "unknown option \"regio\" in the address of S3"),
            ("s3://b?path_style=1", "path_style is true or false, and not \"1\""),
            ("s3://b?endpoint=127.0.0.1:9000", "the endpoint of S3 is not one"),
            ("s3://b?endpoint=http://key:hunter2@host", "the endpoint of S3 is not one"),
            ("s3://key:hunter2@b/c", "an address of S3 holds no credentials"),
        ] {
            let error = parse(url).unwrap_err();
            assert_eq!(error.message(), says);
            assert!(
                !error.to_string().contains("hunter2") && !error.hints().is_empty()
                    || says.contains("path_style")
            );
        }
    }
}
