//! Tests of this module that would crowd the files they test.

mod lex;

use super::*;

const ALL: [&Dialect; 4] = [&SQLITE, &POSTGRES, &MYSQL, &MARIADB];
