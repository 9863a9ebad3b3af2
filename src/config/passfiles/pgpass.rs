//! PostgreSQL's password file: `host:port:database:user:password` a line, by libpq's rules.

use std::path::{Path, PathBuf};

use crate::config::env::Env;
use crate::config::secret::others_can_read;
use crate::config::settings::{Key, Origin, Password, Settings};
use crate::config::source::Source;
use crate::model::target::SecretString;

/// The connection that a password is looked up for.
pub struct Wanted<'a> {
    /// The host's name; `localhost` for the socket in its usual folder.
    pub host: &'a str,
    pub port: &'a str,
    pub database: &'a str,
    pub user: &'a str,
}

/// Looks the password up in `passfile` or `~/.pgpass`. What keeps the file from being used is noted.
pub fn look_up(settings: &mut Settings, wanted: &[Wanted<'_>], env: &Env) -> Option<Password> {
    let path = path(settings, env)?;
    let facts = std::fs::metadata(&path).ok()?;
    let shown = env.show(&path);
    if !facts.is_file() {
        settings.notes.push(format!("the password file {shown} is left out: it is not a plain file"));
        return None;
    }
    if others_can_read(&facts) {
        settings.notes.push(format!(
            "the password file {shown} is left out: others than you can read it; chmod 600 {}",
            path.display()
        ));
        return None;
    }
    let text = super::read_text(&path, env, &mut settings.notes)?;
    let (line, password) = wanted.iter().find_map(|wanted| find(&text, wanted))?;
    // The line itself is a secret and is not kept as an excerpt.
    let at = crate::error::At { excerpt: String::new(), ..Source::new(shown, text.as_str()).at_line(line) };
    Some(Password { secret: SecretString::from(password), origin: Origin::ClientFile(at) })
}

fn path(settings: &Settings, env: &Env) -> Option<PathBuf> {
    match settings.text(Key::Passfile) {
        Some(path) => Some(env.cwd.join(env.expand_home(path))),
        None => env.in_home(".pgpass"),
    }
    .filter(|path| path != Path::new(""))
}

/// The number of the first line that fits, and its password.
fn find(text: &str, wanted: &Wanted<'_>) -> Option<(usize, String)> {
    let given = [wanted.host, wanted.port, wanted.database, wanted.user];
    text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')).find_map(|(number, line)| {
        let mut rest = line;
        for given in given {
            let (field, after) = next_field(rest)?;
            if field != "*" && unescape(field) != given {
                return None;
            }
            rest = after;
        }
        let password = unescape(rest);
        (!password.is_empty()).then_some((number + 1, password))
    })
}

/// The text up to the next `:` without a backslash, and what follows it.
fn next_field(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b':' => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.extend(chars.next()),
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
    use crate::model::target::{EngineKind, ExposeSecret};

    const FILE: &str = "\
# a comment:*:*:*:no
db1:5432:app:ada:one
db1:5433:*:ada:two:with:colons
::1:5432:app:ada:never
\\:\\:1:5432:app:ada:six
*:*:app\\\\x:ada:back\\\\slash\\:
short:line
db2:*:*:*:
*:*:*:bob:any
";

    #[test]
    fn lines_are_matched_as_libpq_does() {
        let cases = [
            ("db1", "5432", "app", "ada", Some((2, "one"))),
            ("db1", "5433", "else", "ada", Some((3, "two:with:colons"))),
            ("::1", "5432", "app", "ada", Some((5, "six"))),
            ("h", "1", "app\\x", "ada", Some((6, "back\\slash:"))),
            ("h", "1", "x", "bob", Some((9, "any"))),
            ("h", "1", "x", "eve", None),
            ("*", "1", "x", "eve", None),
        ];
        for (host, port, database, user, expected) in cases {
            let found = find(FILE, &Wanted { host, port, database, user });
            let found = found.as_ref().map(|(line, password)| (*line, password.as_str()));
            assert_eq!(found, expected, "{host}:{port}:{database}:{user}");
        }
    }

    #[test]
    fn a_file_that_others_can_read_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let env = Env::in_folder(folder.path());
        fs::create_dir(folder.path().join("home")).unwrap();
        let path = folder.path().join("home/.pgpass");
        fs::write(&path, FILE).unwrap();
        let wanted = [Wanted { host: "db1", port: "5432", database: "app", user: "ada" }];
        for (mode, found) in [(0o600, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let mut settings = Settings::new(EngineKind::Postgres);
            let password = look_up(&mut settings, &wanted, &env);
            assert_eq!(password.is_some(), found, "{mode:o}");
            assert_eq!(settings.notes.is_empty(), found);
            if let Some(password) = password {
                assert_eq!(password.secret.expose_secret(), "one");
                assert_eq!(password.origin.to_string(), "~/.pgpass:2");
            }
        }
    }

    #[test]
    fn passfile_names_another() {
        let folder = tempfile::tempdir().unwrap();
        let env = Env::in_folder(folder.path());
        let path = folder.path().join("pw");
        fs::write(&path, "*:*:*:*:x").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let mut settings = Settings::new(EngineKind::Postgres);
        settings.set(Key::Passfile, path.to_str().unwrap(), &Origin::Default).unwrap();
        let wanted = [Wanted { host: "h", port: "1", database: "d", user: "u" }];
        assert!(look_up(&mut settings, &wanted, &env).is_some());
    }
}
