//! What servers of different versions write in different words: in a query over one relation, from 16
//! on columns stand without its name.

use crate::model::catalog::{Catalog, Detail};
use crate::sql::{Lexer, POSTGRES};

/// The first version that leaves the name out (its ruleutils.c, `get_query_def`).
const SHORT: u32 = 160_000;

/// `to` in the words of `from`, where both say the same.
pub fn spelled(from: &Catalog, mut to: Catalog) -> Catalog {
    let [was, is] = [from, &to].map(|catalog| catalog.server_version_num);
    if was == 0 || is == 0 || (was < SHORT) == (is < SHORT) {
        return to;
    }
    for object in &mut to.objects {
        let Detail::View(new) = &mut object.detail else { continue };
        let old = from.objects.iter().find_map(|old| match &old.detail {
            Detail::View(view) if old.name == object.name => Some(view),
            _ => None,
        });
        let Some(old) = old else { continue };
        let (long, short) = if was < SHORT { (&old.query, &new.query) } else { (&new.query, &old.query) };
        if is_same(long, short) {
            new.query.clone_from(&old.query);
        }
    }
    to
}

/// Whether the first text is the second with one and the same name before some of its columns.
fn is_same(long: &str, short: &str) -> bool {
    let words = |text| Lexer::new(text, &POSTGRES).code().map(|(_, word)| word).collect::<Vec<&str>>();
    let (long, short) = (words(long), words(short));
    let mut at = 0;
    let mut relation = None;
    for (place, word) in short.iter().enumerate() {
        let is_left_out = long.get(at + 1) == Some(&".")
            && long.get(at + 2) == Some(word)
            && short.get(place + 1) != Some(&".");
        if is_left_out {
            if *relation.get_or_insert(long[at]) != long[at] {
                return false;
            }
            at += 2;
        }
        if long.get(at) != Some(word) {
            return false;
        }
        at += 1;
    }
    at == long.len()
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn the_name_of_the_one_relation_may_be_left_out() {
        for (long, short) in [
            (
                "SELECT t.id,\n    t.a\n   FROM public.t\n  WHERE (t.a > 1.5)",
                "SELECT id,\n    a\n   FROM public.t\n  WHERE (a > 1.5)",
            ),
            ("SELECT t.t FROM t.t", "SELECT t FROM t.t"),
            ("SELECT x.\"A b\" FROM t x", "SELECT \"A b\" FROM t x"),
            ("SELECT t.id FROM t", "SELECT t.id FROM t"),
        ] {
            assert!(is_same(long, short), "{long}");
        }
        for (long, short) in [
            ("SELECT t.id FROM t", "SELECT a FROM t"),
            ("SELECT t.id, u.a FROM t, u", "SELECT id, a FROM t, u"),
            ("SELECT t.id FROM t", "SELECT id FROM t WHERE true"),
            ("SELECT t.id FROM t WHERE true", "SELECT id FROM t"),
            ("SELECT id FROM t", "SELECT t.id FROM t"),
        ] {
            assert!(!is_same(long, short), "{long}");
        }
    }
}
