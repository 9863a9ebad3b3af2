//! SQL that means the same on every engine, in each one's words.

use crate::servers::{Family, Server};

impl Server {
    /// A million rows with the columns `n` and `text`.
    pub fn million_rows(self) -> String {
        match self.family() {
            Family::Sqlite => {
                "with recursive s(n) as (select 1 union all select n + 1 from s where n < 1000000) \
                 select n, 'this is row ' || n as text from s"
                    .to_owned()
            }
            Family::Postgres => {
                "select n, 'this is row ' || n as text from generate_series(1, 1000000) n".to_owned()
            }
            Family::Mysql => {
                let digits = "(select 0 d union all select 1 union all select 2 union all select 3 union all \
                              select 4 union all select 5 union all select 6 union all select 7 union all \
                              select 8 union all select 9)";
                format!(
                    "select a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d as n, \
                     concat('this is row ', a.d, b.d, c.d, e.d, f.d, g.d) as text \
                     from {digits} a, {digits} b, {digits} c, {digits} e, {digits} f, {digits} g"
                )
            }
        }
    }

    /// Takes minutes unless it is cancelled, and holds `marker`.
    pub fn endless(self, marker: &str) -> String {
        self.pick(
            format!("with recursive s(n) as (select 1 union all select n + 1 from s) select /* {marker} */ count(*) from s"),
            format!("select /* {marker} */ pg_sleep(600)"),
            format!(
                "select /* {marker} */ count(*) from information_schema.collations a, \
                 information_schema.collations b, information_schema.collations c, \
                 information_schema.collations d"
            ),
        )
    }

    /// How many sessions run a statement with `marker` at the moment; None where nobody can tell.
    pub fn running(self, marker: &str) -> Option<String> {
        match self.family() {
            Family::Sqlite => None,
            Family::Postgres => Some(format!(
                "select count(*) from pg_stat_activity where state = 'active' \
                 and query like '%{marker}%' and pid <> pg_backend_pid()"
            )),
            Family::Mysql => Some(format!(
                "select count(*) from information_schema.processlist \
                 where info like '%{marker}%' and id <> connection_id()"
            )),
        }
    }

    /// The session's own number.
    pub fn session_id(self) -> Option<&'static str> {
        self.pick(None, Some("select pg_backend_pid()"), Some("select connection_id()"))
    }

    /// Ends the session with this number.
    pub fn kill(self, id: u64) -> String {
        self.pick(String::new(), format!("select pg_terminate_backend({id})"), format!("kill {id}"))
    }
}
