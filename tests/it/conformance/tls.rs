//! The TLS modes, which mean the same on every engine.

use std::path::PathBuf;

use dbwright::engine;
use dbwright::error::{Kind, Result};
use dbwright::model::server::{ServerInfo, Verified};

use crate::servers::{Bed, bed as told, on_every_network_server};

on_every_network_server!(modes, a_certificate_of_another_authority, another_host_name, a_client_certificate);

fn file(name: &str) -> String {
    PathBuf::from(told("TLS").unwrap()).join(name).display().to_string()
}

/// Connects to `host` with the given mode and authority.
fn open(bed: &Bed, host: &str, mode: &str, ca: Option<&str>) -> Result<ServerInfo> {
    let ca = ca.map_or(String::new(), |ca| {
        format!("&{}={}", bed.server.pick("", "sslrootcert", "ssl_ca"), file(ca))
    });
    let url = bed.url_with(&format!("sslmode={mode}{ca}"));
    let url = url.replace("@127.0.0.1:", &format!("@{host}:"));
    Ok(engine::open(&bed.sandbox.target(&url))?.server().clone())
}

/// How far the certificate was checked; None without encryption.
#[track_caller]
fn verified(bed: &Bed, host: &str, mode: &str, ca: Option<&str>) -> Option<Verified> {
    let server = open(bed, host, mode, ca).unwrap_or_else(|error| panic!("{mode} {ca:?}: {error:?}"));
    server.tls.map(|tls| tls.verified)
}

fn modes(bed: &Bed) {
    let ours = Some("ca.crt");
    assert_eq!(verified(bed, "127.0.0.1", "disable", None), None);
    assert_eq!(verified(bed, "127.0.0.1", "prefer", None), Some(Verified::No));
    assert_eq!(verified(bed, "127.0.0.1", "require", None), Some(Verified::No));
    // As libpq does: an authority that was named is not ignored.
    assert_eq!(verified(bed, "127.0.0.1", "require", ours), Some(Verified::Ca));
    assert_eq!(verified(bed, "127.0.0.1", "verify-ca", ours), Some(Verified::Ca));
    assert_eq!(verified(bed, "127.0.0.1", "verify-full", ours), Some(Verified::Full));
    assert_eq!(verified(bed, "localhost", "verify-full", ours), Some(Verified::Full));
}

fn a_certificate_of_another_authority(bed: &Bed) {
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = open(bed, "127.0.0.1", mode, Some("other-ca.crt")).expect_err(mode);
        assert_eq!(error.kind(), Kind::Connect, "{mode}: {error:?}");
        assert!(!error.hints().is_empty(), "{mode}: {error:?}");
    }
    // The authorities of the system do not know the test's one.
    for mode in ["verify-ca", "verify-full"] {
        assert_eq!(open(bed, "127.0.0.1", mode, None).expect_err(mode).kind(), Kind::Connect);
    }
}

/// The certificate is for localhost and 127.0.0.1.
fn another_host_name(bed: &Bed) {
    let error = open(bed, "127.0.0.2", "verify-full", Some("ca.crt")).expect_err("another name");
    assert_eq!(error.kind(), Kind::Connect, "{error:?}");
    let said = format!("{error} {:?}", error.hints());
    assert!(said.contains("127.0.0.2"), "{said}");
    // Compared or not is all that differs; PostgreSQL's pg_hba.conf lets nobody in from there.
    match open(bed, "127.0.0.2", "verify-ca", Some("ca.crt")) {
        Ok(server) => assert_eq!(server.tls.unwrap().verified, Verified::Ca),
        Err(error) => assert_eq!(error.kind(), Kind::Auth, "{error:?}"),
    }
}

fn a_client_certificate(bed: &Bed) {
    let (cert, key) = bed.server.pick(("", ""), ("sslcert", "sslkey"), ("ssl_cert", "ssl_key"));
    let with = format!("sslmode=require&{cert}={}&{key}={}", file("client.crt"), file("client.key"));
    let url = |parameters: &str| bed.url_as("dbwright_cert", parameters).replace(&bed.database, "app");
    engine::open(&bed.sandbox.target(&url(&with))).unwrap_or_else(|error| panic!("{error:?}"));
    let error = engine::open(&bed.sandbox.target(&url("sslmode=require"))).err().expect("no certificate");
    assert!(matches!(error.kind(), Kind::Auth | Kind::PasswordNeeded), "{error:?}");
}
