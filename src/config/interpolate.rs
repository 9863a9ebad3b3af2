//! `${VAR}` and `${VAR:-default}` in the values of the profile file; `$${` stands for `${`.

use super::problem::Problem;

/// Whether `text` has anything to replace.
pub fn has_variables(text: &str) -> bool {
    text.contains("${")
}

/// Replaces the variables in `text`. One that is neither set nor has a default is an error.
pub fn expand(text: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<String, Problem> {
    replace(text, |name, default| {
        let value = lookup(name).filter(|value| default.is_none() || !value.is_empty());
        value.or_else(|| default.map(str::to_owned)).ok_or_else(|| {
            Problem::new(format!("the environment variable `{name}` is not set"))
                .hint(format!("set it, or give a default: `${{{name}:-value}}`"))
                .token(name)
        })
    })
}

/// What is written in the file itself: variables become empty, defaults stay. It also checks the
/// syntax without needing an environment.
pub fn literal(text: &str) -> Result<String, Problem> {
    replace(text, |_, default| Ok(default.unwrap_or("").to_owned()))
}

fn replace(
    text: &str,
    value_of: impl Fn(&str, Option<&str>) -> Result<String, Problem>,
) -> Result<String, Problem> {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            done.push_str(&rest[..at - 1]);
            done.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        done.push_str(&rest[..at]);
        let inside = &rest[at + 2..];
        let end = inside.find('}').ok_or_else(|| {
            Problem::new("`${` without its `}`").hint("write `$${` for a plain `${`").token("${")
        })?;
        let (name, default) = match inside[..end].split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (&inside[..end], None),
        };
        check_name(name)?;
        done.push_str(&value_of(name, default)?);
        rest = &inside[end + 1..];
    }
    done.push_str(rest);
    Ok(done)
}

fn check_name(name: &str) -> Result<(), Problem> {
    let valid = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match valid {
        true => Ok(()),
        false => Err(Problem::new(format!("`${{{name}}}` does not name an environment variable"))
            .hint("write `${NAME}` or `${NAME:-default}`; `$${` stands for a plain `${`")
            .token("${")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "HOST" => Some("db1".to_owned()),
            "EMPTY" => Some(String::new()),
            "NESTED" => Some("${HOST}".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_replaced() {
        let cases = [
            ("plain $ text", "plain $ text"),
            ("${HOST}", "db1"),
            ("a${HOST}b${HOST}c", "adb1bdb1c"),
            ("${NONE:-x}", "x"),
            ("${HOST:-x}", "db1"),
            ("${EMPTY:-x}", "x"),
            ("[${EMPTY}]", "[]"),
            ("${NONE:-}", ""),
            ("$${HOST}", "${HOST}"),
            ("${NESTED}", "${HOST}"),
            ("ü${HOST}ü", "üdb1ü"),
        ];
        for (text, expected) in cases {
            assert_eq!(expand(text, lookup).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn unset_and_malformed_variables_are_errors() {
        let unset = expand("a ${NONE}", lookup).unwrap_err();
        assert!(unset.message.contains("`NONE`"));
        for text in ["${", "${HOST", "${}", "${A B}", "${1A}", "${a-b}"] {
            assert!(expand(text, lookup).is_err(), "{text}");
            assert!(literal(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_literal_part_keeps_defaults() {
        assert_eq!(literal("postgres://u:${PW}@h").unwrap(), "postgres://u:@h");
        assert_eq!(literal("postgres://u:${PW:-x}@h").unwrap(), "postgres://u:x@h");
    }
}
