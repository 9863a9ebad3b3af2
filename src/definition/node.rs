//! A document as a tree, whatever syntax it was written in. Every value knows where it stands.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and the byte where it begins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    pub value: Value,
    pub at: usize,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    /// In the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key of a map and the byte where it begins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Key {
    pub word: String,
    pub at: usize,
}

/// Why a text is no document.
#[derive(Debug)]
pub struct Broken {
    pub message: String,
    pub at: usize,
}

/// The syntaxes of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Toml,
    Yaml,
    Json,
}

impl Syntax {
    /// The syntax of a file, by its ending.
    pub fn of(path: &std::path::Path) -> Option<Syntax> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "toml" => Some(Syntax::Toml),
            "yaml" | "yml" => Some(Syntax::Yaml),
            "json" => Some(Syntax::Json),
            _ => None,
        }
    }
}

impl Node {
    /// Reads a document.
    ///
    /// # Errors
    /// Everything that is wrong with its syntax.
    pub fn parse(text: &str, syntax: Syntax) -> Result<Node, Vec<Broken>> {
        match syntax {
            Syntax::Toml => toml(text),
            // JSON is a part of YAML.
            Syntax::Yaml | Syntax::Json => super::yaml::parse(text).map_err(|broken| vec![broken]),
        }
    }

    /// A value that stands in no file.
    pub fn new(value: Value) -> Self {
        Node { value, at: 0 }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Node::new(Value::Text(text.into()))
    }

    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a table of keys",
        }
    }
}

/// The first key of a map that stands there a second time.
pub fn twice(map: &[(Key, Node)]) -> Option<&Key> {
    let mut seen = std::collections::HashSet::new();
    map.iter().map(|(key, _)| key).find(|key| !seen.insert(key.word.as_str()))
}

fn toml(text: &str) -> Result<Node, Vec<Broken>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let broken = |error: &toml::de::Error| Broken {
            message: error.message().to_owned(),
            at: error.span().map_or(text.len(), |span| span.start),
        };
        return Err(errors.iter().map(broken).collect());
    }
    Ok(Node { value: toml_table(document.get_ref()), at: 0 })
}

fn toml_table(table: &DeTable<'_>) -> Value {
    let mut map: Vec<(Key, Node)> = table
        .iter()
        .map(|(key, value)| (Key { word: key.get_ref().to_string(), at: key.span().start }, toml_node(value)))
        .collect();
    // The parser sorts by name; columns have the order of the file.
    map.sort_by_key(|(key, _)| key.at);
    Value::Map(map)
}

fn toml_node(node: &Spanned<DeValue<'_>>) -> Node {
    let value = match node.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => Value::Number(number.to_string()),
        DeValue::Float(number) => Value::Number(number.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => Value::Text(time.to_string()),
        DeValue::Array(list) => Value::List(list.iter().map(toml_node).collect()),
        DeValue::Table(table) => toml_table(table),
    };
    Node { value, at: node.span().start }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = "b = 1\na = ['x', true]\n[t]\nz.y = \"é\"\n";
    const YAML: &str = "b: 1\na: ['x', true]\nt:\n  z: {y: é}\n";
    const JSON: &str = "{\n\t\"b\": 1,\n\t\"a\": [\"x\", true],\n\t\"t\": {\"z\": {\"y\": \"\\u00e9\"}}\n}\n";

    /// The tree without its places.
    fn shape(node: &Node) -> String {
        match &node.value {
            Value::Null => "null".into(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.clone(),
            Value::Text(text) => format!("{text:?}"),
            Value::List(list) => format!("{:?}", list.iter().map(shape).collect::<Vec<_>>()),
            Value::Map(map) => {
                map.iter().map(|(key, node)| format!("{}={};", key.word, shape(node))).collect()
            }
        }
    }

    #[test]
    fn three_syntaxes_one_tree() {
        let toml = Node::parse(TOML, Syntax::Toml).unwrap();
        let yaml = Node::parse(YAML, Syntax::Yaml).unwrap();
        let json = Node::parse(JSON, Syntax::Json).unwrap();
        assert_eq!(shape(&toml), shape(&yaml));
        assert_eq!(shape(&toml), shape(&json));
    }

    #[test]
    fn values_know_their_place() {
        for (text, syntax) in [(TOML, Syntax::Toml), (YAML, Syntax::Yaml), (JSON, Syntax::Json)] {
            let node = Node::parse(text, syntax).unwrap();
            let Value::Map(map) = &node.value else { panic!("{node:?}") };
            let (key, list) = &map[1];
            assert!(text[key.at..].trim_start_matches('"').starts_with('a'), "{syntax:?}");
            let Value::List(list) = &list.value else { panic!("{list:?}") };
            assert!(text[list[1].at..].starts_with("true"), "{syntax:?}");
        }
    }

    #[test]
    fn broken_documents_are_told_with_a_place() {
        for (text, syntax, at) in [
            ("a = \nb = 1\n", Syntax::Toml, 4),
            ("a: [1, 2\nb: 3\n", Syntax::Yaml, 10),
            ("{\"a\": 1, \"a\": 2}", Syntax::Json, 9),
            ("a: *b\n", Syntax::Yaml, 3),
            ("--- 1\n--- 2\n", Syntax::Yaml, 6),
            ("? [a]\n: 1\n", Syntax::Yaml, 2),
        ] {
            let broken = Node::parse(text, syntax).unwrap_err();
            assert_eq!(broken[0].at, at, "{text}: {}", broken[0].message);
        }
        let deep = "[".repeat(5000);
        assert!(Node::parse(&deep, Syntax::Yaml).is_err());
    }
}
