//! Accounts and roles as statements, as the server itself writes them (`SHOW CREATE USER`,
//! `SHOW GRANTS`).

use std::collections::BTreeSet;

use super::wish;
use crate::ddl::quoted;
use crate::engine::Session;
use crate::engine::backup::{Accounts, texts};
use crate::error::{Kind, Result};
use crate::model::snapshot::{Statement, StatementSection};
use crate::model::target::EngineKind;

/// An account, or a role.
struct Account {
    /// In quotes, as statements name it.
    name: String,
    is_role: bool,
}

/// Roles first: an account may say which ones it begins with.
pub fn accounts(session: &mut dyn Session) -> Result<Accounts> {
    if session.server().engine == EngineKind::Mysql {
        // A hash may hold any byte.
        wish(session, "SESSION print_identified_with_as_hex = ON")?;
    }
    let mut all = list(session)?;
    all.sort_by_key(|account| !account.is_role);
    let (mut create, mut grant, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for account in &all {
        let told = creation(session, account).and_then(|creation| {
            Ok((creation, one_column(session, &format!("SHOW GRANTS FOR {}", account.name))?))
        });
        let (creation, grants) = match told {
            Err(error) if error.kind() == Kind::Lost => return Err(error),
            // No snapshot holds accounts: this one may have been dropped after it was listed. And those
            // of a host by its name are no accounts to a server that does not look up names.
            Err(error) => {
                if known(session)?.contains(&account.name) {
                    unread.push(format!("{}: {}", account.name, error.message()));
                }
                continue;
            }
            Ok(told) => told,
        };
        create.push(statement(account, StatementSection::BeforeData, creation));
        let grants = grants.iter().map(|sql| without_password(sql));
        grant.extend(grants.map(|sql| statement(account, StatementSection::AfterData, sql)));
    }
    // A role has to be there before it is granted.
    create.append(&mut grant);
    Ok(Accounts { statements: create, unread })
}

/// Their names, in quotes.
pub fn known(session: &mut dyn Session) -> Result<BTreeSet<String>> {
    Ok(list(session)?.into_iter().map(|account| account.name).collect())
}

fn list(session: &mut dyn Session) -> Result<Vec<Account>> {
    let sql = match session.server().engine {
        EngineKind::Mysql => {
            "SELECT u.User, u.Host, EXISTS (SELECT 1 FROM mysql.role_edges AS r \
               WHERE r.FROM_USER = u.User AND r.FROM_HOST = u.Host) FROM mysql.user AS u \
             WHERE u.User NOT LIKE 'mysql.%' ORDER BY 1, 2"
        }
        _ => {
            "SELECT User, Host, is_role = 'Y' FROM mysql.user \
             WHERE User NOT IN ('mariadb.sys', 'PUBLIC') ORDER BY 1, 2"
        }
    };
    let is_mysql = session.server().engine == EngineKind::Mysql;
    let accounts = texts(session, sql)?.into_iter().map(|row| {
        let mut cells = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || cells.next().unwrap_or_default();
        let (user, host, is_role) = (next(), next(), next() == "1");
        // A role of MariaDB has no host.
        let name = match is_role && !is_mysql {
            true => quoted(&user),
            false => format!("{}@{}", quoted(&user), quoted(&host)),
        };
        Account { name, is_role }
    });
    Ok(accounts.collect())
}

fn creation(session: &mut dyn Session, account: &Account) -> Result<String> {
    if account.is_role && session.server().engine != EngineKind::Mysql {
        return Ok(format!("CREATE ROLE {}", account.name));
    }
    let sql = one_column(session, &format!("SHOW CREATE USER {}", account.name))?;
    Ok(sql.into_iter().next().unwrap_or_default())
}

fn one_column(session: &mut dyn Session, sql: &str) -> Result<Vec<String>> {
    Ok(texts(session, sql)?.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
}

/// MariaDB tells the hash with the grant once more.
fn without_password(sql: &str) -> String {
    const BEGINS: &str = " IDENTIFIED BY PASSWORD '";
    match sql.split_once(BEGINS).and_then(|(before, rest)| Some((before, rest.split_once('\'')?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => sql.to_owned(),
    }
}

fn statement(account: &Account, section: StatementSection, sql: String) -> Statement {
    let object = if account.is_role { "role" } else { "account" };
    let name = account.name.clone();
    Statement { object: object.to_owned(), schema: String::new(), name, section, sql }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_told_without_the_hash() {
        let told = "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*0F' WITH GRANT OPTION";
        assert_eq!(without_password(told), "GRANT USAGE ON *.* TO `a`@`%` WITH GRANT OPTION");
        assert_eq!(without_password("GRANT `r` TO `a`@`%`"), "GRANT `r` TO `a`@`%`");
    }
}
