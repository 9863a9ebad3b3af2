//! Connecting, and what a session knows of its server.

use std::time::{Duration, Instant};

use dbwright::engine;
use dbwright::error::Kind;
use dbwright::model::server::TxState;

use crate::servers::{Bed, Family, Server, on_every_network_server, on_every_server, one};

on_every_server!(a_session_knows_its_server, the_check_reports, a_pool_under_load_reports);
on_every_network_server!(
    a_socket_leads_to_the_same_server,
    the_server_shows_the_application,
    a_silent_server_is_given_up,
    other_accounts_come_in,
);

fn a_session_knows_its_server(bed: &Bed) {
    let mut session = bed.open();
    let server = session.server().clone();
    assert_eq!(server.engine, bed.server.kind());
    assert_eq!(server.database, bed.database);
    assert!(!server.version_text.is_empty());
    if let Some(version) = bed.server.told("VERSION") {
        assert_eq!(server.version, version);
        assert_eq!(server.user, "dbwright");
        assert!(server.address.contains(&bed.server.port()), "{server:?}");
        let stages: Vec<&str> = server.stages.iter().map(|stage| stage.name).collect();
        assert_eq!(stages, ["lookup", "connect", "tls", "auth"]);
        let tls = server.tls.expect("prefer takes TLS where the server has it");
        assert!(tls.version.starts_with("TLSv1."), "{tls:?}");
    }
    let expected = match bed.server {
        Server::Sqlite => server.version_num > 3_050_000,
        Server::Pg15 => server.version_num / 10_000 == 15,
        Server::Pg18 => server.version_num / 10_000 == 18,
        Server::Mariadb => server.version_num / 100 == 1011,
        Server::Mysql => server.version_num / 10_000 == 9,
    };
    assert!(expected, "{}", server.version_num);
    if let Some(sql) = bed.server.session_id() {
        assert_eq!(Some(one(session.as_mut(), sql)), server.session_id.map(|id| id.to_string()));
    }
    assert_eq!(session.transaction(), TxState::Idle);
    assert!(session.is_alive());
    session.ping().unwrap();
}

fn the_check_reports(bed: &Bed) {
    let report = bed.connect(&["--check", "--json"]).ok();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["kind"], "check");
    let check = &report["checks"][0];
    assert_eq!(check["ok"], true);
    assert_eq!(check["engine"], bed.server.kind().word());
    assert_eq!(check["database"], bed.database);
    assert!(check["round_trip_seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(check["read_only"], false, "{check}");
    if bed.server != Server::Sqlite {
        assert!(check["clock_skew_seconds"].as_f64().unwrap().abs() < 5.0, "{check}");
        assert_eq!(check["tls"]["verified"], "no");
        let permissions = check["permissions"].as_array().unwrap();
        assert!(!permissions.is_empty(), "{check}");
    }
    let words = bed.connect(&["--check"]).ok();
    assert!(words.contains("round trip") && words.contains("read-write"), "{words}");
}

fn a_pool_under_load_reports(bed: &Bed) {
    let arguments = [
        "connect",
        "pool",
        &bed.url(),
        "--clients",
        "4",
        "--pool-size",
        "2",
        "--seconds",
        "1",
        "-c",
        "select 1",
    ];
    let run = bed.sandbox.run(&[arguments.as_slice(), &["--json"]].concat()).ok();
    let run: serde_json::Value = serde_json::from_str(&run).unwrap();
    assert!(run["runs"].as_u64().unwrap() > 10, "{run}");
    assert!(run["connections_opened"].as_u64().unwrap() <= 2, "{run}");
    assert_eq!(run["errors"].as_array().unwrap().len(), 0, "{run}");
    assert!(run["latency"]["p50"].as_f64().unwrap() <= run["latency"]["p99"].as_f64().unwrap(), "{run}");
}

fn a_socket_leads_to_the_same_server(bed: &Bed) {
    let socket = bed.server.told("SOCKET").unwrap();
    let port = bed.server.port();
    let place =
        bed.server.pick(String::new(), format!("host={socket}&port={port}"), format!("socket={socket}"));
    // A socket leads to no other host than this one.
    let url = bed.url_with(&place);
    let url =
        bed.server.pick(url.clone(), url.clone(), url.replace(&format!("127.0.0.1:{port}"), "localhost"));
    let mut session = engine::open(&bed.sandbox.target(&url)).unwrap();
    assert_eq!(one(session.as_mut(), "select 1"), "1");
    let server = session.server();
    assert!(server.address.contains(socket.as_str()), "{}", server.address);
    assert_eq!(server.tls, None, "a socket needs no encryption");
}

fn the_server_shows_the_application(bed: &Bed) {
    let sql = match bed.server.family() {
        Family::Mysql => {
            "select attr_value from performance_schema.session_connect_attrs \
             where processlist_id = connection_id() and attr_name = 'program_name'"
        }
        _ => "select current_setting('application_name')",
    };
    assert_eq!(one(bed.open().as_mut(), sql), "dbwright");
    assert_eq!(one(bed.open_with("application_name=night%20job").as_mut(), sql), "night job");
}

/// Somebody listens on the port, but never says a word.
fn a_silent_server_is_given_up(bed: &Bed) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url =
        bed.url_with("connect_timeout=1").replace(&format!(":{}/", bed.server.port()), &format!(":{port}/"));
    let began = Instant::now();
    let error = engine::open(&bed.sandbox.target(&url)).err().expect("nobody answers");
    assert_eq!(error.kind(), Kind::Connect, "{error:?}");
    let took = began.elapsed();
    assert!((Duration::from_millis(800)..Duration::from_secs(8)).contains(&took), "{took:?}");
}

/// Each way of authentication that the servers of the bed offer.
fn other_accounts_come_in(bed: &Bed) {
    let accounts: &[(&str, &str)] = match bed.server {
        Server::Sqlite => &[],
        Server::Pg15 | Server::Pg18 => {
            &[("oldmd5:oldmd5", ""), ("nopw", ""), ("tlsonly:tlsonly", "sslmode=require")]
        }
        Server::Mariadb => {
            &[("ed:ed", ""), ("ed:ed", "sslmode=disable"), ("nopw", ""), ("tlsonly:tlsonly", "")]
        }
        // With and without TLS: the password travels in different ways, and the first login fills
        // the server's cache that the second one uses.
        Server::Mysql => &[
            ("sha:sha", "sslmode=disable"),
            ("sha:sha", "sslmode=disable"),
            ("sha:sha", ""),
            ("nopw", ""),
            ("tlsonly:tlsonly", ""),
        ],
    };
    for (account, parameters) in accounts {
        let url = bed.url_as(account, parameters).replace(&bed.database, "app");
        let opened = engine::open(&bed.sandbox.target(&url));
        let mut session = opened.unwrap_or_else(|error| panic!("{account} {parameters}: {error:?}"));
        let user = one(session.as_mut(), "select current_user");
        assert!(user.starts_with(account.split(':').next().unwrap()), "{user}");
    }
}
