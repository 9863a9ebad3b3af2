//! Cells as JSON values: numbers bare and with all their digits, booleans, documents embedded.

use std::collections::HashSet;

use super::buffer::{BLOCK, Buffer};
use super::text::{NumberText, push_hex};
use crate::error::Result;
use crate::model::rows::{BlobStyle, Column, ColumnKind, Cursor, Value};

/// Writes rows as objects whose keys are the columns' names.
pub(super) struct Objects {
    blob: BlobStyle,
    number: NumberText,
    /// `"name":` for each column, with the comma before it.
    keys: Vec<Vec<u8>>,
    kinds: Vec<ColumnKind>,
}

impl Objects {
    pub(super) fn new(blob: BlobStyle) -> Self {
        Objects { blob, number: NumberText::default(), keys: Vec::new(), kinds: Vec::new() }
    }

    /// Prepares for the rows of a result; `names` are unique.
    pub(super) fn begin(&mut self, columns: &[Column], names: &[String]) {
        self.kinds = columns.iter().map(|column| column.kind).collect();
        self.keys = names
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let mut key = Vec::with_capacity(name.len() + 4);
                if index > 0 {
                    key.push(b',');
                }
                push_string(name.as_bytes(), &mut key);
                key.push(b':');
                key
            })
            .collect();
    }

    /// Appends the current row as an object.
    pub(super) fn row(&mut self, cursor: &dyn Cursor, buffer: &mut Buffer<'_>) -> Result<()> {
        buffer.bytes.push(b'{');
        for (index, (key, kind)) in self.keys.iter().zip(&self.kinds).enumerate() {
            buffer.bytes.extend_from_slice(key);
            let value = cursor.cell(index);
            push_value(value, *kind, self.blob, &mut self.number, buffer)?;
        }
        buffer.bytes.push(b'}');
        Ok(())
    }
}

fn push_value(
    value: Value<'_>,
    kind: ColumnKind,
    blob: BlobStyle,
    number: &mut NumberText,
    buffer: &mut Buffer<'_>,
) -> Result<()> {
    let out = &mut buffer.bytes;
    match value {
        Value::Text(text) => return push_text(text, kind, buffer),
        Value::Null => out.extend_from_slice(b"null"),
        Value::Int(0) if kind == ColumnKind::Bool => out.extend_from_slice(b"false"),
        Value::Int(1) if kind == ColumnKind::Bool => out.extend_from_slice(b"true"),
        Value::Int(int) => out.extend_from_slice(number.int(int).as_bytes()),
        Value::UInt(int) => out.extend_from_slice(number.uint(int).as_bytes()),
        Value::Float(float) if float.is_finite() => {
            out.extend_from_slice(number.float(float).as_bytes());
        }
        Value::Float(float) => push_string(number.float(float).as_bytes(), out),
        Value::Blob(bytes) => {
            out.push(b'"');
            push_escaped(blob.prefix, out);
            buffer.pieces(bytes, |piece, out| push_hex(piece, blob, out))?;
            push_escaped(blob.suffix, &mut buffer.bytes);
            buffer.bytes.push(b'"');
        }
    }
    Ok(())
}

fn push_text(text: &[u8], kind: ColumnKind, buffer: &mut Buffer<'_>) -> Result<()> {
    let out = &mut buffer.bytes;
    match kind {
        ColumnKind::Number if is_number(text) => out.extend_from_slice(text),
        ColumnKind::Bool if matches!(text, b"t" | b"true" | b"1") => {
            out.extend_from_slice(b"true");
        }
        ColumnKind::Bool if matches!(text, b"f" | b"false" | b"0") => {
            out.extend_from_slice(b"false");
        }
        ColumnKind::Json => match std::str::from_utf8(text) {
            Ok(document) if is_document(document) => return push_document(document, buffer),
            _ => return push_long_string(text, buffer),
        },
        _ => return push_long_string(text, buffer),
    }
    Ok(())
}

/// Whether the text is a number by JSON's grammar.
fn is_number(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = split_digits(rest);
    if whole == 0 || (whole > 1 && text.strip_prefix(b"-").unwrap_or(text)[0] == b'0') {
        return false;
    }
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => match split_digits(fraction) {
            (0, _) => return false,
            (_, rest) => rest,
        },
        None => rest,
    };
    let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) else {
        return rest.is_empty();
    };
    let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
    matches!(split_digits(exponent), (1.., []))
}

fn split_digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count, &text[count..])
}

/// Whether the text is one well-formed JSON document.
fn is_document(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Appends a well-formed document without the white space between its tokens, on one line.
fn push_document(text: &str, buffer: &mut Buffer<'_>) -> Result<()> {
    let mut in_string = false;
    let mut rest = text;
    while !rest.is_empty() {
        if !in_string {
            let token = rest.trim_start_matches([' ', '\t', '\n', '\r']);
            let end = token.find([' ', '\t', '\n', '\r', '"']).unwrap_or(token.len());
            buffer.bytes.extend_from_slice(&token.as_bytes()[..end]);
            rest = &token[end..];
            if let Some(string) = rest.strip_prefix('"') {
                buffer.bytes.push(b'"');
                in_string = true;
                rest = string;
            }
        } else {
            let end = string_end(rest.as_bytes());
            push_inside_string(&rest[..end], buffer)?;
            buffer.bytes.push(b'"');
            in_string = false;
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        buffer.settle()?;
    }
    Ok(())
}

/// The offset of the quote that ends a string.
fn string_end(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &text[at..]) {
        if text[at + found] == b'"' {
            return at + found;
        }
        at = (at + found + 2).min(text.len());
    }
    text.len()
}

/// Appends the inside of a string that is JSON already; only what a terminal would act on, and
/// JSON allows, is escaped.
fn push_inside_string(text: &str, buffer: &mut Buffer<'_>) -> Result<()> {
    if text.is_ascii() && memchr::memchr(0x7f, text.as_bytes()).is_none() {
        let copy = |piece: &[u8], out: &mut Vec<u8>| out.extend_from_slice(piece);
        return buffer.pieces(text.as_bytes(), copy);
    }
    let mut utf8 = [0; 4];
    for ch in text.chars() {
        match ch.is_control() {
            true => push_unicode(u32::from(ch), &mut buffer.bytes),
            false => {
                let bytes = ch.encode_utf8(&mut utf8).as_bytes();
                buffer.bytes.extend_from_slice(bytes);
            }
        }
    }
    buffer.settle()
}

/// Appends text of any length as a string, in blocks.
fn push_long_string(text: &[u8], buffer: &mut Buffer<'_>) -> Result<()> {
    if text.len() < BLOCK {
        push_string(text, &mut buffer.bytes);
        return Ok(());
    }
    buffer.bytes.push(b'"');
    for chunk in text.utf8_chunks() {
        let mut rest = chunk.valid();
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(rest.floor_char_boundary(BLOCK));
            push_escaped(piece, &mut buffer.bytes);
            buffer.settle()?;
            rest = tail;
        }
        push_replacement(chunk.invalid(), &mut buffer.bytes);
    }
    buffer.bytes.push(b'"');
    Ok(())
}

/// What a byte asks for inside a JSON string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Escape,
    /// Part of a longer character.
    Wide,
}

static CLASSES: [Class; 256] = {
    let mut table = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 256 {
        if byte < 0x20 || byte == 0x7f || byte == b'"' as usize || byte == b'\\' as usize {
            table[byte] = Class::Escape;
        } else if byte >= 0x80 {
            table[byte] = Class::Wide;
        }
        byte += 1;
    }
    table
};

/// Appends text as a string; bytes that are not UTF-8 become U+FFFD.
pub(super) fn push_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let plain = text.iter().all(|byte| CLASSES[usize::from(*byte)] == Class::Plain);
    if plain {
        out.extend_from_slice(text);
    } else {
        for chunk in text.utf8_chunks() {
            push_escaped(chunk.valid(), out);
            push_replacement(chunk.invalid(), out);
        }
    }
    out.push(b'"');
}

fn push_replacement(invalid: &[u8], out: &mut Vec<u8>) {
    if !invalid.is_empty() {
        out.extend_from_slice("\u{fffd}".as_bytes());
    }
}

fn push_escaped(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (index, byte) in bytes.iter().enumerate() {
        // C1 control characters are C2 80 to C2 9F.
        let control = *byte == 0xc2 && bytes.get(index + 1).is_some_and(|next| *next < 0xa0);
        if CLASSES[usize::from(*byte)] != Class::Escape && !control {
            continue;
        }
        out.extend_from_slice(&bytes[plain..index]);
        plain = index + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ if control => {
                push_unicode(u32::from(bytes[index + 1]), out);
                plain = index + 2;
            }
            _ => push_unicode(u32::from(*byte), out),
        }
    }
    out.extend_from_slice(&bytes[plain..]);
}

fn push_unicode(code: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\\u{code:04x}").as_bytes());
}

/// The columns' names as keys: a name that was there before gets `_2`, `_3`, ...
pub(super) fn unique_names(columns: &[Column]) -> Vec<String> {
    let given: HashSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut used = HashSet::new();
    columns
        .iter()
        .map(|column| {
            let mut name = column.name.clone();
            let mut number = 2;
            while !used.insert(name.clone()) {
                name = format!("{}_{number}", column.name);
                while given.contains(name.as_str()) {
                    number += 1;
                    name = format!("{}_{number}", column.name);
                }
                number += 1;
            }
            name
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: Value<'_>, kind: ColumnKind) -> String {
        let mut out = Vec::new();
        let mut buffer = Buffer::new(&mut out);
        let blob = BlobStyle { prefix: "\\x", suffix: "", upper_case: false };
        push_value(value, kind, blob, &mut NumberText::default(), &mut buffer).unwrap();
        buffer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values() {
        use ColumnKind::*;
        for (cell, kind, json) in [
            (Value::Null, Number, "null"),
            (Value::Int(-5), Other, "-5"),
            (Value::Int(1), Bool, "true"),
            (Value::Int(2), Bool, "2"),
            (Value::UInt(u64::MAX), Number, "18446744073709551615"),
            (Value::Float(0.5), Other, "0.5"),
            (Value::Float(1e100), Other, "1.0e+100"),
            (Value::Float(f64::NAN), Other, "\"NaN\""),
            (Value::Text(b"t"), Bool, "true"),
            (Value::Text(b"f"), Bool, "false"),
            (Value::Text(b"x"), Bool, "\"x\""),
            (Value::Text(b"t"), Other, "\"t\""),
            (Value::Text(b"1"), Other, "\"1\""),
            (Value::Text(b"1.000000000000000000001"), Number, "1.000000000000000000001"),
            (Value::Text(b"NaN"), Number, "\"NaN\""),
            (Value::Text(b"007"), Number, "\"007\""),
            (Value::Text(b""), Number, "\"\""),
            (Value::Blob(&[0xde, 0xad]), Blob, r#""\\xdead""#),
            (Value::Text(br#" {"a" : [1, 2 ],"b":"x  \" y"} "#), Json, r#"{"a":[1,2],"b":"x  \" y"}"#),
            (Value::Text(br#"{"a":}"#), Json, r#""{\"a\":}""#),
            (Value::Text(b"12"), Json, "12"),
            (Value::Text(b""), Json, "\"\""),
            (Value::Text("[\"\u{9b}é\"]".as_bytes()), Json, "[\"\\u009bé\"]"),
            (Value::Text(b"a\"b\\\n\x01\x7f\xff"), Other, "\"a\\\"b\\\\\\n\\u0001\\u007f\u{fffd}\""),
            (Value::Text("é\u{85}\u{a0}日".as_bytes()), Other, "\"é\\u0085\u{a0}日\""),
        ] {
            let text = value(cell, kind);
            assert_eq!(text, json, "{cell:?}");
            assert!(is_document(&text), "{text}");
        }
    }

    #[test]
    fn numbers_by_the_grammar_of_json() {
        for text in ["0", "-0", "10", "1.5", "-1.50e+10", "1E5", "0.1e-2"] {
            assert!(is_number(text.as_bytes()), "{text}");
        }
        for text in ["", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "1 ", "0x1", "Inf"] {
            assert!(!is_number(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_huge_string_is_written_in_blocks() {
        let text = "é\u{85}".repeat(BLOCK);
        let json = value(Value::Text(text.as_bytes()), ColumnKind::Other);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        assert!(!json.contains('\u{85}'));
    }

    #[test]
    fn duplicate_names_get_numbers() {
        let columns: Vec<Column> = ["a", "a", "a_2", "a", "b", ""]
            .into_iter()
            .map(|name| Column { name: name.to_owned(), type_name: String::new(), kind: ColumnKind::Other })
            .collect();
        assert_eq!(unique_names(&columns), ["a", "a_3", "a_2", "a_4", "b", ""]);
    }
}
