//! The short answers of the server: OK and end-of-result packets.

use mysql_common::constants::StatusFlags;

use super::packet::{Reader, garbled};
use super::startup::Agreed;
use crate::error::Result;

/// First bytes of packets that are no rows.
pub const OK: u8 = 0x00;
pub const END: u8 = 0xFE;
pub const LOCAL_FILE: u8 = 0xFB;

/// A change of the session that the server tells of: another database was selected.
const TRACK_SCHEMA: u8 = 1;

/// What an OK packet says ("OK_Packet" in the internals manual).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    pub affected: u64,
    pub last_insert_id: u64,
    pub status: StatusFlags,
    pub warnings: u16,
    /// Words such as `Rows matched: 1  Changed: 1  Warnings: 0`.
    pub info: String,
    /// The database that is selected now, if that has changed.
    pub database: Option<String>,
}

impl Reply {
    /// Reads an OK packet, whatever its first byte.
    pub fn read(payload: &[u8], agreed: Agreed) -> Result<Self> {
        let mut reader = Reader(payload);
        if !matches!(reader.u8()?, OK | END) {
            return Err(garbled("an OK packet was expected"));
        }
        let mut ok = Reply {
            affected: reader.lenenc()?,
            last_insert_id: reader.lenenc()?,
            status: StatusFlags::from_bits_retain(reader.u16()?),
            warnings: reader.u16()?,
            ..Reply::default()
        };
        if !agreed.session_track {
            ok.info = String::from_utf8_lossy(reader.rest()).into_owned();
            return Ok(ok);
        }
        if !reader.is_empty() {
            ok.info = String::from_utf8_lossy(reader.lenenc_bytes()?).into_owned();
        }
        if ok.status.contains(StatusFlags::SERVER_SESSION_STATE_CHANGED) && !reader.is_empty() {
            let mut changes = Reader(reader.lenenc_bytes()?);
            while !changes.is_empty() {
                let kind = changes.u8()?;
                let mut data = Reader(changes.lenenc_bytes()?);
                if kind == TRACK_SCHEMA {
                    ok.database = Some(String::from_utf8_lossy(data.lenenc_bytes()?).into_owned());
                }
            }
        }
        Ok(ok)
    }

    /// Reads what ends the rows of a result.
    pub fn read_end(payload: &[u8], agreed: Agreed) -> Result<Self> {
        if agreed.deprecate_eof {
            return Reply::read(payload, agreed);
        }
        let mut reader = Reader(payload);
        reader.u8()?;
        let warnings = reader.u16()?;
        let status = StatusFlags::from_bits_retain(reader.u16()?);
        Ok(Reply { warnings, status, ..Reply::default() })
    }

    pub fn more_results(&self) -> bool {
        self.status.contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Agreed = Agreed { deprecate_eof: true, session_track: true, extended_metadata: false };
    const OLD: Agreed = Agreed { deprecate_eof: false, session_track: false, extended_metadata: false };

    #[test]
    fn an_answer_with_words_and_a_change_of_database() {
        let mut packet = vec![0, 3, 0, 0x02, 0x40, 1, 0, 4];
        packet.extend_from_slice(b"text");
        packet.extend_from_slice(b"\x07\x01\x05\x04shop");
        let ok = Reply::read(&packet, NEW).unwrap();
        assert_eq!((ok.affected, ok.warnings, ok.info.as_str()), (3, 1, "text"));
        assert_eq!(ok.database.as_deref(), Some("shop"));
        for cut in 0..packet.len() {
            let _ = Reply::read(&packet[..cut], NEW);
        }
    }

    #[test]
    fn an_answer_of_an_old_server() {
        let ok = Reply::read(b"\x00\x01\x00\x02\x00\x00\x00hello", OLD).unwrap();
        assert_eq!((ok.affected, ok.info.as_str()), (1, "hello"));
        let end = Reply::read_end(b"\xFE\x02\x00\x0A\x00", OLD).unwrap();
        assert!(end.more_results());
        assert_eq!(end.warnings, 2);
    }
}
