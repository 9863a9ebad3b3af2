//! Loading of rows that are statements.

use std::collections::BTreeSet;
use std::io::BufRead;

use crate::engine::Session;
use crate::engine::backup::{BeforeCommit, JournalTable, texts};
use crate::error::{Error, Kind, Result};
use crate::errors::number;
use crate::model::catalog::Name;

/// What a statement must leave free of the largest packet.
const SPARE: u64 = 1024;

pub const JOURNAL_TABLE: JournalTable = JournalTable {
    name: "`dbwright_restore`",
    is_there: "SELECT 1 FROM information_schema.TABLES \
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'dbwright_restore'",
    make: &["CREATE TABLE IF NOT EXISTS `dbwright_restore` \
        (step bigint NOT NULL PRIMARY KEY, state bigint NOT NULL, note text) \
        ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4"],
    end: &["DROP TABLE IF EXISTS `dbwright_restore`"],
};

/// MyISAM, Aria, MEMORY and the like: a load that was cut off leaves rows.
pub fn without_transactions(session: &mut dyn Session) -> Result<BTreeSet<Name>> {
    const TABLES: &str = "\
        SELECT t.TABLE_NAME FROM information_schema.TABLES AS t \
        JOIN information_schema.ENGINES AS e ON e.ENGINE = t.ENGINE \
        WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' \
        AND COALESCE(e.TRANSACTIONS, 'NO') <> 'YES'";
    let names = texts(session, TABLES)?.into_iter().flatten().flatten();
    Ok(names.map(|name| Name::new("", name)).collect())
}

/// A table or view; a key; a primary key; a routine; a trigger; an account; an event; a constraint; a check.
pub fn is_there_already(error: &Error) -> bool {
    const NUMBERS: [u16; 9] = [1050, 1061, 1068, 1304, 1359, 1396, 1537, 1826, 3822];
    number(error).is_some_and(|number| NUMBERS.contains(&number))
}

/// Runs the statements of `input`, all of them or none.
pub fn load(
    session: &mut dyn Session,
    input: &mut dyn BufRead,
    before_commit: BeforeCommit<'_>,
) -> Result<()> {
    let largest = texts(session, "SELECT @@max_allowed_packet")?;
    let largest = largest.into_iter().flatten().flatten().next().and_then(|text| text.parse().ok());
    let limit: u64 = largest.unwrap_or(1 << 20);
    session.execute("START TRANSACTION", &[])?;
    let mut statements = Statements {
        session,
        limit: usize::try_from(limit.saturating_sub(SPARE)).unwrap_or(usize::MAX),
        head: Vec::new(),
        text: Vec::new(),
        rows: 0,
    };
    let loaded = statements.run(input).map(|()| statements.rows);
    let loaded = loaded
        .and_then(|rows| before_commit(session, rows))
        .and_then(|()| session.execute("COMMIT", &[]).map(drop));
    if loaded.is_err() && session.is_alive() {
        // The first error is what matters.
        let _ = session.execute("ROLLBACK", &[]);
    }
    loaded
}

/// Statements on their way to the server.
struct Statements<'a> {
    session: &'a mut dyn Session,
    /// The longest that the server takes.
    limit: usize,
    /// `INSERT INTO ... VALUES` of the statement that is being read.
    head: Vec<u8>,
    text: Vec<u8>,
    rows: u64,
}

impl Statements<'_> {
    fn run(&mut self, input: &mut dyn BufRead) -> Result<()> {
        loop {
            let start = self.text.len();
            if input.read_until(b'\n', &mut self.text)? == 0 {
                break;
            }
            let line = &self.text[start..];
            if !line.starts_with(b"(") {
                self.send(start)?;
                self.head.clone_from(&self.text);
                continue;
            }
            let ends = line.ends_with(b";\n") || line.ends_with(b";");
            if self.text.len() > self.limit && start > self.head.len() {
                self.send(start)?;
                let row = std::mem::replace(&mut self.text, self.head.clone());
                self.text.extend_from_slice(&row);
            }
            if ends {
                self.send(self.text.len())?;
            }
        }
        self.send(self.text.len())
    }

    /// Sends the statement that ends at `end`, and keeps what is behind it.
    fn send(&mut self, end: usize) -> Result<()> {
        let behind = self.text.split_off(end);
        let statement = self.text.trim_ascii_end();
        let statement = statement.strip_suffix(b",").or(statement.strip_suffix(b";")).unwrap_or(statement);
        if !statement.is_empty() {
            if statement.len() > self.limit {
                return Err(self.too_large());
            }
            let sql = std::str::from_utf8(statement)
                .map_err(|error| Error::new(Kind::Data, "rows of the backup are not UTF-8").because(error))?;
            self.rows += self.session.execute(sql, &[])?.affected.unwrap_or_default();
            self.remarks()?;
        }
        self.text.clear();
        self.text.extend_from_slice(&behind);
        Ok(())
    }

    /// A value that the server changed to make it fit is no error to it here: a generated column
    /// may have been computed with such a remark when the row was new.
    fn remarks(&mut self) -> Result<()> {
        for row in texts(self.session, "SHOW WARNINGS LIMIT 1")? {
            let said: Vec<String> = row.into_iter().flatten().collect();
            log::warn!("{}: the server remarks: {}", self.target(), said.join(" "));
        }
        Ok(())
    }

    /// `INSERT INTO t`, for messages.
    fn target(&self) -> String {
        let head = String::from_utf8_lossy(&self.head);
        head.split(" (").next().unwrap_or("").trim_start_matches("INSERT INTO ").to_owned()
    }

    fn too_large(&self) -> Error {
        let message = format!(
            "a row of {} takes a statement of {} bytes, and the server takes no more than \
             max_allowed_packet = {}",
            self.target(),
            self.text.len(),
            self.limit as u64 + SPARE
        );
        let enough = (self.text.len() as u64 + SPARE).next_multiple_of(1 << 20);
        Error::new(Kind::Data, message)
            .hint(format!("SET GLOBAL max_allowed_packet = {enough}, and restore again"))
    }
}
