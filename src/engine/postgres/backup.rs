//! Backups of PostgreSQL: one exported snapshot for all sessions, rows as COPY text, large tables
//! by ranges of their pages (chapters "Snapshot Synchronization Functions", "TID Range Scan").

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Write};

use super::ddl::{idents, qualified};
use super::masking::{PgWords, set_key};
use super::{accounts, defer, large_objects, loading, unchanged};
use crate::engine::Session;
use crate::engine::backup::{
    Accounts, Backup, BeforeCommit, Choice, Chosen, Extract, ExtractPart, Held, JournalTable, Quiet, Stage,
    texts,
};
use crate::engine::masking::{MaskKey, Masking, expression};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Detail, Name, ObjectId, Table};
use crate::model::snapshot::{Form, Moment, Setting, Statement};
use crate::sql::{POSTGRES, quote_ident_if_needed, quote_literal};

/// Pages of a table that are read by one COPY: 8 MiB. Small enough that a change spoils little of
/// the next backup, large enough that a statement's price does not count.
const PAGES_PER_PART: u64 = 1024;
const BYTES_PER_PART: u64 = PAGES_PER_PART * 8192;

/// How values are written, whatever the server's own settings are.
const SETTINGS: [&str; 9] = [
    "SET client_encoding = 'UTF8'",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'postgres'",
    "SET TimeZone = 'UTC'",
    "SET extra_float_digits = 3",
    "SET bytea_output = 'hex'",
    "SET synchronize_seqscans = off",
    "SET row_security = off",
    "SELECT pg_catalog.set_config('search_path', '', false)",
];

/// See [`Backup`].
pub struct PgBackup;

impl Backup for PgBackup {
    fn hold(&self, sessions: &mut [Box<dyn Session>]) -> Result<Held> {
        let Some((first, others)) = sessions.split_first_mut() else { return Ok(Held::default()) };
        begin(first.as_mut(), None)?;
        lock_tables(first.as_mut())?;
        if !others.is_empty() {
            let snapshot = one(first.as_mut(), "SELECT pg_catalog.pg_export_snapshot()")?;
            for session in others {
                begin(session.as_mut(), Some(&snapshot))?;
            }
        }
        let lsn = one(first.as_mut(), POSITION)?;
        let how = "an exported snapshot; nothing was locked but against changes of the schema".to_owned();
        let moment = Moment { how, position: vec![Setting::new("lsn", lsn)], locked_seconds: 0.0 };
        Ok(Held { moment, schema_may_change: false, witness: unchanged::witness(first.as_mut())? })
    }

    fn witnessed(&self, session: &mut dyn Session) -> Result<BTreeSet<Name>> {
        unchanged::witnessed(session)
    }

    fn accounts(&self, session: &mut dyn Session) -> Result<Accounts> {
        accounts::accounts(session)
    }

    fn known_accounts(&self, session: &mut dyn Session) -> Result<BTreeSet<String>> {
        accounts::known(session)
    }

    fn extracts_of(
        &self,
        session: &mut dyn Session,
        catalog: &Catalog,
        choice: &Choice,
    ) -> Result<Vec<Extract>> {
        let mut sizes = BTreeMap::new();
        for row in texts(session, SIZES)? {
            let [schema, name, heap, all, is_heap] = cells(row)?;
            sizes.insert(
                Name::new(schema, name),
                Size { heap: number(&heap)?, all: number(&all)?, is_heap: is_heap == "t" },
            );
        }
        let by_pages = catalog.server_version_num >= 140_000;
        let tables = catalog.objects.iter().filter(|object| object.extension.is_none());
        let tables = tables.filter_map(|object| Some((&object.name, object.as_table()?)));
        let with_rows = tables.filter(|(_, table)| table.foreign.is_none() && table.partitioning.is_none());
        let mut extracts: Vec<Extract> = Vec::new();
        for (name, table) in with_rows {
            let size = sizes.get(name).copied().unwrap_or_default();
            let source = Source::of(name, table, choice.of(name));
            source.try_out(session)?;
            extracts.push(extract(&source, size, by_pages));
        }
        for row in texts(session, OF_EXTENSIONS)? {
            let [schema, name, columns, condition] = cells(row)?;
            extracts.push(of_extension(&Name::new(schema, name), &columns, &condition));
        }
        extracts.extend(large_objects::extract(session)?);
        Ok(extracts)
    }

    fn mask(&self, masking: &Masking<'_>) -> Result<String> {
        expression(&PgWords, masking)
    }

    fn set_mask_key(&self, session: &mut dyn Session, key: &MaskKey) -> Result<()> {
        set_key(session, key)
    }

    fn read(
        &self,
        session: &mut dyn Session,
        extract: &Extract,
        part: &ExtractPart,
        out: &mut dyn Write,
    ) -> Result<()> {
        if extract.form == Form::Statements {
            return large_objects::read(session, &part.sql, out);
        }
        // Whoever waits to change the table waits for the first session, and that one for this: to
        // wait in turn would be for ever.
        let table = qualified(&extract.table);
        session.execute(&format!("LOCK TABLE ONLY {table} IN ACCESS SHARE MODE NOWAIT"), &[]).map_err(
            |error| match error.kind() {
                Kind::Lock => error.hint(format!(
                    "somebody is about to change {table}; run the backup again when that is done"
                )),
                _ => error,
            },
        )?;
        let bulk = session.bulk().ok_or_else(|| Error::new(Kind::Unsupported, "the session has no COPY"))?;
        bulk.copy_out(&part.sql, out).map(drop)
    }

    fn settings(&self, session: &mut dyn Session) -> Result<Vec<String>> {
        settings_of_database(session)
    }

    fn values(&self, session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<String>> {
        let mut statements = numbers(session, catalog)?;
        statements.extend(refreshes(session, catalog)?);
        Ok(statements)
    }

    fn begin_load(&self, session: &mut dyn Session) -> Result<()> {
        all(session, &SETTINGS)?;
        all(session, &loading::SETTINGS)
    }

    /// Sorting by several processes costs more in all.
    fn beside_others(&self, session: &mut dyn Session, are_there: bool) -> Result<()> {
        let workers = if are_there { "0" } else { "DEFAULT" };
        session.execute(&format!("SET max_parallel_maintenance_workers = {workers}"), &[]).map(drop)
    }

    fn load(
        &self,
        session: &mut dyn Session,
        load: &str,
        input: &mut dyn BufRead,
        before_commit: BeforeCommit<'_>,
    ) -> Result<()> {
        loading::load(session, load, input, before_commit)
    }

    fn journal(&self) -> Option<&'static JournalTable> {
        Some(&loading::JOURNAL_TABLE)
    }

    fn doubtful(&self, session: &mut dyn Session) -> Result<BTreeSet<Name>> {
        loading::unlogged(session)
    }

    /// Superusers may, and whom they granted it to.
    fn quiet(&self, session: &mut dyn Session) -> Result<Quiet> {
        match session.execute("SET session_replication_role = replica", &[]) {
            Ok(_) => Ok(Quiet { keys: true, triggers: true }),
            Err(error) if error.kind() == Kind::Lost => Err(error),
            Err(_) => Ok(Quiet::default()),
        }
    }

    /// Large objects, and what ALTER DATABASE ... SET has set.
    fn empty_rest(&self) -> Vec<String> {
        vec![
            "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata".to_owned(),
            "DO LANGUAGE plpgsql 'BEGIN EXECUTE ''ALTER DATABASE '' || \
             pg_catalog.quote_ident(pg_catalog.current_database()) || '' RESET ALL''; END'"
                .to_owned(),
        ]
    }

    fn analyze(&self, tables: &[Name]) -> Vec<String> {
        tables.iter().map(|table| format!("ANALYZE {}", qualified(table))).collect()
    }

    /// CREATE INDEX takes a lock that others of its kind may have too; a key does not.
    fn stage(&self, object: &str, sql: &str) -> Stage {
        match object {
            "index" if sql.starts_with("CREATE") => Stage::Together,
            "constraint" if defer::validates(sql) => Stage::OnePerTableLater,
            "constraint" if !sql.contains(" FOREIGN KEY ") && !sql.contains(" USING INDEX ") => {
                Stage::OnePerTable
            }
            _ => Stage::Alone,
        }
    }

    fn defer(&self, statement: &Statement) -> Vec<Statement> {
        defer::defer(statement)
    }
}

fn all(session: &mut dyn Session, statements: &[&str]) -> Result<()> {
    session.execute_all(statements).map_err(|stopped| stopped.error)
}

fn begin(session: &mut dyn Session, snapshot: Option<&str>) -> Result<()> {
    all(session, &SETTINGS)?;
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &[])?;
    if let Some(snapshot) = snapshot {
        let name = quote_literal(&POSTGRES, snapshot).unwrap_or_default();
        session.execute(&format!("SET TRANSACTION SNAPSHOT {name}"), &[])?;
    }
    Ok(())
}

/// Keeps everybody from changing tables while they are read: what the server tells of an object is
/// always its newest form, whatever the snapshot.
fn lock_tables(session: &mut dyn Session) -> Result<()> {
    let names: Vec<String> = texts(session, LOCKABLE)?.into_iter().flatten().flatten().collect();
    for names in names.chunks(200) {
        let sql = format!("LOCK TABLE ONLY {} IN ACCESS SHARE MODE", names.join(", ONLY "));
        session.execute(&sql, &[]).map_err(|error| match error.kind() {
            Kind::Permission => error.hint(
                "a backup reads every table: grant the role pg_read_all_data, or SELECT on all of them",
            ),
            _ => error,
        })?;
    }
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Size {
    heap: u64,
    /// With what is stored out of line.
    all: u64,
    is_heap: bool,
}

/// What a table is read from.
struct Source<'a> {
    name: &'a Name,
    full: String,
    /// Its columns, as they are loaded; empty for a table without any.
    columns: String,
    /// The same as they are read.
    selected: String,
    /// Which of its rows; empty for all.
    condition: String,
    chosen: Option<&'a Chosen>,
}

impl<'a> Source<'a> {
    fn of(name: &'a Name, table: &Table, chosen: Option<&'a Chosen>) -> Self {
        let columns = table.columns.iter().filter(|column| column.generated.is_none());
        let columns: Vec<String> = columns.map(|column| column.name.clone()).collect();
        let masked = |column: &String| chosen.and_then(|chosen| chosen.columns.get(column)).cloned();
        let selected = columns.iter().map(|column| match masked(column) {
            Some(expression) => expression,
            None => idents(std::slice::from_ref(column)),
        });
        Source {
            name,
            full: qualified(name),
            selected: selected.collect::<Vec<_>>().join(", "),
            columns: idents(&columns),
            condition: chosen.map_or_else(String::new, |chosen| chosen.condition("AND")),
            chosen,
        }
    }

    /// Asks the server for its plan, which it has only for what it understands.
    fn try_out(&self, session: &mut dyn Session) -> Result<()> {
        let Some(chosen) = self.chosen else { return Ok(()) };
        let sql = format!("EXPLAIN {}", self.select("true"));
        session.execute(&sql, &[]).map(drop).map_err(|error| chosen.explained(self.name, error))
    }

    fn list(&self) -> String {
        if self.columns.is_empty() { String::new() } else { format!(" ({})", self.columns) }
    }

    fn select(&self, range: &str) -> String {
        format!("SELECT {} FROM ONLY {} WHERE {range}{}", self.selected, self.full, self.condition)
    }

    fn whole(&self) -> String {
        match self.chosen {
            Some(_) => format!("COPY ({}) TO STDOUT", self.select("true")),
            None => format!("COPY {}{} TO STDOUT", self.full, self.list()),
        }
    }
}

fn extract(source: &Source<'_>, size: Size, by_pages: bool) -> Extract {
    let per_part = pages_per_part(size);
    let pages = size.heap / 8192;
    let parts = match by_pages && size.is_heap && pages > per_part {
        true => (0..pages.div_ceil(per_part)).map(|at| range(source, at, per_part, pages, size)).collect(),
        false => vec![ExtractPart { range: String::new(), sql: source.whole(), weight: size.all }],
    };
    Extract {
        table: source.name.clone(),
        form: Form::Copy,
        load: format!("COPY {}{} FROM STDIN", source.full, source.list()),
        literals: Vec::new(),
        page_size: 0,
        parts,
    }
}

/// Fewer pages where much is stored out of line. A power of two, so that the ranges of the next
/// backup are the same though the table has grown.
fn pages_per_part(size: Size) -> u64 {
    if size.heap == 0 {
        return PAGES_PER_PART;
    }
    let wanted =
        (BYTES_PER_PART as u128 * u128::from(size.heap) / u128::from(size.all.max(size.heap))) as u64 / 8192;
    let floor = (wanted + 1).next_power_of_two() / 2;
    floor.clamp(16, PAGES_PER_PART)
}

/// Half-open ranges, and the last without an end: pages that came later hold nothing that the
/// snapshot sees.
fn range(source: &Source<'_>, at: u64, per_part: u64, pages: u64, size: Size) -> ExtractPart {
    let (from, to) = (at * per_part, (at + 1) * per_part);
    let is_last = to >= pages;
    let end = if is_last { String::new() } else { format!(" AND ctid < '({to},0)'::pg_catalog.tid") };
    let pages_of_it = format!("ctid >= '({from},0)'::pg_catalog.tid{end}");
    let sql = format!("COPY ({}) TO STDOUT", source.select(&pages_of_it));
    let range = if is_last { format!("pages from {from}") } else { format!("pages {from} to {to}") };
    ExtractPart { range, sql, weight: size.all / (pages / per_part).max(1) }
}

/// Rows that somebody added to a table of an extension, which says itself which those are (chapter
/// "Extension Configuration Tables").
fn of_extension(name: &Name, columns: &str, condition: &str) -> Extract {
    let full = qualified(name);
    let sql = format!("COPY (SELECT {columns} FROM ONLY {full} {condition}) TO STDOUT");
    Extract {
        table: name.clone(),
        form: Form::Copy,
        load: format!("COPY {full} ({columns}) FROM STDIN"),
        literals: Vec::new(),
        page_size: 0,
        parts: vec![ExtractPart { range: String::new(), sql, weight: 0 }],
    }
}

/// Where every sequence stands. Sequences are outside of all snapshots; they are read after it was
/// taken, so no number that a row has is given out again.
fn numbers(session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<String>> {
    let own = catalog.objects.iter().filter(|object| object.extension.is_none());
    let sequences: Vec<&Name> = own
        .filter(|object| matches!(object.detail, Detail::Sequence(_)))
        .map(|object| &object.name)
        .collect();
    let mut statements = Vec::with_capacity(sequences.len());
    for names in sequences.chunks(200) {
        let select = |(at, name): (usize, &&Name)| {
            format!("SELECT {at}, last_value, is_called FROM {}", qualified(name))
        };
        let selects: Vec<String> = names.iter().enumerate().map(select).collect();
        for row in texts(session, &selects.join(" UNION ALL "))? {
            let [at, last, is_called] = cells(row)?;
            let name = names.get(number(&at)? as usize).map(|name| qualified(name)).unwrap_or_default();
            let name = quote_literal(&POSTGRES, &name).unwrap_or_default();
            let is_called = is_called == "t";
            statements.push(format!("SELECT pg_catalog.setval({name}, {last}, {is_called})"));
        }
    }
    Ok(statements)
}

/// What ALTER DATABASE ... SET has set, for whatever name the database will have.
fn settings_of_database(session: &mut dyn Session) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    for row in texts(session, DATABASE_SETTINGS)? {
        let [name, value] = cells(row)?;
        // Lists of names are kept as they are written; a text in quotes would be one name.
        let value = match LISTS.contains(&name.as_str()) {
            true => value,
            false => quote_literal(&POSTGRES, &value).unwrap_or_default(),
        };
        let change = format!(" SET {} TO {value}", quote_ident_if_needed(&POSTGRES, &name));
        let change = quote_literal(&POSTGRES, &change).unwrap_or_default();
        statements.push(format!(
            "DO LANGUAGE plpgsql 'BEGIN EXECUTE ''ALTER DATABASE '' || pg_catalog.quote_ident(pg_catalog.current_database()) || {}; END'",
            change.replace('\'', "''")
        ));
    }
    Ok(statements)
}

/// Settings whose value is a list of names (GUC_LIST_QUOTE in the server's source).
pub const LISTS: [&str; 7] = [
    "local_preload_libraries",
    "restrict_nonsystem_relation_kind",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

const DATABASE_SETTINGS: &str = "\
SELECT pg_catalog.split_part(c.setting, '=', 1), \
  pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1) \
FROM pg_catalog.pg_db_role_setting AS s \
JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase AND d.datname = pg_catalog.current_database() \
CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS c (setting, number) \
WHERE s.setrole = 0 ORDER BY c.number";

/// Materialized views that hold rows, each after those that it is made from.
fn refreshes(session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<String>> {
    let filled: std::collections::BTreeSet<Name> = texts(session, FILLED)?
        .into_iter()
        .map(|row| cells(row).map(|[schema, name]| Name::new(schema, name)))
        .collect::<Result<_>>()?;
    let mut seen = vec![false; catalog.objects.len()];
    let mut order = Vec::new();
    for (id, _) in catalog.iter() {
        visit(catalog, id, &mut seen, &mut order);
    }
    let names = order.into_iter().map(|id| &catalog.get(id).name).filter(|name| filled.contains(name));
    Ok(names.map(|name| format!("REFRESH MATERIALIZED VIEW {}", qualified(name))).collect())
}

fn visit(catalog: &Catalog, id: ObjectId, seen: &mut [bool], order: &mut Vec<ObjectId>) {
    if std::mem::replace(&mut seen[id.0 as usize], true) {
        return;
    }
    for each in &catalog.get(id).depends_on {
        visit(catalog, *each, seen, order);
    }
    if matches!(&catalog.get(id).detail, Detail::View(view) if view.materialized) {
        order.push(id);
    }
}

pub(super) fn one(session: &mut dyn Session, sql: &str) -> Result<String> {
    let value = texts(session, sql)?.into_iter().flatten().flatten().next();
    value.ok_or_else(|| Error::new(Kind::Sql, format!("the server has no answer to {sql}")))
}

pub(super) fn cells<const N: usize>(row: Vec<Option<String>>) -> Result<[String; N]> {
    let cells: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
    cells
        .try_into()
        .map_err(|_| Error::new(Kind::Sql, "the server gave another number of columns than was asked for"))
}

fn number(text: &str) -> Result<u64> {
    text.parse()
        .map_err(|_| Error::new(Kind::Sql, format!("the server gave {text:?} where a number was expected")))
}

const POSITION: &str = "\
SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() \
ELSE pg_catalog.pg_current_wal_lsn() END::text";

const LOCKABLE: &str = "\
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) \
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' \
AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' \
AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d \
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e') \
ORDER BY n.nspname, c.relname";

const SIZES: &str = "\
SELECT n.nspname, c.relname, pg_catalog.pg_relation_size(c.oid), pg_catalog.pg_table_size(c.oid), \
  COALESCE(a.amname = 'heap', true) AND pg_catalog.current_setting('block_size') = '8192' \
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
LEFT JOIN pg_catalog.pg_am AS a ON a.oid = c.relam \
WHERE c.relkind = 'r' AND c.relpersistence <> 't' \
AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

const OF_EXTENSIONS: &str = "\
SELECT n.nspname, c.relname, \
  (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) \
   FROM pg_catalog.pg_attribute AS a \
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), \
  COALESCE(x.condition, '') \
FROM pg_catalog.pg_extension AS e \
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition)) AS x (relation, condition) \
JOIN pg_catalog.pg_class AS c ON c.oid = x.relation AND c.relkind = 'r' \
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
ORDER BY n.nspname, c.relname";

const FILLED: &str = "\
SELECT n.nspname, c.relname FROM pg_catalog.pg_class AS c \
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND c.relispopulated";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_half_open_and_the_last_has_no_end() {
        let name = Name::new("public", "t");
        let table = Table { columns: vec![column("a"), column("B")], ..Table::default() };
        let size = Size { heap: 2500 * 8192, all: 2500 * 8192, is_heap: true };
        let source = Source::of(&name, &table, None);
        let parts = extract(&source, size, true).parts;
        let ends: Vec<&str> = parts.iter().map(|part| part.range.as_str()).collect();
        assert_eq!(ends, ["pages 0 to 1024", "pages 1024 to 2048", "pages from 2048"]);
        assert_eq!(
            parts[1].sql,
            "COPY (SELECT a, \"B\" FROM ONLY public.t WHERE ctid >= '(1024,0)'::pg_catalog.tid \
             AND ctid < '(2048,0)'::pg_catalog.tid) TO STDOUT"
        );
        assert!(parts[2].sql.ends_with("WHERE ctid >= '(2048,0)'::pg_catalog.tid) TO STDOUT"));
        let whole = extract(&source, size, false).parts;
        assert_eq!(whole[0].sql, "COPY public.t (a, \"B\") TO STDOUT");
    }

    #[test]
    fn some_rows_and_other_values() {
        let name = Name::new("public", "t");
        let table = Table { columns: vec![column("a"), column("B")], ..Table::default() };
        let columns = [("B".to_owned(), "'x'::text".to_owned())].into();
        let chosen = Chosen { condition: Some("a > 1 -- so".to_owned()), columns };
        let source = Source::of(&name, &table, Some(&chosen));
        assert_eq!(
            source.whole(),
            "COPY (SELECT a, 'x'::text FROM ONLY public.t WHERE true AND (a > 1 -- so\n)) TO STDOUT"
        );
        let size = Size { heap: 2500 * 8192, all: 2500 * 8192, is_heap: true };
        let parts = extract(&source, size, true).parts;
        assert!(parts[2].sql.ends_with("'(2048,0)'::pg_catalog.tid AND (a > 1 -- so\n)) TO STDOUT"));
        assert_eq!(extract(&source, size, true).load, "COPY public.t (a, \"B\") FROM STDIN");
    }

    #[test]
    fn parts_are_smaller_where_much_is_out_of_line() {
        let size = |heap: u64, all: u64| Size { heap: heap * 8192, all: all * 8192, is_heap: true };
        assert_eq!(pages_per_part(size(10_000, 10_000)), 1024);
        assert_eq!(pages_per_part(size(10_000, 40_000)), 256);
        assert_eq!(pages_per_part(size(100, 1_000_000)), 16);
        assert_eq!(pages_per_part(size(0, 0)), 1024);
    }

    fn column(name: &str) -> crate::model::catalog::Column {
        crate::model::catalog::Column { name: name.into(), ..Default::default() }
    }
}
