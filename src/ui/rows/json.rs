//! One JSON document for all results of a run, written while the rows arrive, a row a line.

use std::io::Write;

use super::buffer::Buffer;
use super::json_value::{Objects, push_string, unique_names};
use super::{RowOptions, RowWriter};
use crate::error::{Kind, Result};
use crate::model::rows::{Column, Cursor, Done};

pub(super) struct JsonWriter {
    objects: Objects,
    open: bool,
}

impl JsonWriter {
    pub(super) fn new(options: RowOptions) -> Self {
        JsonWriter { objects: Objects::new(options.blob), open: false }
    }

    /// Begins the document or separates what follows from the entry before.
    fn begin_entry(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(match self.open {
            true => b",\n",
            false => b"{\"version\":1,\"kind\":\"result\",\"results\":[\n",
        });
        self.open = true;
    }
}

impl RowWriter for JsonWriter {
    fn result(&mut self, cursor: &mut dyn Cursor, out: &mut dyn Write) -> Result<u64> {
        let mut buffer = Buffer::new(out);
        self.begin_entry(&mut buffer.bytes);
        let columns = cursor.columns();
        let names = unique_names(columns);
        self.objects.begin(columns, &names);
        push_columns(columns, &names, &mut buffer.bytes);
        buffer.bytes.extend_from_slice(b",\"rows\":[");
        let mut count = 0;
        let result = buffer.rows(cursor, |cursor, buffer| {
            buffer.bytes.extend_from_slice(if count > 0 { b",\n" } else { b"\n" });
            count += 1;
            self.objects.row(cursor, buffer)
        });
        if let Err(error) = &result
            && error.kind() == Kind::BrokenPipe
        {
            return result;
        }
        let newline = if count > 0 { "\n" } else { "" };
        let complete = result.is_ok();
        let end = format!("{newline}],\"row_count\":{count},\"complete\":{complete}}}");
        buffer.bytes.extend_from_slice(end.as_bytes());
        buffer.finish()?;
        result
    }

    fn done(&mut self, done: &Done, out: &mut dyn Write) -> Result<()> {
        let mut bytes = Vec::new();
        self.begin_entry(&mut bytes);
        bytes.extend_from_slice(b"{\"tag\":");
        push_string(done.tag.as_bytes(), &mut bytes);
        let affected = match done.affected {
            Some(affected) => format!(",\"affected\":{affected}}}"),
            None => ",\"affected\":null}".to_owned(),
        };
        bytes.extend_from_slice(affected.as_bytes());
        out.write_all(&bytes)?;
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        let end: &[u8] = match self.open {
            true => b"\n]}\n",
            false => b"{\"version\":1,\"kind\":\"result\",\"results\":[]}\n",
        };
        self.open = false;
        out.write_all(end)?;
        out.flush()?;
        Ok(())
    }
}

/// Appends `{"columns":[...]`.
fn push_columns(columns: &[Column], names: &[String], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"columns\":[");
    for (index, (column, name)) in columns.iter().zip(names).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"name\":");
        push_string(name.as_bytes(), out);
        out.extend_from_slice(b",\"type\":");
        match column.type_name.is_empty() {
            true => out.extend_from_slice(b"null"),
            false => push_string(column.type_name.as_bytes(), out),
        }
        out.push(b'}');
    }
    out.push(b']');
}
