//! Which tables and views a query reads, as far as its words tell.

use std::collections::BTreeSet;

use super::code::name_of;
use crate::sql::{Lexer, SQLITE, Token, TokenKind};

/// Words after which the list of tables is over.
const AFTER_FROM: &[&str] = &[
    "where",
    "group",
    "order",
    "limit",
    "having",
    "window",
    "union",
    "except",
    "intersect",
    "select",
    "set",
    "values",
    "on",
    "using",
    "returning",
];

/// The names, in lower case, that stand where a query names a table, without its own CTEs.
pub fn relations(query: &str) -> BTreeSet<String> {
    let tokens: Vec<Token> = Lexer::new(query, &SQLITE).filter(|token| token.kind.is_code()).collect();
    let mut walk = Walk { query, tokens: &tokens, in_from: vec![false], found: BTreeSet::new() };
    let mut wanted = false;
    for at in 0..tokens.len() {
        wanted = walk.step(at, wanted);
    }
    let own = common_tables(query, &tokens);
    walk.found.retain(|name| !own.contains(name));
    walk.found
}

struct Walk<'a> {
    query: &'a str,
    tokens: &'a [Token],
    /// For each open bracket: we are in a list of tables, where a comma brings another one.
    in_from: Vec<bool>,
    found: BTreeSet<String>,
}

impl Walk<'_> {
    fn word(&self, at: usize) -> String {
        self.tokens
            .get(at)
            .filter(|token| token.kind != TokenKind::QuotedIdent && token.kind != TokenKind::String)
            .map_or_else(String::new, |token| token.text(self.query).to_ascii_lowercase())
    }

    /// Looks at a token, with whether the name of a table may come here; gives the same for the
    /// next.
    fn step(&mut self, at: usize, wanted: bool) -> bool {
        let word = self.word(at);
        let before = |back: usize| at.checked_sub(back).map_or_else(String::new, |at| self.word(at));
        match word.as_str() {
            "(" => {
                let tables = wanted && before(1) != "in";
                self.in_from.push(tables);
                return tables;
            }
            ")" => {
                if self.in_from.len() > 1 {
                    self.in_from.pop();
                }
                return false;
            }
            "," => return self.in_from.last() == Some(&true),
            "from" => {
                let is_comparison = before(1) == "distinct" && matches!(before(2).as_str(), "is" | "not");
                self.set_from(!is_comparison);
                return !is_comparison;
            }
            "join" => {
                self.set_from(true);
                return true;
            }
            "into" | "update" | "in" => return true,
            // UPDATE OR IGNORE t
            "or" if before(1) == "update" => return true,
            _ if before(1) == "or" && before(2) == "update" => return true,
            word if AFTER_FROM.contains(&word) => {
                // A join goes on after its condition: FROM a JOIN b ON x, c
                self.set_from(matches!(word, "on" | "using"));
                return false;
            }
            _ => {}
        }
        if !wanted {
            return false;
        }
        let next = self.word(at + 1);
        // `main.t`: the table is what comes after the point.
        if next == "." || word == "." {
            return true;
        }
        if let Some(name) = name_of(self.tokens[at], self.query)
            && next != "("
        {
            self.found.insert(name.to_lowercase());
        }
        false
    }

    fn set_from(&mut self, on: bool) {
        if let Some(last) = self.in_from.last_mut() {
            *last = on;
        }
    }
}

/// `WITH name AS (` and `name (columns) AS (`, in lower case.
fn common_tables(query: &str, tokens: &[Token]) -> BTreeSet<String> {
    let is = |at: usize, word: &str| {
        tokens.get(at).is_some_and(|token: &Token| token.text(query).eq_ignore_ascii_case(word))
    };
    let mut names = BTreeSet::new();
    if !tokens.iter().any(|token| token.text(query).eq_ignore_ascii_case("with")) {
        return names;
    }
    for (at, token) in tokens.iter().enumerate() {
        let starts = at > 0 && (is(at - 1, "with") || is(at - 1, "recursive") || is(at - 1, ","));
        let mut next = at + 1;
        if starts && is(next, "(") {
            while next < tokens.len() && !is(next, ")") {
                next += 1;
            }
            next += 1;
        }
        let is_query =
            is(next, "as") && (is(next + 1, "(") || is(next + 1, "materialized") || is(next + 1, "not"));
        if starts && is_query {
            names.extend(name_of(*token, query).map(|name| name.to_lowercase()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_found_where_queries_name_them() {
        let cases = [
            ("select a from t", "t"),
            (
                "select u, v from T as x, \"two words\" y join main.z on (x.a = z.b), [w] where t2 = 1",
                "t two words w z",
            ),
            ("select * from (a join b using (c)), (select * from d)", "a b d"),
            ("select 1 where x in e and w in (g, h) and y in (select z from f)", "e f"),
            ("select * from json_each(x), g", "g"),
            ("select a is distinct from b, a is not distinct from c from t", "t"),
            ("select distinct a from t", "t"),
            ("with q as (select * from r), s(a, b) as (select 1) select * from q, s", "r"),
            ("begin update or ignore t set a = 1; insert into u values (1); delete from v; end", "t u v"),
            ("select count(*) from t group by a, b order by c, d", "t"),
            ("select trim(a, b), 'from x' from t -- from y", "t"),
        ];
        for (query, wanted) in cases {
            let found: Vec<String> = relations(query).into_iter().collect();
            assert_eq!(found.join(" "), wanted, "{query}");
        }
    }

    #[test]
    fn odd_text_ends() {
        for query in ["", ")", "from", "from (", "from a.", "with", "with a as", "in", "update or"] {
            relations(query);
        }
    }
}
