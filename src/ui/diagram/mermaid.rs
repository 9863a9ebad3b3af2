//! Mermaid's erDiagram, as GitHub and others render it (mermaid.js.org, entity relationship
//! diagrams).

use std::fmt::Write;

use super::{Diagram, Field, Relation};

/// The diagram as Mermaid text, without a fence.
pub fn mermaid(diagram: &Diagram) -> String {
    let mut out = String::from("erDiagram\n");
    for entity in &diagram.entities {
        let name = quoted(&entity.name);
        if entity.fields.is_empty() {
            let _ = writeln!(out, "    {name}");
            continue;
        }
        let _ = writeln!(out, "    {name} {{");
        for field in &entity.fields {
            let _ = writeln!(out, "        {}", attribute(field));
        }
        out.push_str("    }\n");
    }
    for relation in &diagram.relations {
        let _ = writeln!(out, "    {}", line(diagram, relation));
    }
    out
}

fn line(diagram: &Diagram, relation: &Relation) -> String {
    let parent = if relation.optional { "|o" } else { "||" };
    let child = if relation.many { "o{" } else { "o|" };
    format!(
        "{} {parent}--{child} {} : {}",
        quoted(&diagram.entities[relation.parent].name),
        quoted(&diagram.entities[relation.child].name),
        quoted(&relation.columns.join(", ")),
    )
}

fn attribute(field: &Field) -> String {
    let (ty, name) = (word(&field.ty, "any"), word(&field.name, "_"));
    let keys: Vec<&str> =
        [(field.primary, "PK"), (field.foreign, "FK"), (field.unique && !field.primary, "UK")]
            .into_iter()
            .filter_map(|(is, word)| is.then_some(word))
            .collect();
    let mut text = format!("{ty} {name}");
    if !keys.is_empty() {
        let _ = write!(text, " {}", keys.join(","));
    }
    if name != field.name {
        let _ = write!(text, " {}", quoted(&field.name));
    }
    text
}

/// Types and columns are bare words to Mermaid: letters, digits, `_-[]()`, a letter first.
fn word(text: &str, empty: &str) -> String {
    let mut bare = String::new();
    let mut gap = false;
    for letter in text.chars() {
        let wide = letter.is_alphanumeric() && ('\u{c0}'..='\u{ffff}').contains(&letter);
        if letter.is_ascii_alphanumeric() || "_-[]()".contains(letter) || wide {
            if std::mem::take(&mut gap) && !bare.is_empty() {
                bare.push('_');
            }
            bare.push(letter);
        } else {
            gap = true;
        }
    }
    match bare.chars().next() {
        None => empty.to_owned(),
        Some(first) if first == '_' || first.is_alphabetic() => bare,
        Some(_) => format!("_{bare}"),
    }
}

/// In double quotes; what would end them or mean something is written as an entity code.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '#' | '%' | '\\' | ';' | '&' | '<' | '>' | '`' => {
                let _ = write!(out, "#{};", u32::from(letter));
            }
            _ if letter.is_control() => out.push(' '),
            _ => out.push(letter),
        }
    }
    if text.is_empty() {
        out.push(' ');
    }
    out.push('"');
    out
}
