//! Why a server may have refused, as far as it can be told from outside.

use super::errors;
use super::grants::account;
use super::session::MysqlSession;
use crate::error::{Error, nearest};
use crate::model::target::{Target, TlsMode};

/// Lines that a person could look at.
pub fn explain(target: &Target, error: &Error) -> Vec<String> {
    let Some(server) = error.server_error() else { return Vec::new() };
    match errors::number(error) {
        Some(errors::ACCESS_DENIED) => denied(target, &server.message),
        Some(1698) => vec![
            "the account is identified by the operating system (unix_socket, auth_socket): it lets in only the system's user of that name, over the Unix socket, with any password or none".into(),
            "become that user and connect by socket, or give the account a password: ALTER USER ... IDENTIFIED BY '...'".into(),
        ],
        Some(1130) => match quoted(&server.message).next() {
            Some(host) => vec![
                format!("the server saw this client as host '{host}', and no account of any user is for that host"),
                format!("an administrator can make one: CREATE USER 'name'@'{host}' ..., or 'name'@'%' for any host"),
            ],
            None => Vec::new(),
        },
        Some(number @ (1049 | 1044)) => databases(target, number),
        Some(1251 | 3159) if target.tls.mode == TlsMode::Disable => {
            vec!["this connection is not encrypted: try tls mode `require`".into()]
        }
        _ => Vec::new(),
    }
}

/// `Access denied for user 'u'@'h' (using password: YES)`.
fn denied(target: &Target, message: &str) -> Vec<String> {
    let mut names = quoted(message);
    let (Some(user), Some(host)) = (names.next(), names.next()) else { return Vec::new() };
    let mut lines = vec![
        format!("the server saw this client as user '{user}' from host '{host}'"),
        format!(
            "it looked for the account '{user}'@'{host}', then for hosts with wildcards up to '{user}'@'%'; an anonymous account ''@'{host}' would come before '{user}'@'%'"
        ),
    ];
    match host {
        "localhost" => lines.push(format!(
            "a connection over the Unix socket is from 'localhost': an account '{user}'@'127.0.0.1' does not match it"
        )),
        "127.0.0.1" | "::1" => lines.push(format!(
            "a TCP connection within the machine is from '{host}' on servers with skip_name_resolve: an account '{user}'@'localhost' then matches only over the Unix socket"
        )),
        _ => {}
    }
    if message.contains("password: NO") {
        lines.push("no password was sent: the account wants one, or is identified by other means".into());
    }
    if target.socket.is_none() {
        if target.tls.mode == TlsMode::Disable {
            lines.push("this connection was not encrypted: an account with REQUIRE SSL refuses it with these words, whatever the password".into());
        } else if target.tls.cert.is_none() {
            lines.push("no client certificate was shown: an account with REQUIRE X509, SUBJECT or ISSUER refuses with these words, whatever the password".into());
        }
    }
    let user = account(&format!("{user}@%"));
    let user = user.split('@').next().unwrap_or_default();
    lines.push(format!(
        "an administrator sees the accounts with: SELECT user, host, plugin, ssl_type FROM mysql.user WHERE user IN ({user}, '')"
    ));
    lines
}

/// What is between single quotes.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('\'').skip(1).step_by(2)
}

/// The user is let in without this database: what is there instead?
fn databases(target: &Target, number: u16) -> Vec<String> {
    let wanted = target.database.as_deref().unwrap_or("");
    let without = Target { database: None, ..target.clone() };
    let Ok(mut session) = MysqlSession::open(&without) else { return Vec::new() };
    let Ok(rows) = session.collect("SHOW DATABASES", &[]) else { return Vec::new() };
    let names: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    let mut lines = vec![format!("databases that {:?} may see: {}", session.user(), names.join(", "))];
    if let Some(near) = nearest(wanted, names.iter().map(String::as_str)) {
        lines.push(format!("did you mean {near:?}?"));
    }
    if number == 1044 || names.is_empty() {
        let user = session.single("SELECT CURRENT_USER()").ok().flatten().unwrap_or_default();
        lines.push(format!(
            "an administrator can let the account in: GRANT SELECT ON `{}`.* TO {}",
            wanted.replace('`', "``"),
            account(&user)
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, ServerError};
    use crate::model::target::EngineKind;

    fn refused(code: &str, message: &str) -> Error {
        let server = ServerError { code: code.into(), message: message.into(), ..ServerError::default() };
        Error::new(Kind::Auth, "refused").server(server)
    }

    #[test]
    fn who_the_server_saw() {
        let mut target = Target::new(EngineKind::Mysql);
        target.tls.mode = TlsMode::Disable;
        let error = refused("1045 (28000)", "Access denied for user 'u'@'10.0.0.9' (using password: NO)");
        let lines = explain(&target, &error).join("\n");
        assert!(lines.contains("user 'u' from host '10.0.0.9'"), "{lines}");
        assert!(lines.contains("REQUIRE SSL") && lines.contains("no password was sent"), "{lines}");
        assert!(lines.contains("IN ('u', '')"), "{lines}");
    }

    #[test]
    fn hosts_without_accounts() {
        let error = refused("1130", "Host '10.0.0.9' is not allowed to connect to this MySQL server");
        assert!(explain(&Target::new(EngineKind::Mysql), &error)[0].contains("'10.0.0.9'"));
    }

    #[test]
    fn nothing_to_say_of_what_is_not_the_servers() {
        assert!(explain(&Target::new(EngineKind::Mysql), &Error::new(Kind::Connect, "x")).is_empty());
    }
}
