//! Why a server let nobody in, as far as it can be told from outside: what to look at in
//! pg_hba.conf, roles and databases (manual, chapter "Client Authentication").

use std::time::Duration;

use super::startup;
use crate::error::{Error, ServerError, nearest};
use crate::model::target::Target;

/// What to look at, the likeliest first.
pub fn explain(target: &Target, error: &Error) -> Vec<String> {
    let Some(server) = error.server_error() else { return Vec::new() };
    let user = target.user.as_deref().unwrap_or_default();
    let database = target.database.as_deref().filter(|name| !name.is_empty()).unwrap_or(user);
    match server.code.as_str() {
        "28000" => not_admitted(server, user),
        "28P01" => vec![
            format!("the password of {user:?} is wrong or has expired, or the role has none, or does not exist: the server does not say which"),
            format!("set a new one: ALTER ROLE {} PASSWORD '...'; its expiry is in pg_roles.rolvaliduntil", quoted(user)),
            "the line that asked for it is in pg_hba.conf; a superuser sees them with SELECT * FROM pg_hba_file_rules".to_owned(),
        ],
        "3D000" => unknown_database(target, database),
        "42501" => vec![format!(
            "the user may not connect to this database: GRANT CONNECT ON DATABASE {} TO {}",
            quoted(database),
            quoted(user)
        )],
        "53300" => vec![
            "all connections are taken: see who holds them in pg_stat_activity, and end the idle ones".to_owned(),
            "max_connections limits the server, and CONNECTION LIMIT a role or a database; a smaller pool helps too".to_owned(),
        ],
        "55000" => vec![format!(
            "the database takes no connections: ALTER DATABASE {} ALLOW_CONNECTIONS true",
            quoted(database)
        )],
        "57P03" => vec!["the server starts, stops or recovers: try again in a moment, and look into its log".to_owned()],
        "08P01" if server.message.contains("startup parameter") => vec![
            "a pooler stands in between: name the parameter in its ignore_startup_parameters, or leave it out of the profile".to_owned(),
        ],
        _ => Vec::new(),
    }
}

/// invalid_authorization_specification, told apart by the server's words (auth.c, miscinit.c).
fn not_admitted(server: &ServerError, user: &str) -> Vec<String> {
    let message = &server.message;
    if message.contains("pg_hba.conf") {
        return by_hba(message);
    }
    if message.contains("is not permitted to log in") {
        return vec![format!("the role is a group: ALTER ROLE {} LOGIN", quoted(user))];
    }
    if message.contains("does not exist") {
        return vec![format!("there is no such role: CREATE ROLE {} LOGIN PASSWORD '...'", quoted(user))];
    }
    if message.starts_with("Peer authentication") || message.starts_with("Ident authentication") {
        return vec![
            "pg_hba.conf compares the user with that of the operating system (peer): become that user, or name a map in pg_ident.conf".to_owned(),
            "to be asked for a password, connect over TCP or let the line `local` say scram-sha-256".to_owned(),
        ];
    }
    if message.to_lowercase().contains("certificate") {
        return vec![
            "pg_hba.conf demands a client certificate whose common name is the user: set tls.cert and tls.key"
                .to_owned(),
        ];
    }
    Vec::new()
}

/// `no pg_hba.conf entry for host "...", user "...", database "...", no encryption`, or
/// `pg_hba.conf rejects connection for ...`.
fn by_hba(message: &str) -> Vec<String> {
    let rejected = message.contains("rejects");
    let replication = message.contains("replication connection");
    let encrypted = message.ends_with("SSL encryption") || message.ends_with("SSL on");
    let host = field(message, "host").unwrap_or("[local]");
    let user = field(message, "user").unwrap_or("all");
    let database = match (replication, field(message, "database")) {
        (true, _) => "replication",
        (false, database) => database.unwrap_or("all"),
    };
    let kind = match (host, encrypted) {
        ("[local]", _) => "local",
        (_, true) => "hostssl",
        (_, false) => "host",
    };
    let address = match host {
        "[local]" => String::new(),
        host if host.contains(':') => format!("  {}/128", host.split('%').next().unwrap_or(host)),
        host => format!("  {host}/32"),
    };
    let word = |word: &str| match word.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) {
        true => word.to_owned(),
        false => format!("\"{word}\""),
    };
    let database = if replication { database.to_owned() } else { word(database) };
    let line = format!("{kind}  {database}  {}{address}  scram-sha-256", word(user));
    let mut advice = vec![match rejected {
        true => {
            format!("a line of pg_hba.conf rejects this client; to let it in, put above that line: {line}")
        }
        false => {
            format!("no line of pg_hba.conf fits this client; to let it in, add: {line}")
        }
    }];
    if kind == "host" {
        advice.push(
            "there may be a line for encrypted connections only (hostssl): try tls mode `require`".to_owned(),
        );
    }
    advice.push("afterwards: SELECT pg_reload_conf()".to_owned());
    advice
}

/// The quoted text behind a word.
fn field<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(&format!("{name} \""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// Looks for the name that was meant, through a database that is always there.
fn unknown_database(target: &Target, database: &str) -> Vec<String> {
    let mut other = target.clone();
    other.connect_timeout = target.connect_timeout.min(Duration::from_secs(3));
    let names = ["postgres", "template1"].into_iter().find_map(|name| {
        other.database = Some(name.to_owned());
        let mut session = startup::open(&other).ok()?;
        session.rows(DATABASES, &[]).ok()
    });
    let names: Vec<String> = names.unwrap_or_default().into_iter().flatten().flatten().collect();
    let mut advice = Vec::new();
    if let Some(near) = nearest(database, names.iter().map(String::as_str)) {
        advice.push(format!("did you mean {near:?}?"));
    } else if !names.is_empty() {
        let more = if names.len() > 10 { ", ..." } else { "" };
        advice.push(format!("the databases are {}{more}", names[..names.len().min(10)].join(", ")));
    }
    advice.push(format!("to make it: CREATE DATABASE {}", quoted(database)));
    advice
}

const DATABASES: &str = "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname";

/// A name in SQL.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    match plain {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::model::target::EngineKind;

    fn explained(code: &str, message: &str) -> Vec<String> {
        let mut target = Target::new(EngineKind::Postgres);
        target.user = Some("ann".into());
        target.database = Some("My App".into());
        let server = ServerError { code: code.into(), message: message.into(), ..ServerError::default() };
        explain(&target, &Error::new(Kind::Auth, "x").server(server))
    }

    #[test]
    fn a_missing_hba_line_is_written_out() {
        let advice = explained(
            "28000",
            r#"no pg_hba.conf entry for host "10.1.2.3", user "ann", database "My App", no encryption"#,
        );
        assert!(advice[0].ends_with("host  \"My App\"  ann  10.1.2.3/32  scram-sha-256"), "{advice:?}");
        assert!(advice[1].contains("hostssl"));
        let advice = explained(
            "28000",
            r#"pg_hba.conf rejects connection for host "fe80::1%eth0", user "ann", database "app", SSL encryption"#,
        );
        assert!(advice[0].contains("rejects"));
        assert!(advice[0].ends_with("hostssl  app  ann  fe80::1/128  scram-sha-256"), "{advice:?}");
        let advice = explained(
            "28000",
            r#"no pg_hba.conf entry for replication connection from host "[local]", user "ann", no encryption"#,
        );
        assert!(advice[0].ends_with("local  replication  ann  scram-sha-256"), "{advice:?}");
    }

    #[test]
    fn statements_that_help_are_quoted() {
        let advice = explained("42501", "permission denied for database \"My App\"");
        assert!(advice[0].ends_with("GRANT CONNECT ON DATABASE \"My App\" TO ann"));
        assert!(explained("28000", "role \"ann\" does not exist")[0].contains("CREATE ROLE ann LOGIN"));
        assert!(explained("XX000", "?").is_empty());
    }
}
