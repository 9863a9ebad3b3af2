//! One self-contained HTML page: no network, no fonts, a little inline script for the search.

use std::fmt::Write;

use super::book::{Book, Chapter};
use super::names::plural;
use super::page::{Body, Cell, Page, Section, Span};
use crate::model::catalog::{Kind, ObjectId};
use crate::ui::diagram::{Diagram, Fields, SVG_STYLE, SvgOptions, parts, svg, tables_to_draw};
use crate::ui::diagram::{escaped, push_escaped};
use crate::ui::human;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What tells a page of ours.
pub const GENERATOR: &str = "<meta name=\"generator\" content=\"dbwright schema docs\">";

/// As many tables are drawn with their keys in one diagram; more become a map of names, and parts.
const LARGEST_DIAGRAM: usize = 40;
/// Beyond this a map is a wall.
const LARGEST_MAP: usize = 1500;
/// The tables in the diagram around one.
const NEIGHBOURS: usize = 24;

/// The whole page.
pub fn html(book: &Book<'_>, title: &str) -> String {
    let pages: Vec<Page> = book.pages().collect();
    let mut out = String::with_capacity(64 * 1024 + pages.len() * 8 * 1024);
    let shown = escaped(title);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{GENERATOR}\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <title>{shown}</title>\n<style>\n{STYLE}{SVG_STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
    );
    let chapters = book.by_schema(&pages);
    sidebar(&mut out, book, &chapters);
    let _ = writeln!(out, "<main id=\"content\" tabindex=\"-1\">\n<h1>{shown}</h1>");
    overview(&mut out, book);
    for page in chapters.iter().flat_map(|chapter| &chapter.kinds).flat_map(|(_, pages)| pages) {
        object(&mut out, book, page);
    }
    let _ = writeln!(out, "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>");
    out
}

fn sidebar(out: &mut String, book: &Book<'_>, chapters: &[Chapter<'_>]) {
    out.push_str(
        "<nav id=\"side\" aria-label=\"Objects\">\n<div id=\"find\" role=\"search\" hidden>\
         <label for=\"q\">Search</label>\
         <input id=\"q\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" \
         aria-describedby=\"count\" placeholder=\"name, column, comment  ( / )\">\
         <p id=\"count\" role=\"status\"></p></div>\n\
         <button id=\"toggle\" type=\"button\" aria-controls=\"list\" aria-expanded=\"true\">\
         List of objects</button>\n<div id=\"list\">\n",
    );
    let named = chapters.iter().any(|chapter| !chapter.schema.is_empty());
    for Chapter { schema, kinds } in chapters {
        out.push_str("<div class=\"schema\">");
        if named {
            let title = if schema.is_empty() { "Database" } else { schema };
            let _ = write!(out, "<h2>{}</h2>", escaped(title));
        }
        for (kind, pages) in kinds {
            let open =
                if matches!(kind, Kind::Table | Kind::View) || pages.len() < 12 { " open" } else { "" };
            let _ =
                writeln!(out, "<details{open}><summary>{} ({})</summary><ul>", plural(*kind), pages.len());
            for page in pages {
                side_link(out, book, page);
            }
            out.push_str("</ul></details>");
        }
        out.push_str("</div>\n");
    }
    out.push_str("</div>\n</nav>\n");
}

fn side_link(out: &mut String, book: &Book<'_>, page: &Page) {
    let _ = write!(out, "<li><a href=\"#{}\" data-s=\"", book.names.anchor(page.id));
    for (at, word) in page.words.iter().chain(&page.comment).enumerate() {
        if at > 0 {
            out.push_str("&#10;");
        }
        push_escaped(out, &word.replace('\n', " "));
    }
    let name = &book.catalog.get(page.id).name.name;
    let signature = page.title.find('(').filter(|_| book.catalog.get(page.id).signature.is_some());
    let _ = write!(out, "\">{}", escaped(if name.is_empty() { "(no name)" } else { name }));
    if let Some(at) = signature {
        push_escaped(out, &page.title[at..]);
    }
    out.push_str("</a></li>\n");
}

fn overview(out: &mut String, book: &Book<'_>) {
    let catalog = book.catalog;
    let _ = writeln!(
        out,
        "<p class=\"kind\">{}</p>",
        escaped(format!("{} {}", catalog.engine.title(), catalog.server_version).trim())
    );
    out.push_str("<ul class=\"counts\">");
    for (kind, count) in book.counts() {
        let word = if count == 1 { kind.word().to_owned() } else { plural(kind) };
        let _ = write!(out, "<li>{} {word}</li>", human::count(count as u64));
    }
    out.push_str("</ul>\n");
    for unread in &catalog.unread {
        let text = format!("Not read: {}: {}", unread.what, unread.why);
        let _ = writeln!(out, "<p class=\"note warn\">{}</p>", escaped(&text));
    }
    let tables = tables_to_draw(catalog);
    if book.links.foreign_keys.is_empty() {
        return;
    }
    out.push_str("<h2 id=\"diagram\">Diagram</h2>\n");
    if tables.len() <= LARGEST_DIAGRAM {
        let diagram = Diagram::of(catalog, &book.links, &tables, Fields::Keys);
        figure(out, book, &diagram, "All tables", true);
        return;
    }
    if tables.len() <= LARGEST_MAP {
        let diagram = Diagram::of(catalog, &book.links, &tables, Fields::None);
        figure(out, book, &diagram, "Map of all tables", true);
    }
    out.push_str("<h3>Parts, with keys</h3>\n");
    for part in parts(catalog, &book.links, &tables, LARGEST_DIAGRAM) {
        let diagram = Diagram::of(catalog, &book.links, &part.tables, Fields::Keys);
        let title = format!("{}: {}", part.title, human::counted(part.tables.len() as u64, "tables"));
        let _ = write!(out, "<details><summary>{}</summary>", escaped(&title));
        figure(out, book, &diagram, &title, true);
        out.push_str("</details>\n");
    }
}

fn figure(out: &mut String, book: &Book<'_>, diagram: &Diagram, title: &str, fit: bool) {
    let link = |id: ObjectId| format!("#{}", book.names.anchor(id));
    let options = SvgOptions { standalone: false, title, link: Some(&link) };
    let class = if fit { "diagram fit" } else { "diagram" };
    let _ = writeln!(
        out,
        "<div class=\"{class}\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</div>",
        escaped(title),
        svg(diagram, &options)
    );
}

fn object(out: &mut String, book: &Book<'_>, page: &Page) {
    let anchor = book.names.anchor(page.id);
    let _ = write!(
        out,
        "<section class=\"object\" id=\"{anchor}\" aria-labelledby=\"{anchor}-h\">\n\
         <p class=\"kind\">{}</p><h2 id=\"{anchor}-h\">{}</h2>\n",
        escaped(&page.kind),
        escaped(&page.title)
    );
    if let Some(warning) = &page.warning {
        let _ = writeln!(out, "<p class=\"note warn\">Broken: {}</p>", escaped(warning));
    }
    if let Some(comment) = &page.comment {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", escaped(comment));
    }
    if !page.facts.is_empty() {
        out.push_str("<dl>");
        for (name, value) in &page.facts {
            let _ = write!(out, "<dt>{}</dt><dd>", escaped(name));
            cell(out, book, value);
            out.push_str("</dd>");
        }
        out.push_str("</dl>\n");
    }
    if page.diagram {
        neighbourhood(out, book, page);
    }
    for each in &page.sections {
        section(out, book, each);
    }
    out.push_str("</section>\n");
}

fn neighbourhood(out: &mut String, book: &Book<'_>, page: &Page) {
    let (diagram, left_out) = Diagram::around(book.catalog, &book.links, page.id, NEIGHBOURS);
    figure(out, book, &diagram, &format!("Neighbours of {}", page.title), false);
    if left_out > 0 {
        let text = format!("{} not drawn.", human::counted(left_out as u64, "more neighbours"));
        let _ = writeln!(out, "<p class=\"kind\">{}</p>", escaped(&text));
    }
}

fn section(out: &mut String, book: &Book<'_>, section: &Section) {
    if let Body::Folded(sql) = &section.body {
        let heading = section.heading;
        let _ = write!(out, "<details><summary>{heading}</summary>");
        code_block(out, sql);
        out.push_str("</details>\n");
        return;
    }
    let _ = writeln!(out, "<h3>{}</h3>", section.heading);
    match &section.body {
        Body::Table { head, rows } => {
            out.push_str("<div class=\"scroll\"><table><thead><tr>");
            for name in head {
                let _ = write!(out, "<th scope=\"col\">{name}</th>");
            }
            out.push_str("</tr></thead><tbody>\n");
            for row in rows {
                out.push_str("<tr>");
                for each in row {
                    out.push_str("<td>");
                    cell(out, book, each);
                }
                out.push('\n');
            }
            out.push_str("</tbody></table></div>\n");
        }
        Body::List(items) => {
            out.push_str("<ul>");
            for item in items {
                out.push_str("<li>");
                cell(out, book, item);
            }
            out.push_str("</ul>\n");
        }
        Body::Code(sql) | Body::Folded(sql) => code_block(out, sql),
    }
}

fn code_block(out: &mut String, sql: &str) {
    let _ = writeln!(out, "<pre tabindex=\"0\"><code>{}</code></pre>", escaped(sql));
}

fn cell(out: &mut String, book: &Book<'_>, cell: &Cell) {
    for span in cell {
        match span {
            Span::Text(text) => push_escaped(out, text),
            Span::Code(code) => {
                out.push_str("<code>");
                push_escaped(out, code);
                out.push_str("</code>");
            }
            Span::Link { to, text } => {
                let _ = write!(out, "<a href=\"#{}\">{}</a>", book.names.anchor(*to), escaped(text));
            }
            Span::Mark(mark) => {
                let meaning = match *mark {
                    "PK" => "primary key",
                    "FK" => "foreign key",
                    _ => "unique key",
                };
                let _ = write!(out, "<abbr class=\"mark\" title=\"{meaning}\">{mark}</abbr>");
            }
        }
    }
}
