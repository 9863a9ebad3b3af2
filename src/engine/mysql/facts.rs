//! What `connect --check` reports of a server: clock, role, read-only state, rights.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::grants::{Grants, account};
use super::session::MysqlSession;
use crate::error::{Kind, Result};
use crate::model::server::{Facts, Permission};
use crate::model::target::EngineKind;

/// How often the clock is asked; the quickest answer counts.
const CLOCK_ROUNDS: usize = 3;

/// Names of one right: MariaDB has renamed some.
const REPLICATION_CLIENT: &[&str] = &["REPLICATION CLIENT", "BINLOG MONITOR"];

pub fn facts(session: &mut MysqlSession) -> Result<Facts> {
    let clock_skew = clock_skew(session)?;
    let settings = Settings::read(session)?;
    let role = role(session, &settings)?;
    let permissions = permissions(session, &settings)?;
    let read_only = settings.read_only().or(own_read_only(session)?);
    Ok(Facts { clock_skew: Some(clock_skew), read_only, role, permissions })
}

/// Whether this session alone takes no changes, as its profile wants.
fn own_read_only(session: &mut MysqlSession) -> Result<Option<String>> {
    // MariaDB has the newer name since 11.1 only.
    let name = match session.engine() {
        EngineKind::Mariadb => "tx_read_only",
        _ => "transaction_read_only",
    };
    let answer = session.single(&format!("SELECT @@SESSION.{name}"))?;
    Ok((answer.as_deref() == Some("1")).then(|| name.to_owned()))
}

/// The server's clock minus ours in seconds, taken to be read in the middle of the round trip.
fn clock_skew(session: &mut MysqlSession) -> Result<f64> {
    let mut best: Option<(Duration, f64)> = None;
    for _ in 0..CLOCK_ROUNDS {
        let before = SystemTime::now();
        let start = Instant::now();
        let answer = session.single("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))")?;
        let took = start.elapsed();
        let theirs = answer.and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) / 1e6;
        let ours = before.duration_since(UNIX_EPOCH).unwrap_or_default() + took / 2;
        if best.is_none_or(|(quickest, _)| took < quickest) {
            best = Some((took, theirs - ours.as_secs_f64()));
        }
    }
    Ok(best.map_or(0.0, |(_, skew)| skew))
}

/// Server variables by their names.
struct Settings(Vec<(String, String)>);

impl Settings {
    fn read(session: &mut MysqlSession) -> Result<Self> {
        let rows = session.collect(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', \
             'innodb_read_only', 'offline_mode', 'log_bin', 'binlog_format', 'performance_schema', \
             'wsrep_on', 'wsrep_cluster_name', 'group_replication_group_name')",
            &[],
        )?;
        let pairs = rows.into_iter().filter_map(|row| {
            let mut cells = row.into_iter().flatten();
            Some((cells.next()?.to_ascii_lowercase(), cells.next()?))
        });
        Ok(Settings(pairs.collect()))
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    fn is_on(&self, name: &str) -> bool {
        !matches!(self.get(name).to_ascii_uppercase().as_str(), "" | "OFF" | "0" | "NO")
    }

    fn read_only(&self) -> Option<String> {
        let names = ["innodb_read_only", "super_read_only", "read_only"];
        names.into_iter().find(|name| self.is_on(name)).map(str::to_owned)
    }
}

fn role(session: &mut MysqlSession, settings: &Settings) -> Result<Option<String>> {
    if settings.is_on("wsrep_on") {
        return Ok(Some(format!("node of Galera cluster {}", settings.get("wsrep_cluster_name"))));
    }
    let sql = match (session.engine(), session.version()) {
        (EngineKind::Mariadb, _) => "SHOW ALL SLAVES STATUS",
        (_, 80_022..) => "SHOW REPLICA STATUS",
        _ => "SHOW SLAVE STATUS",
    };
    let rows = match session.collect_named(sql, &[]) {
        Ok(rows) => rows,
        // Without the right to ask, nothing is known.
        Err(error) if error.kind() != Kind::Lost => return Ok(None),
        Err(error) => return Err(error),
    };
    let sources: Vec<_> = rows
        .iter()
        .map(|row| {
            let either = |new: &str, old: &str| match row.text(new) {
                "" => row.text(old).to_owned(),
                text => text.to_owned(),
            };
            let host = either("source_host", "master_host");
            let port = either("source_port", "master_port");
            let reads = either("replica_io_running", "slave_io_running");
            let applies = either("replica_sql_running", "slave_sql_running");
            match (reads.as_str(), applies.as_str()) {
                ("Yes", "Yes") => {
                    let lag = either("seconds_behind_source", "seconds_behind_master");
                    format!("replica of {host}:{port}, {lag} s behind")
                }
                _ => format!("replica of {host}:{port}, receiving: {reads}, applying: {applies}"),
            }
        })
        .collect();
    Ok(match sources.is_empty() {
        false => Some(sources.join("; ")),
        true if !settings.get("group_replication_group_name").is_empty() => {
            Some("member of a replication group".into())
        }
        true if settings.is_on("log_bin") => Some("primary".into()),
        true => None,
    })
}

fn permissions(session: &mut MysqlSession, settings: &Settings) -> Result<Vec<Permission>> {
    let rows = session.collect("SHOW GRANTS", &[])?;
    let lines: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    let grants = Grants::parse(lines.iter().map(String::as_str));
    let user = session.single("SELECT CURRENT_USER()")?.unwrap_or_default();
    let database = session.selected_database().to_owned();
    let rights = Rights {
        grants,
        account: account(&user),
        is_mariadb: session.engine() == EngineKind::Mariadb,
        database: (!database.is_empty()).then_some(database),
    };
    Ok(rights.needed(settings))
}

/// What the user may do, and how to let him do more.
struct Rights {
    grants: Grants,
    account: String,
    is_mariadb: bool,
    database: Option<String>,
}

impl Rights {
    fn needed(&self, settings: &Settings) -> Vec<Permission> {
        let mut list = vec![
            self.global("monitor", "PROCESS", &["PROCESS"]),
            self.replication_client("monitor"),
            self.on_schema("monitor", "performance_schema"),
        ];
        for name in ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "LOCK TABLES"] {
            list.push(self.on_database("backup", name));
        }
        list.push(match self.is_mariadb {
            true => self.global("backup", "RELOAD", &["RELOAD"]),
            // Either keeps changes away while the backup finds its place.
            false => self.global("backup", "RELOAD", &["RELOAD", "BACKUP_ADMIN"]),
        });
        list.push(self.replication_client("replicate"));
        list.push(self.global("replicate", "REPLICATION SLAVE", &["REPLICATION SLAVE"]));
        list.push(Permission {
            needed_by: "replicate",
            name: "log_bin = ON".into(),
            granted: settings.is_on("log_bin"),
            // Only the server's start-up options can do it.
            grant: None,
        });
        let format = settings.get("binlog_format");
        list.push(Permission {
            needed_by: "replicate",
            name: "binlog_format = ROW".into(),
            // Newer servers know no other format and have no such variable.
            granted: format.is_empty() || format.eq_ignore_ascii_case("ROW"),
            grant: Some("SET GLOBAL binlog_format = 'ROW'".into()),
        });
        for name in ["CREATE", "ALTER", "DROP", "INDEX"] {
            list.push(self.on_database("migrate", name));
        }
        list.push(Permission {
            needed_by: "audit",
            name: "SELECT on mysql.user".into(),
            granted: self.grants.has_on_table(&["SELECT"], "mysql", "user"),
            // Roles and rights on databases and tables are in its neighbours.
            grant: Some(format!("GRANT SELECT ON mysql.* TO {}", self.account)),
        });
        list.push(self.on_schema("optimize", "performance_schema"));
        list.push(Permission {
            needed_by: "optimize",
            name: "performance_schema = ON".into(),
            granted: settings.is_on("performance_schema"),
            grant: None,
        });
        list
    }

    fn global(&self, needed_by: &'static str, name: &str, same: &[&str]) -> Permission {
        Permission {
            needed_by,
            name: name.into(),
            granted: self.grants.has(same, None),
            grant: Some(format!("GRANT {name} ON *.* TO {}", self.account)),
        }
    }

    fn replication_client(&self, needed_by: &'static str) -> Permission {
        self.global(needed_by, "REPLICATION CLIENT", REPLICATION_CLIENT)
    }

    fn on_database(&self, needed_by: &'static str, name: &str) -> Permission {
        let scope = match &self.database {
            Some(database) => format!("`{}`.*", database.replace('`', "``")),
            None => "*.*".into(),
        };
        Permission {
            needed_by,
            name: name.into(),
            granted: self.grants.has(&[name], self.database.as_deref()),
            grant: Some(format!("GRANT {name} ON {scope} TO {}", self.account)),
        }
    }

    fn on_schema(&self, needed_by: &'static str, schema: &str) -> Permission {
        Permission {
            needed_by,
            name: format!("SELECT on {schema}"),
            granted: self.grants.has(&["SELECT"], Some(schema)),
            grant: Some(format!("GRANT SELECT ON {schema}.* TO {}", self.account)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_and_the_statements_that_give_them() {
        let rights = Rights {
            grants: Grants::parse(["GRANT SELECT, BINLOG MONITOR ON *.* TO `r`@`%`"]),
            account: account("r@%"),
            is_mariadb: true,
            database: Some("app".into()),
        };
        let settings =
            Settings(vec![("log_bin".into(), "ON".into()), ("binlog_format".into(), "MIXED".into())]);
        let needed = rights.needed(&settings);
        let find = |by: &str, name: &str| {
            needed.iter().find(|needed| needed.needed_by == by && needed.name == name).unwrap()
        };
        assert!(find("backup", "SELECT").granted && find("monitor", "REPLICATION CLIENT").granted);
        assert!(find("replicate", "log_bin = ON").granted);
        assert!(!find("replicate", "binlog_format = ROW").granted);
        let trigger = find("backup", "TRIGGER");
        assert!(!trigger.granted);
        assert_eq!(trigger.grant.as_deref(), Some("GRANT TRIGGER ON `app`.* TO 'r'@'%'"));
    }

    #[test]
    fn read_only_servers() {
        let settings = |pairs: &[(&str, &str)]| {
            Settings(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
        };
        assert_eq!(settings(&[("read_only", "OFF")]).read_only(), None);
        let both = settings(&[("read_only", "ON"), ("super_read_only", "ON")]);
        assert_eq!(both.read_only().as_deref(), Some("super_read_only"));
        assert_eq!(settings(&[("read_only", "NO_LOCK")]).read_only().as_deref(), Some("read_only"));
    }
}
