//! Values for `${name}` in the files that ask for them.

use super::folder::{Reader, Script};
use crate::error::{Error, Kind, Result, nearest};
use crate::migrations::{Directives, Statement, Unknown, Values, Wrong, replace, split};
use crate::model::place::place;

/// What is known of placeholders.
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    pub values: Values,
    /// In every file, and not only in those that say so.
    pub everywhere: bool,
    /// Nothing will be run: what is not known stays as it is.
    pub only_told: bool,
}

impl Placeholders {
    /// Adds what a user gives as `NAME=VALUE`.
    pub fn set(&mut self, given: &[String]) -> Result<()> {
        for each in given {
            let Some((name, value)) = each.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
                return Err(Error::usage(format!("`--set {each}` has no value")).hint("--set NAME=VALUE"));
            };
            self.values.insert(name.trim().to_owned(), value.to_owned());
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// Puts values into the statements of a file, if it asks for that.
    pub(super) fn replaced(
        &self,
        file: usize,
        directives: &Directives,
        statements: Vec<Statement>,
    ) -> Result<Vec<Statement>> {
        if !(self.placeholders.everywhere || directives.placeholders) {
            return Ok(statements);
        }
        statements.into_iter().map(|statement| self.one_replaced(file, statement)).collect()
    }

    fn one_replaced(&self, file: usize, statement: Statement) -> Result<Statement> {
        let at = statement.at;
        let replaced = match replace(statement.clone(), &self.placeholders.values) {
            Ok(replaced) => replaced,
            Err(_) if self.placeholders.only_told => return Ok(statement),
            Err(unknown) => return Err(self.unknown(file, at, &unknown)),
        };
        // What was cut before must not fall apart now, and be run in other pieces than are told.
        let count = |sql: &str| split(sql, 0..sql.len(), self.dialect).map(|found| found.len()).unwrap_or(0);
        if replaced.written.is_some() && count(&replaced.sql) != count(&statement.sql) {
            let message = "with the values of its placeholders this is no longer one statement";
            let error = self.wrong(file, &Wrong { message, at });
            return Err(error.hint("a value has a `;`, or a quote that does not end"));
        }
        Ok(replaced)
    }

    fn unknown(&self, file: usize, at: usize, unknown: &Unknown) -> Error {
        let text = &self.files[file].text;
        let told = |message: String| {
            Error::new(Kind::Config, message)
                .at(place(&self.shown(file), text, at + unknown.at))
                .hint("a plain `${` is written `$${`")
        };
        let Some(name) = &unknown.name else { return told("`${` without its `}`".to_owned()) };
        let error = told(format!("the placeholder `{name}` has no value"));
        match nearest(name, self.placeholders.values.keys().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!(
                "give it one: --set {name}=VALUE, or in the profile's table migrations.placeholders"
            )),
        }
    }
}

/// The statements as they are run, for the history: what takes a migration back must work without
/// the values.
pub fn texts(script: &Script) -> Vec<String> {
    script.statements.iter().map(|statement| statement.sql.clone()).collect()
}
