//! Hides passwords in text that a person will see, and finds passwords written out in a URL.

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// Words that a value with a secret is called by in URLs, connection strings and files.
const SECRET_WORDS: [&str; 4] = ["password", "passwd", "pwd", "secret"];

/// `text` with every password replaced: in `scheme://user:PASSWORD@host`, and behind `password=`.
/// It rather hides too much than too little.
pub fn mask(text: &str) -> String {
    mask_assignments(&mask_user_info(text))
}

fn mask_user_info(text: &str) -> String {
    let Some(start) = text.find("://").map(|at| at + 3) else { return text.to_owned() };
    let rest = &text[start..];
    let path = &rest[..rest.find('?').unwrap_or(rest.len())];
    let Some(at) = path.rfind('@').or_else(|| rest.rfind('@')) else { return text.to_owned() };
    match rest[..at].find(':') {
        Some(colon) => format!("{}{MASK}{}", &text[..start + colon + 1], &rest[at..]),
        None => text.to_owned(),
    }
}

fn mask_assignments(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, end)) = next_assignment(rest) {
        masked.push_str(&rest[..start]);
        if start < end {
            masked.push_str(MASK);
        }
        rest = &rest[end..];
    }
    masked.push_str(rest);
    masked
}

/// Where the next value of a `password = value` stands, without its quotes.
fn next_assignment(text: &str) -> Option<(usize, usize)> {
    // ASCII lower case keeps all byte offsets.
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let (at, word) = SECRET_WORDS
            .iter()
            .filter_map(|word| lower[from..].find(word).map(|at| (from + at, word)))
            .min_by_key(|(at, _)| *at)?;
        from = at + word.len();
        // A quoted TOML key, and spaces around the equals sign.
        let after = text[from..].trim_start_matches(['"', '\'', ' ', '\t']);
        if let Some(value) = after.strip_prefix('=') {
            let value = value.trim_start_matches([' ', '\t']);
            return Some(value_range(text.len() - value.len(), value));
        }
    }
}

fn value_range(start: usize, value: &str) -> (usize, usize) {
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some(quote) => {
            let inner = &value[1..];
            let length = inner.rfind(quote).unwrap_or(inner.len());
            (start + 1, start + 1 + length)
        }
        None => (start, start + value.find(['&', ' ', '\t', '"', '\'', '\n']).unwrap_or(value.len())),
    }
}

/// Whether a URL or connection string has a password written out in it.
pub fn has_password(text: &str) -> bool {
    let in_user_info = text.find("://").is_some_and(|at| {
        let rest = &text[at + 3..];
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let user_info = authority.rfind('@').map_or("", |at| &authority[..at]);
        user_info.split_once(':').is_some_and(|(_, password)| !password.is_empty())
    });
    in_user_info || next_assignment(text).is_some_and(|(start, end)| start < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked() {
        let cases = [
            ("postgres://u:pw@h/db", "postgres://u:***@h/db"),
            ("postgres://u:p@w:x@h/db", "postgres://u:***@h/db"),
            ("postgres://u:p/w@h/db", "postgres://u:***@h/db"),
            ("postgres://u:p?w@h/db", "postgres://u:***@h/db"),
            ("postgres://u@h/db?password=pw&x=1", "postgres://u@h/db?password=***&x=1"),
            ("postgres://u:pw@h/db?x=a@b", "postgres://u:***@h/db?x=a@b"),
            ("host=h password=pw user=u", "host=h password=*** user=u"),
            ("host=h PASSWORD = 'p w' user=u", "host=h PASSWORD = '***' user=u"),
            ("password = \"p#w\"  # no", "password = \"***\"  # no"),
            ("\"password\" = 'pw'", "\"password\" = '***'"),
            ("password_env = \"PROD\"", "password_env = \"PROD\""),
            ("sslpassword=a password=b", "sslpassword=*** password=***"),
            ("plain text", "plain text"),
            ("sqlite:app.db", "sqlite:app.db"),
            ("password=", "password="),
        ];
        for (text, expected) in cases {
            assert_eq!(mask(text), expected, "{text}");
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
