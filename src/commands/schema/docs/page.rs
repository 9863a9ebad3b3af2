//! What is said of an object, before it becomes HTML or Markdown.

use crate::model::catalog::ObjectId;

/// An object's page.
#[derive(Debug, Clone)]
pub struct Page {
    pub id: ObjectId,
    /// `table`, `materialized view`, `function`.
    pub kind: String,
    /// As a person of this database writes the name.
    pub title: String,
    pub comment: Option<String>,
    /// Something is wrong with the object.
    pub warning: Option<String>,
    /// `Owner`: `ann`.
    pub facts: Vec<(String, Cell)>,
    pub sections: Vec<Section>,
    /// It has a place in the diagram of foreign keys.
    pub diagram: bool,
    /// Words that a search finds it by, besides its name.
    pub words: Vec<String>,
}

/// A part of a page with a heading.
#[derive(Debug, Clone)]
pub struct Section {
    pub heading: &'static str,
    pub body: Body,
}

/// What a section says.
#[derive(Debug, Clone)]
pub enum Body {
    Table {
        head: Vec<&'static str>,
        rows: Vec<Vec<Cell>>,
    },
    List(Vec<Cell>),
    Code(String),
    /// Code that few want to see at once.
    Folded(String),
}

/// A text with links.
pub type Cell = Vec<Span>;

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    Text(String),
    Code(String),
    Link {
        to: ObjectId,
        text: String,
    },
    /// A short word that stands out: PK.
    Mark(&'static str),
}

/// Plain text as a cell; none for an empty text.
pub fn text(text: impl Into<String>) -> Cell {
    let text = text.into();
    if text.is_empty() { Vec::new() } else { vec![Span::Text(text)] }
}

/// Code as a cell; none for an empty one.
pub fn code(code: impl Into<String>) -> Cell {
    let code = code.into();
    if code.is_empty() { Vec::new() } else { vec![Span::Code(code)] }
}

/// Cells one after the other, with something between those that are not empty.
pub fn joined(cells: impl IntoIterator<Item = Cell>, between: &str) -> Cell {
    let mut all = Vec::new();
    for cell in cells.into_iter().filter(|cell| !cell.is_empty()) {
        if !all.is_empty() {
            all.push(Span::Text(between.to_owned()));
        }
        all.extend(cell);
    }
    all
}

/// A section with a table, unless it would have no rows; columns that are empty in every row are
/// left out, the first excepted.
pub fn table(heading: &'static str, head: &[&'static str], rows: Vec<Vec<Cell>>) -> Option<Section> {
    if rows.is_empty() {
        return None;
    }
    let kept: Vec<usize> =
        (0..head.len()).filter(|&at| at == 0 || rows.iter().any(|row| !row[at].is_empty())).collect();
    let pick = |row: Vec<Cell>| {
        let mut row: Vec<Option<Cell>> = row.into_iter().map(Some).collect();
        kept.iter().map(|&at| row[at].take().unwrap_or_default()).collect()
    };
    let head = kept.iter().map(|&at| head[at]).collect();
    Some(Section { heading, body: Body::Table { head, rows: rows.into_iter().map(pick).collect() } })
}

/// A section with a list, unless it would be empty.
pub fn list(heading: &'static str, items: Vec<Cell>) -> Option<Section> {
    (!items.is_empty()).then_some(Section { heading, body: Body::List(items) })
}
