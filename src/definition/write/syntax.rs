//! A tree as TOML, YAML or JSON.

use crate::definition::Syntax;
use crate::definition::node::{Key, Node, Value};

/// Deeper tables stand in one line.
const SECTIONS: usize = 3;

pub fn write(node: &Node, syntax: Syntax) -> String {
    let mut out = String::new();
    let map: &[(Key, Node)] = match &node.value {
        Value::Map(map) => map,
        _ => &[],
    };
    match syntax {
        Syntax::Toml => toml(&mut out, &mut Vec::new(), map),
        Syntax::Yaml => yaml(&mut out, 0, map),
        Syntax::Json => {
            json(&mut out, 0, node);
            out.push('\n');
        }
    }
    out
}

/// A string that all three syntaxes read alike.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // YAML takes these for line ends or refuses them.
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

fn bare(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn toml_key(key: &str) -> String {
    if bare(key) { key.to_owned() } else { quoted(key) }
}

fn toml(out: &mut String, path: &mut Vec<String>, map: &[(Key, Node)]) {
    let is_section = |node: &Node| matches!(node.value, Value::Map(_)) && path.len() < SECTIONS;
    let (sections, values): (Vec<_>, Vec<_>) = map.iter().partition(|(_, node)| is_section(node));
    if !path.is_empty() && (!values.is_empty() || sections.is_empty()) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&format!("[{}]\n", path.join(".")));
    }
    for (key, node) in values {
        out.push_str(&format!("{} = {}\n", toml_key(&key.word), inline(node, Syntax::Toml)));
    }
    for (key, node) in sections {
        if let Value::Map(map) = &node.value {
            path.push(toml_key(&key.word));
            toml(out, path, map);
            path.pop();
        }
    }
}

/// A value in one line.
fn inline(node: &Node, syntax: Syntax) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.clone(),
        Value::Text(text) if syntax == Syntax::Toml && text.contains('\n') => toml_block(text),
        Value::Text(text) => quoted(text),
        Value::List(list) => {
            format!("[{}]", list.iter().map(|node| inline(node, syntax)).collect::<Vec<_>>().join(", "))
        }
        Value::Map(map) if map.is_empty() => "{}".to_owned(),
        Value::Map(map) => {
            let entry = |(key, node): &(Key, Node)| match syntax {
                Syntax::Toml => format!("{} = {}", toml_key(&key.word), inline(node, syntax)),
                Syntax::Yaml => format!("{}: {}", yaml_word(&key.word), inline(node, syntax)),
                Syntax::Json => format!("{}: {}", quoted(&key.word), inline(node, syntax)),
            };
            let entries = map.iter().map(entry).collect::<Vec<_>>().join(", ");
            if syntax == Syntax::Toml { format!("{{ {entries} }}") } else { format!("{{{entries}}}") }
        }
    }
}

/// A text of several lines in one line per line.
fn toml_block(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| {
            let line = quoted(line);
            line[1..line.len() - 1].to_owned()
        })
        .collect();
    format!("\"\"\"\n{}\"\"\"", lines.join("\n"))
}

/// A word of YAML, in quotes where it would be something else.
fn yaml_word(text: &str) -> String {
    const OTHER: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = bare(text)
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && !OTHER.contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { quoted(text) }
}

fn yaml(out: &mut String, depth: usize, map: &[(Key, Node)]) {
    for (key, node) in map {
        let start = format!("{}{}:", "  ".repeat(depth), yaml_word(&key.word));
        match &node.value {
            Value::Map(map) if depth < SECTIONS && !map.is_empty() => {
                out.push_str(&format!("{start}\n"));
                yaml(out, depth + 1, map);
            }
            Value::Text(text) => out.push_str(&format!("{start} {}\n", yaml_text(text))),
            _ => out.push_str(&format!("{start} {}\n", inline(node, Syntax::Yaml))),
        }
    }
}

/// A text that stands alone in its line: types need no quotes.
fn yaml_text(text: &str) -> String {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || " _(),".contains(letter);
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(letter)
        && !text.ends_with(' ');
    if plain && (text.contains(' ') || yaml_word(text) == text || text.contains('(')) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn json(out: &mut String, depth: usize, node: &Node) {
    match &node.value {
        Value::Map(map) if depth <= SECTIONS && !map.is_empty() => {
            out.push_str("{\n");
            for (number, (key, node)) in map.iter().enumerate() {
                out.push_str(&format!("{}{}: ", "  ".repeat(depth + 1), quoted(&key.word)));
                json(out, depth + 1, node);
                out.push_str(if number + 1 < map.len() { ",\n" } else { "\n" });
            }
            out.push_str(&format!("{}}}", "  ".repeat(depth)));
        }
        _ => out.push_str(&inline(node, Syntax::Json)),
    }
}
