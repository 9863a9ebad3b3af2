//! Roles as statements, for backups of a whole server (chapters "Database Roles", "pg_authid",
//! "pg_auth_members"). The server puts the statements together, so names and values are quoted by
//! its own rules.

use std::collections::BTreeSet;

use crate::backup::{LISTS, cells};
use crate::engine::Session;
use crate::engine::backup::{Accounts, texts};
use crate::error::Result;
use crate::model::snapshot::{Statement, StatementSection};
use crate::sql::{POSTGRES, quote_ident_if_needed, quote_literal};

/// Roles, then what they are set to, then who is in which.
pub fn accounts(session: &mut dyn Session) -> Result<Accounts> {
    let version = session.server().version_num;
    // Roles without the hashes of their passwords are better than none.
    let may = texts(session, MAY_READ_ALL)?.into_iter().flatten().flatten().any(|may| may == "t");
    let (relation, password) = if may { ("pg_authid", "r.rolpassword") } else { ("pg_roles", "NULL") };
    let unread = "the passwords of roles, which only a superuser may read";
    let unread = if may { Vec::new() } else { vec![unread.to_owned()] };
    let mut statements = Vec::new();
    for row in texts(session, &roles(relation, password))? {
        let [name, create, alter, comment] = cells(row)?;
        statements.extend([create, alter, comment].map(|sql| statement(&name, sql)));
    }
    for row in texts(session, SETTINGS)? {
        let [name, of, setting, value] = cells(row)?;
        let value = match LISTS.contains(&setting.as_str()) {
            true => value,
            false => quote_literal(&POSTGRES, &value).unwrap_or_default(),
        };
        let setting = quote_ident_if_needed(&POSTGRES, &setting);
        statements.push(statement(&name, format!("ALTER ROLE {of} SET {setting} TO {value}")));
    }
    for row in texts(session, &members(version))? {
        let [name, sql] = cells(row)?;
        statements.push(statement(&name, sql));
    }
    statements.retain(|each| !each.sql.is_empty());
    Ok(Accounts { statements, unread })
}

const MAY_READ_ALL: &str = "SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')";

fn statement(name: &str, sql: String) -> Statement {
    Statement {
        object: "role".to_owned(),
        schema: String::new(),
        name: name.to_owned(),
        section: StatementSection::BeforeData,
        sql,
    }
}

/// All roles but those that begin with `pg_`, the one that the server was made with among them.
pub fn known(session: &mut dyn Session) -> Result<BTreeSet<String>> {
    Ok(texts(session, "SELECT rolname FROM pg_catalog.pg_roles")?.into_iter().flatten().flatten().collect())
}

fn roles(relation: &str, password: &str) -> String {
    let flags = [
        ("rolsuper", "SUPERUSER"),
        ("rolinherit", "INHERIT"),
        ("rolcreaterole", "CREATEROLE"),
        ("rolcreatedb", "CREATEDB"),
        ("rolcanlogin", "LOGIN"),
        ("rolreplication", "REPLICATION"),
        ("rolbypassrls", "BYPASSRLS"),
    ]
    .map(|(column, word)| format!("CASE WHEN r.{column} THEN ' {word}' ELSE ' NO{word}' END"))
    .join(" || ");
    format!(
        "SELECT r.rolname, pg_catalog.format('CREATE ROLE %I', r.rolname), \
           pg_catalog.format('ALTER ROLE %I WITH', r.rolname) || {flags} \
           || CASE WHEN r.rolconnlimit >= 0 THEN ' CONNECTION LIMIT ' || r.rolconnlimit ELSE '' END \
           || COALESCE(pg_catalog.format(' PASSWORD %L', {password}), '') \
           || CASE WHEN r.rolvaliduntil IS NOT NULL \
             THEN pg_catalog.format(' VALID UNTIL %L', r.rolvaliduntil) ELSE '' END, \
           CASE WHEN d.description IS NOT NULL \
             THEN pg_catalog.format('COMMENT ON ROLE %I IS %L', r.rolname, d.description) ELSE '' END \
         FROM pg_catalog.{relation} AS r \
         LEFT JOIN pg_catalog.pg_shdescription AS d ON d.objoid = r.oid \
           AND d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass \
         WHERE r.rolname !~ '^pg_' ORDER BY r.rolname"
    )
}

/// Of a role on every database; those on one database belong to that.
const SETTINGS: &str = "\
SELECT r.rolname, pg_catalog.quote_ident(r.rolname), pg_catalog.split_part(c.setting, '=', 1), \
  pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1) \
FROM pg_catalog.pg_db_role_setting AS s JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole \
CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS c (setting, number) \
WHERE s.setdatabase = 0 AND r.rolname !~ '^pg_' ORDER BY r.rolname, c.number";

/// From version 16 on a membership says itself whether it is inherited, and may be set.
fn members(version: u32) -> String {
    let options = match version >= 160_000 {
        true => {
            "' WITH INHERIT ' || m.inherit_option || ', SET ' || m.set_option || ', ADMIN ' || m.admin_option"
        }
        false => "CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END",
    };
    format!(
        "SELECT u.rolname, pg_catalog.format('GRANT %I TO %I', g.rolname, u.rolname) || {options} \
         FROM pg_catalog.pg_auth_members AS m \
         JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid JOIN pg_catalog.pg_roles AS u ON u.oid = m.member \
         WHERE u.rolname !~ '^pg_' ORDER BY g.rolname, u.rolname"
    )
}
