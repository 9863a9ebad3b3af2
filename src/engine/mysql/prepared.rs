//! Statements with values bound to them ("Prepared Statements" in the internals manual).

use mysql_common::constants::ColumnType as Type;

use super::packet::{Reader, garbled, put_lenenc_bytes};
use crate::error::Result;
use crate::model::rows::Param;

/// What the server says of a prepared statement ("COM_STMT_PREPARE_OK").
#[derive(Debug, PartialEq, Eq)]
pub struct Statement {
    pub id: u32,
    pub columns: usize,
    pub params: usize,
}

impl Statement {
    pub fn read(payload: &[u8]) -> Result<Self> {
        let mut reader = Reader(payload);
        if reader.u8()? != 0 {
            return Err(garbled("an answer to preparing a statement is unknown"));
        }
        let id = reader.u32()?;
        let columns = usize::from(reader.u16()?);
        let params = usize::from(reader.u16()?);
        Ok(Statement { id, columns, params })
    }
}

/// The argument of `COM_STMT_EXECUTE`.
pub fn execution(statement: u32, params: &[Param]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    out.extend_from_slice(&statement.to_le_bytes());
    // No cursor on the server, and one execution.
    out.extend_from_slice(&[0, 1, 0, 0, 0]);
    let bitmap = out.len();
    out.resize(bitmap + params.len().div_ceil(8), 0);
    // The types of the values follow.
    out.push(1);
    for (index, param) in params.iter().enumerate() {
        let column_type = match param {
            Param::Null => {
                out[bitmap + index / 8] |= 1 << (index % 8);
                Type::MYSQL_TYPE_NULL
            }
            Param::Int(_) => Type::MYSQL_TYPE_LONGLONG,
            Param::Float(_) => Type::MYSQL_TYPE_DOUBLE,
            Param::Text(_) => Type::MYSQL_TYPE_VAR_STRING,
            Param::Blob(_) => Type::MYSQL_TYPE_BLOB,
        };
        out.extend_from_slice(&[column_type as u8, 0]);
    }
    for param in params {
        match param {
            Param::Null => {}
            Param::Int(number) => out.extend_from_slice(&number.to_le_bytes()),
            Param::Float(number) => out.extend_from_slice(&number.to_le_bytes()),
            Param::Text(text) => put_lenenc_bytes(&mut out, text.as_bytes()),
            Param::Blob(bytes) => put_lenenc_bytes(&mut out, bytes),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prepared_statement() {
        let payload = [0, 5, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0];
        assert_eq!(Statement::read(&payload).unwrap(), Statement { id: 5, columns: 2, params: 1 });
        assert!(Statement::read(&payload[..6]).is_err());
    }

    #[test]
    fn values_of_every_kind() {
        let params =
            [Param::Null, Param::Int(-1), Param::Float(1.0), Param::Text("hé".into()), Param::Blob(vec![0])];
        let bytes = execution(7, &params);
        let mut expected = vec![7, 0, 0, 0, 0, 1, 0, 0, 0, 0b1, 1];
        expected.extend_from_slice(&[6, 0, 8, 0, 5, 0, 253, 0, 252, 0]);
        expected.extend_from_slice(&[0xFF; 8]);
        expected.extend_from_slice(&1f64.to_le_bytes());
        expected.extend_from_slice(b"\x03h\xC3\xA9\x01\0");
        assert_eq!(bytes, expected);
    }
}
