//! Takes passwords out of text that is about to be shown.

use std::borrow::Cow;

const MASK: &str = "***";

/// Masks the password of `scheme://user:PASSWORD@host`, the value of `password=...` (in a
/// conninfo string, a URL's query or a configuration) and the literal of SQL's
/// `PASSWORD '...'` and `IDENTIFIED BY '...'`.
///
/// When in doubt it masks too much rather than too little.
pub fn mask_secrets(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    if text.contains("://") {
        masked = Cow::Owned(mask_urls(&masked));
    }
    let lower = masked.to_ascii_lowercase();
    if WORDS.iter().any(|word| lower.contains(word)) {
        masked = Cow::Owned(mask_values(&masked, &lower));
    }
    masked
}

/// Masks what stands between the first `:` and the last `@` after each `://`, up to white space.
fn mask_urls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        out.push_str(before);
        let end = after.find(char::is_whitespace).unwrap_or(after.len());
        let (url, tail) = after.split_at(end);
        match url.rfind('@').map(|at| (url[..at].find(':'), at)) {
            Some((Some(colon), at)) => {
                out.push_str(&url[..=colon]);
                out.push_str(MASK);
                out.push_str(&url[at..]);
            }
            _ => out.push_str(url),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Words whose value is a secret, in lower case.
const WORDS: [&str; 6] = ["password", "passwd", "pwd", "passphrase", "secret", "identified"];

/// Masks the values after [`WORDS`]; `lower` is `text` in ASCII lower case, so offsets agree.
fn mask_values(text: &str, lower: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((start, word)) =
        WORDS.iter().filter_map(|word| lower[at..].find(word).map(|found| (at + found, *word))).min()
    {
        let after = start + word.len();
        let value = match word {
            "identified" => identified_value(lower, after),
            _ => assigned_value(text, after),
        };
        let (from, to) = value.unwrap_or((after, after));
        out.push_str(&text[at..from]);
        if to > from {
            out.push_str(MASK);
        }
        at = to;
    }
    out.push_str(&text[at..]);
    out
}

/// The range of the value in `=value`, `= 'value'`, `": "value"` or ` 'value'`.
fn assigned_value(text: &str, after: usize) -> Option<(usize, usize)> {
    let rest = &text[after..];
    let trimmed = rest.trim_start_matches([' ', '\t', '"', '\'']);
    let (assigned, value) = match trimmed.strip_prefix(['=', ':']) {
        Some(value) => (trimmed.starts_with('='), value),
        // SQL's PASSWORD 'literal'; a quote that closes a quoted name is not one.
        None => (false, rest),
    };
    let value = value.trim_start();
    let from = text.len() - value.len();
    match value.chars().next() {
        Some('\'') if assigned || starts_after_space(text, from) || trimmed.starts_with(':') => {
            Some((from + 1, closing_quote(text, from)))
        }
        Some('"') if trimmed.starts_with(['=', ':']) => Some((from + 1, closing_quote(text, from))),
        Some(_) if assigned => {
            let len = value
                .find(|ch: char| ch.is_whitespace() || matches!(ch, '&' | ';' | '"' | '\''))
                .unwrap_or(value.len());
            Some((from, from + len))
        }
        _ => None,
    }
}

fn starts_after_space(text: &str, at: usize) -> bool {
    text[..at].ends_with(char::is_whitespace)
}

/// The range of the literal in MySQL's `IDENTIFIED [WITH plugin] BY|AS 'literal'`.
fn identified_value(lower: &str, after: usize) -> Option<(usize, usize)> {
    let rest = &lower[after..];
    let quote = rest.match_indices(['\'', '"']).map(|(index, _)| index).find(|index| {
        let before = rest[..*index].trim_end();
        before.ends_with(" by") || before.ends_with(" as") || before.ends_with("password")
    })?;
    let from = after + quote;
    Some((from + 1, closing_quote(lower, from)))
}

/// The offset of the quote that closes the one at `open`; doubled and backslashed quotes do not.
fn closing_quote(text: &str, open: usize) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes[open];
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        for (text, masked) in [
            ("postgres://ann:s3cret@db:5432/app", "postgres://ann:***@db:5432/app"),
            ("a mysql://u:p@ss/w#rd@h/x b", "a mysql://u:***@h/x b"),
            ("\"pg://:p@h\" and x://u:q@i", "\"pg://:***@h\" and x://u:***@i"),
            ("pg://h/x?user=u&password=p%40&sslmode=x", "pg://h/x?user=u&password=***&sslmode=x"),
            ("host=h password=s3 user=u", "host=h password=*** user=u"),
            ("host=h PASSWORD = 'it\\'s x' user=u", "host=h PASSWORD = '***' user=u"),
            ("sslpassword=a;Pwd=b;x=1", "sslpassword=***;Pwd=***;x=1"),
            ("password = \"in toml\" # c", "password = \"***\" # c"),
            (r#"{"password": "p\"q", "a": 1}"#, r#"{"password": "***", "a": 1}"#),
            ("ALTER ROLE a PASSWORD 'x''y' LOGIN", "ALTER ROLE a PASSWORD '***' LOGIN"),
            ("CREATE USER a IDENTIFIED BY 'x' REQUIRE SSL", "CREATE USER a IDENTIFIED BY '***' REQUIRE SSL"),
            (
                "identified with caching_sha2_password by 'x'",
                "identified with caching_sha2_password by '***'",
            ),
            ("identified with 'plug' as '*AB'", "identified with 'plug' as '***'"),
            ("password='unterminated", "password='***"),
            ("password=é1 x", "password=*** x"),
        ] {
            assert_eq!(mask_secrets(text), masked, "{text}");
        }
    }

    #[test]
    fn the_rest_is_left_alone() {
        for text in [
            "",
            "select 1",
            "https://example.org:80/path",
            "postgres://ann@db:5432/app",
            "password authentication failed for user \"ann\"",
            "Access denied for user 'root'@'localhost' (using password: YES)",
            "set the password_env, or the \"password_file\" of 'prod'",
            "column \"password\" does not exist",
        ] {
            assert_eq!(mask_secrets(text), text);
        }
    }
}
