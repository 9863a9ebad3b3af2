//! Connections that cannot be made: the right class of error, an exit code of 3, and a next step.

use dbwright::engine;
use dbwright::error::{Error, Kind};

use crate::process::Ran;
use crate::servers::{Bed, Family, on_every_network_server};

on_every_network_server!(
    a_wrong_password,
    no_password,
    an_unknown_user,
    an_account_that_may_not,
    an_unknown_host,
    a_port_nobody_listens_on,
    an_unknown_database,
    tls_is_demanded,
);

/// Opening `url` must fail with `kind`; the program must end with 3 and say what to do next.
#[track_caller]
fn refused(bed: &Bed, url: &str, kind: Kind) -> Error {
    let error = engine::open(&bed.sandbox.target(url)).err().unwrap_or_else(|| panic!("{url} let us in"));
    assert_eq!(error.kind(), kind, "{error:?}");
    let said = bed.sandbox.run(&["connect", url, "-c", "select 1"]).fails(3);
    assert!(said.starts_with("error: "), "{said}");
    assert!(said.contains("help: "), "no next step: {said}");
    assert!(!said.contains("s3cret"), "{said}");
    error
}

fn a_wrong_password(bed: &Bed) {
    refused(bed, &bed.url_as("dbwright:wrong", ""), Kind::Auth);
}

/// Without a terminal nobody can be asked.
fn no_password(bed: &Bed) {
    refused(bed, &bed.url_as("dbwright", ""), Kind::PasswordNeeded);
}

fn an_unknown_user(bed: &Bed) {
    refused(bed, &bed.url_as("nobody:secret", ""), Kind::Auth);
}

fn an_account_that_may_not(bed: &Bed) {
    match bed.server.family() {
        Family::Postgres => {
            let error = refused(bed, &bed.url_as("banned:banned", ""), Kind::Auth);
            assert!(error.to_string().contains("pg_hba.conf"), "{error}");
            let check = bed.sandbox.run(&["connect", &bed.url_as("banned:banned", ""), "--check"]).fails(3);
            assert!(check.contains("banned") && check.contains("reject"), "{check}");
        }
        _ => {
            // Its rights end at the database `app`.
            let error = engine::open(&bed.sandbox.target(&bed.url_as("reader:reader", ""))).err().unwrap();
            assert!(matches!(error.kind(), Kind::Auth | Kind::Permission), "{error:?}");
            bed.sandbox.run(&["connect", &bed.url_as("reader:reader", ""), "-c", "select 1"]).fails(3);
        }
    }
}

fn an_unknown_host(bed: &Bed) {
    let url = bed.url().replace("127.0.0.1", "no-such-host.invalid");
    let error = refused(bed, &url, Kind::Connect);
    assert!(error.to_string().contains("no-such-host.invalid"), "{error}");
}

fn a_port_nobody_listens_on(bed: &Bed) {
    // Bound but not listening: nobody else can take it in the meantime.
    let socket = rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None);
    let socket = socket.unwrap();
    rustix::net::bind(&socket, &std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 0)).unwrap();
    let bound: std::net::SocketAddr = rustix::net::getsockname(&socket).unwrap().try_into().unwrap();
    let port = bound.port();
    let url = bed.url().replace(&format!(":{}/", bed.server.port()), &format!(":{port}/"));
    let error = refused(bed, &url, Kind::Connect);
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

fn an_unknown_database(bed: &Bed) {
    let error = refused(bed, &bed.url().replace(&bed.database, "no_such_db"), Kind::Connect);
    assert!(error.to_string().contains("no_such_db"), "{error}");
}

fn tls_is_demanded(bed: &Bed) {
    let url = bed.url_as("tlsonly:tlsonly", "sslmode=disable").replace(&bed.database, "app");
    refused(bed, &url, Kind::Auth);
    let url = bed.url_as("tlsonly:tlsonly", "sslmode=require").replace(&bed.database, "app");
    Ran::of(&mut bed.sandbox.command(["connect", &url, "-c", "select 1"])).ok();
}
