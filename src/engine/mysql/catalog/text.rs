//! Programs and views out of their `SHOW CREATE` texts: what stands in the heading, and the part
//! that is the user's own.

use super::words::Words;
use crate::sql::{Dialect, MYSQL};

/// The rules of a text that was written under a `sql_mode`.
pub fn dialect_under(base: &Dialect, sql_mode: &str) -> Dialect {
    let has = |mode: &str| sql_mode.split(',').any(|each| each == mode);
    let mut dialect = *base;
    if has("ANSI_QUOTES") {
        dialect.double_quoted_strings = false;
    }
    if has("NO_BACKSLASH_ESCAPES") {
        dialect.backslash_escapes = false;
    }
    dialect
}

/// Where a `SHOW CREATE` text names its definer: from `DEFINER` to the space behind the account.
/// The server writes it behind CREATE or ALGORITHM, and nowhere else.
pub fn definer_place(sql: &str) -> Option<(usize, usize)> {
    let mut at = "CREATE ".len();
    let mut rest = sql.strip_prefix("CREATE ")?;
    if rest.starts_with("ALGORITHM=") {
        let space = rest.find(' ')? + 1;
        at += space;
        rest = &rest[space..];
    }
    let account = rest.strip_prefix("DEFINER=")?;
    let user = quoted_length(account)?;
    let mut length = "DEFINER=".len() + user;
    if let Some(host) = account[user..].strip_prefix('@') {
        length += 1 + quoted_length(host)?;
    }
    rest[length..].starts_with(' ').then_some((at, at + length + 1))
}

/// The length of a name in quotes.
fn quoted_length(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '`' | '"' | '\''))?;
    let mut at = 1;
    loop {
        at += text[at..].find(quote)? + 1;
        match text[at..].starts_with(quote) {
            true => at += 1,
            false => return Some(at),
        }
    }
}

/// The definer as `user@host`; None where the text names none.
pub fn definer(sql: &str) -> Option<String> {
    let (start, end) = definer_place(sql)?;
    let account = sql[start..end].trim_end().strip_prefix("DEFINER=")?;
    let user = quoted_length(account)?;
    let name = super::words::unquoted(&account[..user]);
    match account[user..].strip_prefix('@') {
        Some(host) => Some(format!("{name}@{}", super::words::unquoted(host))),
        None => Some(name),
    }
}

/// A view's heading and query.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ViewText {
    /// `UNDEFINED`, `MERGE`, `TEMPTABLE`.
    pub algorithm: String,
    /// `DEFINER`, `INVOKER`.
    pub security: String,
    /// The columns are named before the query, and not by it.
    pub names_columns: bool,
    pub query: String,
    /// `CASCADED`, `LOCAL`; empty without one.
    pub check: String,
}

/// Reads `SHOW CREATE VIEW`.
pub fn view(sql: &str) -> Option<ViewText> {
    let mut text = ViewText::default();
    let without = match definer_place(sql) {
        Some((start, end)) => format!("{}{}", &sql[..start], &sql[end..]),
        None => sql.to_owned(),
    };
    let mut words = Words::new(&without, &MYSQL);
    words.eat(&["CREATE"]).then_some(())?;
    while !words.eat(&["VIEW"]) {
        if words.eat(&["ALGORITHM", "="]) {
            text.algorithm = words.name()?.to_ascii_uppercase();
        } else if words.eat(&["SQL", "SECURITY"]) {
            text.security = words.name()?.to_ascii_uppercase();
        } else {
            // JSON RELATIONAL DUALITY
            words.next()?;
        }
    }
    words.name()?;
    text.names_columns = words.is("(");
    if text.names_columns {
        words.group()?;
    }
    words.eat(&["AS"]).then_some(())?;
    text.query = words.slice(words.start(), without.len()).trim().to_owned();
    for check in ["CASCADED", "LOCAL"] {
        // The server writes it in capitals at the very end, where a query cannot have it.
        if let Some(query) = text.query.strip_suffix(&format!(" WITH {check} CHECK OPTION")) {
            text.check = check.into();
            text.query = query.to_owned();
            break;
        }
    }
    Some(text)
}

/// A routine's heading and body.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RoutineText {
    pub aggregate: bool,
    pub arguments: String,
    pub returns: Option<String>,
    pub body: String,
}

/// Reads `SHOW CREATE FUNCTION` and `SHOW CREATE PROCEDURE`.
pub fn routine(sql: &str, dialect: &Dialect) -> Option<RoutineText> {
    let start = definer_place(sql).map_or("CREATE ".len(), |(_, end)| end);
    let sql = sql.get(start..)?;
    let mut words = Words::new(sql, dialect);
    let mut text = RoutineText { aggregate: words.eat(&["AGGREGATE"]), ..RoutineText::default() };
    if !words.eat(&["FUNCTION"]) && !words.eat(&["PROCEDURE"]) {
        return None;
    }
    words.name()?;
    // Oracle's mode knows routines without parentheses.
    if words.is("(") {
        text.arguments = words.group()?.trim().to_owned();
    }
    if words.eat(&["RETURNS"]) || words.eat(&["RETURN"]) {
        let start = words.start();
        // The server ends the line behind the type.
        let end = sql[start..].find('\n').map_or(sql.len(), |length| start + length);
        text.returns = Some(sql[start..end].trim().to_owned());
        while words.peek().is_some_and(|token| token.start < end) {
            words.next();
        }
    }
    loop {
        let known: [&[&str]; 8] = [
            &["NO", "SQL"],
            &["CONTAINS", "SQL"],
            &["READS", "SQL", "DATA"],
            &["MODIFIES", "SQL", "DATA"],
            &["NOT", "DETERMINISTIC"],
            &["DETERMINISTIC"],
            &["SQL", "SECURITY", "INVOKER"],
            &["SQL", "SECURITY", "DEFINER"],
        ];
        if known.iter().any(|texts| words.eat(texts)) {
            continue;
        }
        if words.is("COMMENT") || words.is("LANGUAGE") {
            words.next();
            words.next();
            continue;
        }
        break;
    }
    text.body = sql.get(words.end()..)?.trim_start().to_owned();
    Some(text)
}

/// What a trigger does, and its definition without the database that it may name.
pub fn trigger(sql: &str, database: &str, dialect: &Dialect) -> Option<(String, String)> {
    let start = definer_place(sql).map_or("CREATE ".len(), |(_, end)| end);
    let (head, sql) = (sql.get(..start)?, sql.get(start..)?);
    let mut words = Words::new(sql, dialect);
    words.eat(&["TRIGGER"]).then_some(())?;
    let mut shorter = String::new();
    let mut kept = 0;
    let mut own_name = |words: &mut Words<'_>| {
        let start = words.start();
        let first = words.name()?;
        if words.eat(&["."]) {
            if first == database {
                shorter.push_str(&sql[kept..start]);
                kept = words.start();
            }
            words.name()?;
        }
        Some(())
    };
    own_name(&mut words)?;
    while !words.eat(&["ON"]) {
        words.next()?;
    }
    own_name(&mut words)?;
    words.eat(&["FOR", "EACH", "ROW"]).then_some(())?;
    if words.eat(&["FOLLOWS"]) || words.eat(&["PRECEDES"]) {
        words.name()?;
    }
    let body = sql.get(words.end()..)?.trim_start().to_owned();
    shorter.push_str(&sql[kept..]);
    Some((body, format!("{head}{shorter}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::MARIADB;

    #[test]
    fn definers() {
        let sql = "CREATE ALGORITHM=MERGE DEFINER=`a``b`@`%` SQL SECURITY INVOKER VIEW `v` AS select 1";
        let (start, end) = definer_place(sql).unwrap();
        assert_eq!(&sql[start..end], "DEFINER=`a``b`@`%` ");
        assert_eq!(definer(sql).as_deref(), Some("a`b@%"));
        assert_eq!(definer("CREATE DEFINER=\"r\" PROCEDURE x() BEGIN END").as_deref(), Some("r"));
        for sql in
            ["CREATE VIEW v AS select 'DEFINER=`a`@`b` '", "CREATE DEFINER=`a", "", "CREATE DEFINER=`é"]
        {
            assert_eq!(definer_place(sql), None, "{sql}");
        }
    }

    #[test]
    fn views() {
        let text = view(
            "CREATE ALGORITHM=MERGE DEFINER=`d`@`%` SQL SECURITY INVOKER VIEW `a` (`first`,`second col`) \
             AS select 'AS x' AS `y` from `t` WITH LOCAL CHECK OPTION",
        )
        .unwrap();
        let expected = ViewText {
            algorithm: "MERGE".into(),
            security: "INVOKER".into(),
            names_columns: true,
            query: "select 'AS x' AS `y` from `t`".into(),
            check: "LOCAL".into(),
        };
        assert_eq!(text, expected);
        assert_eq!(view("CREATE TABLE x"), None);
    }

    #[test]
    fn routines() {
        let sql = "CREATE DEFINER=`d`@`%` FUNCTION `f`(a INT, `b c` VARCHAR(20) CHARACTER SET latin1) RETURNS int(11)\n    \
                   NO SQL\n    DETERMINISTIC\n    COMMENT 'adds; it''s'\nBEGIN\n  -- note\n  RETURN a;\nEND";
        let text = routine(sql, &MARIADB).unwrap();
        assert_eq!(text.arguments, "a INT, `b c` VARCHAR(20) CHARACTER SET latin1");
        assert_eq!(text.returns.as_deref(), Some("int(11)"));
        assert_eq!(text.body, "BEGIN\n  -- note\n  RETURN a;\nEND");
        let ansi = dialect_under(&MARIADB, "ANSI_QUOTES,NO_BACKSLASH_ESCAPES");
        let text = routine(
            "CREATE DEFINER=\"d\"@\"%\" PROCEDURE \"p\"(IN \"a b\" INT)\nBEGIN SELECT '\\'; END",
            &ansi,
        );
        assert_eq!(text.unwrap().body, "BEGIN SELECT '\\'; END");
        assert_eq!(
            routine("CREATE PROCEDURE `p`()\n/* c */ SELECT 1", &MARIADB).unwrap().body,
            "/* c */ SELECT 1"
        );
    }

    #[test]
    fn triggers() {
        let sql = "CREATE DEFINER=`d`@`%` TRIGGER db.t BEFORE INSERT ON `db`.x FOR EACH ROW PRECEDES y SET @a = db.b";
        let (body, shorter) = trigger(sql, "db", &MARIADB).unwrap();
        assert_eq!(body, "SET @a = db.b");
        let expected =
            "CREATE DEFINER=`d`@`%` TRIGGER t BEFORE INSERT ON x FOR EACH ROW PRECEDES y SET @a = db.b";
        assert_eq!(shorter, expected);
        assert_eq!(trigger(sql, "other", &MARIADB).unwrap().1, sql);
    }
}
