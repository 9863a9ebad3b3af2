//! SQL as text: lexing, splitting into statements, binding names, quoting, light classification.
//!
//! Nothing here parses SQL into a tree and nothing here asks which engine it works for: what
//! differs between engines is data in a [`Dialect`].

pub mod dialect;
pub mod keywords;
pub mod lex;
mod scan;
#[cfg(test)]
mod tests;

pub use dialect::{Dialect, MARIADB, MYSQL, POSTGRES, SQLITE};
pub use lex::{Lexer, Token, TokenKind};
