//! Large objects as statements that make them again, one a line (chapter "Large Objects").

use crate::engine::Session;
use crate::engine::backup::{Extract, ExtractPart, texts};
use crate::error::Result;
use crate::model::catalog::Name;
use crate::model::rows::Value;
use crate::model::snapshot::Form;

/// How they are read; None when there are none.
pub fn extract(session: &mut dyn Session) -> Result<Option<Extract>> {
    let row = texts(session, ARE_THERE)?.into_iter().next().unwrap_or_default();
    let is = |index: usize| row.get(index).and_then(Option::as_deref) == Some("t");
    if !is(0) {
        return Ok(None);
    }
    let content = if is(1) { BY_PAGES } else { BY_CALLS };
    let part = ExtractPart {
        range: String::new(),
        sql: format!("{ALL} UNION ALL {content} ORDER BY 1, 2, 3"),
        weight: 0,
    };
    Ok(Some(Extract {
        table: Name::new("pg_catalog", "pg_largeobject"),
        form: Form::Statements,
        load: String::new(),
        literals: Vec::new(),
        page_size: 0,
        parts: vec![part],
    }))
}

/// Writes a line for each row: a statement with a place for a text that may hold anything.
pub fn read(session: &mut dyn Session, sql: &str, out: &mut dyn std::io::Write) -> Result<()> {
    session.query(sql, &[], &mut |cursor| {
        while cursor.advance()? {
            if let Value::Text(statement) = cursor.cell(3) {
                out.write_all(statement)?;
            }
            if let Value::Text(text) = cursor.cell(4) {
                out.write_all(on_one_line(&String::from_utf8_lossy(text)).as_bytes())?;
            }
            out.write_all(b";\n")?;
        }
        Ok(())
    })?;
    Ok(())
}

/// A string constant without a line's end in it.
fn on_one_line(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let prefix = if escaped.contains('\\') { "E" } else { "" };
    format!("{prefix}'{}'", escaped.replace('\'', "''"))
}

const ARE_THERE: &str = "\
SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata), \
  pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'SELECT')";

/// The objects themselves, their owners, rights and comments.
const ALL: &str = "\
SELECT m.oid::bigint, 0, 0::bigint, 'SELECT pg_catalog.lo_create(' || m.oid || ')', NULL::text \
FROM pg_catalog.pg_largeobject_metadata AS m \
UNION ALL SELECT m.oid::bigint, 2, 0, \
  'ALTER LARGE OBJECT ' || m.oid || ' OWNER TO ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(m.lomowner)), NULL \
FROM pg_catalog.pg_largeobject_metadata AS m \
UNION ALL SELECT m.oid::bigint, 3, a.number, \
  'GRANT ' || a.privilege_type || ' ON LARGE OBJECT ' || m.oid || ' TO ' || \
  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END || \
  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, NULL \
FROM pg_catalog.pg_largeobject_metadata AS m \
CROSS JOIN LATERAL pg_catalog.aclexplode(m.lomacl) \
  WITH ORDINALITY AS a (grantor, grantee, privilege_type, is_grantable, number) \
WHERE a.grantee <> m.lomowner \
UNION ALL SELECT d.objoid::bigint, 4, 0, 'COMMENT ON LARGE OBJECT ' || d.objoid || ' IS ', d.description \
FROM pg_catalog.pg_description AS d \
WHERE d.classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass AND d.objsubid = 0";

/// As they are stored; only a superuser may see them so.
const BY_PAGES: &str = "\
SELECT p.loid::bigint, 1, p.pageno::bigint, \
  'SELECT pg_catalog.lo_put(' || p.loid || ', ' || p.pageno::bigint * 2048 || ', pg_catalog.decode(''' \
  || pg_catalog.encode(p.data, 'hex') || ''', ''hex''))', NULL \
FROM pg_catalog.pg_largeobject AS p";

/// As anybody may read them who has the right to, each as a whole.
const BY_CALLS: &str = "\
SELECT m.oid::bigint, 1, n.start::bigint, \
  'SELECT pg_catalog.lo_put(' || m.oid || ', ' || n.start || ', pg_catalog.decode(''' \
  || pg_catalog.encode(pg_catalog.substr(c.data, n.start + 1, 2048), 'hex') || ''', ''hex''))', NULL \
FROM pg_catalog.pg_largeobject_metadata AS m \
CROSS JOIN LATERAL (SELECT pg_catalog.lo_get(m.oid) AS data OFFSET 0) AS c \
CROSS JOIN LATERAL pg_catalog.generate_series(0, pg_catalog.length(c.data) - 1, 2048) AS n (start)";

#[cfg(test)]
mod tests {
    use super::on_one_line;

    #[test]
    fn comments_are_one_line() {
        assert_eq!(on_one_line("it's"), "'it''s'");
        assert_eq!(on_one_line("a\nb\\c"), "E'a\\nb\\\\c'");
    }
}
