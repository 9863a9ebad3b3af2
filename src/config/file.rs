//! The shape of dbwright.toml: which keys stand where and of what type they are. Values are read
//! only when a profile is used or checked.

use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::file_keys::{self, Allowed, SECTIONS, Type, What};
use super::interpolate;
use super::lint::{self, LintBlock};
use super::problem::Problem;
use super::settings::Key as Setting;
use super::source::Source;
use crate::error::{Error, Kind, nearest};
use crate::model::mask::has_password;

/// A profile file as it is written.
#[derive(Debug, Clone)]
pub struct File {
    pub source: Source,
    /// Relative paths in the file start here.
    pub folder: PathBuf,
    pub default_profile: Option<String>,
    /// `[lint]`, which holds for every database.
    pub lint: LintBlock,
    pub defaults: Block,
    /// In the order of the file.
    pub profiles: Vec<Block>,
}

/// `[defaults]` or a `[profile.NAME]` with the tables below it that concern the connection.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub name: String,
    /// Byte offset of the name.
    pub at: usize,
    pub entries: Vec<Entry>,
    /// Tables that belong to subcommands.
    pub sections: Vec<Section>,
    pub lint: LintBlock,
    /// Whether `url`, `engine` or `database` was left out because it was wrong.
    pub lacks_address: bool,
}

/// A key and its value as text.
#[derive(Debug, Clone)]
pub struct Entry {
    pub what: What,
    /// The key as written, without its table.
    pub word: String,
    pub text: String,
    pub key_at: usize,
    pub value: Range<usize>,
}

/// A table that a subcommand reads by itself.
#[derive(Debug, Clone)]
pub struct Section {
    pub name: String,
    pub at: usize,
    pub table: toml::Table,
}

impl Block {
    pub fn entry(&self, what: What) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.what == what)
    }
}

/// Reads a file. What is wrong is left out of the result and told in the list.
pub fn parse(source: Source, folder: PathBuf) -> (File, Vec<Error>) {
    let mut reader = Reader { source: &source, problems: Vec::new() };
    let top = reader.document();
    let mut problems = reader.problems;
    problems.sort_by_key(|error| error.place().map(|at| (at.line, at.column)));
    let Top { default_profile, lint, defaults, profiles } = top;
    (File { source, folder, default_profile, lint, defaults, profiles }, problems)
}

type Key<'a, 'i> = &'a Spanned<std::borrow::Cow<'i, str>>;
type Value<'a, 'i> = &'a Spanned<DeValue<'i>>;

/// The tables of the file.
#[derive(Default)]
struct Top {
    default_profile: Option<String>,
    lint: LintBlock,
    defaults: Block,
    profiles: Vec<Block>,
}

struct Reader<'s> {
    source: &'s Source,
    problems: Vec<Error>,
}

impl Reader<'_> {
    fn complain(&mut self, at: usize, problem: Problem) {
        self.problems.push(problem.into_error(Kind::Config).at(self.source.at(at)));
    }

    fn document(&mut self) -> Top {
        // One copy of the text for the parser's borrows; files are small.
        let text = self.source.text.clone();
        let (document, errors) = DeTable::parse_recoverable(&text);
        if !errors.is_empty() {
            for error in errors {
                let at = error.span().map_or(text.len(), |span| span.start);
                self.complain(at, Problem::new(error.message()));
            }
            // What the parser recovered would only bring follow-up errors.
            return Top::default();
        }
        self.top_level(document.get_ref())
    }

    fn top_level(&mut self, table: &DeTable<'_>) -> Top {
        let mut default_profile = None;
        let mut top = Top::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "version" => self.version(value),
                "default_profile" => default_profile = self.text(key, value).map(|name| (name, value)),
                "defaults" => top.defaults = self.defaults(key, value),
                "profile" => top.profiles = self.profiles(key, value),
                "lint" => top.lint = self.lint(key, value),
                word => {
                    let known = ["version", "default_profile", "defaults", "profile", "lint"];
                    let problem = Problem::new(format!("unknown key `{word}`"));
                    let problem = match file_keys::is_known(word) {
                        true => problem.hint("connection keys stand in `[profile.NAME]` or `[defaults]`"),
                        false => problem.suggest(word, known),
                    };
                    self.complain(key.span().start, problem);
                }
            }
        }
        // The parser sorts by name; people expect the order of the file.
        top.profiles.sort_by_key(|profile| profile.at);
        if let Some((name, value)) = &default_profile
            && !top.profiles.iter().any(|profile| profile.name == *name)
        {
            let names = top.profiles.iter().map(|profile| profile.name.as_str());
            let problem = Problem::new(format!("there is no profile `{name}`")).suggest(name, names);
            self.complain(value.span().start, problem);
        }
        top.default_profile = default_profile.map(|(name, _)| name);
        top
    }

    fn lint(&mut self, key: Key<'_, '_>, value: Value<'_, '_>) -> LintBlock {
        let Some(table) = self.table(key, value) else { return LintBlock::default() };
        let source = self.source;
        lint::read(source, table, &mut |at, problem| self.complain(at, problem))
    }

    fn version(&mut self, value: Value<'_, '_>) {
        if value.get_ref().as_integer().is_none_or(|version| version.as_str() != "1") {
            let problem =
                Problem::new("`version` must be 1").hint("this dbwright reads version 1 of the file");
            self.complain(value.span().start, problem);
        }
    }

    fn text(&mut self, key: Key<'_, '_>, value: Value<'_, '_>) -> Option<String> {
        match Type::Text.read(key.get_ref(), value.get_ref()) {
            Ok(text) => Some(text),
            Err(problem) => {
                self.complain(value.span().start, problem);
                None
            }
        }
    }

    fn table<'a, 'i>(&mut self, key: Key<'_, '_>, value: Value<'a, 'i>) -> Option<&'a DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let kind = value.get_ref().type_str();
            self.complain(
                value.span().start,
                Problem::new(format!("`{}` must be a table, not {kind}", key.get_ref())),
            );
        }
        table
    }

    fn profiles(&mut self, key: Key<'_, '_>, value: Value<'_, '_>) -> Vec<Block> {
        let mut profiles = Vec::new();
        for (name, value) in self.table(key, value).into_iter().flatten() {
            let Some(table) = self.table(name, value) else { continue };
            self.profile_name(name);
            let mut block =
                Block { name: name.get_ref().to_string(), at: name.span().start, ..Block::default() };
            self.block(&mut block, table, Allowed::Profile);
            self.one_password_source(&block);
            profiles.push(block);
        }
        profiles
    }

    fn defaults(&mut self, key: Key<'_, '_>, value: Value<'_, '_>) -> Block {
        let mut block = Block { at: key.span().start, ..Block::default() };
        if let Some(table) = self.table(key, value) {
            self.block(&mut block, table, Allowed::Defaults);
            self.one_password_source(&block);
        }
        block
    }

    fn profile_name(&mut self, name: Key<'_, '_>) {
        let word = name.get_ref();
        let valid = !word.is_empty()
            && !word.starts_with('-')
            && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if !valid {
            let problem = Problem::new(format!("`{word}` cannot be the name of a profile"))
                .hint("use letters, digits, `_`, `-` and `.`");
            self.complain(name.span().start, problem);
        }
    }

    fn block(&mut self, block: &mut Block, table: &DeTable<'_>, allowed: Allowed) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "tls" => {
                    for (key, value) in self.table(key, value).into_iter().flatten() {
                        self.entry(block, Allowed::Tls, key, value);
                    }
                }
                "options" => {
                    for (key, value) in self.table(key, value).into_iter().flatten() {
                        self.option(block, key, value);
                    }
                }
                "lint" if allowed == Allowed::Profile => block.lint = self.lint(key, value),
                word if allowed == Allowed::Profile && SECTIONS.contains(&word) => {
                    if let Some(table) = self.table(key, value) {
                        let (name, at) = (word.to_owned(), key.span().start);
                        block.sections.push(Section { name, at, table: file_keys::owned_table(table) });
                    }
                }
                _ => self.entry(block, allowed, key, value),
            }
        }
        block.entries.sort_by_key(|entry| entry.key_at);
    }

    fn entry(&mut self, block: &mut Block, allowed: Allowed, key: Key<'_, '_>, value: Value<'_, '_>) {
        let word = key.get_ref().as_ref();
        let (what, kind) = match file_keys::find(allowed, word) {
            Ok(found) => found,
            Err(problem) => return self.complain(key.span().start, problem),
        };
        if let Some(earlier) = block.entries.iter().find(|entry| entry.what == what) {
            let problem = Problem::new(format!("`{word}` and `{}` are the same key", earlier.word));
            return self.complain(key.span().start, problem.hint("leave one of them out"));
        }
        self.push(block, what, kind, key, value);
    }

    fn option(&mut self, block: &mut Block, key: Key<'_, '_>, value: Value<'_, '_>) {
        match file_keys::check_option(key.get_ref()) {
            Ok(()) => self.push(block, What::Option, Type::Scalar, key, value),
            Err(problem) => self.complain(key.span().start, problem),
        }
    }

    fn push(&mut self, block: &mut Block, what: What, kind: Type, key: Key<'_, '_>, value: Value<'_, '_>) {
        let word = key.get_ref().to_string();
        let span = value.span();
        let checked = kind.read(&word, value.get_ref()).and_then(|text| {
            let literal = interpolate::literal(&text)?;
            if matches!(what, What::Url | What::Set(Setting::Scratch)) && has_password(&literal) {
                return Err(file_keys::no_password("the URL holds a password"));
            }
            Ok(text)
        });
        match checked {
            Ok(text) => {
                block.entries.push(Entry { what, word, text, key_at: key.span().start, value: span });
            }
            Err(problem) => {
                block.lacks_address |=
                    matches!(what, What::Url | What::Engine | What::Set(Setting::Database));
                self.complain(span.start, problem);
            }
        }
    }

    fn one_password_source(&mut self, block: &Block) {
        let mut sources = block.entries.iter().filter(|entry| matches!(entry.what, What::Password(_)));
        let Some(first) = sources.next() else { return };
        for other in sources {
            let problem = Problem::new(format!("`{}` contradicts `{}`", other.word, first.word))
                .hint("a password can come from one place only");
            self.complain(other.key_at, problem);
        }
    }
}

/// A hint with the profile nearest to `name`, or all of them.
pub fn suggest_profile<'a>(name: &str, profiles: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = profiles.into_iter().collect();
    if names.is_empty() {
        return None;
    }
    let list = format!("profiles: {}", names.join(", "));
    Some(match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`? {list}"),
        None => list,
    })
}
