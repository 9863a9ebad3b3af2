//! Which words are keywords, and which of them cannot be names without quotes.

mod words;

pub use words::{MARIADB, MYSQL, POSTGRES, SQLITE};

/// The words of one engine: lower case, each list in byte order.
#[derive(Clone, Copy, Debug)]
pub struct Keywords {
    /// Cannot name a table or column without quotes.
    pub reserved: &'static [&'static str],
    /// The rest.
    pub other: &'static [&'static str],
}

/// Longer than any keyword of any list (a test holds it to that).
const LONGEST: usize = 40;

impl Keywords {
    /// A keyword of any sort, in any case.
    pub fn contains(&self, word: &str) -> bool {
        self.is_reserved(word) || find(self.other, word)
    }

    /// A keyword that needs quotes to be a name, in any case.
    pub fn is_reserved(&self, word: &str) -> bool {
        find(self.reserved, word)
    }

    /// Keywords that begin with `prefix` (in any case), for completion; reserved ones first.
    pub fn starting_with<'a>(&self, prefix: &'a str) -> impl Iterator<Item = &'static str> + 'a {
        let all = self.reserved.iter().chain(self.other);
        all.copied().filter(move |word| {
            word.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        })
    }
}

fn find(sorted: &[&str], word: &str) -> bool {
    // Lowered in place: this runs for every word that is coloured or quoted.
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    sorted.binary_search_by(|known| known.as_bytes().cmp(lower)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_lower_case_disjoint_and_short() {
        for words in [SQLITE, POSTGRES, MYSQL, MARIADB] {
            for list in [words.reserved, words.other] {
                assert!(list.is_sorted());
                for word in list {
                    assert_eq!(*word, word.to_ascii_lowercase());
                    assert!(word.len() <= LONGEST);
                }
            }
            assert!(!words.other.iter().any(|w| words.is_reserved(w)));
        }
    }

    #[test]
    fn lookup_ignores_case_and_survives_anything() {
        assert!(POSTGRES.is_reserved("Select"));
        assert!(POSTGRES.contains("abort") && !POSTGRES.is_reserved("abort"));
        assert!(MYSQL.is_reserved("rank") && MARIADB.is_reserved("WHERE"));
        assert!(SQLITE.contains("pragma") && SQLITE.is_reserved("TABLE"));
        for odd in ["", "é", &"x".repeat(500)] {
            assert!(!SQLITE.contains(odd));
        }
        let found: Vec<_> = SQLITE.starting_with("SAV").collect();
        assert_eq!(found, ["savepoint"]);
    }
}
