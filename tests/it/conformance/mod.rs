//! What every engine must do alike: the same bodies run on each engine and version. Where engines
//! differ, the difference is data: [`words`].

mod cancel;
mod catalog;
mod connect;
mod copy;
mod errors;
mod explore;
mod generate;
mod lint;
mod lost;
mod migrate;
mod migrate_traps;
mod odd_values;
mod parameters;
mod pool;
mod read_only;
mod refused;
mod schema;
mod schema_apply;
mod schema_apply_rights;
mod schema_change_mysql;
mod schema_change_postgres;
mod schema_docs;
mod schema_mysql;
mod schema_postgres;
mod schema_postgres_rare;
mod schema_rename;
mod schema_sources;
mod session;
mod streaming;
mod timeouts;
mod tls;
mod transactions;
mod type_map;
mod types;
mod words;
