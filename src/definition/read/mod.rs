//! Reading definitions: strictly, and all that is wrong at once.

mod check;
mod column;
mod parts;
mod shorthand;
#[cfg(test)]
mod tests;

use super::keys::{self, Block};
use super::node::{Key, Node, Value};
use super::{Definition, Enum, Options, Place, Schema, Sql, Syntax, Table, View};
use crate::error::{Error, Kind, nearest};
use crate::model::catalog::{Attribute, Name};
use crate::model::place::place;
use crate::model::target::EngineKind;

/// A file of a definition.
#[derive(Debug, Clone)]
pub struct Source {
    /// As messages call it.
    pub name: String,
    pub text: String,
    pub syntax: Syntax,
}

/// Reads files that make up one definition.
///
/// # Errors
/// Everything that is wrong, in the order of the files.
pub fn read(sources: &[Source]) -> Result<Definition, Vec<Error>> {
    let mut reader = Reader { sources, file: 0, problems: Vec::new(), enums: Vec::new() };
    let mut documents = Vec::new();
    for (file, source) in sources.iter().enumerate() {
        reader.file = file;
        match Node::parse(&source.text, source.syntax) {
            Ok(node) => documents.push((file, node)),
            Err(broken) => {
                broken.into_iter().for_each(|broken| reader.complain(broken.at, broken.message, None));
            }
        }
    }
    // What stands in a broken file would be missed elsewhere.
    let whole = reader.problems.is_empty();
    let mut definition = Definition::default();
    for (file, node) in &documents {
        reader.file = *file;
        reader.names_of_enums(node);
    }
    for (file, node) in &documents {
        reader.file = *file;
        reader.document(&mut definition, node);
    }
    if whole {
        reader.check(&mut definition);
    }
    let mut problems = reader.problems;
    if problems.is_empty() {
        return Ok(definition);
    }
    problems.sort_by_key(|(place, _)| *place);
    problems.dedup_by(|a, b| a.0 == b.0 && a.1.message() == b.1.message());
    Err(problems.into_iter().map(|(_, error)| error).collect())
}

struct Reader<'s> {
    sources: &'s [Source],
    /// The file that is being read.
    file: usize,
    problems: Vec<(Place, Error)>,
    /// The names that a column's type may be.
    enums: Vec<Name>,
}

/// The keys of a block that was found to be right.
struct Fields<'n> {
    at: usize,
    map: &'n [(Key, Node)],
}

impl<'n> Fields<'n> {
    fn get(&self, word: &str) -> Option<&'n Node> {
        self.map.iter().find(|(key, _)| key.word == word).map(|(_, node)| node)
    }

    fn key(&self, word: &str) -> Option<&'n Key> {
        self.map.iter().find(|(key, _)| key.word == word).map(|(key, _)| key)
    }
}

/// `` did you mean `x`? `` or all there are.
fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if known.is_empty() => None,
        None => Some(format!("known: {}", known.join(", "))),
    }
}

impl Reader<'_> {
    fn place(&self, byte: usize) -> Place {
        Place { file: self.file, byte }
    }

    fn complain(&mut self, byte: usize, message: impl Into<String>, hint: Option<String>) {
        self.complain_at(self.place(byte), message, hint);
    }

    fn complain_at(&mut self, at: Place, message: impl Into<String>, hint: Option<String>) {
        let source = &self.sources[at.file];
        let error = Error::new(Kind::Config, message).at(place(&source.name, &source.text, at.byte));
        self.problems.push((at, hint.into_iter().fold(error, Error::hint)));
    }

    /// The entries of a map with names that are given by the user.
    fn entries<'n>(&mut self, what: &str, node: &'n Node) -> &'n [(Key, Node)] {
        match &node.value {
            Value::Map(map) => map,
            Value::Null => &[],
            _ => {
                self.complain(
                    node.at,
                    format!("`{what}` must be a table of keys, not {}", node.kind()),
                    None,
                );
                &[]
            }
        }
    }

    /// The entries of a map with keys that are known.
    fn fields<'n>(&mut self, what: &str, node: &'n Node, block: &Block) -> Fields<'n> {
        let map = self.entries(what, node);
        for (key, _) in map.iter().filter(|(key, _)| !block.keys.contains(&key.word.as_str())) {
            let known = block.keys.iter().copied().filter(|key| *key != "$schema");
            let hint = match nearest(&key.word, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let known: Vec<&str> = known.collect();
                    format!("keys of `{}`: {}", block.name.replace('_', " "), known.join(", "))
                }
            };
            self.complain(key.at, format!("unknown key `{}`", key.word), Some(hint));
        }
        Fields { at: node.at, map }
    }

    fn text(&mut self, what: &str, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => {
                self.complain(node.at, format!("`{what}` must be text, not {}", node.kind()), None);
                None
            }
        }
    }

    fn text_of(&mut self, fields: &Fields<'_>, word: &str) -> Option<String> {
        self.text(word, fields.get(word)?)
    }

    fn flag_of(&mut self, fields: &Fields<'_>, word: &str) -> Option<bool> {
        let node = fields.get(word)?;
        match node.value {
            Value::Bool(flag) => Some(flag),
            _ => {
                self.complain(node.at, format!("`{word}` must be true or false, not {}", node.kind()), None);
                None
            }
        }
    }

    /// A text, or a list of texts.
    fn texts(&mut self, what: &str, node: &Node) -> Vec<String> {
        match &node.value {
            Value::List(list) => list.iter().filter_map(|node| self.text(what, node)).collect(),
            Value::Text(text) => vec![text.clone()],
            _ => {
                let message = format!("`{what}` must be a list of texts, not {}", node.kind());
                self.complain(node.at, message, None);
                Vec::new()
            }
        }
    }

    fn texts_of(&mut self, fields: &Fields<'_>, word: &str) -> Vec<String> {
        fields.get(word).map(|node| self.texts(word, node)).unwrap_or_default()
    }

    /// One of some words.
    fn word_of(&mut self, fields: &Fields<'_>, word: &str, known: &[&'static str]) -> Option<&'static str> {
        let node = fields.get(word)?;
        let text = self.text(word, node)?;
        let found = known.iter().find(|each| each.eq_ignore_ascii_case(&text)).copied();
        if found.is_none() {
            let hint = suggestion(&text, known.iter().copied());
            self.complain(node.at, format!("`{word}` cannot be `{text}`"), hint);
        }
        found
    }

    /// SQL: a text for all engines, or one for each.
    fn sql(&mut self, what: &str, node: &Node) -> Sql {
        match &node.value {
            Value::Text(text) => Sql::any(text.trim().trim_end_matches(';')),
            Value::Map(_) => {
                let fields = self.fields(what, node, &keys::SQL);
                self.sql_of(&fields)
            }
            _ => {
                self.complain(node.at, format!("`{what}` must be SQL text, not {}", node.kind()), None);
                Sql::default()
            }
        }
    }

    /// The SQL of a block that has the engines' names among its keys.
    fn sql_of(&mut self, fields: &Fields<'_>) -> Sql {
        let mut sql = Sql { any: self.text_of(fields, "sql"), ..Sql::default() };
        for engine in EngineKind::ALL {
            if let Some(text) = self.text_of(fields, engine.word()) {
                sql.own.insert(engine, text);
            }
        }
        sql
    }

    /// What only some engines know: `options.mysql = { engine = "InnoDB" }`.
    fn options_of(&mut self, fields: &Fields<'_>) -> Options {
        let mut options = Options::new();
        let Some(node) = fields.get("options") else { return options };
        let fields = self.fields("options", node, &keys::OPTIONS);
        for engine in EngineKind::ALL {
            if let Some(node) = fields.get(engine.word()) {
                options.insert(engine, self.attributes(engine.word(), node));
            }
        }
        options
    }

    /// Names with values; `true` stands for a word without a value.
    fn attributes(&mut self, what: &str, node: &Node) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        for (key, node) in self.entries(what, node) {
            let value = match &node.value {
                Value::Text(text) | Value::Number(text) => text.clone(),
                Value::Bool(true) => String::new(),
                Value::Bool(false) => continue,
                _ => {
                    let message = format!("`{}` must be text, a number or true", key.word);
                    self.complain(node.at, message, None);
                    continue;
                }
            };
            attributes.push(Attribute { name: key.word.clone(), value });
        }
        attributes
    }

    /// `schema.name`; a name that has a point itself stands in double quotes.
    fn name(&mut self, key: &Key) -> Name {
        let name = parse_name(&key.word);
        if name.name.is_empty() {
            self.complain(key.at, "a name cannot be empty", None);
        }
        name
    }

    fn names_of_enums(&mut self, document: &Node) {
        let Value::Map(map) = &document.value else { return };
        let enums = map.iter().find(|(key, _)| key.word == "enums");
        if let Some((_, Node { value: Value::Map(enums), .. })) = enums {
            self.enums.extend(enums.iter().map(|(key, _)| parse_name(&key.word)));
        }
    }

    fn document(&mut self, definition: &mut Definition, node: &Node) {
        let fields = self.fields("the document", node, &keys::DOCUMENT);
        if let Some(version) = fields.get("version")
            && version.value != Value::Number("1".into())
        {
            let hint = Some("this dbwright reads version 1 of the format".to_owned());
            self.complain(version.at, "`version` must be 1", hint);
        }
        if let Some(node) = fields.get("schemas") {
            self.schemas(definition, node);
        }
        if let Some(node) = fields.get("enums") {
            for (key, node) in self.entries("enums", node) {
                let read = self.enumeration(key, node);
                definition.enums.push(read);
            }
        }
        if let Some(node) = fields.get("tables") {
            for (key, node) in self.entries("tables", node) {
                let read = self.table(key, node);
                definition.tables.push(read);
            }
        }
        if let Some(node) = fields.get("views") {
            for (key, node) in self.entries("views", node) {
                let read = self.view(key, node);
                definition.views.push(read);
            }
        }
    }

    fn schemas(&mut self, definition: &mut Definition, node: &Node) {
        if let Value::List(list) = &node.value {
            for node in list {
                if let Some(name) = self.text("schemas", node) {
                    definition.schemas.push(Schema { at: self.place(node.at), name, comment: None });
                }
            }
            return;
        }
        for (key, node) in self.entries("schemas", node) {
            let comment = match &node.value {
                Value::Map(_) => {
                    let fields = self.fields(&key.word, node, &keys::SCHEMA);
                    self.text_of(&fields, "comment")
                }
                Value::Null => None,
                _ => self.text(&key.word, node),
            };
            definition.schemas.push(Schema { at: self.place(key.at), name: key.word.clone(), comment });
        }
    }

    fn enumeration(&mut self, key: &Key, node: &Node) -> Enum {
        let name = self.name(key);
        let at = self.place(key.at);
        let Value::Map(_) = &node.value else {
            return Enum { at, name, labels: self.texts("values", node), comment: None };
        };
        let fields = self.fields(&key.word, node, &keys::ENUM);
        let comment = self.text_of(&fields, "comment");
        Enum { at, name, labels: self.texts_of(&fields, "values"), comment }
    }

    fn table(&mut self, key: &Key, node: &Node) -> Table {
        let mut table = Table { at: self.place(key.at), name: self.name(key), ..Table::default() };
        let fields = self.fields(&key.word, node, &keys::TABLE);
        if let Some(node) = fields.get("columns") {
            for (key, node) in self.entries("columns", node) {
                self.column(&mut table, key, node);
            }
        }
        if table.columns.is_empty() && fields.get("columns").is_none_or(|node| node.kind() != "text") {
            self.complain(key.at, format!("table `{}` has no columns", table.name), None);
        }
        self.parts(&mut table, &fields);
        table.comment = self.text_of(&fields, "comment");
        table.options = self.options_of(&fields);
        table
    }

    fn view(&mut self, key: &Key, node: &Node) -> View {
        let mut view = View { at: self.place(key.at), name: self.name(key), ..View::default() };
        if let Value::Text(_) = node.value {
            view.query = self.sql("query", node);
            return view;
        }
        let fields = self.fields(&key.word, node, &keys::VIEW);
        match fields.get("query") {
            Some(node) => view.query = self.sql("query", node),
            None => self.complain(key.at, format!("view `{}` has no `query`", view.name), None),
        }
        view.columns = self.texts_of(&fields, "columns");
        view.materialized = self.flag_of(&fields, "materialized").unwrap_or(false);
        view.comment = self.text_of(&fields, "comment");
        view.options = self.options_of(&fields);
        view
    }
}

/// Reads `schema.name`, `name`, `"a.b"`.
fn parse_name(text: &str) -> Name {
    let unquoted = |part: &str| match part.strip_prefix('"').and_then(|part| part.strip_suffix('"')) {
        Some(inside) if part.len() >= 2 => inside.replace("\"\"", "\""),
        _ => part.to_owned(),
    };
    let mut quoted = false;
    let point = text.char_indices().find(|(_, letter)| {
        quoted ^= *letter == '"';
        *letter == '.' && !quoted
    });
    match point {
        Some((at, _)) => Name::new(unquoted(&text[..at]), unquoted(&text[at + 1..])),
        None => Name::new("", unquoted(text)),
    }
}
