//! Lists of the catalog: `\d`, `\dt`, `\dv`, `\di`, `\df`, `\dn`, `\du`, `\l`, and names for
//! completion. A schema is a database here.

use super::describe::describe;
use super::indexes;
use super::pattern::Pattern;
use super::session::MysqlSession;
use crate::engine::Explore;
use crate::error::{Kind, Result};
use crate::model::listing::{Listed, Listing, Names};
use crate::model::rows::Param;
use crate::model::target::EngineKind;
use crate::sql::{MYSQL, quote_ident_if_needed};

/// Most names that are fetched for completion.
const MOST_NAMES: usize = 10_000;

/// The words for kinds of relations.
pub const RELATION_KIND: &str = "CASE t.table_type WHEN 'BASE TABLE' THEN 'table' WHEN 'SYSTEM VIEW' THEN 'view' \
     WHEN 'SYSTEM VERSIONED' THEN 'versioned table' ELSE LOWER(t.table_type) END";

impl Explore for MysqlSession {
    fn list(&mut self, what: Listed, pattern: Option<&str>) -> Result<Listing> {
        let pattern = Pattern::parse(pattern);
        match what {
            Listed::Relations => relations(self, &pattern),
            Listed::Tables => tables(self, &pattern),
            Listed::Views => views(self, &pattern),
            Listed::Indexes => index_list(self, &pattern),
            Listed::Functions => functions(self, &pattern),
            Listed::Schemas => schemas(self, &pattern, "List of schemas"),
            Listed::Databases => schemas(self, &pattern, "List of databases"),
            Listed::Users => users(self, &pattern),
        }
    }

    fn describe(&mut self, pattern: &str) -> Result<Vec<Listing>> {
        describe(self, &Pattern::parse(Some(pattern)))
    }

    fn names(&mut self) -> Result<Names> {
        let mut names = Names {
            schemas: column(self, "SELECT schema_name FROM information_schema.schemata ORDER BY 1")?,
            ..Names::default()
        };
        if self.selected_database().is_empty() {
            return Ok(names);
        }
        let tables = format!(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() \
             ORDER BY 1 LIMIT {MOST_NAMES}"
        );
        names.relations = column(self, &tables)?.into_iter().map(|table| (table, Vec::new())).collect();
        let columns = format!(
            "SELECT table_name, column_name FROM information_schema.columns \
             WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position LIMIT {MOST_NAMES}"
        );
        for row in self.collect(&columns, &[])? {
            let [table, column] = cells(row);
            if let Some((_, columns)) = names.relations.iter_mut().find(|(name, _)| *name == table) {
                columns.push(column);
            }
        }
        names.functions = column(
            self,
            "SELECT DISTINCT routine_name FROM information_schema.routines \
             WHERE routine_schema = DATABASE() ORDER BY 1",
        )?;
        Ok(names.map(|name| quote_ident_if_needed(&MYSQL, name)))
    }
}

fn column(session: &mut MysqlSession, sql: &str) -> Result<Vec<String>> {
    let rows = session.collect(sql, &[])?;
    Ok(rows.into_iter().map(|row| cells::<1>(row).concat()).collect())
}

/// The first cells of a row, NULL as nothing.
pub fn cells<const N: usize>(row: Vec<Option<String>>) -> [String; N] {
    let mut row = row.into_iter();
    std::array::from_fn(|_| row.next().flatten().unwrap_or_default())
}

/// The rows of a query as they are shown.
fn listing(
    session: &mut MysqlSession,
    title: &str,
    headers: &[&str],
    sql: &str,
    params: &[Param],
) -> Result<Listing> {
    let rows = session.collect(sql, params)?;
    Ok(Listing {
        title: title.into(),
        headers: headers.iter().map(|&header| header.into()).collect(),
        rows: rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect(),
        notes: Vec::new(),
    })
}

fn relations(session: &mut MysqlSession, pattern: &Pattern) -> Result<Listing> {
    let (filter, params) = pattern.filter(session, "t.table_schema", "t.table_name");
    let sql = format!(
        "SELECT t.table_schema, t.table_name, {RELATION_KIND}, t.engine \
         FROM information_schema.tables t {filter} ORDER BY 1, 2"
    );
    listing(session, "List of relations", &["Schema", "Name", "Type", "Engine"], &sql, &params)
}

fn tables(session: &mut MysqlSession, pattern: &Pattern) -> Result<Listing> {
    let (filter, params) = pattern.filter(session, "t.table_schema", "t.table_name");
    let sql = format!(
        "SELECT t.table_schema, t.table_name, {RELATION_KIND}, t.engine, t.table_rows, \
         t.data_length + t.index_length, t.table_comment \
         FROM information_schema.tables t {filter} \
         AND t.table_type NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE') ORDER BY 1, 2"
    );
    let headers = ["Schema", "Name", "Type", "Engine", "Rows (estimate)", "Size", "Description"];
    let mut list = listing(session, "List of tables", &headers, &sql, &params)?;
    for row in &mut list.rows {
        row[5] = size(&row[5]);
    }
    Ok(list)
}

fn views(session: &mut MysqlSession, pattern: &Pattern) -> Result<Listing> {
    let (filter, params) = pattern.filter(session, "v.table_schema", "v.table_name");
    let sql = format!(
        "SELECT v.table_schema, v.table_name, 'view', v.definer, LOWER(v.security_type), \
         LOWER(v.is_updatable) FROM information_schema.views v {filter} ORDER BY 1, 2"
    );
    let headers = ["Schema", "Name", "Type", "Definer", "Security", "Updatable"];
    listing(session, "List of views", &headers, &sql, &params)
}

fn index_list(session: &mut MysqlSession, pattern: &Pattern) -> Result<Listing> {
    let (filter, params) = pattern.filter(session, "s.index_schema", "s.index_name");
    let rows = indexes::read(session, &filter, &params)?.into_iter().map(|index| {
        let columns = index.columns.join(", ");
        vec![index.schema.clone(), index.name.clone(), index.kind(), index.table.clone(), columns]
    });
    Ok(Listing {
        title: "List of indexes".into(),
        headers: ["Schema", "Name", "Type", "Table", "Columns"].map(String::from).into(),
        rows: rows.collect(),
        notes: Vec::new(),
    })
}

fn functions(session: &mut MysqlSession, pattern: &Pattern) -> Result<Listing> {
    let (filter, params) = pattern.filter(session, "r.routine_schema", "r.routine_name");
    let sql = format!(
        "SELECT r.routine_schema, r.routine_name, r.dtd_identifier, '', \
         CASE r.routine_type WHEN 'FUNCTION' THEN 'func' WHEN 'PROCEDURE' THEN 'proc' \
         ELSE LOWER(r.routine_type) END \
         FROM information_schema.routines r {filter} ORDER BY 1, 2, 5"
    );
    let headers = ["Schema", "Name", "Result data type", "Argument data types", "Type"];
    let mut list = listing(session, "List of functions", &headers, &sql, &params)?;
    let (filter, params) = pattern.filter(session, "p.specific_schema", "p.specific_name");
    // Not GROUP_CONCAT, which cuts what is longer than group_concat_max_len.
    let sql = format!(
        "SELECT p.specific_schema, p.specific_name, IF(p.routine_type = 'FUNCTION', 'func', 'proc'), \
         CONCAT_WS(' ', NULLIF(p.parameter_mode, 'IN'), p.parameter_name, p.dtd_identifier) \
         FROM information_schema.parameters p {filter} AND p.ordinal_position > 0 \
         ORDER BY p.ordinal_position"
    );
    for row in session.collect(&sql, &params)? {
        let [schema, name, kind, argument] = cells(row);
        let mut of = list.rows.iter_mut();
        if let Some(row) = of.find(|row| row[0] == schema && row[1] == name && row[4] == kind) {
            if !row[3].is_empty() {
                row[3].push_str(", ");
            }
            row[3].push_str(&argument);
        }
    }
    Ok(list)
}

fn schemas(session: &mut MysqlSession, pattern: &Pattern, title: &str) -> Result<Listing> {
    let (filter, params) = pattern.filter_name("schema_name");
    let sql = format!(
        "SELECT schema_name, default_character_set_name, default_collation_name \
         FROM information_schema.schemata {filter} ORDER BY 1"
    );
    listing(session, title, &["Name", "Encoding", "Collate"], &sql, &params)
}

fn users(session: &mut MysqlSession, pattern: &Pattern) -> Result<Listing> {
    let (filter, params) = pattern.filter_name("u.user");
    let is_mariadb = session.engine() == EngineKind::Mariadb;
    let state = match is_mariadb {
        true => "IF(u.is_role = 'Y', 'Role', NULL)",
        false => "IF(u.account_locked = 'Y', 'Cannot login', NULL)",
    };
    let name = match is_mariadb {
        true => "IF(u.is_role = 'Y', u.user, CONCAT(u.user, '@', u.host))",
        false => "CONCAT(u.user, '@', u.host)",
    };
    let sql = format!(
        "SELECT {name}, CONCAT_WS(', ', IF(u.super_priv = 'Y', 'Superuser', NULL), \
         IF(u.create_user_priv = 'Y', 'Create role', NULL), IF(u.create_priv = 'Y', 'Create DB', NULL), \
         IF(u.repl_slave_priv = 'Y', 'Replication', NULL), {state}, \
         IF(u.password_expired = 'Y', 'Password expired', NULL), \
         CASE CAST(u.ssl_type AS CHAR) WHEN '' THEN NULL WHEN 'ANY' THEN 'TLS required' \
         ELSE 'TLS certificate required' END), \
         u.plugin FROM mysql.user u {filter} ORDER BY u.user, u.host"
    );
    let headers = ["Role name", "Attributes", "Authentication"];
    match listing(session, "List of roles", &headers, &sql, &params) {
        // Everybody may see himself.
        Err(error) if error.kind() == Kind::Permission => {
            let sql = "SELECT DISTINCT grantee, '', '' FROM information_schema.user_privileges ORDER BY 1";
            let mut list = listing(session, "List of roles", &headers, sql, &[])?;
            list.notes
                .push("mysql.user may not be read: only accounts with visible privileges are shown.".into());
            Ok(list)
        }
        other => other,
    }
}

/// A number of bytes for people, as psql writes it.
pub fn size(bytes: &str) -> String {
    let Ok(mut amount) = bytes.parse::<f64>() else { return String::new() };
    for unit in ["bytes", "kB", "MB", "GB"] {
        if amount < 10.0 * 1024.0 {
            return format!("{} {unit}", amount.round());
        }
        amount /= 1024.0;
    }
    format!("{} TB", amount.round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people() {
        for (bytes, shown) in
            [("", ""), ("0", "0 bytes"), ("10000", "10000 bytes"), ("16384", "16 kB"), ("52428800", "50 MB")]
        {
            assert_eq!(size(bytes), shown);
        }
    }
}
