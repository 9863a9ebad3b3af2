//! Where in a script a statement failed.

use crate::error::{At, Error, Kind};
use crate::model::place::place;
use crate::sql::Statement;

/// Adds the place to an error of a statement: the position the server gave, or else its first line.
pub fn located(error: Error, source: &str, statement: &Statement) -> Error {
    // That the disk is full, or the file no database, is not the statement's fault.
    if error.place().is_some() || matches!(error.kind(), Kind::Io | Kind::BrokenPipe | Kind::Connect) {
        return error;
    }
    let position = error.server_error().and_then(|server| server.position);
    let at = place(source, &statement.text, position.unwrap_or(0));
    let (line, column) = in_source(statement, at.line, at.column);
    error.at(match position {
        Some(_) => At { line, column, ..at },
        None => At { line, column: 0, caret: None, ..at },
    })
}

/// A place in the statement as a place in its source.
fn in_source(statement: &Statement, line: usize, column: usize) -> (usize, usize) {
    let (first_line, first_column) = (statement.line as usize, statement.column as usize);
    match line {
        1 => (first_line, first_column + column - 1),
        _ => (first_line + line - 1, column),
    }
}
