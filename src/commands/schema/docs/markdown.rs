//! A folder of Markdown, as GitHub and others show it: an index, and a file an object. The same
//! catalog always gives the same text.

use std::fmt::Write;

use super::book::{Book, Chapter};
use super::folder::File;
use super::names::plural;
use super::page::{Body, Cell, Page, Section, Span};
use crate::model::catalog::{Kind, ObjectId};
use crate::ui::diagram::{Diagram, Fields, Part, mermaid, parts, tables_to_draw};
use crate::ui::human;

/// Beyond this, GitHub's Mermaid is slow and its text too long.
const LARGEST_DIAGRAM: usize = 50;
/// The tables in the diagram around one.
const NEIGHBOURS: usize = 24;

/// All files of the folder.
pub fn markdown(book: &Book<'_>, title: &str) -> Vec<File> {
    let pages: Vec<Page> = book.pages().collect();
    let parts = match book.links.foreign_keys.is_empty() {
        true => Vec::new(),
        false => parts(book.catalog, &book.links, &tables_to_draw(book.catalog), LARGEST_DIAGRAM),
    };
    let mut files = vec![File { path: "README.md".into(), text: index(book, title, &pages, &parts) }];
    if parts.len() > 1 {
        for (at, part) in parts.iter().enumerate() {
            files.push(File { path: part_file(at), text: part_page(book, part) });
        }
    }
    for page in &pages {
        files.push(File { path: book.names.file(page.id), text: object(book, page) });
    }
    files
}

fn index(book: &Book<'_>, title: &str, pages: &[Page], parts: &[Part]) -> String {
    let mut out = format!("# {}\n\n{}\n", escaped(title), book.catalog.engine.title());
    for unread in &book.catalog.unread {
        let _ = write!(out, "\n**Not read:** {}: {}\n", escaped(&unread.what), escaped(&unread.why));
    }
    match parts {
        [] => {}
        [part] => {
            let diagram = Diagram::of(book.catalog, &book.links, &part.tables, Fields::Keys);
            let _ = write!(out, "\n## Diagram\n\n{}", fenced("mermaid", &mermaid(&diagram)));
        }
        _ => {
            out.push_str("\n## Diagrams\n\n");
            for (at, part) in parts.iter().enumerate() {
                let count = human::counted(part.tables.len() as u64, "tables");
                let _ = writeln!(out, "- [{}]({}): {count}", escaped(&part.title), part_file(at));
            }
        }
    }
    let groups = book.by_schema(pages);
    let named = groups.iter().any(|chapter| !chapter.schema.is_empty());
    for Chapter { schema, kinds } in groups {
        if named {
            let title = if schema.is_empty() { "Database" } else { &schema };
            let _ = write!(out, "\n## {}\n", escaped(title));
        }
        for (kind, pages) in kinds {
            listing(&mut out, book, kind, &pages, if named { "###" } else { "##" });
        }
    }
    out
}

fn listing(out: &mut String, book: &Book<'_>, kind: Kind, pages: &[&Page], level: &str) {
    let _ = write!(out, "\n{level} {}\n\n", capital(&plural(kind)));
    if pages.iter().all(|page| page.comment.is_none()) {
        for page in pages {
            let file = book.names.file(page.id);
            let _ = writeln!(out, "- [{}]({file})", escaped(&name(&page.title)));
        }
        return;
    }
    out.push_str("| Name | Comment |\n|---|---|\n");
    for page in pages {
        let comment = page.comment.as_deref().unwrap_or_default();
        let first = comment.lines().next().unwrap_or_default();
        let file = book.names.file(page.id);
        let _ = writeln!(out, "| [{}]({file}) | {} |", escaped(&name(&page.title)), escaped(first));
    }
}

fn part_file(at: usize) -> String {
    format!("diagrams/part-{:02}.md", at + 1)
}

fn part_page(book: &Book<'_>, part: &Part) -> String {
    let diagram = Diagram::of(book.catalog, &book.links, &part.tables, Fields::Keys);
    let mut out = format!(
        "# {}\n\n[Index](../README.md)\n\n{}\n",
        escaped(&part.title),
        fenced("mermaid", &mermaid(&diagram))
    );
    for &id in &part.tables {
        let _ = writeln!(out, "- {}", link(book, id, &book.name_of(id)));
    }
    out
}

fn object(book: &Book<'_>, page: &Page) -> String {
    let mut out =
        format!("# {}\n\n{} · [Index](../README.md)\n", escaped(&name(&page.title)), capital(&page.kind));
    if let Some(warning) = &page.warning {
        let _ = write!(out, "\n**Broken:** {}\n", escaped(warning));
    }
    if let Some(comment) = &page.comment {
        let _ = write!(out, "\n{}\n", lines(comment));
    }
    if !page.facts.is_empty() {
        out.push('\n');
        for (label, value) in &page.facts {
            let _ = writeln!(out, "- {label}: {}", cell(book, value));
        }
    }
    for (at, each) in page.sections.iter().enumerate() {
        section(&mut out, book, each);
        if at == 0 && page.diagram {
            neighbourhood(&mut out, book, page);
        }
    }
    out
}

fn neighbourhood(out: &mut String, book: &Book<'_>, page: &Page) {
    let (diagram, left_out) = Diagram::around(book.catalog, &book.links, page.id, NEIGHBOURS);
    let _ = write!(out, "\n## Diagram\n\n{}", fenced("mermaid", &mermaid(&diagram)));
    if left_out > 0 {
        let _ = write!(out, "\n{} not drawn.\n", human::counted(left_out as u64, "more neighbours"));
    }
}

fn section(out: &mut String, book: &Book<'_>, section: &Section) {
    let _ = write!(out, "\n## {}\n\n", section.heading);
    match &section.body {
        Body::Table { head, rows } => {
            let _ = writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
            for row in rows {
                let cells: Vec<String> = row.iter().map(|each| cell(book, each).trim().to_owned()).collect();
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            }
        }
        Body::List(items) => {
            for item in items {
                let _ = writeln!(out, "- {}", cell(book, item));
            }
        }
        Body::Code(sql) | Body::Folded(sql) => out.push_str(&fenced("sql", sql)),
    }
}

fn link(book: &Book<'_>, to: ObjectId, text: &str) -> String {
    format!("[{}](../{})", escaped(&name(text)), book.names.file(to))
}

fn cell(book: &Book<'_>, cell: &Cell) -> String {
    cell.iter()
        .map(|span| match span {
            Span::Text(text) => escaped(text),
            Span::Code(code) => inline_code(code),
            Span::Link { to, text } => link(book, *to, text),
            Span::Mark(mark) => format!("**{mark}**"),
        })
        .collect()
}

/// A name that is shown must be something.
fn name(title: &str) -> String {
    if title.trim().is_empty() { "(no name)".into() } else { title.to_owned() }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

/// A block of code in a fence that is longer than any in it.
fn fenced(language: &str, code: &str) -> String {
    let fence = "`".repeat(longest_run(code).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", code.trim_end_matches('\n'))
}

fn longest_run(code: &str) -> usize {
    let runs = code.split(|letter| letter != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// Code in a line, also in a table. What a code span cannot hold is written as HTML.
fn inline_code(code: &str) -> String {
    if code.trim().is_empty() || code.contains(['`', '\n', '\r']) || code.contains("\\|") {
        let text = escaped(code);
        return format!("<code>{text}</code>");
    }
    format!("`{}`", code.replace('|', "\\|"))
}

/// Text whose every sign stands for itself, in one line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '$' | '!' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' => out.push_str("<br>"),
            _ if letter.is_control() => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

/// A comment, with its lines.
fn lines(comment: &str) -> String {
    let lines: Vec<String> = comment.trim().lines().map(line).collect();
    lines.join("  \n")
}

/// A line that begins no list, heading or quotation.
fn line(text: &str) -> String {
    let text = escaped(text);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    match text.chars().nth(digits) {
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &text[..digits], &text[digits..]),
        Some('-' | '+' | '=') if digits == 0 => format!("\\{text}"),
        _ => text,
    }
}
