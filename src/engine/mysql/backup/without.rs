//! CREATE TABLE without some of its foreign keys, for a backup that does not hold what they refer to.

use super::defer::{What, items};
use crate::catalog::words::Words;
use crate::sql::MARIADB;

/// The statement without the foreign keys of these names; the same where it is none that we know.
pub fn foreign_keys(sql: &str, names: &[&str]) -> String {
    without(sql, names).unwrap_or_else(|| sql.to_owned())
}

fn without(sql: &str, names: &[&str]) -> Option<String> {
    // MariaDB's rules read what MySQL writes.
    let mut words = Words::new(sql, &MARIADB);
    words.eat(&["CREATE", "TABLE"]).then_some(())?;
    words.name()?;
    words.eat(&["("]).then_some(())?;
    let open = words.end();
    let items = items(&mut words)?;
    let close = words.end() - 1;
    let name = |text: &str| {
        let mut words = Words::new(text, &MARIADB);
        words.eat(&["CONSTRAINT"]).then(|| words.name()).flatten()
    };
    let is_gone = |text: &str| name(text).is_some_and(|name| names.contains(&name.as_str()));
    let kept = items.iter().filter(|item| item.what != What::Foreign || !is_gone(item.text));
    let kept: Vec<&str> = kept.map(|item| item.text.trim_end()).collect();
    let behind_last = items.last().map_or("", |item| &item.text[item.text.trim_end().len()..]);
    Some(format!("{}{}{behind_last}{}", &sql[..open], kept.join(","), &sql[close..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "CREATE TABLE `t` (\n  `a` int NOT NULL COMMENT 'a, (b',\n  PRIMARY KEY (`a`),\n  \
        KEY `k` (`a`),\n  CONSTRAINT `one` FOREIGN KEY (`a`) REFERENCES `x` (`a`),\n  \
        CONSTRAINT `t``wo` FOREIGN KEY (`a`) REFERENCES `y` (`a`)\n) ENGINE=InnoDB";

    #[test]
    fn only_what_is_named_goes() {
        let without = foreign_keys(TABLE, &["t`wo", "k"]);
        assert!(without.ends_with("REFERENCES `x` (`a`)\n) ENGINE=InnoDB"), "{without}");
        assert!(without.contains("KEY `k` (`a`),"));
        let without = foreign_keys(TABLE, &["one", "t`wo"]);
        assert!(without.ends_with("KEY `k` (`a`)\n) ENGINE=InnoDB"), "{without}");
        assert_eq!(foreign_keys(TABLE, &[]), TABLE);
        assert_eq!(foreign_keys("CREATE VIEW v", &["one"]), "CREATE VIEW v");
    }
}
