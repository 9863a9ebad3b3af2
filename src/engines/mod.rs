//! All engines, in one list: what the program installs before anything else, and tests before they
//! ask about a database.

use dbwright_core::engine;

/// A new engine is a folder and a line here.
static ENGINES: &[&dyn engine::Engine] =
    &[&dbwright_sqlite::Sqlite, &dbwright_postgres::Postgres, &dbwright_mysql::Mysql];

/// Makes them known.
pub fn install() {
    engine::install(ENGINES);
}

#[cfg(test)]
mod pool_tests;
#[cfg(test)]
mod tests {
    use dbwright_core::engine::engine_for;
    use dbwright_core::model::target::EngineKind;

    #[test]
    fn every_kind_has_its_engine() {
        super::install();
        for kind in EngineKind::ALL {
            assert!(engine_for(kind).serves(kind), "{kind:?}");
        }
    }
}
