//! What differs between the engines' SQL, as data.
//!
//! A server setting that changes the lexer is a changed copy:
//! `Dialect { backslash_escapes: false, ..MYSQL }` for `NO_BACKSLASH_ESCAPES`.

use super::keywords::{self, Keywords};

/// How a bound value is written in a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// `$1`, usable more than once.
    Dollar,
    /// `?`, one for every use.
    Question,
    /// `?1`, usable more than once.
    NumberedQuestion,
}

impl Placeholder {
    /// The placeholder of the `n`th value, from 1.
    pub fn nth(self, n: usize) -> String {
        match self {
            Placeholder::Dollar => format!("${n}"),
            Placeholder::Question => "?".to_owned(),
            Placeholder::NumberedQuestion => format!("?{n}"),
        }
    }
}

/// What a word like `@name`, `$name` or `?` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sigil {
    /// Not special: an operator or punctuation.
    Operator,
    /// A value to be bound.
    Param,
    /// A variable of the session.
    Variable,
    /// A character that may begin an identifier.
    Ident,
}

/// The facts about one engine's SQL that the rest of this module needs.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// For messages and logs; never to be compared.
    pub name: &'static str,

    /// A backslash in a plain string escapes the next character.
    pub backslash_escapes: bool,
    /// `E'…'` is a string with backslash escapes.
    pub escape_strings: bool,
    /// `U&'…'` and `U&"…"`.
    pub unicode_strings: bool,
    /// Lower-case letters that may stand directly before a string: `x'1F'`.
    pub string_prefixes: &'static [u8],
    /// `_utf8'…'`.
    pub charset_introducers: bool,
    /// `"…"` is a string, not an identifier.
    pub double_quoted_strings: bool,
    /// `` `…` `` is an identifier.
    pub backtick_idents: bool,
    /// `[…]` is an identifier.
    pub bracket_idents: bool,
    /// `$tag$…$tag$`.
    pub dollar_quotes: bool,

    /// `/* /* */ */` nest.
    pub nested_comments: bool,
    /// `--` begins a comment only before whitespace or a control character.
    pub dashes_need_space: bool,
    /// `#` begins a comment.
    pub hash_comments: bool,
    /// A carriage return ends a line comment.
    pub return_ends_comment: bool,
    /// `/*! … */` is code.
    pub executable_comments: bool,
    /// `/*M! … */` is code.
    pub executable_m_comments: bool,

    /// Operators are any run of operator characters (`?|`, `@>`, `<->`).
    pub free_operators: bool,
    /// What `?` means.
    pub question: Sigil,
    /// What `@name` means.
    pub at: Sigil,
    /// What `$name` means; `$1` is a parameter with [`Sigil::Operator`] too if `dollar_numbers`.
    pub dollar: Sigil,
    /// `$1` is a parameter.
    pub dollar_numbers: bool,

    /// The name that the database one works in has in every statement, whatever it is called.
    pub own_database: Option<&'static str>,

    /// A `;` inside parentheses does not end a statement.
    pub parens_hold: bool,
    /// `CREATE FUNCTION … BEGIN ATOMIC … END`.
    pub atomic_bodies: bool,
    /// `CREATE TRIGGER … BEGIN …; END`, the only compound statement.
    pub trigger_bodies: bool,
    /// Routines, triggers and events have bodies of nested blocks.
    pub stored_programs: bool,
    /// `BEGIN NOT ATOMIC … END` and bare `IF … END IF` are statements.
    pub anonymous_blocks: bool,
    /// The client command `DELIMITER //`.
    pub delimiter_command: bool,
    /// `COPY … FROM STDIN;` is followed by its data.
    pub copy_from_stdin: bool,
    /// `\G` ends a statement within a line, as a command of one letter.
    pub letter_commands: bool,

    /// The placeholder the server understands.
    pub placeholder: Placeholder,
    /// What quotes an identifier when we write it.
    pub ident_quote: char,
    /// Unquoted identifiers are folded to lower case, so capitals need quotes.
    pub folds_to_lower: bool,
    /// Words of the language.
    pub keywords: Keywords,
}

/// SQLite.
pub const SQLITE: Dialect = Dialect {
    name: "sqlite",
    own_database: Some("main"),
    backslash_escapes: false,
    escape_strings: false,
    unicode_strings: false,
    string_prefixes: b"x",
    charset_introducers: false,
    double_quoted_strings: false,
    backtick_idents: true,
    bracket_idents: true,
    dollar_quotes: false,
    nested_comments: false,
    dashes_need_space: false,
    hash_comments: false,
    return_ends_comment: false,
    executable_comments: false,
    executable_m_comments: false,
    free_operators: false,
    question: Sigil::Param,
    at: Sigil::Param,
    dollar: Sigil::Param,
    dollar_numbers: true,
    parens_hold: false,
    atomic_bodies: false,
    trigger_bodies: true,
    stored_programs: false,
    anonymous_blocks: false,
    delimiter_command: false,
    copy_from_stdin: false,
    letter_commands: false,
    placeholder: Placeholder::NumberedQuestion,
    ident_quote: '"',
    folds_to_lower: false,
    keywords: keywords::SQLITE,
};

/// PostgreSQL.
pub const POSTGRES: Dialect = Dialect {
    name: "postgresql",
    own_database: None,
    escape_strings: true,
    unicode_strings: true,
    string_prefixes: b"nxb",
    backtick_idents: false,
    bracket_idents: false,
    dollar_quotes: true,
    nested_comments: true,
    return_ends_comment: true,
    free_operators: true,
    question: Sigil::Operator,
    at: Sigil::Operator,
    dollar: Sigil::Operator,
    parens_hold: true,
    atomic_bodies: true,
    trigger_bodies: false,
    copy_from_stdin: true,
    placeholder: Placeholder::Dollar,
    folds_to_lower: true,
    keywords: keywords::POSTGRES,
    ..SQLITE
};

/// MySQL.
pub const MYSQL: Dialect = Dialect {
    name: "mysql",
    own_database: None,
    backslash_escapes: true,
    string_prefixes: b"nxb",
    charset_introducers: true,
    double_quoted_strings: true,
    bracket_idents: false,
    dashes_need_space: true,
    hash_comments: true,
    executable_comments: true,
    at: Sigil::Variable,
    dollar: Sigil::Ident,
    dollar_numbers: false,
    trigger_bodies: false,
    stored_programs: true,
    delimiter_command: true,
    letter_commands: true,
    placeholder: Placeholder::Question,
    ident_quote: '`',
    keywords: keywords::MYSQL,
    ..SQLITE
};

/// MariaDB.
pub const MARIADB: Dialect = Dialect {
    name: "mariadb",
    executable_m_comments: true,
    anonymous_blocks: true,
    keywords: keywords::MARIADB,
    ..MYSQL
};
