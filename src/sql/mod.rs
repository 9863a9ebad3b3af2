//! SQL as text: lexing, splitting into statements, binding names, quoting, light classification.
//!
//! Nothing here parses SQL into a tree and nothing here asks which engine it works for: what
//! differs between engines is data in a [`Dialect`].

mod block;
mod copy;
pub mod dialect;
mod input;
pub mod keywords;
pub mod lex;
mod meta;
pub mod params;
mod program;
pub mod quote;
mod scan;
mod script;
pub mod split;
mod splitter;
pub mod statement;
#[cfg(test)]
mod tests;

pub use dialect::{Dialect, MARIADB, MYSQL, POSTGRES, SQLITE};
pub use lex::{Lexer, Token, TokenKind};
pub use params::{Bound, bind_names};
pub use quote::{NulByte, quote_ident, quote_ident_if_needed, quote_literal, quote_qualified};
pub use script::{write_script, write_statement};
pub use split::{Item, Pending, SplitError, Splitter, Statement, is_complete, pending, split_str};
pub use statement::{StatementKind, char_to_byte, classify, leading_keywords, without_values};
