//! Tests of this module that would crowd the files they test.

mod any_input;
mod bodies;
mod lex;
mod shell;
mod split;
mod statement;

use super::*;

const ALL: [&Dialect; 4] = [&SQLITE, &POSTGRES, &MYSQL, &MARIADB];

fn texts(sql: &str, dialect: &Dialect) -> Vec<String> {
    let statements = split_str(sql, dialect);
    statements.into_iter().map(|s| s.text).collect()
}
