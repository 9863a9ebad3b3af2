//! The queries: each is one join of the schema with a pragma function over all tables, so their
//! number does not grow with the database (<https://www.sqlite.org/pragma.html#functions>).

use std::collections::HashMap;

use rusqlite::{Connection, Result, Row};

/// A row of `sqlite_schema`.
pub struct Entry {
    pub kind: String,
    pub name: String,
    pub table: String,
    /// None for the indexes that constraints made.
    pub sql: Option<String>,
}

/// The schema of the main database in the order in which it was made.
pub fn entries(connection: &Connection) -> Result<Vec<Entry>> {
    let sql = "select type, name, tbl_name, sql from main.sqlite_schema order by rowid";
    all(connection, sql, |row| {
        Ok(Entry { kind: text(row, 0)?, name: text(row, 1)?, table: text(row, 2)?, sql: row.get(3)? })
    })
}

/// How SQLite sees a table or view.
pub struct Relation {
    pub name: String,
    /// `table`, `view`, `virtual`, `shadow`.
    pub kind: String,
    pub without_rowid: bool,
    pub strict: bool,
}

pub fn relations(connection: &Connection) -> Result<Vec<Relation>> {
    let sql = "select name, type, wr, strict from pragma_table_list where schema = 'main'";
    all(connection, sql, |row| {
        Ok(Relation {
            name: text(row, 0)?,
            kind: text(row, 1)?,
            without_rowid: row.get(2)?,
            strict: row.get(3)?,
        })
    })
}

/// A row of `pragma_table_xinfo`.
pub struct Column {
    pub name: String,
    pub ty: String,
    pub not_null: bool,
    pub default: Option<String>,
    /// The place in the primary key, from 1; 0 for the others.
    pub key: u32,
    /// 1 hidden column of a virtual table, 2 virtual generated, 3 stored generated.
    pub hidden: u8,
}

const COLUMNS: &str = "c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, c.hidden";

fn column(row: &Row<'_>, from: usize) -> Result<Column> {
    Ok(Column {
        name: text(row, from)?,
        ty: text(row, from + 1)?,
        not_null: row.get(from + 2)?,
        default: row.get(from + 3)?,
        key: row.get(from + 4)?,
        hidden: row.get(from + 5)?,
    })
}

/// The columns of all relations of a kind, by relation.
pub fn columns(connection: &Connection, kind: &str) -> Result<HashMap<String, Vec<Column>>> {
    let sql = format!(
        "select t.name, {COLUMNS} from pragma_table_list t, pragma_table_xinfo(t.name, 'main') c
          where t.schema = 'main' and t.type = ?1 order by t.name, c.cid"
    );
    let rows = connection
        .prepare(&sql)?
        .query_map([kind], |row| Ok((text(row, 0)?, column(row, 1)?)))?
        .collect::<Result<Vec<_>>>()?;
    Ok(grouped(rows))
}

/// The columns of one relation.
pub fn columns_of(connection: &Connection, relation: &str) -> Result<Vec<Column>> {
    let sql = format!("select {COLUMNS} from pragma_table_xinfo(?1, 'main') c order by c.cid");
    connection.prepare(&sql)?.query_map([relation], |row| column(row, 0))?.collect()
}

/// An index with its keys, from `pragma_index_list` and `pragma_index_xinfo`.
pub struct Index {
    pub name: String,
    pub unique: bool,
    /// `c` by CREATE INDEX, `u` by a UNIQUE constraint, `pk` by a primary key.
    pub origin: String,
    pub keys: Vec<Key>,
}

pub struct Key {
    /// None for an expression.
    pub column: Option<String>,
    pub descending: bool,
    pub collation: String,
}

/// The indexes of all tables, by table, the oldest first.
pub fn indexes(connection: &Connection) -> Result<HashMap<String, Vec<Index>>> {
    let sql = "select t.name, i.name, i.\"unique\", i.origin, x.cid, x.name, x.desc, x.coll
                 from pragma_table_list t, pragma_index_list(t.name, 'main') i,
                      pragma_index_xinfo(i.name, 'main') x
                where t.schema = 'main' and t.type = 'table' and x.key
                order by t.name, i.seq desc, x.seqno";
    let mut tables: HashMap<String, Vec<Index>> = HashMap::new();
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let indexes = tables.entry(text(row, 0)?).or_default();
        let name = text(row, 1)?;
        if indexes.last().is_none_or(|last| last.name != name) {
            indexes.push(Index { name, unique: row.get(2)?, origin: text(row, 3)?, keys: Vec::new() });
        }
        let column = match row.get::<_, i64>(4)? {
            -1 => Some("rowid".to_owned()),
            _ => row.get(5)?,
        };
        let key = Key { column, descending: row.get(6)?, collation: text(row, 7)? };
        if let Some(index) = indexes.last_mut() {
            index.keys.push(key);
        }
    }
    Ok(tables)
}

/// A foreign key of `pragma_foreign_key_list`.
pub struct ForeignKey {
    pub table: String,
    pub columns: Vec<String>,
    /// Empty where the key of the other table is meant.
    pub referenced: Vec<String>,
    pub on_update: String,
    pub on_delete: String,
}

/// The foreign keys of all tables, by table, in the order of their declaration.
pub fn foreign_keys(connection: &Connection) -> Result<HashMap<String, Vec<ForeignKey>>> {
    let sql = "select t.name, f.id, f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete
                 from pragma_table_list t, pragma_foreign_key_list(t.name, 'main') f
                where t.schema = 'main' and t.type = 'table' order by t.name, f.id desc, f.seq";
    let mut tables: HashMap<String, Vec<ForeignKey>> = HashMap::new();
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let this = Some((text(row, 0)?, row.get::<_, i64>(1)?));
        let keys = tables.entry(text(row, 0)?).or_default();
        if last != this {
            keys.push(ForeignKey {
                table: text(row, 2)?,
                columns: Vec::new(),
                referenced: Vec::new(),
                on_update: text(row, 5)?,
                on_delete: text(row, 6)?,
            });
            last = this;
        }
        if let Some(key) = keys.last_mut() {
            key.columns.push(text(row, 3)?);
            key.referenced.extend(row.get::<_, Option<String>>(4)?);
        }
    }
    Ok(tables)
}

/// The rows of each table that ANALYZE counted
/// (<https://www.sqlite.org/fileformat2.html#stat1tab>).
pub fn row_counts(connection: &Connection) -> Result<HashMap<String, u64>> {
    // The first number is that of the entries: of the table, or of an index, which may be partial.
    let sql = "select tbl, stat from main.sqlite_stat1 where stat is not null";
    let mut counts: HashMap<String, u64> = HashMap::new();
    for (table, stat) in all(connection, sql, |row| Ok((text(row, 0)?, text(row, 1)?)))? {
        if let Some(rows) = stat.split(' ').next().and_then(|number| number.parse().ok()) {
            let count = counts.entry(table).or_default();
            *count = (*count).max(rows);
        }
    }
    Ok(counts)
}

/// The bytes of each table and index, by its name, from `dbstat`, which reads every page
/// (<https://www.sqlite.org/dbstat.html>).
pub fn sizes(connection: &Connection) -> Result<HashMap<String, u64>> {
    let sql = "select name, pgsize from dbstat('main', 1)";
    let sizes = all(connection, sql, |row| Ok((text(row, 0)?, row.get::<_, i64>(1)?)))?;
    Ok(sizes.into_iter().map(|(name, bytes)| (name, u64::try_from(bytes).unwrap_or(0))).collect())
}

fn all<T>(connection: &Connection, sql: &str, row: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    crate::engine::log_sql(&crate::sql::SQLITE, sql);
    connection.prepare(sql)?.query_map([], row)?.collect()
}

fn grouped<T>(rows: Vec<(String, T)>) -> HashMap<String, Vec<T>> {
    let mut groups: HashMap<String, Vec<T>> = HashMap::new();
    for (name, row) in rows {
        groups.entry(name).or_default().push(row);
    }
    groups
}

/// A cell as text; what is not valid UTF-8 is shown with replacement characters.
fn text(row: &Row<'_>, index: usize) -> Result<String> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(index)? {
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        _ => String::new(),
    })
}
