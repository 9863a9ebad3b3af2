//! Checks the value of each setting.

use std::net::IpAddr;

use super::duration;
use super::problem::Problem;
use super::settings::Key;
use crate::error::nearest;
use crate::model::target::TlsMode;

/// Words for yes and no in URLs and client files; the profile file has TOML's own.
const BOOLEANS: [(&str, bool); 8] = [
    ("true", true),
    ("false", false),
    ("1", true),
    ("0", false),
    ("on", true),
    ("off", false),
    ("yes", true),
    ("no", false),
];

/// The largest pool that makes sense from one process.
const LARGEST_POOL: usize = 1024;

/// The value in its one form, or what is wrong with it.
pub fn check(key: Key, text: &str) -> Result<String, Problem> {
    if text.contains('\0') {
        return Err(Problem::new(format!("{} contains a NUL character", key.word())));
    }
    match key {
        Key::Port => ports(text),
        Key::HostAddr => addresses(text),
        Key::ConnectTimeout | Key::StatementTimeout | Key::LockTimeout => {
            duration::parse(text).map(duration::show)
        }
        Key::PoolSize => pool_size(text),
        Key::ReadOnly | Key::Protected => boolean(text).map(|value| value.to_string()),
        Key::TlsMode => tls_mode(text),
        Key::Host => host(text),
        Key::Protocol => protocol(text),
        _ => Ok(text.to_owned()),
    }
}

/// Reads a word for yes or no.
pub fn boolean(text: &str) -> Result<bool, Problem> {
    let found = BOOLEANS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found
        .map(|(_, value)| *value)
        .ok_or_else(|| Problem::new(format!("`{text}` is neither `true` nor `false`")).token(text))
}

fn protocol(text: &str) -> Result<String, Problem> {
    match text.to_ascii_lowercase().as_str() {
        word @ ("tcp" | "socket") => Ok(word.to_owned()),
        _ => Err(Problem::new(format!("`{text}` is not a protocol")).hint("known: tcp, socket")),
    }
}

fn host(text: &str) -> Result<String, Problem> {
    match text.contains(char::is_whitespace) {
        true => Err(Problem::new(format!("host `{text}` contains a space"))),
        false => Ok(text.to_owned()),
    }
}

/// One port, or a list with commas where an empty place means the default port.
fn ports(text: &str) -> Result<String, Problem> {
    for port in text.split(',').map(str::trim).filter(|port| !port.is_empty()) {
        if !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err(Problem::new(format!("`{port}` is not a port"))
                .hint("ports are numbers from 1 to 65535")
                .token(port));
        }
    }
    Ok(text.to_owned())
}

fn addresses(text: &str) -> Result<String, Problem> {
    for address in text.split(',').filter(|address| !address.is_empty()) {
        if address.parse::<IpAddr>().is_err() {
            return Err(Problem::new(format!("hostaddr `{address}` is not an IP address"))
                .hint("give names as `host`")
                .token(address));
        }
    }
    Ok(text.to_owned())
}

fn pool_size(text: &str) -> Result<String, Problem> {
    match text.parse::<usize>() {
        Ok(size) if (1..=LARGEST_POOL).contains(&size) => Ok(size.to_string()),
        _ => Err(Problem::new(format!("pool size `{text}` is not a number from 1 to {LARGEST_POOL}"))),
    }
}

fn tls_mode(text: &str) -> Result<String, Problem> {
    if TlsMode::parse(text).is_some() {
        return Ok(text.to_owned());
    }
    let words = TlsMode::ALL.map(|(_, word)| word);
    let problem = Problem::new(format!("`{text}` is not a TLS mode")).token(text);
    let near = nearest(&text.to_ascii_lowercase().replace('_', "-"), words);
    let problem = match near {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    };
    Err(problem.hint(format!("TLS modes: {}", words.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_values_take_one_form() {
        let cases = [
            (Key::Port, "5432", "5432"),
            (Key::Port, "5432,,5433", "5432,,5433"),
            (Key::ReadOnly, "ON", "true"),
            (Key::ReadOnly, "0", "false"),
            (Key::PoolSize, "08", "8"),
            (Key::TlsMode, "verify-ca", "verify-ca"),
            (Key::ConnectTimeout, "1h30m", "90m"),
            (Key::HostAddr, "::1,10.0.0.1", "::1,10.0.0.1"),
        ];
        for (key, text, expected) in cases {
            assert_eq!(check(key, text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn bad_values_are_refused() {
        let cases = [
            (Key::Port, "0"),
            (Key::Port, "65536"),
            (Key::Port, "x"),
            (Key::PoolSize, "0"),
            (Key::PoolSize, "5000"),
            (Key::ReadOnly, "maybe"),
            (Key::TlsMode, "allow"),
            (Key::HostAddr, "localhost"),
            (Key::Host, "a b"),
            (Key::User, "a\0b"),
            (Key::LockTimeout, "5"),
        ];
        for (key, text) in cases {
            assert!(check(key, text).is_err(), "{key:?} {text}");
        }
        let hints = check(Key::TlsMode, "VERIFY_FUL").unwrap_err().hints;
        assert_eq!(hints[0], "did you mean `verify-full`?");
    }
}
