//! Named parameters: `:name` in, the server's placeholders out.

use super::dialect::{Dialect, Placeholder};
use super::lex::{Lexer, TokenKind};

/// A statement ready to be prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// With placeholders.
    pub sql: String,
    /// For each value to be bound, in order, its index in the names given.
    pub order: Vec<usize>,
    /// Where both texts were replaced.
    replaced: Vec<Replaced>,
}

/// Ends of a replaced piece: in the result, and in the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Replaced {
    start: usize,
    end: usize,
    original_start: usize,
    original_end: usize,
}

impl Bound {
    /// The byte of the original statement that a byte of `sql` comes from; within a placeholder,
    /// the beginning of the name.
    pub fn original_offset(&self, offset: usize) -> usize {
        let passed = self.replaced.partition_point(|r| r.start <= offset);
        let Some(last) = passed.checked_sub(1).and_then(|n| self.replaced.get(n)) else {
            return offset;
        };
        if offset < last.end {
            last.original_start
        } else {
            last.original_end.saturating_add(offset - last.end)
        }
    }
}

/// Replaces `:name` by a placeholder where it stands as a value, for the names given only.
///
/// Strings, comments, casts (`x::int`) and slices (`a[1:n]`) are left alone. Names are told apart
/// by case. Placeholders that the text already has are not renumbered.
pub fn bind_names(sql: &str, dialect: &Dialect, names: &[&str]) -> Bound {
    let mut bound = Bound { sql: String::with_capacity(sql.len()), order: Vec::new(), replaced: Vec::new() };
    let mut copied = 0;
    for token in Lexer::new(sql, dialect) {
        if token.kind != TokenKind::Param {
            continue;
        }
        let Some(name) = token.text(sql).strip_prefix(':') else {
            continue;
        };
        let Some(index) = names.iter().position(|known| *known == name) else {
            continue;
        };
        bound.sql.push_str(&sql[copied..token.start]);
        let start = bound.sql.len();
        bound.push_placeholder(dialect.placeholder, index);
        bound.replaced.push(Replaced {
            start,
            end: bound.sql.len(),
            original_start: token.start,
            original_end: token.end,
        });
        copied = token.end;
    }
    bound.sql.push_str(&sql[copied..]);
    bound
}

impl Bound {
    fn push_placeholder(&mut self, style: Placeholder, index: usize) {
        let sign = match style {
            Placeholder::Question => {
                self.order.push(index);
                self.sql.push('?');
                return;
            }
            Placeholder::Dollar => '$',
            Placeholder::NumberedQuestion => '?',
        };
        let known = self.order.iter().position(|i| *i == index);
        let number = known.unwrap_or_else(|| {
            self.order.push(index);
            self.order.len() - 1
        });
        self.sql.push(sign);
        self.sql.push_str(&(number + 1).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES, SQLITE};

    #[test]
    fn placeholders_of_each_dialect() {
        let sql = "select :b, :a, :b";
        let cases = [
            (&POSTGRES, "select $1, $2, $1", vec![1, 0]),
            (&SQLITE, "select ?1, ?2, ?1", vec![1, 0]),
            (&MYSQL, "select ?, ?, ?", vec![1, 0, 1]),
        ];
        for (dialect, expected, order) in cases {
            let bound = bind_names(sql, dialect, &["a", "b"]);
            assert_eq!((bound.sql.as_str(), bound.order), (expected, order));
        }
    }

    #[test]
    fn what_is_left_alone() {
        let untouched = [
            "select a[1:n]",
            "select a[:n2]",
            "select x::n",
            "select ':n' -- :n",
            "select /* :n */ \":n\", $$ :n $$, $n$:n$n$",
            "select E'\\':n'",
            "select :name, :N, : n, :'n'",
            "n:n",
        ];
        for sql in untouched {
            let bound = bind_names(sql, &POSTGRES, &["n"]);
            assert_eq!(bound.sql, sql);
            assert!(bound.order.is_empty());
        }
        assert_eq!(bind_names("`:n` ':n\\':n' # :n", &MYSQL, &["n"]).order, Vec::<usize>::new());
    }

    #[test]
    fn where_it_does_replace() {
        let replace = |sql: &str| bind_names(sql, &POSTGRES, &["n", "größe"]).sql;
        assert_eq!(replace(":n"), "$1");
        assert_eq!(replace("(:n,:n)=:n;"), "($1,$1)=$1;");
        assert_eq!(replace("x = :n::int"), "x = $1::int");
        assert_eq!(replace("a[:n]"), "a[$1]");
        assert_eq!(replace("limit :größe"), "limit $1");
    }

    #[test]
    fn offsets_lead_back() {
        let sql = "select :first, wrong, :second from t";
        let bound = bind_names(sql, &POSTGRES, &["first", "second"]);
        for word in ["select", "wrong", "from", "t"] {
            let at = bound.sql.find(word).unwrap();
            assert_eq!(bound.original_offset(at), sql.find(word).unwrap());
        }
        let second = bound.sql.find("$2").unwrap();
        assert_eq!(bound.original_offset(second), sql.find(":second").unwrap());
        assert_eq!(bound.original_offset(second + 1), sql.find(":second").unwrap());
        assert_eq!(bound.original_offset(bound.sql.len()), sql.len());
        assert!(bound.original_offset(usize::MAX / 2) >= sql.len());
    }
}
