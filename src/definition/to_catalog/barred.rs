//! What an engine lets no check and no generated column name.

use super::Maker;
use crate::definition::expression::unquoted_name;
use crate::definition::{Column, ConstraintKind, Table};
use crate::engine::type_map::ComputedFrom;
use crate::model::catalog::Action;
use crate::sql::Lexer;

impl Maker<'_> {
    /// Why the engine refuses a check or the key of an index.
    pub(super) fn barred(&self, table: &Table, expression: &str) -> Option<String> {
        let is_numbered = |column: &&&Column| column.identity.is_some();
        let named = self.named(table, expression);
        if let Some(column) =
            named.iter().find(is_numbered).filter(|_| !self.abilities.identity_in_expressions)
        {
            return Some(format!("it names {}, whose numbers the engine gives", column.name));
        }
        None
    }

    /// The same for a check, which the actions of a foreign key may break.
    pub(super) fn barred_check(&self, table: &Table, expression: &str) -> Option<String> {
        let changes = |name: &str| {
            table.constraints.iter().any(|each| match &each.kind {
                ConstraintKind::ForeignKey(to) => {
                    let still = |action| matches!(action, Action::NoAction | Action::Restrict);
                    let deletes = !still(to.on_delete) && to.on_delete != Action::Cascade;
                    each.columns.iter().any(|column| column == name) && (deletes || !still(to.on_update))
                }
                _ => false,
            })
        };
        self.barred(table, expression).or_else(|| {
            let named = self.named(table, expression);
            let mut named = named.iter().filter(|_| !self.abilities.checks_on_actions);
            let found = named.find(|column| changes(&column.name))?;
            Some(format!("it names {}, which a foreign key's action changes", found.name))
        })
    }

    /// The same for a generated column.
    pub(super) fn barred_generated(&self, table: &Table, own: &Column, expression: &str) -> Option<String> {
        let place = |name: &str| table.columns.iter().position(|column| column.name == name);
        let early = |column: &Column| place(&column.name) < place(&own.name);
        let mut named = self.named(table, expression).into_iter().filter(|column| column.generated.is_some());
        let found = named.find(|column| match self.abilities.computed_from {
            ComputedFrom::Ordinary => true,
            ComputedFrom::Earlier => !early(column),
            ComputedFrom::All => false,
        });
        let reason = found.map(|column| format!("it names {}, which is generated itself", column.name));
        reason.or_else(|| self.barred(table, expression))
    }

    /// The columns that a text names.
    fn named<'t>(&self, table: &'t Table, text: &str) -> Vec<&'t Column> {
        let words: Vec<String> =
            Lexer::new(text, self.dialect()).code().map(|(_, text)| unquoted_name(text)).collect();
        let is_named = |column: &&Column| words.iter().any(|word| word.eq_ignore_ascii_case(&column.name));
        table.columns.iter().filter(is_named).collect()
    }
}
