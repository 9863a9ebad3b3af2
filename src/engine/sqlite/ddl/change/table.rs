//! How a table gets to be another: by ALTER TABLE where that can do it, else by a rebuild.

use super::words::{has, names_any, same};
use crate::ddl::{constraint_sql, reference_sql};
use crate::model::catalog::{Column, Constraint, ConstraintKind, Object, Table, attribute};
use crate::model::diff::{Part, Step, What};
use crate::sql::{Lexer, SQLITE, TokenKind};

/// A table that is in both catalogs and differs.
pub struct Kept<'a> {
    pub old: &'a Object,
    pub new: &'a Object,
    pub old_table: &'a Table,
    pub new_table: &'a Table,
    pub parts: &'a [Part],
    pub way: Way<'a>,
}

pub enum Way<'a> {
    /// Only indexes and triggers differ.
    PartsOnly,
    /// Columns go, and others come at the end, with constraints of their own.
    Alter {
        dropped: Vec<&'a Column>,
        added: Vec<(&'a Column, Vec<&'a Constraint>)>,
    },
    Rebuild,
    /// A virtual table: dropped and created.
    Remake,
    /// It cannot be changed.
    Leave {
        why: String,
    },
}

impl<'a> Kept<'a> {
    /// `lets_go` says whether what stands elsewhere lets a column of a name be dropped.
    pub fn new(
        lets_go: &dyn Fn(&str) -> bool,
        old: &'a Object,
        new: &'a Object,
        parts: &'a [Part],
    ) -> Option<Self> {
        let mut kept = Kept { parts, ..Self::rebuilt(old, new)? };
        kept.way = kept.find_way(lets_go);
        Some(kept)
    }

    pub fn rebuilt(old: &'a Object, new: &'a Object) -> Option<Self> {
        let (old_table, new_table) = (old.as_table()?, new.as_table()?);
        Some(Kept { old, new, old_table, new_table, parts: &[], way: Way::Rebuild })
    }

    /// The rows are kept in a new table.
    pub fn is_rebuilt(&self) -> bool {
        matches!(self.way, Way::Rebuild)
    }

    /// All that hangs on the table goes with it.
    pub fn is_remade(&self) -> bool {
        matches!(self.way, Way::Rebuild | Way::Remake)
    }

    /// The column that was what `column` shall be.
    pub fn before(&self, column: &str) -> Option<&'a Column> {
        self.old_table.columns.iter().find(|old| same(&old.name, column))
    }

    fn find_way(&self, lets_go: &dyn Fn(&str) -> bool) -> Way<'a> {
        if self.old_table.foreign.is_some() || self.new_table.foreign.is_some() {
            let broken =
                [self.old, self.new].into_iter().find_map(|each| attribute(&each.attributes, "broken"));
            return match broken {
                Some(why) => Way::Leave { why: why.to_owned() },
                None => Way::Remake,
            };
        }
        if self.parts.iter().all(|part| matches!(part.what, What::Index | What::Trigger)) {
            return Way::PartsOnly;
        }
        self.by_alter(lets_go).unwrap_or(Way::Rebuild)
    }

    /// None when ALTER TABLE cannot do it.
    fn by_alter(&self, lets_go: &dyn Fn(&str) -> bool) -> Option<Way<'a>> {
        let alters = |part: &Part| match part.what {
            What::Index | What::Trigger => true,
            What::Constraint => matches!(part.step, Step::Add { .. }),
            What::Column => !matches!(part.step, Step::Alter { .. }),
            _ => false,
        };
        if !self.parts.iter().all(alters) {
            return None;
        }
        let stays = |column: &&Column| self.old_table.columns.iter().any(|old| old.name == column.name);
        let (kept, added): (Vec<&Column>, Vec<&Column>) = self.new_table.columns.iter().partition(stays);
        let goes = |column: &&Column| !self.new_table.columns.iter().any(|new| same(&new.name, &column.name));
        let dropped: Vec<&Column> = self.old_table.columns.iter().filter(goes).collect();
        let is_in_order =
            self.new_table.columns.iter().zip(kept.iter().chain(&added)).all(|(a, b)| a.name == b.name);
        // The last column of all cannot be dropped, even if another comes after.
        if !dropped.is_empty() && kept.iter().all(|column| column.generated.is_some()) {
            return None;
        }
        let as_many = self.old_table.columns.len() == kept.len() + dropped.len();
        if !is_in_order || !as_many || !dropped.iter().all(|column| self.can_drop(lets_go, column)) {
            return None;
        }
        let mut added: Vec<(&Column, Vec<&Constraint>)> =
            added.into_iter().filter(|column| can_add(column)).map(|column| (column, Vec::new())).collect();
        if added.len() + kept.len() != self.new_table.columns.len() {
            return None;
        }
        for constraint in self.new_constraints() {
            let (column, own) = added.iter_mut().find(|(column, _)| belongs_to(constraint, column))?;
            // Rows that are there would all refer to the default (SQLite refuses it).
            let is_key = matches!(constraint.kind, ConstraintKind::ForeignKey(_));
            if is_key && column.default.as_deref().is_some_and(|default| !same(default, "null")) {
                return None;
            }
            own.push(constraint);
        }
        Some(Way::Alter { dropped, added })
    }

    /// The constraints that the old table does not have.
    pub fn new_constraints(&self) -> Vec<&'a Constraint> {
        let mut old: Vec<&Constraint> = self.old_table.constraints.iter().collect();
        let is_new = |new: &&Constraint| match old.iter().position(|each| each == new) {
            Some(at) => {
                old.swap_remove(at);
                false
            }
            None => true,
        };
        self.new_table.constraints.iter().filter(is_new).collect()
    }

    /// What SQLite refuses is listed in
    /// <https://www.sqlite.org/lang_altertable.html#alter_table_drop_column>.
    fn can_drop(&self, lets_go: &dyn Fn(&str) -> bool, column: &Column) -> bool {
        let name = column.name.as_str();
        let in_text = |text: &str| names_any(text, |word| same(word, name));
        let in_list = |list: &[String]| list.iter().any(|each| same(each, name));
        let constrained = self.old_table.constraints.iter().any(|each| match &each.kind {
            ConstraintKind::Check { expression } => in_text(expression),
            ConstraintKind::ForeignKey(reference) => in_list(&each.columns) || in_list(&reference.referenced),
            _ => in_list(&each.columns),
        });
        let computed =
            |other: &Column| other.generated.as_ref().is_some_and(|each| in_text(&each.expression));
        // Indexes that go are dropped before; what is left is in both tables.
        let indexed = self.new_table.indexes.iter().any(|index| {
            index.predicate.as_deref().is_some_and(in_text)
                || index.keys.iter().filter_map(|key| key.expression.as_deref()).any(in_text)
        });
        !constrained && !indexed && !self.old_table.columns.iter().any(computed) && lets_go(name)
    }
}

/// What SQLite refuses is listed in
/// <https://www.sqlite.org/lang_altertable.html#alter_table_add_column>.
fn can_add(column: &Column) -> bool {
    let is_plain = column.identity.is_none() && !has(&column.attributes, "rowid");
    if column.generated.as_ref().is_some_and(|generated| generated.stored || !column.nullable) {
        return false;
    }
    let default = column.default.as_deref();
    let is_null = default.is_none_or(|default| same(default.trim(), "null"));
    is_plain && default.is_none_or(is_constant) && (column.nullable || !is_null)
}

/// A number or a string: SQLite adds no column with a default that has to be computed.
pub fn is_constant(default: &str) -> bool {
    let mut code = Lexer::new(default, &SQLITE).code();
    let first = code.next();
    let signed = matches!(first, Some((_, "+" | "-")));
    let value = if signed { code.next() } else { first };
    let constant = value.is_some_and(|(token, text)| match token.kind {
        TokenKind::Number => true,
        TokenKind::String => !signed,
        _ => !signed && ["null", "true", "false"].iter().any(|word| same(word, text)),
    });
    constant && code.next().is_none()
}

/// Whether the constraint can be written with the column.
fn belongs_to(constraint: &Constraint, column: &Column) -> bool {
    match &constraint.kind {
        ConstraintKind::ForeignKey(_) => {
            constraint.columns.len() == 1 && constraint.columns[0] == column.name
        }
        ConstraintKind::Check { expression } => {
            constraint.attributes.is_empty() && names_any(expression, |word| same(word, &column.name))
        }
        _ => false,
    }
}

/// The constraint as it is written with its column.
pub fn inline(constraint: &Constraint) -> String {
    let sql = match &constraint.kind {
        ConstraintKind::ForeignKey(reference) => {
            super::super::in_constraint(constraint, reference_sql(reference))
        }
        _ => constraint_sql(constraint).unwrap_or_default(),
    };
    format!(" {sql}")
}
