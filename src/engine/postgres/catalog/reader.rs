//! Asking the server, inside the one transaction. The session has a thread of its own, so that the
//! server answers the next question while the last answer is put together.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;

use super::rows::Rows;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Scope, Unread};
use crate::session::PgSession;

/// Asks and remembers.
pub struct Reader {
    questions: Sender<String>,
    answers: Receiver<Result<Rows>>,
    /// What was asked and not yet answered, in order.
    waiting: VecDeque<String>,
    /// Answers that came before they were wanted.
    early: HashMap<String, Rows>,
    /// As `server_version_num`: 150018.
    pub version: u32,
    pub scope: Scope,
    pub unread: Vec<Unread>,
}

/// Lends a session to a reader.
pub fn with<T>(
    session: &mut PgSession,
    scope: Scope,
    body: impl FnOnce(&mut Reader) -> Result<T>,
) -> Result<T> {
    let version = session.info.version_num;
    let (questions, asked) = channel::<String>();
    // While one answer is put together, one is ready and one on its way.
    let (answer, answers) = sync_channel(1);
    thread::scope(|threads| {
        threads.spawn(move || {
            for sql in asked {
                if answer.send(Rows::read(session, &sql)).is_err() {
                    break;
                }
            }
        });
        let (waiting, early) = (VecDeque::new(), HashMap::new());
        body(&mut Reader { questions, answers, waiting, early, version, scope, unread: Vec::new() })
    })
}

impl Reader {
    /// Asks for what [`rows`](Self::rows) will be asked for, in this order.
    pub fn ahead(&mut self, questions: impl IntoIterator<Item = String>) {
        for sql in questions {
            // Whoever waits for the answer is told when the other side has gone away.
            let _ = self.questions.send(sql.clone());
            self.waiting.push_back(sql);
        }
    }

    /// The rows of a query.
    pub fn rows(&mut self, sql: &str) -> Result<Rows> {
        if let Some(rows) = self.early.remove(sql) {
            return Ok(rows);
        }
        if !self.waiting.iter().any(|asked| asked == sql) {
            self.ahead([sql.to_owned()]);
        }
        loop {
            let Ok(answer) = self.answers.recv() else {
                return Err(Error::new(Kind::Lost, "the session has ended"));
            };
            let (asked, rows) = (self.waiting.pop_front().unwrap_or_default(), answer?);
            if asked == sql {
                return Ok(rows);
            }
            self.early.insert(asked, rows);
        }
    }

    /// `expression` on servers from `version` on, `otherwise` on older ones, which do not know it.
    pub fn since<'s>(&self, version: u32, expression: &'s str, otherwise: &'s str) -> &'s str {
        if self.version >= version { expression } else { otherwise }
    }
}
