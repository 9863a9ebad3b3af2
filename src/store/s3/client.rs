//! Requests to a server that speaks S3: signed, sent again when that may help, and their refusals
//! told in words.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::prelude::{BASE64_STANDARD, Engine};
use md5::Md5;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, http};

use super::credentials::Credentials;
use super::location::Location;
use super::sign::{Unsigned, query, signed};
use super::xml;
use crate::error::{Error, Kind, Result};
use crate::hex;

/// How often a request is sent before its failure is told.
const TRIES: u32 = 6;

/// No file of a repository is larger; what an answer may hold in memory.
const LARGEST: u64 = 1 << 30;

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub connect: Duration,
    /// For a byte to come or go.
    pub silence: Duration,
    /// Before the second try; each further one waits twice as long.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(60),
            pause: Duration::from_millis(200),
        }
    }
}

/// Knows a bucket and who asks.
pub struct Client {
    pub location: Location,
    credentials: Credentials,
    agent: Agent,
    pause: Duration,
}

/// What is asked; every request may be sent twice without harm.
#[derive(Default)]
pub struct Request<'a> {
    pub method: &'static str,
    /// The file; None for the bucket.
    pub name: Option<&'a str>,
    pub query: &'a [(&'a str, String)],
    pub content: &'a [u8],
}

/// What the server said.
pub struct Answer {
    pub status: u16,
    /// The length that was announced, of a body that may not be there (HEAD).
    pub length: Option<u64>,
    region: Option<String>,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new(location: Location, credentials: Credentials, patience: Patience) -> Result<Self> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("dbwright")
            .timeout_connect(Some(patience.connect))
            .timeout_per_read(Some(patience.silence))
            .timeout_per_write(Some(patience.silence));
        if location.origin.starts_with("https:") {
            config = config.tls_config(tls(&location)?);
        }
        Ok(Client { location, credentials, agent: config.build().into(), pause: patience.pause })
    }

    /// Sends a request, again if need be; the answer may still be a refusal.
    pub fn send(&self, request: &Request) -> Result<Answer> {
        let hash = hex(&Sha256::digest(request.content));
        let mut tries = 0;
        loop {
            tries += 1;
            let outcome = self.once(request, &hash);
            let (passes, why) = match &outcome {
                Ok(answer) => (answer.may_pass(), format!("status {}", answer.status)),
                Err(error) => (may_pass(error), error.to_string()),
            };
            if !passes || tries == TRIES {
                return match outcome {
                    Ok(answer) => Ok(answer),
                    Err(error) => Err(self.unreachable(error, tries)),
                };
            }
            let pause = self.pause * 2u32.pow(tries - 1);
            log::debug!("S3: {} {}: {why}; trying again", request.method, request.name.unwrap_or_default());
            // Many that failed at once must not come back at once.
            std::thread::sleep(pause.mul_f64(0.5 + fastrand::f64()));
        }
    }

    fn once(&self, request: &Request, hash: &str) -> Result<Answer, ureq::Error> {
        let path = self.location.path(request.name);
        let mut headers = vec![("host", self.location.host.clone())];
        if request.method == "PUT" {
            // Not every server compares the body with the sum that is signed; this one all do.
            headers.push(("content-md5", BASE64_STANDARD.encode(Md5::digest(request.content))));
        }
        let headers = signed(
            Unsigned { method: request.method, path: &path, query: request.query, headers, body: hash },
            &self.credentials,
            &self.location.region,
            SystemTime::now(),
        );
        let mut url = format!("{}{path}", self.location.origin);
        if !request.query.is_empty() {
            url.extend(["?", &query(request.query)]);
        }
        let mut builder = http::Request::builder().method(request.method).uri(url);
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        let answer = match request.method {
            "PUT" => self.agent.run(builder.body(request.content)?)?,
            _ => self.agent.run(builder.body(())?)?,
        };
        Answer::read(answer, request.method == "HEAD")
    }

    /// A request that got no answer.
    fn unreachable(&self, error: ureq::Error, tries: u32) -> Error {
        let hint = match &error {
            error if is_tls(error) => {
                "name a file with the certificate that signed the server's: ca=FILE in the address, or AWS_CA_BUNDLE; a server without TLS has an endpoint of http://"
            }
            ureq::Error::HostNotFound => "check the endpoint, the region and the name of the bucket",
            _ => {
                "check the endpoint, and whether the server is up; what was stored stays, and can be built on"
            }
        };
        let again = if tries > 1 { format!(", tried {tries} times") } else { String::new() };
        Error::new(
            Kind::Connect,
            format!("cannot reach {} at {}{again}", self.location.shown(), self.location.origin),
        )
        .because(error)
        .hint(hint)
    }

    /// The error behind a refusal.
    pub fn refused(&self, what: &str, answer: &Answer) -> Error {
        let said = xml::error(&answer.body);
        let code = said.get("Code").map_or("", String::as_str);
        let region = answer.region.as_ref().or_else(|| said.get("Region"));
        let (kind, hint) = self.meaning(answer.status, code, region);
        let message = said.get("Message").map_or("", String::as_str);
        let said = match (code, message) {
            ("", _) => format!("the server answered with status {}", answer.status),
            (code, "") => format!("{code} (status {})", answer.status),
            (code, message) => format!("{code} (status {}): {message}", answer.status),
        };
        Error::new(kind, format!("cannot {what} in {}", self.location.shown()))
            .because(anyhow::anyhow!(said))
            .hint(hint)
    }

    fn meaning(&self, status: u16, code: &str, region: Option<&String>) -> (Kind, String) {
        let bucket = &self.location.bucket;
        match (status, code, region) {
            (_, "NoSuchBucket", _) => (Kind::Usage, format!("there is no bucket {bucket} there: make it, or check its name and the endpoint")),
            (301 | 307 | 400, _, Some(region)) => {
                (Kind::Usage, format!("the bucket is in another region: say region={region}"))
            }
            (301 | 307, ..) => (Kind::Usage, "the bucket is elsewhere: check the region and the endpoint".to_owned()),
            (_, "InvalidAccessKeyId" | "SignatureDoesNotMatch", _) => {
                (Kind::Auth, "the server does not know these credentials: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE".to_owned())
            }
            (_, "ExpiredToken" | "InvalidToken", _) => {
                (Kind::Auth, "these credentials have ended: get new ones".to_owned())
            }
            (_, "RequestTimeTooSkewed", _) => (Kind::Auth, "set this machine's clock".to_owned()),
            (401 | 403, ..) => (
                Kind::Auth,
                format!("give this user the rights s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject on {bucket}"),
            ),
            (500.., ..) | (429, ..) => {
                (Kind::Io, format!("the server failed {TRIES} times; run it again when it is well: what was stored stays"))
            }
            _ => (Kind::Io, "check the endpoint, and whether path_style has to be true or false".to_owned()),
        }
    }
}

impl Answer {
    fn read(mut answer: http::Response<ureq::Body>, is_head: bool) -> Result<Self, ureq::Error> {
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let length = header("content-length").and_then(|length| length.parse().ok());
        let region = header("x-amz-bucket-region").map(str::to_owned);
        let status = answer.status().as_u16();
        let body = match is_head {
            true => Vec::new(),
            false => answer.body_mut().with_config().limit(LARGEST).read_to_vec()?,
        };
        if !is_head && length.is_some_and(|length| length != body.len() as u64) {
            return Err(ureq::Error::Io(std::io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(Answer { status, length, region, body })
    }

    /// Whether the next try may be answered better: a server that is busy or unwell, and a body that
    /// was spoilt on its way.
    fn may_pass(&self) -> bool {
        const WORTH_IT: [&str; 3] = ["RequestTimeout", "BadDigest", "XAmzContentSHA256Mismatch"];
        match self.status {
            408 | 429 | 500 | 502 | 503 | 504 => true,
            400 => xml::error(&self.body).get("Code").is_some_and(|code| WORTH_IT.contains(&code.as_str())),
            _ => false,
        }
    }
}

/// Whether a connection made anew may do better.
fn may_pass(error: &ureq::Error) -> bool {
    use ureq::Error::{ConnectionFailed, HostNotFound, Io, Protocol, Timeout};
    matches!(error, Io(_) | Timeout(_) | HostNotFound | ConnectionFailed | Protocol(_)) && !is_tls(error)
}

/// A certificate that is refused comes as an error of reading.
fn is_tls(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => true,
        ureq::Error::Io(error) => error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()),
        _ => false,
    }
}

fn tls(location: &Location) -> Result<TlsConfig> {
    let found = match &location.ca {
        None => rustls_native_certs::load_native_certs().certs,
        Some(path) => CertificateDer::pem_file_iter(path)
            .and_then(|found| found.collect::<Result<Vec<_>, _>>())
            .map_err(|error| {
                Error::new(Kind::Config, format!("cannot read the certificates in {}", path.display()))
                    .because(error)
            })?,
    };
    if found.is_empty() {
        return Err(Error::new(Kind::Config, "there are no certificates to trust an S3 server by").hint(
            "install the ca-certificates package, or name a file: ca=FILE in the address, or AWS_CA_BUNDLE",
        ));
    }
    let roots = found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build())
}
