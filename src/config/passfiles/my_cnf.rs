//! The option files of the mysql and mariadb clients: `/etc/my.cnf`, `/etc/mysql/my.cnf`,
//! `$MYSQL_HOME/my.cnf`, `~/.my.cnf`, and what they include.

use std::path::{Path, PathBuf};

use crate::config::env::Env;
use crate::config::parameter;
use crate::config::settings::{Origin, Settings};
use crate::config::source::Source;
use crate::error::Result;
use crate::model::target::EngineKind;

/// How deep files may include one another, as in mysql.
const DEEPEST: usize = 10;

/// Options that set something here, as parameters of a URL; all others are the client's own.
const OPTIONS: [&str; 22] = [
    "user",
    "password",
    "host",
    "port",
    "socket",
    "protocol",
    "database",
    "ssl_mode",
    "ssl_ca",
    "ssl_cert",
    "ssl_key",
    "ssl_capath",
    "ssl_crl",
    "ssl_crlpath",
    "default_character_set",
    "connect_timeout",
    "max_allowed_packet",
    "get_server_public_key",
    "server_public_key_path",
    "ssl",
    "ssl_verify_server_cert",
    "skip_ssl",
];

/// Reads the option files; later ones win.
pub fn read(engine: EngineKind, env: &Env) -> Result<Settings> {
    let mut reader = Reader { engine, env, settings: Settings::new(engine) };
    let home = env.filled("MYSQL_HOME").map(|folder| env.cwd.join(folder).join("my.cnf"));
    let system = ["/etc/my.cnf", "/etc/mysql/my.cnf"].map(|path| env.system(path));
    for path in system.into_iter().chain(home).chain(env.in_home(".my.cnf")) {
        reader.file(&path, 0)?;
    }
    Ok(reader.settings)
}

struct Reader<'a> {
    engine: EngineKind,
    env: &'a Env,
    settings: Settings,
}

impl Reader<'_> {
    fn reads_group(&self, name: &str) -> bool {
        match name {
            "client" | "mysql" | "dbwright" => true,
            "client-server" | "client-mariadb" | "mariadb-client" | "mariadb" => {
                self.engine == EngineKind::Mariadb
            }
            _ => false,
        }
    }

    fn file(&mut self, path: &Path, depth: usize) -> Result<()> {
        let Ok(facts) = std::fs::metadata(path) else { return Ok(()) };
        if facts.is_file() && anyone_can_write(&facts) {
            let shown = self.env.show(path);
            self.settings
                .notes
                .push(format!("{shown} is left out: anyone can write it; chmod o-w {}", path.display()));
            return Ok(());
        }
        let Some(text) = super::read_text(path, self.env, &mut self.settings.notes) else { return Ok(()) };
        let source = Source::new(self.env.show(path), text);
        let mut reads = false;
        for (number, line) in source.text.lines().enumerate() {
            let line = line.trim();
            if let Some(included) = line.strip_prefix('!') {
                self.include(path, included, depth)?;
            } else if let Some(header) = line.strip_prefix('[') {
                reads = header.split_once(']').is_some_and(|(name, _)| self.reads_group(name.trim()));
            } else if reads && !line.is_empty() && !line.starts_with(['#', ';']) {
                let origin = Origin::ClientFile(source.at_line(number + 1));
                self.option(line, &origin)?;
            }
        }
        Ok(())
    }

    fn include(&mut self, from: &Path, directive: &str, depth: usize) -> Result<()> {
        let folder = from.parent().unwrap_or(Path::new("."));
        let (word, path) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
        let path = folder.join(path.trim());
        if depth >= DEEPEST {
            self.settings.notes.push(format!("{} is left out: included too deep", self.env.show(&path)));
            return Ok(());
        }
        match word {
            "include" => self.file(&path, depth + 1),
            "includedir" => files_in(&path).iter().try_for_each(|path| self.file(path, depth + 1)),
            _ => Ok(()),
        }
    }

    fn option(&mut self, line: &str, origin: &Origin) -> Result<()> {
        let line = without_comment(line).trim_end();
        let (name, value) = line.split_once('=').map_or((line, None), |(name, value)| (name, Some(value)));
        let name = name.trim().to_ascii_lowercase().replace('-', "_");
        let name = name.strip_prefix("loose_").unwrap_or(&name);
        if !OPTIONS.contains(&name) {
            return Ok(());
        }
        let value = value.map(|value| unquote(value.trim()));
        let (name, value) = match (name, value.as_deref()) {
            ("ssl", value) => ("ssl_mode", if is_off(value) { "DISABLED" } else { "REQUIRED" }),
            ("skip_ssl", _) => ("ssl_mode", "DISABLED"),
            ("ssl_verify_server_cert", value) if is_off(value) => return Ok(()),
            ("ssl_verify_server_cert", _) => ("ssl_mode", "VERIFY_IDENTITY"),
            (name, Some(value)) => (name, value),
            // `password` alone makes the client ask; that is left to the end of the search.
            (_, None) => return Ok(()),
        };
        parameter::apply(&mut self.settings, name, value, origin).map_err(|problem| origin.error(problem))
    }
}

fn is_off(value: Option<&str>) -> bool {
    value.is_some_and(|value| crate::config::value::boolean(value) == Ok(false))
}

fn anyone_can_write(facts: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    facts.permissions().mode() & 0o002 != 0
}

/// The `*.cnf` files of a folder in the order of their names.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "cnf"))
        .collect();
    paths.sort();
    paths
}

/// Cuts a `#` comment off, unless the `#` stands in quotes.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '#') => return &line[..at],
            _ => {}
        }
    }
    line
}

/// Takes the quotes and the escapes off a value.
fn unquote(value: &str) -> String {
    let inner = ['\'', '"'].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let mut plain = String::with_capacity(value.len());
    let mut chars = inner.unwrap_or(value).chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('r') => plain.push('\r'),
                Some('b') => plain.push('\u{8}'),
                Some('s') => plain.push(' '),
                Some(c @ ('\\' | '"' | '\'')) => plain.push(c),
                Some(c) => plain.extend(['\\', c]),
                None => plain.push('\\'),
            },
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::settings::Key;
    use crate::model::target::ExposeSecret;

    fn folder() -> (tempfile::TempDir, Env) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(folder.path().join("root/etc/mysql/conf.d")).unwrap();
        let env = Env::in_folder(folder.path());
        (folder, env)
    }

    #[test]
    fn values_are_unquoted_as_mysql_does() {
        let cases = [
            ("plain", "plain"),
            ("'single'", "single"),
            ("\"double # not a comment\"", "double # not a comment"),
            ("\"a\\\"b\"", "a\"b"),
            ("a\\sb\\\\c\\td", "a b\\c\td"),
            ("\\q", "\\q"),
            ("'half", "'half"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(unquote(text), expected, "{text}");
        }
        assert_eq!(without_comment("a = 'x#y' # z"), "a = 'x#y' ");
        assert_eq!(without_comment("a = x#y"), "a = x");
    }

    #[test]
    fn groups_and_files_are_read_in_order() {
        let (folder, env) = folder();
        let root = folder.path().join("root/etc");
        fs::write(root.join("my.cnf"), "[client]\nuser=first\nport=3310\n[mysqld]\nport=1\nuser=mysql\n")
            .unwrap();
        fs::write(root.join("mysql/my.cnf"), "!includedir conf.d/\n!include conf.d/x.inc\n").unwrap();
        fs::write(root.join("mysql/conf.d/a.cnf"), "[client]\nssl-ca = /ca.pem\n").unwrap();
        fs::write(root.join("mysql/conf.d/b.txt"), "[client]\nuser = no\n").unwrap();
        fs::write(root.join("mysql/conf.d/x.inc"), "[mysql]\ndatabase=shop\n").unwrap();
        let home = "# me\n[client]\n; also\nuser = ada\npassword = \"p#w\" # comment\nno-auto-rehash\nprompt=x\n\
                    [client-mariadb]\nssl-verify-server-cert\n[dbwright]\nmax-allowed-packet=16M\n";
        fs::write(folder.path().join("home/.my.cnf"), home).unwrap();

        let mysql = read(EngineKind::Mysql, &env).unwrap();
        assert_eq!(mysql.text(Key::User), Some("ada"));
        assert_eq!(mysql.text(Key::Port), Some("3310"));
        assert_eq!(mysql.text(Key::TlsCaFile), Some("/ca.pem"));
        assert_eq!(mysql.text(Key::Database), Some("shop"));
        assert_eq!(mysql.text(Key::TlsMode), None);
        assert_eq!(mysql.options["max_allowed_packet"].value, "16777216");
        let password = mysql.password.unwrap();
        assert_eq!(password.secret.expose_secret(), "p#w");
        assert_eq!(password.origin.to_string(), "~/.my.cnf:5");

        let mariadb = read(EngineKind::Mariadb, &env).unwrap();
        assert_eq!(mariadb.text(Key::TlsMode), Some("verify-full"));
    }

    #[test]
    fn world_writable_and_endless_files_are_left_out() {
        let (folder, env) = folder();
        let path = folder.path().join("home/.my.cnf");
        fs::write(&path, "[client]\nuser=x\n!include .my.cnf\n").unwrap();
        let settings = read(EngineKind::Mysql, &env).unwrap();
        assert_eq!(settings.text(Key::User), Some("x"));
        assert!(settings.notes[0].contains("included too deep"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let settings = read(EngineKind::Mysql, &env).unwrap();
        assert_eq!(settings.text(Key::User), None);
        assert!(settings.notes[0].contains("anyone can write it"));
    }

    #[test]
    fn a_bad_value_has_its_place() {
        let (folder, env) = folder();
        fs::write(folder.path().join("home/.my.cnf"), "[client]\nport=x\n").unwrap();
        let error = read(EngineKind::Mysql, &env).err().unwrap();
        assert_eq!(error.place().unwrap().line, 2);
    }
}
