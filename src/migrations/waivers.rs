//! Findings that a migration's own comments allow: `-- dbwright: allow RULE REASON` above a statement
//! or in it, `-- dbwright: allow-in-file RULE REASON` anywhere; and squawk's `-- squawk-ignore RULE`
//! and `-- squawk-ignore-file RULE`.

use super::sections::{Wrong, comment, lines};

/// A comment that allows something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Where its line begins.
    pub at: usize,
    pub rules: Vec<String>,
    pub reason: String,
    /// For the whole file, and not only for the statement that follows or that it stands in.
    pub in_file: bool,
    /// The rules are called as squawk does.
    pub of_squawk: bool,
}

/// Reads them.
pub fn read(text: &str) -> Result<Vec<Allowed>, Wrong> {
    let mut found = Vec::new();
    for (line, at) in lines(text) {
        let Some(comment) = comment(line) else { continue };
        let ours = comment.strip_prefix("dbwright:").map(str::trim_start);
        let (said, in_file, of_squawk) = match (ours, comment) {
            (Some(said), _) if said.starts_with("allow-in-file") => {
                (&said["allow-in-file".len()..], true, false)
            }
            (Some(said), _) if said.starts_with("allow") => (&said["allow".len()..], false, false),
            (None, said) if said.starts_with("squawk-ignore-file") => {
                (&said["squawk-ignore-file".len()..], true, true)
            }
            (None, said) if said.starts_with("squawk-ignore") => {
                (&said["squawk-ignore".len()..], false, true)
            }
            _ => continue,
        };
        let (rules, reason) = rules(said);
        if !of_squawk && (rules.is_empty() || reason.is_empty()) {
            let message = "say what is allowed, and why: -- dbwright: allow RULE, RULE REASON";
            return Err(Wrong { message, at: at.start });
        }
        let reason = if reason.is_empty() { "squawk-ignore".to_owned() } else { reason };
        found.push(Allowed { at: at.start, rules, reason, in_file, of_squawk });
    }
    Ok(found)
}

/// The rules, with commas between them, and what comes after.
fn rules(said: &str) -> (Vec<String>, String) {
    let mut rules = Vec::new();
    let mut rest = said.trim();
    loop {
        let end = rest.find([' ', '\t', ',']).unwrap_or(rest.len());
        if end > 0 {
            rules.push(rest[..end].to_owned());
        }
        rest = rest[end..].trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return (rules, rest.trim_end().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_allow_rules() {
        let text = "-- dbwright: allow drop-column, drop-table  it is empty\nx;\n--dbwright: allow-in-file truncate so\n-- squawk-ignore a,b\n-- squawk-ignore-file\n";
        let found = read(text).unwrap();
        assert_eq!(found[0].rules, ["drop-column", "drop-table"]);
        assert_eq!((found[0].reason.as_str(), found[0].in_file, found[0].at), ("it is empty", false, 0));
        assert!(found[1].in_file && found[1].reason == "so");
        assert_eq!(
            (found[2].rules.len(), found[2].of_squawk, found[2].reason.as_str()),
            (2, true, "squawk-ignore")
        );
        assert!(found[3].in_file && found[3].rules.is_empty());
    }

    #[test]
    fn a_reason_is_asked_for() {
        for text in
            ["-- dbwright: allow", "x\n-- dbwright: allow drop-table", "-- dbwright: allow-in-file a,b "]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
