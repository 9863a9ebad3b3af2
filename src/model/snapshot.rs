//! A snapshot: one backup of one database, as its manifest tells it. The fields are those of the
//! file, which docs/backup-format.md describes; additions are allowed, renames are not.

use serde::{Deserialize, Serialize};

use super::catalog::Name;
use super::ddl::{Piece, Section};
use super::partial::{Masked, Partial};

/// The manifest's format; a reader refuses a higher one.
pub const FORMAT: u32 = 1;

/// The manifest of a backup.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    pub format: u32,
    /// `logical`: statements and rows, or the pages of a SQLite file. Others may come.
    pub kind: String,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub profile: Option<String>,
    /// The engine's word: `postgres`.
    pub engine: String,
    pub server_version: String,
    pub server_version_num: u32,
    pub database: String,
    /// ISO 8601 in UTC.
    pub started: String,
    pub finished: String,
    pub seconds: f64,
    /// `dbwright 0.1.0`.
    pub made_by: String,
    pub compression: Compression,
    pub moment: Moment,
    #[serde(default)]
    pub backup_type: BackupType,
    /// The backup that tables were compared with, to leave out those that did not change.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub witness: Option<Witness>,
    /// What belongs to the database as a whole: character set and collation.
    #[serde(default)]
    pub attributes: Vec<Setting>,
    /// The statements that build the database, as JSON lines of [`Statement`].
    pub statements: Vec<Chunk>,
    /// The same with owners and grants.
    pub statements_with_privileges: Vec<Chunk>,
    /// Those without, as scripts for the engine's own client: what comes before the rows, and after.
    pub before_data: Vec<Chunk>,
    pub after_data: Vec<Chunk>,
    /// The roles or accounts of the server, as JSON lines of [`Statement`]; empty unless asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Chunk>,
    /// Statements that set what is neither definition nor row, such as the numbers of sequences;
    /// run when all else is there.
    #[serde(default)]
    pub values: Vec<String>,
    pub tables: Vec<Table>,
    /// The file, page for page, of an engine whose databases are files; `tables` have no parts then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub image: Option<Image>,
    /// There where the backup holds less than its database.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub partial: Option<Partial>,
    /// Columns whose values are not those of the database.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub masked: Vec<Masked>,
    pub totals: Totals,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

impl Setting {
    pub fn new(name: &str, value: impl Into<String>) -> Self {
        Setting { name: name.to_owned(), value: value.into() }
    }
}

/// The one moment that all parts of a backup show.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Moment {
    /// How it was held, for people.
    pub how: String,
    /// Where the log of changes stood: `lsn`, `gtid`, `change_counter`.
    #[serde(default)]
    pub position: Vec<Setting>,
    /// How long others could not write.
    #[serde(default)]
    pub locked_seconds: f64,
}

/// What is read, and what is taken from an earlier backup as it provably did not change. Each backup
/// can be restored alone, whatever its type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackupType {
    /// All is read.
    #[default]
    Full,
    /// What changed since the newest backup.
    Incremental,
    /// What changed since the newest full one.
    Differential,
}

impl BackupType {
    pub const ALL: [BackupType; 3] = [BackupType::Full, BackupType::Incremental, BackupType::Differential];

    pub fn word(self) -> &'static str {
        match self {
            BackupType::Full => "full",
            BackupType::Incremental => "incremental",
            BackupType::Differential => "differential",
        }
    }
}

/// What tells whether anything changed between two moments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Which database it is, on which server, whatever their names.
    pub identity: String,
    /// What no change leaves as it was.
    pub state: String,
}

/// A statement of the schema, with what is needed to choose it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub object: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    pub name: String,
    pub section: StatementSection,
    pub sql: String,
}

/// [`Section`] in a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementSection {
    BeforeData,
    AfterData,
}

impl From<&Piece> for Statement {
    fn from(piece: &Piece) -> Self {
        Statement {
            object: piece.kind.to_owned(),
            schema: piece.name.schema.clone(),
            name: piece.name.name.clone(),
            section: match piece.section {
                Section::BeforeData => StatementSection::BeforeData,
                Section::AfterData => StatementSection::AfterData,
            },
            sql: piece.sql.clone(),
        }
    }
}

/// The rows of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    pub name: String,
    /// How the bytes are written.
    pub form: Form,
    /// The statement that takes them: `COPY public.users (id, email) FROM STDIN`; empty for rows
    /// that are statements themselves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub load: String,
    pub rows: u64,
    /// Before compression.
    pub bytes: u64,
    /// The sum of the rows whatever their order, see `store::digest`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// The backup for which its rows were read, when that was not this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_from: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

impl Table {
    pub fn full_name(&self) -> Name {
        Name::new(self.schema.clone(), self.name.clone())
    }
}

/// How rows are written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// PostgreSQL's COPY text: a line is a row.
    Copy,
    /// INSERT statements: a line that begins with `(` is a row.
    Insert,
    /// Statements, one a line, each a row: large objects of PostgreSQL.
    Statements,
    /// Nothing: the rows are in the image.
    Image,
}

/// Rows that are read and loaded together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    /// Which rows they are, for people: `ctid (0,0) to (1024,0)`; empty for all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub range: String,
    pub rows: u64,
    pub bytes: u64,
    /// One after the other they are the part.
    pub chunks: Vec<Chunk>,
}

/// The pages of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Image {
    pub page_size: u64,
    pub pages: u64,
    /// See [`Table::taken_from`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_from: Option<String>,
    pub parts: Vec<Part>,
}

/// How chunks are compressed; the word is that of the manifest and the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Fast and small.
    #[default]
    Zstd,
    /// For machines that have nothing else to read it with.
    Gzip,
    None,
}

impl Compression {
    pub const ALL: [Compression; 3] = [Compression::Zstd, Compression::Gzip, Compression::None];

    pub fn word(self) -> &'static str {
        match self {
            Compression::Zstd => "zstd",
            Compression::Gzip => "gzip",
            Compression::None => "none",
        }
    }

    /// The end of a chunk's name.
    pub fn ending(self) -> &'static str {
        match self {
            Compression::Zstd => ".zst",
            Compression::Gzip => ".gz",
            Compression::None => ".raw",
        }
    }
}

/// A stored piece of a backup, under the hash of its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// SHA-256 of the compressed bytes, in hexadecimal digits.
    pub id: String,
    /// Before compression.
    pub bytes: u64,
    /// As stored.
    pub stored: u64,
}

/// What a backup amounts to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub rows: u64,
    /// Before compression.
    pub bytes: u64,
    /// All chunks, as stored.
    pub stored: u64,
    /// Of those the ones that no earlier backup had.
    pub new: u64,
    pub chunks: u64,
}

impl Snapshot {
    /// Every chunk that the backup needs.
    pub fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        let parts = self.tables.iter().flat_map(|table| &table.parts);
        let image = self.image.iter().flat_map(|image| &image.parts);
        self.scripts().chain(parts.chain(image).flat_map(|part| &part.chunks))
    }

    /// How many tables were not read, as they did not change.
    pub fn not_read(&self) -> u64 {
        self.tables.iter().filter(|table| table.taken_from.is_some()).count() as u64
    }

    /// Whether it holds less than its database, or other values.
    pub fn is_part(&self) -> bool {
        self.partial.is_some() || !self.masked.is_empty()
    }

    /// Those that hold statements.
    pub fn scripts(&self) -> impl Iterator<Item = &Chunk> {
        let schema =
            [&self.statements, &self.statements_with_privileges, &self.before_data, &self.after_data];
        schema.into_iter().chain([&self.accounts]).flatten()
    }
}
