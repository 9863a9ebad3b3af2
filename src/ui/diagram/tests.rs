//! Catalogs in few words, for tests of diagrams and documentation.

use super::*;
use crate::model::catalog::{Action, Constraint, ConstraintKind, Detail, Name, Object, Reference, Table};
use crate::model::target::EngineKind;

/// A catalog of tables, each in a line: `name: column type, ...`, where a column goes on with `?`
/// if it may be null, `pk`, `uk`, and `-> table` for a foreign key to that table's first column.
pub(crate) fn catalog(lines: &[&str]) -> Catalog {
    let mut catalog = Catalog::empty(EngineKind::Sqlite);
    catalog.objects = lines.iter().map(|line| table(line)).collect();
    catalog.sort();
    catalog
}

fn table(line: &str) -> Object {
    let (name, columns) = line.split_once(':').unwrap();
    let mut table = Table::default();
    let mut primary = Vec::new();
    for column in columns.split(',').map(str::trim).filter(|column| !column.is_empty()) {
        let (words, parent) = match column.split_once("->") {
            Some((words, parent)) => (words, Some(parent.trim())),
            None => (column, None),
        };
        let words: Vec<&str> = words.split_whitespace().collect();
        let own = vec![words[0].to_owned()];
        table.columns.push(Column {
            name: words[0].into(),
            ty: words.get(1).copied().unwrap_or_default().into(),
            nullable: words.contains(&"?"),
            ..Column::default()
        });
        if words.contains(&"pk") {
            primary.extend(own.clone());
        }
        if words.contains(&"uk") {
            table.constraints.push(Constraint::new(None, ConstraintKind::Unique, own.clone()));
        }
        if let Some(parent) = parent {
            let reference = Reference {
                table: Name::new("", parent),
                referenced: Vec::new(),
                on_update: Action::NoAction,
                on_delete: Action::Cascade,
                full: false,
            };
            table.constraints.push(Constraint::new(None, ConstraintKind::ForeignKey(reference), own));
        }
    }
    if !primary.is_empty() {
        table.constraints.insert(0, Constraint::new(None, ConstraintKind::PrimaryKey, primary));
    }
    Object::new(Name::new("", name), Detail::Table(table))
}

/// A made-up schema of `count` tables: each refers to up to three earlier ones, some to hubs.
pub(crate) fn many_tables(count: usize) -> Catalog {
    let mut random = fastrand::Rng::with_seed(7);
    let lines: Vec<String> = (0..count)
        .map(|at| {
            let mut line = format!("t{at:03}_{}: id bigint pk, name text", random.choice(WORDS).unwrap());
            for key in 0..random.usize(0..4).min(at) {
                let parent = if random.u8(0..4) == 0 {
                    random.usize(0..at.min(6))
                } else {
                    random.usize(at.saturating_sub(30)..at)
                };
                line.push_str(&format!(
                    ", ref{key} bigint {} -> #{parent}",
                    if random.bool() { "?" } else { "" }
                ));
            }
            line
        })
        .collect();
    let names: Vec<String> = lines.iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            line.split('#').enumerate().fold(String::new(), |out, (at, piece)| match at {
                0 => piece.to_owned(),
                _ => {
                    let end = piece.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(piece.len());
                    let parent: usize = piece[..end].parse().unwrap();
                    out + &names[parent] + &piece[end..]
                }
            })
        })
        .collect();
    catalog(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

const WORDS: &[&str] = &["order", "customer", "invoice_line", "shipment", "audit_event", "tag"];

#[test]
fn look() {
    let text = std::fs::read_to_string("/tmp/docs_chinook.txt").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let chinook = catalog(&lines);
    let draw = |catalog: &Catalog, fields, file: &str| {
        let links = Links::of(catalog);
        let begin = std::time::Instant::now();
        let diagram = Diagram::of(catalog, &links, &tables_to_draw(catalog), fields);
        let text = svg(&diagram, &SvgOptions { standalone: true, title: "x", link: None });
        eprintln!("{file} {:?} {}", begin.elapsed(), text.len());
        std::fs::write(format!("/tmp/docs_{file}.svg"), text).unwrap();
        std::fs::write(format!("/tmp/docs_{file}.mmd"), mermaid(&diagram)).unwrap();
        std::fs::write(format!("/tmp/docs_{file}.dot"), dot(&diagram)).unwrap();
    };
    draw(&chinook, Fields::All, "chinook");
    draw(&many_tables(30), Fields::Keys, "m30");
    draw(&many_tables(100), Fields::Keys, "m100");
    draw(&many_tables(500), Fields::None, "m500");
}
