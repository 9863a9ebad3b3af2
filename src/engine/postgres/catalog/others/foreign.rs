//! Foreign data wrappers, servers and user mappings (`pg_foreign_data_wrapper` and
//! `pg_foreign_server` in the manual's chapter "System Catalogs", `pg_user_mappings` in "System
//! Views"). Their options may hold passwords, which are told to nobody but a dump.

use super::{Found, Reader, with_secrets};
use crate::error::Result;
use crate::model::catalog::{Kind, Unread};

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    let sql = twice(WRAPPERS, "f.fdwoptions", NAMED_SECRET);
    with_secrets(reader, found, "pg_foreign_data_wrapper", Kind::ForeignDataWrapper, &sql)?;
    let sql = twice(SERVERS, "s.srvoptions", NAMED_SECRET);
    with_secrets(reader, found, "pg_foreign_server", Kind::ForeignServer, &sql)?;
    let sql = twice(MAPPINGS, "m.umoptions", "option_name NOT IN ('user', 'username')");
    with_secrets(reader, found, "pg_user_mapping", Kind::UserMapping, &sql)?;
    for mut row in reader.rows(HIDDEN_MAPPINGS)? {
        reader.unread.push(Unread {
            what: format!("the options of the user mapping of {} on server {}", row.text(), row.text()),
            why: "they are shown to superusers and the mapped user only".to_owned(),
        });
    }
    Ok(())
}

/// Which options of wrappers and servers are masked; a mapping shows its user and nothing else.
const NAMED_SECRET: &str = "option_name ~* '(pass|pwd|secret|token|key|credential)'";

/// The query with `{shown}` and `{full}` as the options without and with their secrets.
fn twice(sql: &str, options: &str, is_secret: &str) -> String {
    let list = |value: &str| {
        format!(
            "(SELECT ' OPTIONS (' || pg_catalog.string_agg(pg_catalog.quote_ident(option_name) || ' ' \
             || pg_catalog.quote_literal({value}), ', ' ORDER BY option_name) || ')' \
             FROM pg_catalog.pg_options_to_table({options}))"
        )
    };
    sql.replace("{shown}", &list(&format!("CASE WHEN {is_secret} THEN '***' ELSE option_value END")))
        .replace("{full}", &list("option_value"))
}

const WRAPPERS: &str = "\
SELECT f.oid, NULL, f.fdwname, NULL, pg_catalog.concat(d.start, {shown}), NULL, NULL, pg_catalog.concat(d.start, {full})
FROM pg_catalog.pg_foreign_data_wrapper f,
  LATERAL (SELECT pg_catalog.format('CREATE FOREIGN DATA WRAPPER %I%s%s', f.fdwname,
    ' HANDLER ' || NULLIF(f.fdwhandler, 0)::pg_catalog.regproc::pg_catalog.text,
    ' VALIDATOR ' || NULLIF(f.fdwvalidator, 0)::pg_catalog.regproc::pg_catalog.text)) d (start)
WHERE f.oid >= 16384";

const SERVERS: &str = "\
SELECT s.oid, NULL, s.srvname, NULL, pg_catalog.concat(d.start, {shown}), NULL, NULL, pg_catalog.concat(d.start, {full})
FROM pg_catalog.pg_foreign_server s
JOIN pg_catalog.pg_foreign_data_wrapper f ON f.oid = s.srvfdw,
  LATERAL (SELECT pg_catalog.format('CREATE SERVER %I%s%s FOREIGN DATA WRAPPER %I', s.srvname,
    ' TYPE ' || pg_catalog.quote_literal(s.srvtype),
    ' VERSION ' || pg_catalog.quote_literal(s.srvversion), f.fdwname)) d (start)";

/// The view shows options only to those who may see them.
const MAPPINGS: &str = "\
SELECT m.umid, NULL, m.srvname, m.usename, pg_catalog.concat(d.start, {shown}), NULL, NULL, pg_catalog.concat(d.start, {full})
FROM pg_catalog.pg_user_mappings m,
  LATERAL (SELECT pg_catalog.format('CREATE USER MAPPING FOR %s SERVER %I',
    CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(m.usename) END, m.srvname)) d (start)";

/// Mappings whose options the view keeps back, by its own rule (`pg_user_mappings`).
const HIDDEN_MAPPINGS: &str = "\
SELECT m.usename, m.srvname
FROM pg_catalog.pg_user_mappings m
JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid
WHERE m.umoptions IS NULL
  AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = CURRENT_USER)
  AND NOT CASE m.umuser
    WHEN 0 THEN pg_catalog.pg_has_role(s.srvowner, 'USAGE')
    ELSE m.usename = CURRENT_USER AND (pg_catalog.pg_has_role(s.srvowner, 'USAGE')
      OR pg_catalog.has_server_privilege(s.oid, 'USAGE'))
  END
ORDER BY 1, 2";
