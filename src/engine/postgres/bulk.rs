//! COPY: rows as a stream of bytes in the server's own format (chapter 55.2.6).

use std::io::{BufRead, Write};
use std::time::Duration;

use postgres_protocol::message::frontend;

use super::conn::tag;
use super::session::{PgSession, done};
use crate::engine::Bulk;
use crate::engine::log_sql;
use crate::error::{Error, Kind, Result};
use crate::model::rows::Done;
use crate::sql::dialect;

/// The least that is sent or written at once, as long as there is more.
const BLOCK: usize = 128 * 1024;

/// How long the server may keep us from sending before we listen to what it has to say.
const PATIENCE: Duration = Duration::from_millis(20);

/// How the data of a COPY ended.
enum End {
    /// All was sent.
    Done,
    /// Our side failed.
    Failed(Error),
    /// The server has said something that is not for us to read: an error, it needs no more data.
    Answered,
}

impl Bulk for PgSession {
    fn copy_in(&mut self, sql: &str, input: &mut dyn BufRead) -> Result<Done> {
        let wanted = "COPY ... FROM STDIN";
        self.copy(sql, wanted, &mut |session, tag| match tag {
            tag::COPY_IN_RESPONSE => Some(session.send_data(input)),
            _ => None,
        })
    }

    fn copy_out(&mut self, sql: &str, output: &mut dyn Write) -> Result<Done> {
        let wanted = "COPY ... TO STDOUT";
        self.copy(sql, wanted, &mut |session, tag| match tag {
            tag::COPY_OUT_RESPONSE => Some(session.receive_data(output)),
            _ => None,
        })
    }
}

/// Moves the data if the frame asks for it; None when it asks for something else.
type Transfer<'a> = &'a mut dyn FnMut(&mut PgSession, u8) -> Option<Result<()>>;

impl PgSession {
    /// Runs a COPY statement. An error of `transfer` is the outcome; it has told the server already.
    fn copy(&mut self, sql: &str, wanted: &str, transfer: Transfer<'_>) -> Result<Done> {
        self.conn.check()?;
        log_sql(&dialect::POSTGRES, sql);
        if let Err(error) = frontend::query(sql, &mut self.conn.out) {
            self.conn.out.clear();
            return Err(Error::new(Kind::Data, "the statement cannot be sent").because(error));
        }
        self.conn.send()?;
        let mut failure = None;
        let mut outcome = Done::default();
        let mut moved = false;
        let not_copy = || Error::new(Kind::Usage, format!("the statement is not {wanted}"));
        loop {
            let tag = self.conn.next()?;
            match tag {
                tag::COPY_IN_RESPONSE | tag::COPY_OUT_RESPONSE => match transfer(self, tag) {
                    Some(result) => {
                        moved = true;
                        if self.conn.is_dead() {
                            return result.and_then(|()| self.conn.check()).map(|()| Done::default());
                        }
                        failure = failure.or(result.err());
                    }
                    None => {
                        failure.get_or_insert_with(not_copy);
                        self.decline(tag)?;
                    }
                },
                tag::COMMAND_COMPLETE => outcome = done(self.conn.body()),
                tag::ERROR_RESPONSE => {
                    let error = self.conn.error(Some(sql));
                    if self.conn.is_dead() {
                        return Err(failure.unwrap_or(error));
                    }
                    failure.get_or_insert(error);
                }
                tag::READY_FOR_QUERY => {
                    self.conn.ready();
                    return match failure {
                        Some(error) => Err(error),
                        None if moved => Ok(outcome),
                        None => Err(not_copy()),
                    };
                }
                tag::ROW_DESCRIPTION
                | tag::DATA_ROW
                | tag::COPY_DATA
                | tag::COPY_DONE
                | tag::EMPTY_QUERY_RESPONSE => {}
                _ => return Err(self.conn.not_understood()),
            }
        }
    }

    /// Declines the other direction.
    fn decline(&mut self, tag: u8) -> Result<()> {
        if tag == tag::COPY_OUT_RESPONSE {
            self.stop();
            return Ok(());
        }
        self.fail("no data")
    }

    fn fail(&mut self, why: &str) -> Result<()> {
        let why = why.replace('\0', " ");
        // Cannot fail: zero bytes are the only thing it minds.
        let _ = frontend::copy_fail(&why, &mut self.conn.out);
        self.conn.send()
    }

    fn send_data(&mut self, input: &mut dyn BufRead) -> Result<()> {
        let stream = self.conn.wire().stream();
        stream.set_timeout(Some(PATIENCE)).map_err(crate::engine::net::lost)?;
        let end = self.send_blocks(input);
        self.conn.wire().stream().set_timeout(None).map_err(crate::engine::net::lost)?;
        match end? {
            End::Done => {
                frontend::copy_done(&mut self.conn.out);
                self.conn.send()
            }
            End::Failed(error) => {
                self.fail(&format!("the client could not read its input: {error}"))?;
                Err(error)
            }
            // The server skips what is still on its way (chapter 55.2.6).
            End::Answered => Ok(()),
        }
    }

    fn send_blocks(&mut self, input: &mut dyn BufRead) -> Result<End> {
        loop {
            let size = match fill_block(input, &mut self.conn.wire_mut().outbound) {
                Ok(size) => size,
                Err(error) => {
                    self.conn.wire_mut().outbound.clear();
                    return Ok(End::Failed(Error::from(error).context("cannot read the data to copy")));
                }
            };
            if size == 0 {
                return Ok(End::Done);
            }
            if let Err(error) = self.conn.wire_mut().flush_listening() {
                return Err(self.conn.last_words().unwrap_or(error));
            }
            if self.conn.hear() {
                return Ok(End::Answered);
            }
        }
    }

    fn receive_data(&mut self, output: &mut dyn Write) -> Result<()> {
        let mut block = Vec::with_capacity(2 * BLOCK);
        loop {
            match self.conn.next()? {
                tag::COPY_DATA => {
                    if block.len() + self.conn.body().len() > 2 * BLOCK
                        && let Err(error) = output.write_all(&block).map(|()| block.clear())
                    {
                        return self.end_unwritten(error);
                    }
                    let data = self.conn.body();
                    if data.len() < BLOCK {
                        block.extend_from_slice(data);
                    } else if let Err(error) = output.write_all(data) {
                        return self.end_unwritten(error);
                    }
                }
                _ => {
                    self.conn.put_back();
                    // In front of an error too: what came is shown, as psql does.
                    return output.write_all(&block).and_then(|()| output.flush()).map_err(Error::from);
                }
            }
        }
    }

    /// Nobody takes the data any more.
    fn end_unwritten(&mut self, error: std::io::Error) -> Result<()> {
        self.stop();
        Err(Error::from(error))
    }
}

/// Appends one CopyData frame of at least [`BLOCK`] bytes, less only at the end of the input;
/// tells its size without the header. At the end nothing is appended.
fn fill_block(input: &mut dyn BufRead, outbound: &mut Vec<u8>) -> std::io::Result<usize> {
    const HEADER: usize = 5;
    let start = outbound.len();
    outbound.extend_from_slice(&[b'd', 0, 0, 0, 0]);
    let size = |outbound: &Vec<u8>| outbound.len() - start - HEADER;
    while size(outbound) < BLOCK {
        let available = match input.fill_buf() {
            Ok([]) => break,
            Ok(available) => available,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let count = available.len().min(2 * BLOCK);
        outbound.extend_from_slice(&available[..count]);
        input.consume(count);
    }
    let size = size(outbound);
    if size == 0 {
        outbound.truncate(start);
    } else {
        // At most three blocks.
        outbound[start + 1..start + HEADER].copy_from_slice(&(size as u32 + 4).to_be_bytes());
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_reads_become_large_frames() {
        let data = vec![b'x'; 300_000];
        let mut input = std::io::BufReader::with_capacity(1000, data.as_slice());
        let mut sent = 0;
        loop {
            let mut outbound = Vec::new();
            let size = fill_block(&mut input, &mut outbound).unwrap();
            sent += size;
            if size == 0 {
                assert!(outbound.is_empty());
                break;
            }
            assert!(size >= BLOCK || sent == data.len());
            assert_eq!(outbound[..5], [&b"d"[..], &(size as u32 + 4).to_be_bytes()].concat());
            assert_eq!(outbound.len(), size + 5);
        }
        assert_eq!(sent, data.len());
    }
}
