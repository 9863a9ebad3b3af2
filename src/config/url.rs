//! URLs and connection strings as users of each engine write them.

use percent_encoding::percent_decode_str;

use super::problem::Problem;
use super::settings::{Key, Origin, Settings};
use super::{conninfo, parameter, sqlite_path};
use crate::model::target::EngineKind;

/// Reads a URL (`postgres://…`, `mysql://…`, `sqlite:…`, `file:…`) or a libpq connection string.
pub fn parse(text: &str, origin: &Origin) -> Result<Settings, Problem> {
    let text = text.trim();
    let Some((scheme, rest)) = split_scheme(text) else {
        return match conninfo::looks_like(text) {
            true => conninfo::parse(text, origin),
            false => Err(Problem::new("this is not a database URL").hint(FORMS)),
        };
    };
    let engine = engine_of(scheme)?;
    match engine.default_port() {
        None => sqlite_path::parse_url(scheme, rest, origin),
        Some(_) => match rest.strip_prefix("//") {
            Some(rest) => parse_server(engine, rest, origin),
            None => Err(Problem::new(format!("`{scheme}:` must be followed by `//`")).hint(FORMS)),
        },
    }
}

const FORMS: &str = "write `sqlite:FILE`, `postgres://USER@HOST/DATABASE`, `mysql://USER@HOST/DATABASE` \
                     or `mariadb://USER@HOST/DATABASE`";

/// Whether `text` begins like a URL, of whatever scheme.
pub fn looks_like(text: &str) -> bool {
    match split_scheme(text.trim()) {
        Some((scheme, rest)) => rest.starts_with("//") || engine_of(scheme).is_ok(),
        None => false,
    }
}

/// `scheme:rest`, when the first word can be a scheme.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    valid.then_some((scheme, rest))
}

/// The engine of a scheme; the driver in `postgresql+psycopg2` is left out.
fn engine_of(scheme: &str) -> Result<EngineKind, Problem> {
    let name = scheme.split_once('+').map_or(scheme, |(name, _)| name);
    if let Some(engine) = EngineKind::from_scheme(name) {
        return Ok(engine);
    }
    let problem = Problem::new(format!("unknown URL scheme `{scheme}`"));
    match scheme.eq_ignore_ascii_case("jdbc") {
        true => Err(problem.hint("leave `jdbc:` out")),
        false => {
            let schemes = EngineKind::ALL.iter().flat_map(|engine| engine.schemes().iter().copied());
            Err(problem.suggest(&name.to_ascii_lowercase(), schemes))
        }
    }
}

/// `[user[:password]@][host[:port][,…]][/database][?name=value&…]`
fn parse_server(engine: EngineKind, rest: &str, origin: &Origin) -> Result<Settings, Problem> {
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let (address, query) = rest.split_once('?').map_or((rest, None), |(a, q)| (a, Some(q)));
    let (authority, path) = address.split_once('/').map_or((address, ""), |(a, p)| (a, p));
    let (user_info, hosts) = match authority.rsplit_once('@') {
        Some((user_info, hosts)) => (Some(user_info), hosts),
        None => (None, authority),
    };
    // The text behind the `@` was cut off by a reserved character of the password.
    let broken_password = user_info.is_none() && rest.contains('@');

    let mut settings = Settings::new(engine);
    if let Some(user_info) = user_info {
        set_user(&mut settings, user_info, origin)?;
    }
    set_hosts(&mut settings, hosts, origin).map_err(|problem| match broken_password {
        true => Problem::new("the URL cannot be divided into user, password and host")
            .hint("percent-encode `/`, `?`, `#` and `@` in the password (`%2F`, `%3F`, `%23`, `%40`)"),
        false => problem,
    })?;
    if !path.is_empty() {
        settings.set(Key::Database, &decode(path)?, origin)?;
    }
    if let Some(query) = query {
        apply_query(&mut settings, query, origin)?;
    }
    Ok(settings)
}

fn set_user(settings: &mut Settings, user_info: &str, origin: &Origin) -> Result<(), Problem> {
    let (user, password) = user_info.split_once(':').map_or((user_info, ""), |(u, p)| (u, p));
    if !user.is_empty() {
        settings.set(Key::User, &decode(user)?, origin)?;
    }
    if !password.is_empty() {
        let password = decode(password)
            .map_err(|_| Problem::new("the password in the URL is not validly percent-encoded"))?;
        settings.set_password(&password, origin);
    }
    Ok(())
}

/// The hosts and their ports; a percent-encoded path is a socket.
fn set_hosts(settings: &mut Settings, hosts: &str, origin: &Origin) -> Result<(), Problem> {
    if hosts.is_empty() {
        return Ok(());
    }
    let mut names = Vec::new();
    let mut ports = Vec::new();
    for host in hosts.split(',') {
        let (name, port) = split_port(host)?;
        names.push(decode(name)?);
        ports.push(decode(port)?);
    }
    let is_socket = names.iter().any(|name| name.starts_with('/'));
    if is_socket && settings.engine != EngineKind::Postgres {
        if names.len() > 1 {
            return Err(Problem::new("a socket cannot stand in a list of hosts"));
        }
        return settings.set(Key::Socket, &names[0], origin);
    }
    if names.iter().any(|name| !name.is_empty()) {
        settings.set(Key::Host, &names.join(","), origin)?;
    }
    if ports.iter().any(|port| !port.is_empty()) {
        settings.set(Key::Port, &ports.join(","), origin)?;
    }
    Ok(())
}

/// Splits `host:port`, `[::1]:port`, `host`, `:port`; brackets are taken off.
pub fn split_port(text: &str) -> Result<(&str, &str), Problem> {
    if let Some(inside) = text.strip_prefix('[') {
        let (name, after) = inside
            .split_once(']')
            .ok_or_else(|| Problem::new("`[` without its `]` around an IPv6 address").token("["))?;
        return match (after, after.strip_prefix(':')) {
            ("", _) => Ok((name, "")),
            (_, Some(port)) => Ok((name, port)),
            _ => Err(Problem::new("only `:PORT` may follow an IPv6 address in brackets").token("]")),
        };
    }
    match text.split_once(':') {
        Some((_, port)) if port.contains(':') => {
            Err(Problem::new("more than one `:` in the host")
                .hint("write an IPv6 address in brackets: `[::1]`"))
        }
        Some((name, port)) => Ok((name, port)),
        None => Ok((text, "")),
    }
}

/// Applies `name=value&…`. What stands here wins over the part before `?`, as in libpq.
pub fn apply_query(settings: &mut Settings, query: &str, origin: &Origin) -> Result<(), Problem> {
    let mut seen: Vec<&str> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Problem::new(format!("parameter `{pair}` has no value"))
                .hint(format!("write `{pair}=VALUE`"))
                .token(pair));
        };
        let name = decode(name)?;
        let parameter = parameter::find(settings.engine, &name);
        if let Some(parameter) = parameter {
            if seen.contains(&parameter.name) {
                return Err(Problem::new(format!("parameter `{name}` is given twice")).token(&name));
            }
            seen.push(parameter.name);
        }
        let value = decode(value).map_err(|problem| problem.token(&name))?;
        parameter::apply(settings, &name, &value, origin)?;
    }
    Ok(())
}

/// Takes percent-encoding off.
pub fn decode(text: &str) -> Result<String, Problem> {
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let digits = rest.as_bytes().get(at + 1..at + 3);
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            return Err(Problem::new("`%` must be followed by two hexadecimal digits")
                .hint("write `%25` for a plain `%`")
                .token("%"));
        }
        rest = &rest[at + 3..];
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) if decoded.contains('\0') => Err(Problem::new("`%00` is not allowed").token("%00")),
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(Problem::new("the percent-encoded text is not valid UTF-8").token("%")),
    }
}

#[cfg(test)]
#[path = "url_tests.rs"]
mod tests;
