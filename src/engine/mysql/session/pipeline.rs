//! Many statements at once: they are sent before their answers are read, so that a thousand of
//! them wait for one round trip and not for a thousand. Both servers answer in order.

use super::{Cells, MysqlSession, QUERY, Text, cell_text};
use crate::engine::log_sql;
use crate::error::{Error, Kind, Result};
use crate::model::rows::Cursor;
use crate::sql::dialect;

/// Statements that are sent at once; twice as many are on their way at most. Their texts (a
/// keyword and a name each) fit into the smallest buffers that systems give a socket, so that we
/// never wait to send while the server waits for us to read.
const AT_ONCE: usize = 32;

impl MysqlSession {
    /// Runs short statements that only read, and keeps their rows. What a single statement was
    /// refused for is in its place; only what ends all of them is an error of the whole.
    pub fn collect_many(&mut self, statements: &[String]) -> Result<Vec<Result<Vec<Cells>>>> {
        self.usable()?;
        self.canceller.forget();
        let mut answers = Vec::with_capacity(statements.len());
        let mut stopped = None;
        let mut chunks = statements.chunks(AT_ONCE);
        let mut sent = chunks.next();
        self.send_many(sent)?;
        while let Some(now) = sent {
            // After a cancellation nothing more is asked, but what was asked is answered.
            sent = if stopped.is_none() { chunks.next() } else { None };
            self.send_many(sent)?;
            for sql in now {
                match self.next_of_many(sql) {
                    Err(error) if error.kind() == Kind::Lost => return Err(error),
                    Err(error) if matches!(error.kind(), Kind::Cancelled | Kind::Timeout) => {
                        stopped.get_or_insert(error);
                    }
                    answer => answers.push(answer),
                }
            }
        }
        match stopped {
            Some(error) => Err(error),
            None if self.canceller.was_asked() => {
                Err(Error::new(Kind::Cancelled, "the statement was cancelled"))
            }
            None => Ok(answers),
        }
    }

    fn send_many(&mut self, statements: Option<&[String]>) -> Result<()> {
        let Some(statements) = statements else { return Ok(()) };
        statements.iter().for_each(|sql| log_sql(&dialect::MYSQL, sql));
        self.connection.packets.commands(QUERY, statements)
    }

    fn next_of_many(&mut self, sql: &str) -> Result<Vec<Cells>> {
        if let Some(watchdog) = &self.watchdog {
            watchdog.begin();
        }
        self.connection.packets.expect_answer();
        let mut rows = Vec::new();
        let answer = self.results::<Text>(sql, &mut |cursor: &mut dyn Cursor| {
            let width = cursor.columns().len();
            while cursor.advance()? {
                rows.push((0..width).map(|index| cell_text(cursor.cell(index))).collect());
            }
            Ok(())
        });
        if let Some(watchdog) = &self.watchdog {
            watchdog.end();
        }
        answer.map(|_| rows)
    }
}
