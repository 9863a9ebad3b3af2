//! What a user may do, read from `SHOW GRANTS`.

/// The privileges of a user.
#[derive(Debug, Default)]
pub struct Grants {
    grants: Vec<Grant>,
}

#[derive(Debug, PartialEq, Eq)]
struct Grant {
    privileges: Vec<String>,
    /// MySQL takes back single databases of a global grant (`partial_revokes`).
    revoked: bool,
    /// A pattern with `%` and `_`; `*` for all.
    database: String,
    /// `*` for all.
    table: String,
}

impl Grants {
    /// Reads the lines that `SHOW GRANTS` gives. What is no grant on something, such as a role,
    /// counts through the lines of what it brings.
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        Grants { grants: lines.into_iter().filter_map(parse).collect() }
    }

    /// Whether one of these privileges, which are names of the same right, is there for all of a
    /// database; None stands for everything on the server.
    pub fn has(&self, names: &[&str], database: Option<&str>) -> bool {
        self.covers(names, database, None)
    }

    /// The same for one table.
    pub fn has_on_table(&self, names: &[&str], database: &str, table: &str) -> bool {
        self.covers(names, Some(database), Some(table))
    }

    fn covers(&self, names: &[&str], database: Option<&str>, table: Option<&str>) -> bool {
        let applies = |grant: &&Grant| {
            let all =
                grant.privileges.iter().any(|privilege| privilege == "ALL" || privilege == "ALL PRIVILEGES");
            let named = grant.privileges.iter().any(|privilege| names.contains(&privilege.as_str()));
            let database = match database {
                None => grant.database == "*",
                Some(database) => grant.database == "*" || like(database, &grant.database),
            };
            let table = grant.table == "*" || table.is_some_and(|table| table == grant.table);
            (all || named) && database && table
        };
        let mut found = self.grants.iter().filter(applies).peekable();
        found.peek().is_some() && !found.any(|grant| grant.revoked)
    }
}

/// `GRANT a, b (c), d ON x.y TO ...` or `REVOKE ... FROM ...`.
fn parse(line: &str) -> Option<Grant> {
    let (revoked, rest) = match line.strip_prefix("REVOKE ") {
        Some(rest) => (true, rest),
        None => (false, line.strip_prefix("GRANT ")?),
    };
    let (privileges, rest) = rest.split_once(" ON ")?;
    let rest = rest.strip_prefix("TABLE ").unwrap_or(rest);
    let (database, rest) = identifier(rest)?;
    let (table, _) = identifier(rest.strip_prefix('.')?)?;
    Some(Grant { privileges: split_privileges(privileges), revoked, database, table })
}

/// The names before the commas; those for single columns only are left out.
fn split_privileges(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut name) = (0, String::new());
    for c in text.chars().chain([',']) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut name).trim().to_ascii_uppercase()),
            _ => {}
        }
        // The parenthesis stays, so that the name is none that is looked for.
        if c != ',' || depth > 0 {
            name.push(c);
        }
    }
    names
}

/// `*`, or a name in quotes with what follows.
fn identifier(text: &str) -> Option<(String, &str)> {
    let Some(quote @ ('`' | '"' | '\'')) = text.chars().next() else {
        let end = text.find(['.', ' ']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let (mut name, mut rest) = (String::new(), &text[1..]);
    loop {
        let (part, after) = rest.split_once(quote)?;
        name.push_str(part);
        match after.strip_prefix(quote) {
            // A doubled quote is one within the name.
            Some(more) => {
                name.push(quote);
                rest = more;
            }
            None => return Some((name, after)),
        }
    }
}

/// Whether a database's name matches that of a grant: `%`, `_`, and a backslash before them.
fn like(name: &str, pattern: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return name.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '%' => (0..=name.len()).any(|at| name.get(at..).is_some_and(|tail| like(tail, rest))),
        '_' => name.chars().next().is_some_and(|c| like(&name[c.len_utf8()..], rest)),
        '\\' if rest.starts_with(['%', '_', '\\']) => {
            name.chars().next() == rest.chars().next() && like(&name[1..], &rest[1..])
        }
        c => name.strip_prefix(c).is_some_and(|tail| like(tail, rest)),
    }
}

/// `'user'@'host'` of `user@host`, for a GRANT.
pub fn account(current_user: &str) -> String {
    let (user, host) = current_user.rsplit_once('@').unwrap_or((current_user, "%"));
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    format!("{}@{}", quoted(user), quoted(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_grants() {
        let grants = Grants::parse([
            "GRANT SELECT, PROCESS, REPLICATION CLIENT ON *.* TO `m`@`%` IDENTIFIED BY PASSWORD '*X' WITH GRANT OPTION",
            "GRANT BACKUP_ADMIN,CLONE_ADMIN ON *.* TO `m`@`%`",
            "GRANT `role`@`%` TO `m`@`%`",
            "GRANT PROXY ON ''@'' TO 'm'@'%'",
        ]);
        assert!(grants.has(&["PROCESS"], None) && grants.has(&["CLONE_ADMIN"], None));
        assert!(grants.has(&["BINLOG MONITOR", "REPLICATION CLIENT"], None));
        assert!(grants.has(&["SELECT"], Some("app")) && grants.has_on_table(&["SELECT"], "mysql", "user"));
        assert!(!grants.has(&["RELOAD"], None));
    }

    #[test]
    fn grants_on_databases_and_tables() {
        let grants = Grants::parse([
            "GRANT USAGE ON *.* TO `r`@`%`",
            "GRANT ALL PRIVILEGES ON `app\\_%`.* TO `r`@`%`",
            "GRANT SELECT (a, b), INSERT ON `x`.`t` TO `r`@`%`",
            "GRANT SELECT ON `mysql`.`user` TO `r`@`%`",
            "GRANT CREATE ON `odd``name`.* TO `r`@`%`",
        ]);
        assert!(grants.has(&["DROP"], Some("app_1")) && !grants.has(&["DROP"], Some("apps")));
        assert!(!grants.has(&["DROP"], None) && !grants.has(&["SELECT"], Some("x")));
        assert!(!grants.has_on_table(&["SELECT"], "x", "t") && grants.has_on_table(&["INSERT"], "x", "t"));
        assert!(grants.has_on_table(&["SELECT"], "mysql", "user"));
        assert!(grants.has(&["CREATE"], Some("odd`name")));
    }

    #[test]
    fn partial_revokes() {
        let grants = Grants::parse([
            "GRANT SELECT, INSERT ON *.* TO `p`@`%`",
            "REVOKE SELECT ON `mysql`.* FROM `p`@`%`",
        ]);
        assert!(grants.has(&["SELECT"], Some("app")) && !grants.has(&["SELECT"], Some("mysql")));
        assert!(grants.has(&["INSERT"], Some("mysql")));
    }

    #[test]
    fn accounts_are_quoted() {
        assert_eq!(account("o'n@x@10.%"), "'o''n@x'@'10.%'");
        assert_eq!(account("root@localhost"), "'root'@'localhost'");
    }
}
