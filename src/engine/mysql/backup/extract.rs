//! Which rows there are to read, and how each column is asked for and written.

use std::collections::BTreeMap;

use super::first_row;
use super::parts::{self, Range, Size};
use crate::ddl::quoted;
use crate::engine::Session;
use crate::engine::backup::{Choice, Chosen, Extract, ExtractPart, Literal, texts};
use crate::error::Result;
use crate::model::catalog::{Catalog, Column, ConstraintKind, Object, Table, attribute};
use crate::model::snapshot::Form;
use crate::model::target::EngineKind;

/// Tables whose rows are somewhere else, or are those of other tables.
const NO_ROWS_OF_THEIR_OWN: [&str; 8] =
    ["federated", "federatedx", "connect", "spider", "mrg_myisam", "merge", "oqgraph", "sphinx"];

/// Character sets whose text comes back as it went when it travels as utf8mb4.
const LOSSLESS: [&str; 5] = ["utf8mb4", "utf8mb3", "utf8", "latin1", "ascii"];

/// The first MariaDB that takes rows of the past ("system_versioning_insert_history").
const TAKES_HISTORY: u32 = 101_100;

/// All tables with rows of their own, each with its parts.
pub fn extracts(session: &mut dyn Session, catalog: &Catalog, choice: &Choice) -> Result<Vec<Extract>> {
    let mut sizes = BTreeMap::new();
    for row in texts(session, SIZES)? {
        let mut cells = row.into_iter().map(Option::unwrap_or_default);
        let name = cells.next().unwrap_or_default();
        let mut number = || cells.next().and_then(|text| text.parse().ok()).unwrap_or(0);
        sizes.insert(name, Size { rows: number(), bytes: number() });
    }
    let mut extracts = Vec::new();
    for (object, table) in catalog.tables() {
        let engine = attribute(&object.attributes, "engine").unwrap_or("").to_ascii_lowercase();
        if table.foreign.is_some() || NO_ROWS_OF_THEIR_OWN.contains(&engine.as_str()) {
            continue;
        }
        let size = sizes.get(&object.name.name).copied().unwrap_or_default();
        let source = Source::of(catalog, object, table, choice.of(&object.name));
        source.try_out(session)?;
        extracts.push(source.extract(session, size)?);
    }
    Ok(extracts)
}

const SIZES: &str = "\
SELECT table_name, COALESCE(table_rows, 0), COALESCE(data_length, 0) \
FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type <> 'VIEW'";

/// What a table is read from.
struct Source<'a> {
    object: &'a Object,
    table: &'a Table,
    history: History,
    selected: Vec<String>,
    literals: Vec<Literal>,
    chosen: Option<&'a Chosen>,
}

/// The earlier versions of rows ("System-Versioned Tables" in MariaDB's manual).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum History {
    /// None are kept, or they cannot be loaded.
    No,
    /// They have columns without a declaration.
    Hidden,
    Declared,
}

impl<'a> Source<'a> {
    fn of(catalog: &Catalog, object: &'a Object, table: &'a Table, chosen: Option<&'a Chosen>) -> Self {
        let history = history(catalog, object, table);
        let mut source =
            Source { object, table, history, selected: Vec::new(), literals: Vec::new(), chosen };
        for column in table.columns.iter().filter(|column| column.generated.is_none()) {
            if history == History::Declared || attribute(&column.attributes, "row").is_none() {
                let charset = charset(catalog, object, column);
                source.add(&column.name, column_of(&column.ty, &charset));
            }
        }
        if history == History::Hidden {
            for name in ["row_start", "row_end"] {
                source.add(name, (None, Literal::Text));
            }
        }
        source
    }

    fn add(&mut self, name: &str, (cast, literal): (Option<&str>, Literal)) {
        let quoted = quoted(name);
        let masked = self.chosen.and_then(|chosen| chosen.columns.get(name));
        self.selected.push(match (masked, cast) {
            (Some(expression), _) => format!("{expression} AS {quoted}"),
            (None, Some(ty)) => format!("CAST({quoted} AS {ty}) AS {quoted}"),
            (None, None) => quoted,
        });
        self.literals.push(literal);
    }

    fn extract(self, session: &mut dyn Session, size: Size) -> Result<Extract> {
        let key = Key::of(self.table);
        let ranges = match &key {
            Some(key) if key.counts => self.ranges(session, key, size)?,
            _ => Vec::new(),
        };
        let parts = match (&key, ranges.len()) {
            (Some(key), 2..) => ranges.iter().map(|range| self.part(key, range, size)).collect(),
            (key, _) => vec![ExtractPart {
                range: String::new(),
                sql: self.select(key.as_ref(), "", "TRUE"),
                weight: size.bytes,
            }],
        };
        Ok(Extract {
            table: self.object.name.clone(),
            form: Form::Insert,
            load: String::new(),
            literals: self.literals,
            page_size: 0,
            parts,
        })
    }

    fn ranges(&self, session: &mut dyn Session, key: &Key<'_>, size: Size) -> Result<Vec<Range>> {
        let (table, column) = (quoted(&self.object.name.name), quoted(key.columns[0]));
        let of_all = if self.history == History::No { "" } else { " FOR SYSTEM_TIME ALL" };
        let ends = texts(session, &format!("SELECT MIN({column}), MAX({column}) FROM {table}{of_all}"))?;
        let mut ends = ends.into_iter().flatten().map(|cell| cell.and_then(|text| text.parse().ok()));
        let (Some(Some(min)), Some(Some(max))) = (ends.next(), ends.next()) else { return Ok(Vec::new()) };
        // MySQL counts nothing where an index is forced; MariaDB tells less where none is.
        let hint = match session.server().engine {
            EngineKind::Mariadb => key.hint("FORCE"),
            _ => key.hint("USE"),
        };
        let is_whole = key.columns.len() == 1 && self.history == History::No;
        parts::cut((min, max), is_whole, size, &mut |from, to| {
            let sql = format!(
                "EXPLAIN FORMAT=TRADITIONAL SELECT 1 FROM {table}{of_all}{hint} \
                 WHERE {column} >= {from} AND {column} < {to}"
            );
            let [rows, filtered] = first_row(session, &sql, ["rows", "filtered"])?;
            let number = |text: Option<String>| text.and_then(|text| text.parse::<f64>().ok());
            // Where nothing can be there, there is no number.
            Ok((number(rows).unwrap_or(0.0) * number(filtered).unwrap_or(100.0) / 100.0) as u64)
        })
    }

    fn part(&self, key: &Key<'_>, range: &Range, size: Size) -> ExtractPart {
        let (name, column) = (key.columns[0], self.qualified(key.columns[0]));
        let from = range.from.map(|from| format!("{column} >= {from}"));
        let to = range.to.map(|to| format!("{column} < {to}"));
        let condition: Vec<String> = from.into_iter().chain(to).collect();
        let condition = condition.join(" AND ");
        // The ends of a range are values of the column.
        let is_masked = self.chosen.is_some_and(|chosen| chosen.columns.contains_key(name));
        let words = match (range.from, range.to) {
            _ if is_masked => String::new(),
            (Some(from), Some(to)) => format!("{name} from {from} to {to}"),
            (Some(from), None) => format!("{name} from {from}"),
            (None, Some(to)) => format!("{name} to {to}"),
            (None, None) => String::new(),
        };
        ExtractPart {
            range: words,
            sql: self.select(Some(key), &key.hint("FORCE"), &condition),
            weight: range.rows.saturating_mul(size.row()),
        }
    }

    /// A column of the table, and not what is selected under the same name.
    fn qualified(&self, column: &str) -> String {
        format!("{}.{}", quoted(&self.object.name.name), quoted(column))
    }

    fn select(&self, key: Option<&Key<'_>>, force: &str, condition: &str) -> String {
        let table = quoted(&self.object.name.name);
        let selected = if self.selected.is_empty() { "1".to_owned() } else { self.selected.join(", ") };
        let of_all = if self.history == History::No { "" } else { " FOR SYSTEM_TIME ALL" };
        let mut order: Vec<String> =
            key.into_iter().flat_map(|key| &key.columns).map(|name| self.qualified(name)).collect();
        if !order.is_empty() && self.history != History::No {
            order.push(self.qualified(self.end_of_row()));
        }
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        let also = self.chosen.map_or_else(String::new, |chosen| chosen.condition("AND"));
        let condition = match (condition, also.is_empty()) {
            ("TRUE", true) => String::new(),
            (condition, _) => format!(" WHERE {condition}{also}"),
        };
        format!("SELECT {selected} FROM {table}{of_all}{force}{condition}{order}")
    }

    /// Asks the server for its plan, which it has only for what it understands.
    fn try_out(&self, session: &mut dyn Session) -> Result<()> {
        let Some(chosen) = self.chosen else { return Ok(()) };
        let sql = format!("EXPLAIN {}", self.select(None, "", "TRUE"));
        session.execute(&sql, &[]).map(drop).map_err(|error| chosen.explained(&self.object.name, error))
    }

    /// The column that says until when a row was valid.
    fn end_of_row(&self) -> &str {
        let is_end = |column: &&Column| attribute(&column.attributes, "row") == Some("end");
        self.table.columns.iter().find(is_end).map_or("row_end", |column| &column.name)
    }
}

fn history(catalog: &Catalog, object: &Object, table: &Table) -> History {
    let versioned = |column: &Column| attribute(&column.attributes, "with system versioning").is_some();
    let is_kept =
        attribute(&object.attributes, "system versioning").is_some() || table.columns.iter().any(versioned);
    if catalog.engine != EngineKind::Mariadb || !is_kept {
        return History::No;
    }
    let start = table.columns.iter().find(|column| attribute(&column.attributes, "row") == Some("start"));
    let by_transactions = start.is_some_and(|column| column.ty.starts_with("bigint"));
    if by_transactions || catalog.server_version_num < TAKES_HISTORY {
        log::warn!(
            "{}: earlier versions of its rows are not in the backup: {}",
            object.name,
            if by_transactions { "they are told by transactions" } else { "this server could not load them" }
        );
        return History::No;
    }
    if start.is_some() { History::Declared } else { History::Hidden }
}

/// What a column is cast to, if at all, and how its values are written.
fn column_of(ty: &str, charset: &str) -> (Option<&'static str>, Literal) {
    let word = ty.split(['(', ' ']).next().unwrap_or("").to_ascii_lowercase();
    let is_lossless = LOSSLESS.contains(&charset);
    match word.as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "decimal" | "numeric"
        | "double" | "real" | "year" => (None, Literal::Bare),
        // As text it has six digits, which are not enough.
        "float" => (Some("DOUBLE"), Literal::Bare),
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" | "bit" | "vector"
        | "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring"
        | "multipolygon" | "geometrycollection" | "geomcollection" => (None, Literal::Bytes),
        // The number of a member, or the sum of members.
        "enum" | "set" if !is_lossless => (Some("UNSIGNED"), Literal::Bare),
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" if !is_lossless => {
            (Some("BINARY"), Literal::Bytes)
        }
        _ => (None, Literal::Text),
    }
}

/// The character set of a column: its own, the one of its collation, the table's, the database's.
fn charset(catalog: &Catalog, object: &Object, column: &Column) -> String {
    let of_collation = |name: &str| name.split('_').next().unwrap_or("").to_owned();
    let of = |attributes| {
        let charset = attribute(attributes, "charset").map(str::to_owned);
        charset.or_else(|| attribute(attributes, "collate").map(of_collation))
    };
    let own = column.charset.clone().or_else(|| column.collation.as_deref().map(of_collation));
    let found = own.or_else(|| of(&object.attributes)).or_else(|| of(&catalog.attributes));
    found.unwrap_or_default().to_ascii_lowercase()
}

/// A key that no two rows share.
#[derive(Debug, PartialEq, Eq)]
struct Key<'a> {
    index: &'a str,
    columns: Vec<&'a str>,
    /// Its first column is an integer.
    counts: bool,
}

impl<'a> Key<'a> {
    /// The primary key; else, for parts, a unique one without nulls that begins with an integer.
    fn of(table: &'a Table) -> Option<Self> {
        let column = |name: &str| table.columns.iter().find(|column| column.name == name);
        let keys = table.indexes.iter().filter(|index| index.unique && index.usable);
        let mut keys = keys.filter_map(|index| {
            let columns: Option<Vec<&str>> = index.keys.iter().map(|key| key.column.as_deref()).collect();
            let columns = columns.filter(|columns| !columns.is_empty())?;
            let is_whole = index.keys.iter().all(|key| key.prefix.is_none());
            let no_nulls = columns.iter().all(|name| column(name).is_some_and(|found| !found.nullable));
            let is_primary = table.constraints.iter().any(|constraint| {
                constraint.kind == ConstraintKind::PrimaryKey && constraint.name == index.constraint
            });
            let counts = column(columns[0]).is_some_and(|first| is_integer(&first.ty));
            let usable = is_primary || is_whole && no_nulls && counts;
            usable.then_some((is_primary, Key { index: &index.name, columns, counts }))
        });
        let first = keys.next()?;
        match first.0 {
            true => Some(first.1),
            false => keys.find(|key| key.0).or(Some(first)).map(|key| key.1),
        }
    }

    /// The rows of a range are read along the key, whatever the optimizer thinks of it.
    fn hint(&self, word: &str) -> String {
        format!(" {word} INDEX ({})", quoted(self.index))
    }
}

fn is_integer(ty: &str) -> bool {
    let word = ty.split(['(', ' ']).next().unwrap_or("").to_ascii_lowercase();
    matches!(word.as_str(), "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint")
}
