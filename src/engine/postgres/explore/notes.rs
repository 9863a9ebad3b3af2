//! What psql writes below the table of `\d NAME`.

use super::describe::Relation;
use super::table;
use crate::error::Result;
use crate::session::PgSession;

/// Partitions and children that are named; there can be thousands.
const MOST_CHILDREN: usize = 100;

/// The notes of one relation, as they grow.
struct Notes<'a> {
    session: &'a mut PgSession,
    relation: &'a Relation,
    lines: Vec<String>,
}

impl Notes<'_> {
    fn rows(&mut self, sql: &str) -> Result<Vec<Vec<String>>> {
        table(self.session, sql, &self.relation.id())
    }

    /// One line a row, below a heading; nothing when there is none.
    fn section(&mut self, heading: &str, sql: &str) -> Result<()> {
        let rows = self.rows(sql)?;
        self.list(heading, rows.into_iter().filter_map(|row| row.into_iter().next()));
        Ok(())
    }

    fn list(&mut self, heading: &str, items: impl Iterator<Item = String>) {
        let mut items = items.peekable();
        if items.peek().is_some() {
            self.lines.push(format!("{heading}:"));
            let one_line = |item: String| item.lines().map(str::trim).collect::<Vec<_>>().join(" ");
            self.lines.extend(items.map(|item| format!("    {}", one_line(item))));
        }
    }

    /// One line for the first cell, if it holds anything.
    fn line(&mut self, heading: &str, sql: &str) -> Result<()> {
        let cell = self.rows(sql)?.into_iter().next().and_then(|row| row.into_iter().next());
        if let Some(cell) = cell.filter(|cell| !cell.is_empty()) {
            self.lines.push(format!("{heading}: {cell}"));
        }
        Ok(())
    }

    /// The cells as they are.
    fn append(&mut self, sql: &str) -> Result<()> {
        let rows = self.rows(sql)?;
        self.lines.extend(rows.into_iter().flatten());
        Ok(())
    }

    fn policies(&mut self) -> Result<()> {
        let state = self.rows(ROW_SECURITY)?;
        let enabled = state.first().and_then(|row| row.first()).is_some_and(|cell| cell == "t");
        let forced = state.first().and_then(|row| row.get(1)).is_some_and(|cell| cell == "t");
        let rows = self.rows(POLICIES)?;
        let heading = match (enabled, forced, rows.is_empty()) {
            (false, _, _) => "Policies (row security disabled)",
            (true, true, false) => "Policies (forced row security enabled)",
            (true, false, false) => "Policies",
            (true, forced, true) => {
                let forced = if forced { "forced " } else { "" };
                self.lines.push(format!("Policies ({forced}row security enabled): (none)"));
                return Ok(());
            }
        };
        self.list(heading, rows.into_iter().filter_map(|row| row.into_iter().next()));
        Ok(())
    }

    fn triggers(&mut self) -> Result<()> {
        let rows = self.rows(TRIGGERS)?;
        let states = [
            ("O", "Triggers"),
            ("D", "Disabled user triggers"),
            ("A", "Triggers firing always"),
            ("R", "Triggers firing on replica only"),
        ];
        for (state, heading) in states {
            let items = rows.iter().filter(|row| row[1] == state).map(|row| row[0].clone());
            self.list(heading, items);
        }
        Ok(())
    }

    fn children(&mut self) -> Result<()> {
        let mut items: Vec<String> =
            self.rows(CHILDREN)?.into_iter().filter_map(|row| row.into_iter().next()).collect();
        let more = items.len().saturating_sub(MOST_CHILDREN);
        items.truncate(MOST_CHILDREN);
        if more > 0 {
            items.push(format!("... and {more} more"));
        }
        let heading = if self.relation.kind == 'p' { "Partitions" } else { "Child tables" };
        self.list(heading, items.into_iter());
        Ok(())
    }
}

/// Of tables, views and whatever else has columns.
pub fn of_relation(session: &mut PgSession, relation: &Relation) -> Result<Vec<String>> {
    let version = session.info.version_num;
    let mut notes = Notes { session, relation, lines: Vec::new() };
    let is_table = matches!(relation.kind, 'r' | 'p' | 'f' | 'm' | 't');
    if relation.is_partition {
        notes.line("Partition of", PARTITION_OF)?;
        notes.line("Partition constraint", PARTITION_CONSTRAINT)?;
    }
    if relation.kind == 'p' {
        notes.line("Partition key", "SELECT pg_catalog.pg_get_partkeydef($1)")?;
    }
    if is_table {
        let periods = if version >= 180_000 { "OR r.conperiod" } else { "" };
        notes.section("Indexes", &INDEXES.replace("{periods}", periods))?;
    }
    if matches!(relation.kind, 'r' | 'p' | 'f') {
        notes.section("Check constraints", CHECKS)?;
        notes.section("Foreign-key constraints", FOREIGN_KEYS)?;
        let inherited = if version >= 110_000 { "AND r.conparentid = 0" } else { "" };
        notes.section("Referenced by", &REFERENCED_BY.replace("{inherited}", inherited))?;
        notes.policies()?;
        notes.section("Statistics objects", STATISTICS)?;
    }
    notes.section("Rules", RULES)?;
    notes.triggers()?;
    if matches!(relation.kind, 'v' | 'm') {
        let definition = notes.rows("SELECT pg_catalog.pg_get_viewdef($1::pg_catalog.oid, true)")?;
        if let Some(definition) = definition.into_iter().flatten().next() {
            notes.lines.push("View definition:".to_owned());
            notes.lines.extend(definition.lines().map(str::to_owned));
        }
    }
    if matches!(relation.kind, 'r' | 'p' | 'f') {
        notes.section("Publications", PUBLICATIONS)?;
        if !relation.is_partition {
            notes.section("Inherits", INHERITS)?;
        }
        notes.children()?;
    }
    if relation.kind == 'f' {
        notes.line("Server", FOREIGN_SERVER)?;
    }
    notes.line("Replica identity", REPLICA_IDENTITY)?;
    if version >= 120_000 && is_table {
        notes.line("Access method", ACCESS_METHOD)?;
    }
    notes.line("Tablespace", TABLESPACE)?;
    notes.line("Options", OPTIONS)?;
    notes.line("Description", DESCRIPTION)?;
    Ok(notes.lines)
}

pub fn of_index(session: &mut PgSession, relation: &Relation) -> Result<Vec<String>> {
    let mut notes = Notes { session, relation, lines: Vec::new() };
    notes.append(INDEX)?;
    if relation.is_partition {
        notes.line("Partition of", PARTITION_OF)?;
    }
    notes.line("Tablespace", TABLESPACE)?;
    notes.line("Options", OPTIONS)?;
    notes.line("Description", DESCRIPTION)?;
    Ok(notes.lines)
}

pub fn of_sequence(session: &mut PgSession, relation: &Relation) -> Result<Vec<String>> {
    let mut notes = Notes { session, relation, lines: Vec::new() };
    notes.append(SEQUENCE_OWNER)?;
    notes.line("Description", DESCRIPTION)?;
    Ok(notes.lines)
}

const PARTITION_OF: &str = "\
SELECT i.inhparent::pg_catalog.regclass || COALESCE(' ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid), '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
WHERE c.oid = $1";

const PARTITION_CONSTRAINT: &str = "SELECT pg_catalog.pg_get_partition_constraintdef($1)";

/// The definition begins behind `USING`, unless only the constraint says it all: of an exclusion,
/// or `WITHOUT OVERLAPS`.
const INDEXES: &str = "\
SELECT pg_catalog.quote_ident(c.relname) || ' ' || CASE
  WHEN r.contype = 'x' {periods} THEN pg_catalog.pg_get_constraintdef(r.oid, true)
  ELSE CASE WHEN i.indisprimary THEN 'PRIMARY KEY, '
      WHEN r.contype = 'u' THEN 'UNIQUE CONSTRAINT, '
      WHEN i.indisunique THEN 'UNIQUE, ' ELSE '' END
    || pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid, 0, true), '^.*? USING ', '')
    || CASE WHEN r.condeferrable THEN ' DEFERRABLE' ELSE '' END
    || CASE WHEN r.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END
  END
  || CASE WHEN i.indisclustered THEN ' CLUSTER' ELSE '' END
  || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
  || CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_catalog.pg_constraint r
  ON r.conrelid = i.indrelid AND r.conindid = i.indexrelid AND r.contype IN ('p', 'u', 'x')
WHERE i.indrelid = $1
ORDER BY i.indisprimary DESC, c.relname";

const CHECKS: &str = "\
SELECT pg_catalog.quote_ident(r.conname) || ' ' || pg_catalog.pg_get_constraintdef(r.oid, true)
FROM pg_catalog.pg_constraint r
WHERE r.conrelid = $1 AND r.contype = 'c'
ORDER BY 1";

const FOREIGN_KEYS: &str = "\
SELECT pg_catalog.quote_ident(r.conname) || ' ' || pg_catalog.pg_get_constraintdef(r.oid, true)
FROM pg_catalog.pg_constraint r
WHERE r.conrelid = $1 AND r.contype = 'f'
ORDER BY 1";

const REFERENCED_BY: &str = "\
SELECT 'TABLE ' || r.conrelid::pg_catalog.regclass || ' CONSTRAINT ' || pg_catalog.quote_ident(r.conname)
  || ' ' || pg_catalog.pg_get_constraintdef(r.oid, true)
FROM pg_catalog.pg_constraint r
WHERE r.confrelid = $1 AND r.contype = 'f' {inherited}
ORDER BY 1";

const ROW_SECURITY: &str =
    "SELECT relrowsecurity, relforcerowsecurity FROM pg_catalog.pg_class WHERE oid = $1";

const POLICIES: &str = "\
SELECT 'POLICY ' || pg_catalog.quote_ident(p.polname)
  || CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
  || CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
    WHEN 'd' THEN ' FOR DELETE' ELSE '' END
  || COALESCE(' TO ' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(o.rolname), ', ' ORDER BY o.rolname)
    FROM pg_catalog.pg_roles o WHERE o.oid = ANY (p.polroles)), '')
  || COALESCE(' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '')
  || COALESCE(' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
FROM pg_catalog.pg_policy p
WHERE p.polrelid = $1
ORDER BY p.polname";

const STATISTICS: &str = "\
SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_statisticsobjdef(s.oid), '^CREATE STATISTICS ', '')
FROM pg_catalog.pg_statistic_ext s
WHERE s.stxrelid = $1
ORDER BY 1";

const RULES: &str = "\
SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_ruledef(r.oid, true), '^\\s*CREATE RULE ', '')
  || CASE r.ev_enabled WHEN 'D' THEN ' (disabled)' WHEN 'A' THEN ' (always)' WHEN 'R' THEN ' (replica)'
    ELSE '' END
FROM pg_catalog.pg_rewrite r
WHERE r.ev_class = $1 AND r.rulename <> '_RETURN'
ORDER BY 1";

const TRIGGERS: &str = "\
SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(t.oid, true), '^CREATE (CONSTRAINT )?TRIGGER ', ''),
  t.tgenabled
FROM pg_catalog.pg_trigger t
WHERE t.tgrelid = $1 AND NOT t.tgisinternal
ORDER BY t.tgname";

const PUBLICATIONS: &str = "\
SELECT pg_catalog.quote_ident(p.pubname)
FROM pg_catalog.pg_publication p
WHERE p.puballtables AND pg_catalog.pg_relation_is_publishable($1)
  OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = $1)
ORDER BY 1";

const INHERITS: &str = "\
SELECT i.inhparent::pg_catalog.regclass
FROM pg_catalog.pg_inherits i
WHERE i.inhrelid = $1
ORDER BY i.inhseqno";

const CHILDREN: &str = "\
SELECT c.oid::pg_catalog.regclass || COALESCE(' ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid), '')
  || CASE WHEN c.relkind = 'p' THEN ', PARTITIONED' WHEN c.relkind = 'f' THEN ', FOREIGN' ELSE '' END
FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1
ORDER BY pg_catalog.pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', c.oid::pg_catalog.regclass::pg_catalog.text";

const FOREIGN_SERVER: &str = "\
SELECT pg_catalog.quote_ident(s.srvname)
  || COALESCE(' (' || pg_catalog.array_to_string(f.ftoptions, ', ') || ')', '')
FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
WHERE f.ftrelid = $1";

/// The defaults of user tables and of the catalog say nothing.
const REPLICA_IDENTITY: &str = "\
SELECT CASE relreplident WHEN 'f' THEN 'FULL'
  WHEN 'n' THEN CASE WHEN relnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN '' ELSE 'NOTHING' END END
FROM pg_catalog.pg_class
WHERE oid = $1 AND relkind IN ('r', 'p', 'm')";

const ACCESS_METHOD: &str = "\
SELECT a.amname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_am a ON a.oid = c.relam
WHERE c.oid = $1 AND a.amname <> 'heap'";

const TABLESPACE: &str = "\
SELECT t.spcname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
WHERE c.oid = $1 AND NOT c.relisshared";

const OPTIONS: &str =
    "SELECT pg_catalog.array_to_string(reloptions, ', ') FROM pg_catalog.pg_class WHERE oid = $1";

const DESCRIPTION: &str = "SELECT pg_catalog.obj_description($1, 'pg_class')";

const INDEX: &str = "\
SELECT pg_catalog.concat_ws(', ', CASE WHEN i.indisprimary THEN 'primary key' WHEN i.indisunique THEN 'unique' END,
  a.amname, 'for table ' || i.indrelid::pg_catalog.regclass,
  'predicate (' || pg_catalog.pg_get_expr(i.indpred, i.indrelid, true) || ')',
  CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN NOT i.indisvalid THEN 'invalid' END,
  CASE WHEN NOT i.indimmediate THEN 'deferrable' END, CASE WHEN i.indisreplident THEN 'replica identity' END)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am a ON a.oid = c.relam
WHERE i.indexrelid = $1";

const SEQUENCE_OWNER: &str = "\
SELECT CASE d.deptype WHEN 'i' THEN 'Sequence for identity column: ' ELSE 'Owned by: ' END
  || d.refobjid::pg_catalog.regclass || '.' || pg_catalog.quote_ident(a.attname)
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND d.objid = $1 AND d.objsubid = 0 AND d.deptype IN ('a', 'i')";
