//! What an engine's types mean in words that no engine owns, and what the engine can hold.
//!
//! docs/type-map.md is made from this; a test compares them.

use crate::model::catalog::{Attribute, Column, Name, Object, Table, Trigger};
use crate::model::types::Portable;

/// An engine's types and abilities, for the way from one engine to another.
pub trait TypeMap: Sync {
    /// What a type of this engine, as its catalog writes it, means. None where no other engine has
    /// the like, and for the name of a type that somebody made.
    fn portable(&self, native: &str) -> Option<Meaning>;

    /// Whether a type of an engine's kin is one of this engine's, by the same name.
    fn knows(&self, native: &str) -> bool {
        self.portable(native).is_some()
    }

    /// The type of this engine that holds the values of a portable one.
    fn native(&self, ty: &Portable, usage: Usage<'_>) -> Native;

    /// What is meant by a function that stands as a default, as the catalog writes it.
    fn function(&self, text: &str) -> Option<Function>;

    /// The default that a function is for a column of a type; None if the engine has none.
    fn default(&self, function: Function, ty: &Portable) -> Option<String>;

    /// Whether the engine gives numbers to a column without being told to.
    fn numbers_itself(&self, table: &Table, column: &Column) -> bool {
        let _ = (table, column);
        false
    }

    /// What does the work of ON UPDATE CURRENT_TIMESTAMP where the engine has no such words: it sets
    /// the column at this place to `now` whenever something else in the row changes and the column
    /// is not given a value. `name` is free for what is made.
    fn set_on_update(
        &self,
        name: &Name,
        table: (&Name, &Table),
        column: usize,
        now: &str,
    ) -> Option<OnUpdate> {
        let _ = (name, table, column, now);
        None
    }

    fn abilities(&self) -> &'static Abilities;
}

/// A trigger in place of ON UPDATE CURRENT_TIMESTAMP, and the function that it calls.
#[derive(Debug, Clone)]
pub struct OnUpdate {
    pub trigger: Trigger,
    pub function: Option<Object>,
}

impl OnUpdate {
    /// The conditions under which it works, each of one column beside `own`: `differs` writes that
    /// a column, quoted, is not what it was. What the engine computes is left out.
    pub fn conditions(table: &Table, own: usize, differs: impl Fn(&Column) -> String) -> Option<String> {
        let others = table.columns.iter().enumerate();
        let others = others.filter(|(at, each)| *at != own && each.generated.is_none());
        let conditions: Vec<String> = others.map(|(_, column)| differs(column)).collect();
        (!conditions.is_empty()).then(|| conditions.join(" OR "))
    }
}

/// A type in portable words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    pub ty: Portable,
    /// What the portable type does not say.
    pub loss: Option<&'static str>,
}

impl Meaning {
    pub fn exact(ty: Portable) -> Option<Self> {
        Some(Meaning { ty, loss: None })
    }

    pub fn losing(ty: Portable, loss: &'static str) -> Option<Self> {
        Some(Meaning { ty, loss: Some(loss) })
    }
}

/// A type of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Native {
    pub ty: String,
    /// What this type does not hold.
    pub loss: Option<&'static str>,
    /// The condition that makes up for what the type does not say; `{}` is the column.
    pub check: Option<String>,
}

impl Native {
    pub fn exact(ty: impl Into<String>) -> Self {
        Native { ty: ty.into(), loss: None, check: None }
    }

    pub fn losing(ty: impl Into<String>, loss: &'static str) -> Self {
        Native { loss: Some(loss), ..Native::exact(ty) }
    }

    pub fn checked(ty: impl Into<String>, check: impl Into<String>) -> Self {
        Native { check: Some(check.into()), ..Native::exact(ty) }
    }
}

/// How a column is used, where its type depends on it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage<'a> {
    /// The engine gives its numbers.
    pub identity: bool,
    /// It is in a primary, unique or foreign key.
    pub key: bool,
    /// What only the engine knows of the table.
    pub table: &'a [Attribute],
}

/// Functions that every engine has as a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// The present moment, date or time of day.
    Now,
    /// A new random UUID.
    Uuid,
}

/// How an engine holds a list of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enums {
    /// A type of its own with a name.
    Type,
    /// The list stands at the column.
    Column,
    /// Text and a check.
    Check,
}

/// What an identity needs to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityKey {
    Nothing,
    /// The first column of some index.
    First,
    /// The primary key, alone.
    Primary,
}

/// The columns that a generated column may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComputedFrom {
    /// Ordinary ones.
    Ordinary,
    /// Ordinary ones, and generated ones that stand before it.
    Earlier,
    All,
}

/// What an engine can hold in its catalog.
#[derive(Debug, Clone, Copy)]
pub struct Abilities {
    /// The longest name; `usize::MAX` is no limit.
    pub longest_name: usize,
    /// The limit counts bytes, not characters.
    pub names_in_bytes: bool,
    pub schemas: bool,
    pub enums: Enums,
    pub partial_indexes: bool,
    pub expression_indexes: bool,
    pub include: bool,
    pub nulls_order: bool,
    pub nulls_not_distinct: bool,
    pub deferrable: bool,
    pub not_enforced: bool,
    /// An index can be kept up to date and not be used, because somebody wanted that.
    pub unused_indexes: bool,
    /// Index names need to differ within a table only.
    pub index_names_per_table: bool,
    /// The names of foreign keys and checks must differ within a database.
    pub constraint_names_per_database: bool,
    /// Indexes keep the first characters of a column only, where asked.
    pub prefixes: bool,
    pub materialized_views: bool,
    pub comments: bool,
    /// ON UPDATE CURRENT_TIMESTAMP.
    pub on_update_now: bool,
    /// ON DELETE SET DEFAULT.
    pub set_default: bool,
    pub match_full: bool,
    /// Both ends of a foreign key need one type to the bit.
    pub strict_foreign_keys: bool,
    /// The widest number an identity can be is a signed one of 64 bits.
    pub signed_identity: bool,
    /// A default that is no literal stands in parentheses.
    pub parenthesized_defaults: bool,
    /// Text types can have a literal default.
    pub text_defaults: bool,
    /// Whether an identity must be in a key.
    pub identity_key: IdentityKey,
    /// An identity can refuse values given by the user.
    pub identity_always: bool,
    /// Rows are numbered again from the end when the last is gone, where asked.
    pub identity_reuse: bool,
    /// `true` and `false` are values, and not names of 1 and 0.
    pub bool_words: bool,
    /// Options of a table that change what its rows mean, and how.
    pub weighty_options: &'static [(&'static str, &'static str)],
    /// Parts of the names of collations that its kin has and it has not.
    pub unknown_collations: &'static [&'static str],
    /// A generated column may be computed when it is read.
    pub virtual_columns: bool,
    /// Index methods with the engine's own words; the first is meant by no word.
    pub index_methods: &'static [&'static str],
    /// `a || b` joins texts.
    pub concat_bars: bool,
    /// The number of characters of a text.
    pub character_length: &'static str,
    /// A column of a view that has no name is called by the text it is computed from.
    pub names_by_text: bool,
    /// Any value may stand in any column, and refer to any other.
    pub loose_types: bool,
    /// A foreign key may refer to the first columns of an index that is not unique.
    pub loose_references: bool,
    /// What a generated column may be computed from.
    pub computed_from: ComputedFrom,
    /// Checks and generated columns may name the column whose numbers the engine gives.
    pub identity_in_expressions: bool,
    /// A check may name a column that the action of a foreign key changes.
    pub checks_on_actions: bool,
    /// A `time` may be below 0 and above 24 hours.
    pub long_times: bool,
    /// Names may have letters beyond U+FFFF (emoji).
    pub names_with_emoji: bool,
}

/// A type taken apart: `decimal(10,2) unsigned` is `decimal`, `10`, `2`, `unsigned`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The words before the parentheses, in lower case.
    pub word: String,
    /// What stands in the parentheses.
    pub inside: Option<String>,
    /// The words after them, in lower case.
    pub after: String,
}

impl Parts {
    pub fn of(ty: &str) -> Self {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        match (ty.find('('), ty.rfind(')')) {
            (Some(open), Some(close)) if open < close => Parts {
                word: words(&ty[..open]),
                inside: Some(ty[open + 1..close].to_owned()),
                after: words(&ty[close + 1..]),
            },
            _ => Parts { word: words(ty), ..Parts::default() },
        }
    }

    /// The numbers in the parentheses.
    pub fn numbers(&self) -> Vec<u32> {
        let inside = self.inside.as_deref().unwrap_or_default();
        inside.split(',').filter_map(|each| each.trim().parse().ok()).collect()
    }

    /// The one number in the parentheses.
    pub fn number(&self) -> Option<u32> {
        match *self.numbers().as_slice() {
            [number] => Some(number),
            _ => None,
        }
    }

    /// The digits of a second.
    pub fn digits(&self) -> Option<u8> {
        self.number().and_then(|digits| u8::try_from(digits).ok()).filter(|digits| *digits <= 6)
    }

    /// `decimal`, `decimal(10)`, `decimal(10,2)`. A scale below 0 or beyond all digits, which few
    /// engines know, is one without a limit.
    pub fn decimal(&self) -> Portable {
        let signed = self.inside.as_ref().is_some_and(|inside| inside.contains('-'));
        match *self.numbers().as_slice() {
            _ if signed => Portable::Decimal(None),
            [precision, scale] if scale > precision => Portable::Decimal(None),
            [precision, scale] => Portable::Decimal(Some((precision, scale))),
            [precision] => Portable::Decimal(Some((precision, 0))),
            _ => Portable::Decimal(None),
        }
    }
}

/// The words of an enum as SQL literals with commas; backslashes doubled where they escape.
pub fn literals(labels: &[String], dialect: &crate::sql::Dialect) -> String {
    let quoted = |label: &String| {
        // A label with a NUL is refused by the server, whatever is written.
        crate::sql::quote_literal(dialect, label).unwrap_or_else(|_| format!("'{}'", label.replace('\0', "")))
    };
    labels.iter().map(quoted).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_taken_apart() {
        let parts = Parts::of("DECIMAL (10, 2)  UNSIGNED");
        assert_eq!((parts.word.as_str(), parts.after.as_str()), ("decimal", "unsigned"));
        assert_eq!(parts.decimal(), Portable::Decimal(Some((10, 2))));
        assert_eq!(Parts::of("timestamp(3) with time zone").digits(), Some(3));
        assert_eq!(Parts::of("enum('a)','b')").inside.as_deref(), Some("'a)','b'"));
        assert_eq!(Parts::of("x)("), Parts { word: "x)(".into(), ..Parts::default() });
    }
}
