//! Checks of what a database is and holds: pure functions over the model, and their rules as data.

pub mod migration;
pub mod pattern;
pub mod schema;
mod settle;

use dbwright_core::{model, sql};

pub use pattern::matches;
pub use settle::settle;

/// The names of all rules: what the profile file may set.
pub fn ids() -> Vec<&'static str> {
    let of_schema = schema::rules().map(|each| each.rule.id);
    of_schema.chain(migration::rules().map(|each| each.rule.id)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_means_one_rule() {
        let mut ids = super::ids();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
