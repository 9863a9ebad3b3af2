//! YAML, and JSON as a part of it, as a tree.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, StrInput};

use super::node::{Broken, Key, Node, Value, twice};

/// Deeper than any definition; beyond it the text is an attack on the stack.
const DEEPEST: usize = 64;

pub fn parse(text: &str) -> Result<Node, Broken> {
    let mut reader = Reader { text, parser: Parser::new_from_str(text), chars: 0, bytes: 0, depth: 0 };
    let node = reader.document()?;
    match twice_anywhere(&node) {
        Some(key) => Err(Broken { message: format!("duplicate key `{}`", key.word), at: key.at }),
        None => Ok(node),
    }
}

fn twice_anywhere(node: &Node) -> Option<&Key> {
    match &node.value {
        Value::Map(map) => twice(map).or_else(|| map.iter().find_map(|(_, node)| twice_anywhere(node))),
        Value::List(list) => list.iter().find_map(twice_anywhere),
        _ => None,
    }
}

struct Reader<'t> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    /// The place up to which characters were counted: the parser counts those, we count bytes.
    chars: usize,
    bytes: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    /// The byte of a place.
    fn byte(&mut self, mark: &Marker) -> usize {
        if mark.index() < self.chars {
            (self.chars, self.bytes) = (0, 0);
        }
        let wanted = mark.index() - self.chars;
        let rest = &self.text[self.bytes..];
        let more = rest.char_indices().nth(wanted).map_or(rest.len(), |(at, _)| at);
        self.chars += rest[..more].chars().count();
        self.bytes += more;
        self.bytes
    }

    fn next(&mut self) -> Result<(Event<'t>, usize), Broken> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let at = self.byte(&span.start);
                Ok((event, at))
            }
            Some(Err(error)) => {
                Err(Broken { message: error.info().to_owned(), at: self.byte(error.marker()) })
            }
            None => Err(Broken { message: "the document ends too early".into(), at: self.text.len() }),
        }
    }

    fn document(&mut self) -> Result<Node, Broken> {
        let mut found: Option<Node> = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(found.unwrap_or_default()),
                (Event::DocumentStart(_), at) => {
                    if found.is_some() {
                        return Err(Broken { message: "a file holds one document".into(), at });
                    }
                    let (event, at) = self.next()?;
                    found = Some(self.node(event, at)?);
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, event: Event<'t>, at: usize) -> Result<Node, Broken> {
        let value = match event {
            Event::Scalar(text, style, _, tag) => match tag {
                None if style == ScalarStyle::Plain => plain(&text),
                _ => Value::Text(text.into_owned()),
            },
            Event::SequenceStart(..) | Event::MappingStart(..) if self.depth >= DEEPEST => {
                return Err(Broken { message: "nested too deep".into(), at });
            }
            Event::SequenceStart(..) => self.list()?,
            Event::MappingStart(..) => self.map()?,
            Event::Alias(_) => {
                return Err(Broken { message: "a definition has no anchors and aliases".into(), at });
            }
            _ => Value::Null,
        };
        Ok(Node { value, at })
    }

    fn list(&mut self) -> Result<Value, Broken> {
        self.depth += 1;
        let mut list = Vec::new();
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            list.push(self.node(event, at)?);
        }
        self.depth -= 1;
        Ok(Value::List(list))
    }

    fn map(&mut self) -> Result<Value, Broken> {
        self.depth += 1;
        let mut map = Vec::new();
        loop {
            let (event, at) = self.next()?;
            let word = match event {
                Event::MappingEnd => break,
                Event::Scalar(word, ..) => word.into_owned(),
                _ => return Err(Broken { message: "a key must be a word".into(), at }),
            };
            let (event, value_at) = self.next()?;
            map.push((Key { word, at }, self.node(event, value_at)?));
        }
        self.depth -= 1;
        Ok(Value::Map(map))
    }
}

/// What an unquoted word means in YAML's core schema.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    digits.starts_with(|first: char| first.is_ascii_digit()) && text.parse::<f64>().is_ok()
}
