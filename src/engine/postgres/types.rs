//! The types that every server has under the same numbers, and what a result's columns are.

use super::conn::Reader;
use crate::model::rows::{Column, ColumnKind};

/// The columns of a RowDescription (chapter 55.7); None when it is malformed.
pub fn columns(body: &[u8]) -> Option<Vec<Column>> {
    let mut reader = Reader::new(body);
    let count = reader.u16()?;
    let mut columns = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let name = reader.text()?;
        // Table and attribute number.
        reader.bytes(6)?;
        let oid = reader.u32()?;
        // Size.
        reader.bytes(2)?;
        let modifier = reader.u32()?.cast_signed();
        // Format: always text, since nothing else is asked for.
        reader.bytes(2)?;
        columns.push(Column { name, type_name: type_name(oid, modifier), kind: kind(oid) });
    }
    Some(columns)
}

fn kind(oid: u32) -> ColumnKind {
    match oid {
        16 => ColumnKind::Bool,
        17 => ColumnKind::Blob,
        114 | 3802 => ColumnKind::Json,
        // int8, int2, int4, oid, xid, cid, float4, float8, numeric, xid8: what psql aligns right,
        // without money, which is no bare number.
        20 | 21 | 23 | 26 | 28 | 29 | 700 | 701 | 1700 | 5069 => ColumnKind::Number,
        _ => ColumnKind::Other,
    }
}

/// The name as `format_type()` writes it; empty for types made by users and extensions.
pub fn type_name(oid: u32, modifier: i32) -> String {
    let Ok(index) = NAMES.binary_search_by_key(&oid, |(number, _)| *number) else {
        return array_of(oid).map_or_else(String::new, |element| type_name(element, modifier) + "[]");
    };
    let name = NAMES[index].1;
    if modifier < 0 {
        // Without a length it is not the standard's character, which is character(1).
        return if oid == 1042 { "bpchar" } else { name }.to_owned();
    }
    match oid {
        // bpchar, varchar: the length, four more than what was declared.
        1042 | 1043 => format!("{name}({})", modifier.saturating_sub(4)),
        // numeric: precision, and scale as a signed number of eleven bits.
        1700 => {
            let packed = modifier.saturating_sub(4);
            let scale = ((packed & 0x7ff) ^ 1024) - 1024;
            format!("{name}({},{scale})", (packed >> 16) & 0xffff)
        }
        // bit, varbit
        1560 | 1562 => format!("{name}({modifier})"),
        // time and timestamp: digits of a second, in front of the zone.
        1083 | 1114 | 1184 | 1266 => match name.split_once(' ') {
            Some((first, rest)) => format!("{first}({modifier}) {rest}"),
            None => name.to_owned(),
        },
        _ => name.to_owned(),
    }
}

fn array_of(oid: u32) -> Option<u32> {
    ARRAYS.binary_search_by_key(&oid, |(array, _)| *array).ok().map(|index| ARRAYS[index].1)
}

/// `pg_type`, by number.
#[rustfmt::skip]
const NAMES: &[(u32, &str)] = &[
    (16, "boolean"),
    (17, "bytea"),
    (18, "\"char\""),
    (19, "name"),
    (20, "bigint"),
    (21, "smallint"),
    (23, "integer"),
    (24, "regproc"),
    (25, "text"),
    (26, "oid"),
    (27, "tid"),
    (28, "xid"),
    (29, "cid"),
    (114, "json"),
    (142, "xml"),
    (600, "point"),
    (601, "lseg"),
    (602, "path"),
    (603, "box"),
    (604, "polygon"),
    (628, "line"),
    (650, "cidr"),
    (700, "real"),
    (701, "double precision"),
    (705, "unknown"),
    (718, "circle"),
    (774, "macaddr8"),
    (790, "money"),
    (829, "macaddr"),
    (869, "inet"),
    (1033, "aclitem"),
    (1042, "character"),
    (1043, "character varying"),
    (1082, "date"),
    (1083, "time without time zone"),
    (1114, "timestamp without time zone"),
    (1184, "timestamp with time zone"),
    (1186, "interval"),
    (1266, "time with time zone"),
    (1560, "bit"),
    (1562, "bit varying"),
    (1700, "numeric"),
    (1790, "refcursor"),
    (2202, "regprocedure"),
    (2203, "regoper"),
    (2204, "regoperator"),
    (2205, "regclass"),
    (2206, "regtype"),
    (2249, "record"),
    (2275, "cstring"),
    (2278, "void"),
    (2279, "trigger"),
    (2950, "uuid"),
    (2970, "txid_snapshot"),
    (3220, "pg_lsn"),
    (3614, "tsvector"),
    (3615, "tsquery"),
    (3734, "regconfig"),
    (3769, "regdictionary"),
    (3802, "jsonb"),
    (3838, "event_trigger"),
    (3904, "int4range"),
    (3906, "numrange"),
    (3908, "tsrange"),
    (3910, "tstzrange"),
    (3912, "daterange"),
    (3926, "int8range"),
    (4072, "jsonpath"),
    (4089, "regnamespace"),
    (4096, "regrole"),
    (4191, "regcollation"),
    (4451, "int4multirange"),
    (4532, "nummultirange"),
    (4533, "tsmultirange"),
    (4534, "tstzmultirange"),
    (4535, "datemultirange"),
    (4536, "int8multirange"),
    (5038, "pg_snapshot"),
    (5069, "xid8"),
];

/// Array types and the types of their elements, by number.
#[rustfmt::skip]
const ARRAYS: &[(u32, u32)] = &[
    (143, 142), (199, 114), (271, 5069), (629, 628), (651, 650), (719, 718), (775, 774), (791, 790),
    (1000, 16), (1001, 17), (1002, 18), (1003, 19), (1005, 21), (1007, 23), (1008, 24), (1009, 25),
    (1010, 27), (1011, 28), (1012, 29), (1014, 1042), (1015, 1043), (1016, 20), (1017, 600), (1018, 601),
    (1019, 602), (1020, 603), (1021, 700), (1022, 701), (1027, 604), (1028, 26), (1034, 1033), (1040, 829),
    (1041, 869), (1115, 1114), (1182, 1082), (1183, 1083), (1185, 1184), (1187, 1186), (1231, 1700),
    (1263, 2275), (1270, 1266), (1561, 1560), (1563, 1562), (2201, 1790), (2207, 2202), (2208, 2203),
    (2209, 2204), (2210, 2205), (2211, 2206), (2287, 2249), (2949, 2970), (2951, 2950), (3221, 3220),
    (3643, 3614), (3645, 3615), (3735, 3734), (3770, 3769), (3807, 3802), (3905, 3904), (3907, 3906),
    (3909, 3908), (3911, 3910), (3913, 3912), (3927, 3926), (4073, 4072), (4090, 4089), (4097, 4096),
    (4192, 4191), (5039, 5038), (6150, 4451), (6151, 4532), (6152, 4533), (6153, 4534), (6155, 4535),
    (6157, 4536),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_format_type() {
        assert_eq!(type_name(23, -1), "integer");
        assert_eq!(type_name(1700, -1), "numeric");
        assert_eq!(type_name(1700, ((10 << 16) | 2) + 4), "numeric(10,2)");
        // numeric(3,-2): the scale is negative.
        assert_eq!(type_name(1700, ((3 << 16) | (0x7ff & -2)) + 4), "numeric(3,-2)");
        assert_eq!(type_name(1043, 24), "character varying(20)");
        assert_eq!(type_name(1042, -1), "bpchar");
        assert_eq!(type_name(1042, 5), "character(1)");
        assert_eq!(type_name(1184, 3), "timestamp(3) with time zone");
        assert_eq!(type_name(1560, 8), "bit(8)");
        assert_eq!(type_name(1007, -1), "integer[]");
        assert_eq!(type_name(1015, 24), "character varying(20)[]");
        assert_eq!(type_name(99_999, -1), "");
    }

    #[test]
    fn the_tables_are_sorted() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(ARRAYS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(ARRAYS.iter().all(|(_, element)| NAMES.iter().any(|(number, _)| number == element)));
    }

    #[test]
    fn a_row_description_becomes_columns() {
        let body = b"\0\x01n\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0";
        let expected = [Column { name: "n".into(), type_name: "integer".into(), kind: ColumnKind::Number }];
        assert_eq!(columns(body).unwrap(), expected);
        for end in 0..body.len() {
            assert_eq!(columns(&body[..end]), None);
        }
    }
}
