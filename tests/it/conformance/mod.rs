//! What every engine must do alike: the same bodies run on each engine and version. Where engines
//! differ, the difference is data: [`words`].

mod cancel;
mod connect;
mod copy;
mod errors;
mod explore;
mod lost;
mod odd_values;
mod parameters;
mod pool;
mod read_only;
mod refused;
mod schema;
mod schema_docs;
mod schema_mysql;
mod schema_postgres;
mod schema_postgres_rare;
mod session;
mod streaming;
mod timeouts;
mod tls;
mod transactions;
mod types;
mod words;
