//! Columns of results, as the servers define them ("Protocol::ColumnDefinition41").

use mysql_common::constants::{ColumnFlags as Flags, ColumnType as Type};

use super::packet::{Reader, garbled};
use super::startup::Agreed;
use crate::error::Result;
use crate::model::rows::{Column, ColumnKind};

/// The "character set" of what is no text.
const BINARY: u16 = 63;
/// Decimals that say: as many as there are.
const FLOATING: u8 = 31;
/// Bytes a character takes at most in the character set of our sessions.
const CHARACTER: u32 = 4;

/// What decoding needs to know of a column.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    pub column_type: Type,
    pub unsigned: bool,
    pub zerofill: bool,
    /// The display width.
    pub length: u32,
    pub decimals: u8,
    /// Its cells are bytes, not text.
    pub bytes: bool,
}

impl Spec {
    /// The number of digits behind the point of a float; None for as many as there are.
    pub fn fixed(&self) -> Option<usize> {
        (self.decimals < FLOATING).then_some(usize::from(self.decimals))
    }
}

/// Reads a definition.
pub fn read(payload: &[u8], agreed: Agreed) -> Result<(Column, Spec)> {
    let mut reader = Reader(payload);
    for _catalog_schema_table_and_original_table in 0..4 {
        reader.lenenc_bytes()?;
    }
    let name = String::from_utf8_lossy(reader.lenenc_bytes()?).into_owned();
    let _original_name = reader.lenenc_bytes()?;
    let (mut further_type, mut format) = (&b""[..], &b""[..]);
    if agreed.extended_metadata {
        let mut further = Reader(reader.lenenc_bytes()?);
        while !further.is_empty() {
            match further.u8()? {
                0 => further_type = further.lenenc_bytes()?,
                1 => format = further.lenenc_bytes()?,
                _ => _ = further.lenenc_bytes()?,
            }
        }
    }
    let _length_of_the_rest = reader.lenenc()?;
    let charset = reader.u16()?;
    let length = reader.u32()?;
    let column_type = Type::try_from(reader.u8()?).map_err(|error| garbled(&error.to_string()))?;
    let flags = Flags::from_bits_retain(reader.u16()?);
    let decimals = reader.u8()?;
    let spec = Spec {
        column_type,
        unsigned: flags.contains(Flags::UNSIGNED_FLAG),
        zerofill: flags.contains(Flags::ZEROFILL_FLAG),
        length,
        decimals,
        bytes: is_bytes(column_type, charset, further_type),
    };
    let is_json = column_type == Type::MYSQL_TYPE_JSON || format == b"json";
    let kind = match () {
        () if is_json => ColumnKind::Json,
        () if spec.bytes => ColumnKind::Blob,
        // Leading zeros are part of the value shown, and no number has them in JSON.
        () if is_number(column_type) && !spec.zerofill => ColumnKind::Number,
        () => ColumnKind::Other,
    };
    let type_name = match (is_json, further_type) {
        (true, _) => "json".to_owned(),
        (_, b"") => type_name(&spec, flags),
        (_, further) => String::from_utf8_lossy(further).into_owned(),
    };
    Ok((Column { name, type_name, kind }, spec))
}

/// What the servers' own client writes as hexadecimal under `--binary-as-hex`.
fn is_bytes(column_type: Type, charset: u16, further_type: &[u8]) -> bool {
    match column_type {
        Type::MYSQL_TYPE_BIT | Type::MYSQL_TYPE_GEOMETRY | Type::MYSQL_TYPE_VECTOR => true,
        Type::MYSQL_TYPE_STRING
        | Type::MYSQL_TYPE_VAR_STRING
        | Type::MYSQL_TYPE_VARCHAR
        | Type::MYSQL_TYPE_TINY_BLOB
        | Type::MYSQL_TYPE_MEDIUM_BLOB
        | Type::MYSQL_TYPE_LONG_BLOB
        | Type::MYSQL_TYPE_BLOB => {
            charset == BINARY && !matches!(further_type, b"uuid" | b"inet4" | b"inet6")
        }
        _ => false,
    }
}

fn is_number(column_type: Type) -> bool {
    matches!(
        column_type,
        Type::MYSQL_TYPE_TINY
            | Type::MYSQL_TYPE_SHORT
            | Type::MYSQL_TYPE_INT24
            | Type::MYSQL_TYPE_LONG
            | Type::MYSQL_TYPE_LONGLONG
            | Type::MYSQL_TYPE_FLOAT
            | Type::MYSQL_TYPE_DOUBLE
            | Type::MYSQL_TYPE_DECIMAL
            | Type::MYSQL_TYPE_NEWDECIMAL
    )
}

fn type_name(spec: &Spec, flags: Flags) -> String {
    let characters = spec.length / CHARACTER;
    let fraction = |name: &str| match spec.decimals {
        digits @ 1..=6 => format!("{name}({digits})"),
        _ => name.to_owned(),
    };
    let number = |name: &str| {
        let sign = if spec.unsigned { " unsigned" } else { "" };
        let zeros = if spec.zerofill { " zerofill" } else { "" };
        format!("{name}{sign}{zeros}")
    };
    match spec.column_type {
        Type::MYSQL_TYPE_TINY => number("tinyint"),
        Type::MYSQL_TYPE_SHORT => number("smallint"),
        Type::MYSQL_TYPE_INT24 => number("mediumint"),
        Type::MYSQL_TYPE_LONG => number("int"),
        Type::MYSQL_TYPE_LONGLONG => number("bigint"),
        Type::MYSQL_TYPE_FLOAT => number("float"),
        Type::MYSQL_TYPE_DOUBLE => number("double"),
        Type::MYSQL_TYPE_DECIMAL | Type::MYSQL_TYPE_NEWDECIMAL => {
            let point = u32::from(spec.decimals > 0);
            let sign = u32::from(!spec.unsigned);
            let digits = spec.length.saturating_sub(point + sign);
            number(&format!("decimal({digits},{})", spec.decimals))
        }
        Type::MYSQL_TYPE_YEAR => "year".into(),
        Type::MYSQL_TYPE_DATE | Type::MYSQL_TYPE_NEWDATE => "date".into(),
        Type::MYSQL_TYPE_TIME | Type::MYSQL_TYPE_TIME2 => fraction("time"),
        Type::MYSQL_TYPE_DATETIME | Type::MYSQL_TYPE_DATETIME2 => fraction("datetime"),
        Type::MYSQL_TYPE_TIMESTAMP | Type::MYSQL_TYPE_TIMESTAMP2 => fraction("timestamp"),
        Type::MYSQL_TYPE_BIT => format!("bit({})", spec.length),
        Type::MYSQL_TYPE_JSON => "json".into(),
        Type::MYSQL_TYPE_GEOMETRY => "geometry".into(),
        Type::MYSQL_TYPE_VECTOR => "vector".into(),
        Type::MYSQL_TYPE_ENUM => "enum".into(),
        Type::MYSQL_TYPE_SET => "set".into(),
        Type::MYSQL_TYPE_STRING if flags.contains(Flags::ENUM_FLAG) => "enum".into(),
        Type::MYSQL_TYPE_STRING if flags.contains(Flags::SET_FLAG) => "set".into(),
        Type::MYSQL_TYPE_STRING if spec.bytes => format!("binary({})", spec.length),
        Type::MYSQL_TYPE_STRING => format!("char({characters})"),
        Type::MYSQL_TYPE_VAR_STRING | Type::MYSQL_TYPE_VARCHAR if spec.bytes => {
            format!("varbinary({})", spec.length)
        }
        Type::MYSQL_TYPE_VAR_STRING | Type::MYSQL_TYPE_VARCHAR => format!("varchar({characters})"),
        Type::MYSQL_TYPE_TINY_BLOB
        | Type::MYSQL_TYPE_MEDIUM_BLOB
        | Type::MYSQL_TYPE_LONG_BLOB
        | Type::MYSQL_TYPE_BLOB => large(spec),
        _ => String::new(),
    }
}

/// The large types differ on the wire only by how long they can be.
fn large(spec: &Spec) -> String {
    let (length, name) = match spec.bytes {
        true => (spec.length, "blob"),
        false => (spec.length / CHARACTER, "text"),
    };
    let size = match length {
        ..=0xFF => "tiny",
        0x100..=0xFFFF => "",
        0x1_0000..=0xFF_FFFF => "medium",
        _ => "long",
    };
    format!("{size}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{put_lenenc, put_lenenc_bytes};

    fn definition(
        column_type: Type,
        charset: u16,
        length: u32,
        flags: Flags,
        decimals: u8,
        extended: Option<&[u8]>,
    ) -> (Column, Spec) {
        let mut out = Vec::new();
        for part in ["def", "app", "t", "t", "c", "c"] {
            put_lenenc_bytes(&mut out, part.as_bytes());
        }
        if let Some(extended) = extended {
            put_lenenc_bytes(&mut out, extended);
        }
        put_lenenc(&mut out, 12);
        out.extend_from_slice(&charset.to_le_bytes());
        out.extend_from_slice(&length.to_le_bytes());
        out.push(column_type as u8);
        out.extend_from_slice(&flags.bits().to_le_bytes());
        out.extend_from_slice(&[decimals, 0, 0]);
        let agreed =
            Agreed { deprecate_eof: true, session_track: true, extended_metadata: extended.is_some() };
        for cut in 0..out.len() - 2 {
            assert!(read(&out[..cut], agreed).is_err());
        }
        read(&out, agreed).unwrap()
    }

    fn kind(column_type: Type, charset: u16, flags: Flags) -> (ColumnKind, String) {
        let (column, _) = definition(column_type, charset, 40, flags, 0, None);
        (column.kind, column.type_name)
    }

    #[test]
    fn kinds_and_names() {
        let none = Flags::empty();
        assert_eq!(kind(Type::MYSQL_TYPE_LONG, 63, none), (ColumnKind::Number, "int".into()));
        assert_eq!(
            kind(Type::MYSQL_TYPE_LONG, 63, Flags::ZEROFILL_FLAG | Flags::UNSIGNED_FLAG),
            (ColumnKind::Other, "int unsigned zerofill".into())
        );
        assert_eq!(kind(Type::MYSQL_TYPE_YEAR, 63, none), (ColumnKind::Other, "year".into()));
        assert_eq!(kind(Type::MYSQL_TYPE_VAR_STRING, 63, none), (ColumnKind::Blob, "varbinary(40)".into()));
        assert_eq!(kind(Type::MYSQL_TYPE_VAR_STRING, 255, none), (ColumnKind::Other, "varchar(10)".into()));
        assert_eq!(kind(Type::MYSQL_TYPE_STRING, 255, Flags::ENUM_FLAG), (ColumnKind::Other, "enum".into()));
        assert_eq!(kind(Type::MYSQL_TYPE_JSON, 63, none), (ColumnKind::Json, "json".into()));
        assert_eq!(kind(Type::MYSQL_TYPE_BIT, 63, none), (ColumnKind::Blob, "bit(40)".into()));
        assert_eq!(kind(Type::MYSQL_TYPE_DATETIME, 63, none), (ColumnKind::Other, "datetime".into()));
    }

    #[test]
    fn sizes_in_names() {
        let name = |column_type, charset, length, decimals| {
            definition(column_type, charset, length, Flags::empty(), decimals, None).0.type_name
        };
        assert_eq!(name(Type::MYSQL_TYPE_NEWDECIMAL, 63, 12, 2), "decimal(10,2)");
        assert_eq!(name(Type::MYSQL_TYPE_TIME, 63, 14, 3), "time(3)");
        assert_eq!(name(Type::MYSQL_TYPE_BLOB, 255, 262140, 0), "text");
        assert_eq!(name(Type::MYSQL_TYPE_BLOB, 63, 65535, 0), "blob");
        assert_eq!(name(Type::MYSQL_TYPE_BLOB, 63, u32::MAX, 0), "longblob");
    }

    #[test]
    fn mariadb_tells_more() {
        let further = |text: &[u8], charset| {
            definition(Type::MYSQL_TYPE_STRING, charset, 144, Flags::empty(), 0, Some(text)).0
        };
        let json = further(b"\x01\x04json", 45);
        assert_eq!((json.kind, json.type_name.as_str()), (ColumnKind::Json, "json"));
        let uuid = further(b"\x00\x04uuid", 63);
        assert_eq!((uuid.kind, uuid.type_name.as_str()), (ColumnKind::Other, "uuid"));
        assert_eq!(further(b"", 45).type_name, "char(36)");
    }
}
