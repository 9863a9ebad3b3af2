//! Takes secrets out of text that is about to be shown, and finds passwords written out in a URL.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// Words whose value is a secret, in lower case.
const WORDS: [&str; 6] = ["password", "passwd", "pwd", "passphrase", "secret", "identified"];

/// Masks the password of `scheme://user:PASSWORD@host`, the value of `password=...` (in a
/// conninfo string, a URL's query or a configuration) and the literal of SQL's
/// `PASSWORD '...'` and `IDENTIFIED BY '...'`.
///
/// When in doubt it masks too much rather than too little.
pub fn mask(text: &str) -> Cow<'_, str> {
    let masked = mask_urls(text);
    let values = values(&masked);
    match values.is_empty() {
        true => masked,
        false => Cow::Owned(replaced(&masked, &values)),
    }
}

/// Whether a URL or connection string has a password written out in it.
pub fn has_password(text: &str) -> bool {
    let in_user_info = text.split_once("://").is_some_and(|(_, rest)| {
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let user_info = authority.rfind('@').map_or("", |at| &authority[..at]);
        user_info.split_once(':').is_some_and(|(_, password)| !password.is_empty())
    });
    in_user_info || !values(text).is_empty()
}

fn replaced(text: &str, secrets: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for secret in secrets {
        out.push_str(&text[at..secret.start]);
        out.push_str(MASK);
        at = secret.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Masks the password in each `://...`, up to white space.
fn mask_urls(text: &str) -> Cow<'_, str> {
    let mut secrets = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find("://") {
        let start = from + found + 3;
        let end = text[start..].find(char::is_whitespace).map_or(text.len(), |length| start + length);
        let url = &text[start..end];
        if let Some(at) = user_info_end(url)
            && let Some(colon) = url[..at].find(':')
        {
            secrets.push(start + colon + 1..start + at);
        }
        from = end;
    }
    match secrets.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(replaced(text, &secrets)),
    }
}

/// The last `@` that can end a password, which may hold what ought to be percent-encoded; one
/// behind `?name=` belongs to the query.
fn user_info_end(url: &str) -> Option<usize> {
    let last = url.rfind('@')?;
    let Some(question) = url.find('?') else { return Some(last) };
    match url[..question].rfind('@') {
        Some(before) if url[question..].contains('=') => Some(before),
        _ => Some(last),
    }
}

/// Where the values after [`WORDS`] stand, without their quotes; empty ones are left out.
fn values(text: &str) -> Vec<Range<usize>> {
    // ASCII lower case keeps all byte offsets.
    let lower = text.to_ascii_lowercase();
    let mut words: Vec<(usize, &str)> = WORDS.iter().flat_map(|word| lower.match_indices(word)).collect();
    words.sort_unstable();
    let mut values: Vec<Range<usize>> = Vec::new();
    for (start, word) in words {
        if values.last().is_some_and(|value| start < value.end) {
            continue;
        }
        let after = start + word.len();
        let value = match word {
            "identified" => identified_value(&lower, after),
            _ => assigned_value(text, after).or_else(|| password_for_value(&lower, after)),
        };
        values.extend(value.filter(|value| !value.is_empty()));
    }
    values
}

/// The value in `=value`, `= 'value'`, `": "value"`, ` 'value'` or `('value')`.
fn assigned_value(text: &str, after: usize) -> Option<Range<usize>> {
    let rest = &text[after..];
    let sign = rest.trim_start_matches([' ', '\t', '"', '\'']);
    let Some(value) = sign.strip_prefix(['=', ':']) else {
        // SQL's PASSWORD 'literal'; a quote that closes a quoted name begins none.
        let literal = rest.trim_start();
        let begins = literal.len() < rest.len() || literal.starts_with('(');
        return if begins { sql_literal(text, literal) } else { None };
    };
    let quoted = value.trim_start();
    if quoted.starts_with(['"', '\'']) {
        return Some(quoted_value(text, quoted));
    }
    if let Some(literal) = sql_literal(text, quoted) {
        return Some(literal);
    }
    let value = value.trim_start_matches([' ', '\t']);
    let start = text.len() - value.len();
    sign.starts_with('=').then(|| start..start + bare_length(value))
}

/// The text of SQL's `'...'`, `E'...'`, `$$...$$`, also in parentheses.
fn sql_literal(text: &str, literal: &str) -> Option<Range<usize>> {
    let literal = literal.trim_start_matches(['(', ' ']);
    let without_letter = literal.trim_start_matches(['e', 'E', 'n', 'N', 'u', 'U', '&']);
    if literal.len() - without_letter.len() <= 2 && without_letter.starts_with('\'') {
        return Some(quoted_value(text, without_letter));
    }
    let tag = &literal[..literal.strip_prefix('$')?.find('$')? + 2];
    let inner = &literal[tag.len()..];
    let start = text.len() - inner.len();
    let is_tag = tag.chars().all(|letter| matches!(letter, '$' | '_') || letter.is_alphanumeric());
    is_tag.then(|| start..start + inner.find(tag).unwrap_or(inner.len()))
}

/// What stands between the quote that `quoted`, the end of `text`, begins with and the next one.
fn quoted_value(text: &str, quoted: &str) -> Range<usize> {
    let open = text.len() - quoted.len();
    open + 1..closing_quote(text, open)
}

/// How long a value without quotes is. A semicolon ends it only where another setting follows.
fn bare_length(value: &str) -> usize {
    let mut chars = value.char_indices();
    while let Some((at, letter)) = chars.next() {
        let ends = match letter {
            '\\' => {
                chars.next();
                false
            }
            ';' => begins_setting(&value[at + 1..]),
            '&' | '"' | '\'' => true,
            other => other.is_whitespace(),
        };
        if ends {
            return at;
        }
    }
    value.len()
}

fn begins_setting(text: &str) -> bool {
    let name = text.trim_start().trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
    name.is_empty() || (name.len() < text.len() && name.trim_start().starts_with('='))
}

/// The literal in MySQL's `IDENTIFIED [WITH plugin] BY|AS 'literal'`.
fn identified_value(lower: &str, after: usize) -> Option<Range<usize>> {
    let rest = &lower[after..];
    let quote = rest.match_indices(['\'', '"']).map(|(index, _)| index).find(|index| {
        let before = rest[..*index].trim_end().trim_end_matches('(');
        before.ends_with(" by") || before.ends_with(" as") || before.ends_with("password")
    })?;
    Some(quoted_value(lower, &rest[quote..]))
}

/// The literal in MySQL's `SET PASSWORD FOR 'user'@'host' = 'literal'`.
fn password_for_value(lower: &str, after: usize) -> Option<Range<usize>> {
    let rest = lower[after..].trim_start().strip_prefix("for ")?;
    let (_, value) = rest.split_once('=')?;
    let literal = value.trim_start();
    literal.starts_with(['"', '\'']).then(|| quoted_value(lower, literal))
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
    fn passwords_in_urls_are_masked() {
        for (text, masked) in [
            ("postgres://u:pw@h/db", "postgres://u:***@h/db"),
            ("postgres://ann:s3cret@db:5432/app", "postgres://ann:***@db:5432/app"),
            ("postgres://u:p@w:x@h/db", "postgres://u:***@h/db"),
            ("postgres://u:p/w@h/db", "postgres://u:***@h/db"),
            ("postgres://u:p?w@h/db", "postgres://u:***@h/db"),
            ("postgres://u:p@x?w@h/db", "postgres://u:***@h/db"),
            ("postgres://u:pw@h/db?x=a@b", "postgres://u:***@h/db?x=a@b"),
            ("a mysql://u:p@ss/w#rd@h/x b", "a mysql://u:***@h/x b"),
            ("\"pg://:p@h\" and x://u:q@i", "\"pg://:***@h\" and x://u:***@i"),
            ("postgres://u@h/db?password=pw&x=1", "postgres://u@h/db?password=***&x=1"),
            ("pg://h/x?user=u&password=p%40&sslmode=x", "pg://h/x?user=u&password=***&sslmode=x"),
            ("pg://h/x?password=a;b&y=1", "pg://h/x?password=***&y=1"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn passwords_in_settings_are_masked() {
        for (text, masked) in [
            ("host=h password=pw user=u", "host=h password=*** user=u"),
            ("host=h PASSWORD = 'p w' user=u", "host=h PASSWORD = '***' user=u"),
            ("host=h PASSWORD = 'it\\'s x' user=u", "host=h PASSWORD = '***' user=u"),
            ("password=a\\ b user=u", "password=*** user=u"),
            ("sslpassword=a password=b", "sslpassword=*** password=***"),
            ("sslpassword=a;Pwd=b;x=1", "sslpassword=***;Pwd=***;x=1"),
            ("password = \"in toml\" # c", "password = \"***\" # c"),
            ("password = \"p#w\"  # no", "password = \"***\"  # no"),
            ("\"password\" = 'pw'", "\"password\" = '***'"),
            (r#"{"password": "p\"q", "a": 1}"#, r#"{"password": "***", "a": 1}"#),
            ("password='unterminated", "password='***"),
            ("password=é1 x", "password=*** x"),
            ("passphrase=a secret=b passwd=c", "passphrase=*** secret=*** passwd=***"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn passwords_in_sql_are_masked() {
        for (text, masked) in [
            ("ALTER ROLE a PASSWORD 'x''y' LOGIN", "ALTER ROLE a PASSWORD '***' LOGIN"),
            ("alter role a password\n  E'x\\'y' login", "alter role a password\n  E'***' login"),
            ("alter role a password $$x'y$$ login", "alter role a password $$***$$ login"),
            ("CREATE USER a IDENTIFIED BY 'x' REQUIRE SSL", "CREATE USER a IDENTIFIED BY '***' REQUIRE SSL"),
            (
                "identified with caching_sha2_password by 'x'",
                "identified with caching_sha2_password by '***'",
            ),
            ("identified with 'plug' as '*AB'", "identified with 'plug' as '***'"),
            ("identified via x using password('y')", "identified via x using password('***')"),
            ("set password = 'x'", "set password = '***'"),
            ("set password for 'a'@'b' = 'x'", "set password for 'a'@'b' = '***'"),
            ("set password for a = password('x')", "set password for a = password('***')"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn the_rest_is_left_alone() {
        for text in [
            "",
            "plain text",
            "select 1",
            "https://example.org:80/path",
            "postgres://ann@db:5432/app",
            "sqlite:app.db",
            "password=",
            "password=\nuser=u",
            "password_env = \"PROD\"",
            "password authentication failed for user \"ann\"",
            "Access denied for user 'root'@'localhost' (using password: YES)",
            "set the password_env, or the \"password_file\" of 'prod'",
            "column \"password\" does not exist",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn written_passwords_are_found() {
        for text in ["postgres://u:pw@h", "mysql://:pw@h/", "postgres:///d?password=x", "host=h password='x'"]
        {
            assert!(has_password(text), "{text}");
        }
        for text in ["postgres://u:@h", "postgres://h:5432/d?x=a@b", "postgres:///d?password=", "", "://"] {
            assert!(!has_password(text), "{text}");
        }
    }
}
