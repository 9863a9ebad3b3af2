//! Chooses what to dial from host, hostaddr, port and socket, with the defaults of the engine's own
//! client.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use super::env::Env;
use super::problem::Problem;
use super::settings::{Key, Settings};
use crate::error::{Error, Kind, Result};
use crate::model::target::{EngineKind, Host};

/// Where a server is.
#[derive(Debug, PartialEq, Eq)]
pub enum Address {
    /// Tried in order.
    Tcp(Vec<Host>),
    /// The socket file.
    Socket(PathBuf),
    /// A database without a server.
    None,
}

/// Folders where PostgreSQL's servers put their sockets: Debian's and PostgreSQL's own.
pub const POSTGRES_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// Socket files of MySQL and MariaDB: Debian's, Red Hat's, and MySQL's own.
const MYSQL_SOCKETS: [&str; 4] = [
    "/var/run/mysqld/mysqld.sock",
    "/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",
];

/// Decides, and writes what it decided into the settings.
pub fn choose(settings: &mut Settings, env: &Env) -> Result<Address> {
    match settings.engine {
        EngineKind::Sqlite => Ok(Address::None),
        EngineKind::Postgres => postgres(settings, env),
        EngineKind::Mysql | EngineKind::Mariadb => mysql(settings, env),
    }
}

fn list(settings: &Settings, key: Key) -> Vec<String> {
    let text = settings.text(key).unwrap_or("");
    match text {
        "" => Vec::new(),
        text => text.split(',').map(|part| part.trim().to_owned()).collect(),
    }
}

fn postgres(settings: &mut Settings, env: &Env) -> Result<Address> {
    let names = list(settings, Key::Host);
    let addresses = list(settings, Key::HostAddr);
    if let Some(folder) = settings.path(Key::Socket) {
        return Ok(Address::Socket(postgres_socket(&folder, one_port(settings, 5432)?)));
    }
    if names.is_empty() && addresses.is_empty() {
        return default_postgres(settings, env);
    }
    if names.iter().any(|name| name.starts_with('/')) {
        if names.len() > 1 {
            let problem = Problem::new("a socket's folder cannot stand in a list of hosts");
            return Err(settings.error(Key::Host, problem));
        }
        return Ok(Address::Socket(postgres_socket(Path::new(&names[0]), one_port(settings, 5432)?)));
    }
    if !names.is_empty() && !addresses.is_empty() && names.len() != addresses.len() {
        let problem = Problem::new(format!("{} hosts but {} hostaddr", names.len(), addresses.len()));
        return Err(
            settings.error(Key::HostAddr, problem.hint("give one `hostaddr` a host, or leave it out"))
        );
    }
    let count = names.len().max(addresses.len());
    let ports = ports(settings, count, 5432)?;
    let hosts = (0..count).zip(ports).map(|(index, port)| {
        let address = addresses.get(index).and_then(|address| address.parse::<IpAddr>().ok());
        let name = names.get(index).or_else(|| addresses.get(index)).filter(|name| !name.is_empty());
        Host { name: name.cloned().unwrap_or_else(|| "localhost".to_owned()), address, port }
    });
    let hosts = hosts.collect();
    settings.default(Key::Port, "5432");
    Ok(Address::Tcp(hosts))
}

/// As libpq: the usual socket, else `localhost`.
fn default_postgres(settings: &mut Settings, env: &Env) -> Result<Address> {
    let port = one_port(settings, 5432)?;
    settings.default(Key::Port, port.to_string());
    let sockets = POSTGRES_FOLDERS.map(|folder| postgres_socket(&env.system(folder), port));
    if let Some(socket) = sockets.into_iter().find(|socket| socket.exists()) {
        settings.default(Key::Socket, socket.display().to_string());
        return Ok(Address::Socket(socket));
    }
    settings.default(Key::Host, "localhost");
    Ok(Address::Tcp(vec![Host { name: "localhost".to_owned(), address: None, port }]))
}

fn postgres_socket(path: &Path, port: u16) -> PathBuf {
    let is_file = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".s.PGSQL."));
    match is_file {
        true => path.to_owned(),
        false => path.join(format!(".s.PGSQL.{port}")),
    }
}

fn one_port(settings: &Settings, default: u16) -> Result<u16> {
    Ok(ports(settings, 1, default)?.first().copied().unwrap_or(default))
}

/// A port a host: one for all, or as many as there are hosts.
fn ports(settings: &Settings, count: usize, default: u16) -> Result<Vec<u16>> {
    let given = list(settings, Key::Port);
    // Checked when they were set; an empty place means the default.
    let number = |port: &String| port.parse().unwrap_or(default);
    match given.as_slice() {
        [] => Ok(vec![default; count]),
        [port] => Ok(vec![number(port); count]),
        all if all.len() == count => Ok(all.iter().map(number).collect()),
        all => {
            let problem = Problem::new(format!("{} ports but {count} hosts", all.len()));
            Err(settings.error(Key::Port, problem.hint("give one port for all hosts, or one a host")))
        }
    }
}

/// As mysql: `localhost` without a port of its own means the socket; anything else means TCP.
fn mysql(settings: &mut Settings, env: &Env) -> Result<Address> {
    if settings.text(Key::Host).is_some_and(|host| host.contains(',')) {
        let problem = Problem::new(format!("{} takes one host only", settings.engine.title()));
        return Err(settings.error(Key::Host, problem));
    }
    let port = one_port(settings, 3306)?;
    let local = settings.text(Key::Host).is_none_or(|host| host == "localhost");
    if !local && settings.get(Key::Socket).is_some_and(|socket| socket.origin.is_explicit()) {
        let host = settings.owned(Key::Host).unwrap_or_default();
        let problem = Problem::new(format!("a socket cannot lead to the host `{host}`"));
        return Err(settings.error(Key::Socket, problem.hint("leave either out")));
    }
    let protocol = settings.owned(Key::Protocol);
    let own_socket = settings.get(Key::Socket).is_some_and(|socket| socket.origin.is_explicit());
    let own_port = settings.get(Key::Port).is_some_and(|port| port.origin.is_explicit());
    let by_socket = match protocol.as_deref() {
        Some("tcp") => false,
        Some(_) => true,
        None => local && (own_socket || !own_port),
    };
    if by_socket && let Some(socket) = find_mysql_socket(settings, env) {
        settings.default(Key::Socket, socket.display().to_string());
        return Ok(Address::Socket(socket));
    }
    if protocol.as_deref() == Some("socket") {
        return Err(Error::new(Kind::Config, "protocol=socket, but no socket was found")
            .hint("name it: `socket = \"PATH\"`, or `?socket=PATH` in the URL"));
    }
    settings.remove(Key::Socket);
    settings.default(Key::Port, "3306");
    settings.default(Key::Host, "localhost");
    let name = settings.owned(Key::Host).unwrap_or_default();
    // What the client calls `localhost` is IPv4 to servers that listen on 127.0.0.1 only.
    let address = (name == "localhost").then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    Ok(Address::Tcp(vec![Host { name, address, port }]))
}

fn find_mysql_socket(settings: &Settings, env: &Env) -> Option<PathBuf> {
    let given = settings.path(Key::Socket);
    let usual = || MYSQL_SOCKETS.iter().map(|path| env.system(path)).find(|path| path.exists());
    given.or_else(usual)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::settings::Origin;
    use crate::config::url;

    fn env() -> (tempfile::TempDir, Env) {
        let folder = tempfile::tempdir().unwrap();
        for place in ["var/run/postgresql", "run/mysqld"] {
            fs::create_dir_all(folder.path().join("root").join(place)).unwrap();
        }
        let env = Env::in_folder(folder.path());
        (folder, env)
    }

    fn chosen(text: &str, env: &Env) -> String {
        let mut settings =
            url::parse(text, &Origin::Url("URL")).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
        match choose(&mut settings, env) {
            Ok(Address::Tcp(hosts)) => hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            Ok(Address::Socket(path)) => path.strip_prefix(&env.root).unwrap_or(&path).display().to_string(),
            Ok(Address::None) => "none".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn postgres_addresses() {
        let (folder, env) = env();
        let cases = [
            ("postgres://", "localhost:5432"),
            ("postgres://:5433", "localhost:5433"),
            ("postgres://db1", "db1:5432"),
            ("postgres://h1:1,h2/d", "h1:1,h2:5432"),
            ("postgres://h1,h2/d?port=5433", "h1:5433,h2:5433"),
            ("postgres://[::1]/d", "[::1]:5432"),
            ("postgres://h1,h2,h3/d?port=1,2", "2 ports but 3 hosts"),
            ("postgres://h1,h2/d?hostaddr=10.0.0.1", "2 hosts but 1 hostaddr"),
            ("postgres://?hostaddr=10.0.0.1,10.0.0.2", "10.0.0.1:5432,10.0.0.2:5432"),
            ("postgres://%2Fsock/d", "/sock/.s.PGSQL.5432"),
            ("postgres:///d?host=/sock&port=5433", "/sock/.s.PGSQL.5433"),
            ("postgres:///d?host=/sock,h1", "cannot stand in a list"),
            ("sqlite:a.db", "none"),
        ];
        for (text, expected) in cases {
            let found = chosen(text, &env);
            assert!(found.contains(expected), "{text}: {found}");
        }
        fs::write(folder.path().join("root/var/run/postgresql/.s.PGSQL.5433"), "").unwrap();
        assert_eq!(chosen("postgres://", &env), "localhost:5432");
        assert_eq!(chosen("postgres://:5433", &env), "var/run/postgresql/.s.PGSQL.5433");
    }

    #[test]
    fn mysql_addresses() {
        let (folder, env) = env();
        assert_eq!(chosen("mysql://", &env), "localhost:3306");
        fs::write(folder.path().join("root/run/mysqld/mysqld.sock"), "").unwrap();
        let cases = [
            ("mysql://", "run/mysqld/mysqld.sock"),
            ("mysql://localhost/d", "run/mysqld/mysqld.sock"),
            ("mysql://localhost:3306/d", "localhost:3306"),
            ("mysql://127.0.0.1/d", "127.0.0.1:3306"),
            ("mysql://db1/d", "db1:3306"),
            ("mysql://localhost/d?socket=/my.sock", "/my.sock"),
            ("mysql://localhost:3307/d?socket=/my.sock", "/my.sock"),
            ("mysql://db1/d?socket=/my.sock", "cannot lead to the host"),
            ("mysql://localhost/d?protocol=TCP", "localhost:3306"),
            ("mysql://h1,h2/d", "one host only"),
            ("mariadb://[::1]:3307/d", "[::1]:3307"),
        ];
        for (text, expected) in cases {
            let found = chosen(text, &env);
            assert!(found.contains(expected), "{text}: {found}");
        }
    }
}
