//! `\copy`: rows between a table and a file on this side of the connection.

mod insert;
mod records;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use super::runner::Runner;
use crate::commands::interrupt;
use crate::error::{Error, Kind, Result};
use crate::sql::{Lexer, TokenKind};
use crate::ui::{Format, RowOptions, human, rows};

const BLOCK: usize = 256 * 1024;

/// A parsed command.
#[derive(Debug, PartialEq, Eq)]
struct Copy {
    /// A table with an optional list of columns, or a query in parentheses, as written.
    what: String,
    from: bool,
    /// A path, or `-` for standard input or output.
    file: String,
    shape: Shape,
}

/// The format of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Comma-separated, else tab-separated in PostgreSQL's text format.
    pub csv: bool,
    /// The first line holds names.
    pub header: bool,
}

/// Runs `\copy` with the given arguments.
pub fn run(runner: &mut Runner<'_>, arguments: &str) -> Result<()> {
    let copy = parse(arguments, runner)?;
    let rows = move_rows(runner, &copy).map_err(interrupt::as_interrupted)?;
    let count = rows.map_or("rows".to_owned(), |rows| human::counted(rows, "rows"));
    let way = if copy.from { "from" } else { "to" };
    runner.context.ui.status(&format!("copied {count} {way} {}", copy.file));
    Ok(())
}

/// The number of rows, where the server tells it.
fn move_rows(runner: &mut Runner<'_>, copy: &Copy) -> Result<Option<u64>> {
    let _guard = interrupt::guard(runner.session.canceller());
    match (copy.from, runner.session.bulk().is_some()) {
        (true, true) => native_in(runner, copy),
        (false, true) => native_out(runner, copy),
        (true, false) => insert::run(runner, &copy.what, copy.shape, &mut reader(runner, &copy.file)?),
        (false, false) => query_out(runner, copy).map(Some),
    }
}

fn usage(what: &str) -> Error {
    Error::usage(what).hint("\\copy TABLE [(COLUMNS)] | (QUERY)  from | to  FILE | -  [csv | tsv] [header]")
}

/// Splits the arguments with the lexer, so that quoted names and parentheses hold together.
fn parse(arguments: &str, runner: &Runner<'_>) -> Result<Copy> {
    let tokens: Vec<(TokenKind, &str)> = Lexer::new(arguments, runner.dialect())
        .map(|token| (token.kind, &arguments[token.range()]))
        .collect();
    let mut depth = 0_usize;
    let mut end = 0;
    for (kind, text) in &tokens {
        match *text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            word if depth == 0 && kind.is_word() && is_direction(word) => {
                return direction(&arguments[..end], is_from(word), arguments[end + word.len()..].trim());
            }
            _ => {}
        }
        end += text.len();
    }
    Err(usage("\\copy needs `from` or `to`"))
}

fn is_from(word: &str) -> bool {
    word.eq_ignore_ascii_case("from")
}

fn is_direction(word: &str) -> bool {
    is_from(word) || word.eq_ignore_ascii_case("to")
}

fn direction(what: &str, from: bool, rest: &str) -> Result<Copy> {
    let what = what.trim();
    if what.is_empty() {
        return Err(usage("\\copy needs a table or a query"));
    }
    if from && what.starts_with('(') {
        return Err(usage("rows cannot be copied into a query"));
    }
    let (file, options) = file_name(rest);
    if file.is_empty() {
        return Err(usage("\\copy needs a file"));
    }
    let mut shape = Shape { csv: file.to_lowercase().ends_with(".csv"), header: false };
    for option in options.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        match option.to_ascii_lowercase().as_str() {
            "csv" => shape.csv = true,
            "tsv" | "text" => shape.csv = false,
            "header" => shape.header = true,
            "with" | "format" | "true" | "on" => {}
            other => return Err(usage(&format!("unknown option {other:?} of \\copy"))),
        }
    }
    Ok(Copy { what: what.to_owned(), from, file: file.to_owned(), shape })
}

/// A file name, in quotes when it holds spaces, and what follows it.
fn file_name(text: &str) -> (&str, &str) {
    match text.strip_prefix('\'').and_then(|rest| rest.split_once('\'')) {
        Some(quoted) => quoted,
        None => text.split_once(char::is_whitespace).unwrap_or((text, "")),
    }
}

fn reader(runner: &Runner<'_>, file: &str) -> Result<Box<dyn BufRead>> {
    if file == "-" || file == "stdin" {
        if runner.reads_stdin {
            return Err(Error::usage("standard input is the script itself, so it cannot be the data too")
                .hint("put the data into a file, or give the script with -f"));
        }
        return Ok(Box::new(BufReader::with_capacity(BLOCK, io::stdin())));
    }
    let opened = File::open(Path::new(file))
        .map_err(|error| Error::new(Kind::Io, format!("cannot read {file}")).because(error))?;
    Ok(Box::new(BufReader::with_capacity(BLOCK, opened)))
}

/// Calls `write` with the file, or with the place results go to.
fn with_writer<T>(
    runner: &mut Runner<'_>,
    file: &str,
    write: impl FnOnce(&mut Runner<'_>, Option<&mut dyn Write>) -> Result<T>,
) -> Result<T> {
    if file == "-" || file == "stdout" {
        return write(runner, None);
    }
    let mut writer = LateFile { path: Path::new(file), file: None };
    let done = write(runner, Some(&mut writer))?;
    writer.created()?;
    writer.flush()?;
    Ok(done)
}

/// A file that is made, or emptied, when the first bytes come: a query that fails leaves what
/// was there.
struct LateFile<'a> {
    path: &'a Path,
    file: Option<BufWriter<File>>,
}

impl LateFile<'_> {
    fn named(&self, error: io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("cannot write {}: {error}", self.path.display()))
    }

    fn created(&mut self) -> io::Result<&mut BufWriter<File>> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let created = File::create(self.path).map_err(|error| self.named(error))?;
                BufWriter::with_capacity(BLOCK, created)
            }
        };
        Ok(self.file.insert(file))
    }
}

/// The errors name the file: whoever writes to it knows only bytes.
impl Write for LateFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.created()?.write(bytes);
        written.map_err(|error| self.named(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.file.as_mut().map_or(Ok(()), Write::flush);
        flushed.map_err(|error| self.named(error))
    }
}

/// The options as the server's own COPY writes them.
fn native_options(shape: Shape) -> &'static str {
    match (shape.csv, shape.header) {
        (true, true) => "(format csv, header true)",
        (true, false) => "(format csv)",
        (false, true) => "(format text, header true)",
        (false, false) => "(format text)",
    }
}

fn native_in(runner: &mut Runner<'_>, copy: &Copy) -> Result<Option<u64>> {
    let sql = format!("copy {} from stdin with {}", copy.what, native_options(copy.shape));
    let mut reader = reader(runner, &copy.file)?;
    match runner.session.bulk() {
        Some(bulk) => Ok(bulk.copy_in(&sql, &mut reader)?.affected),
        None => Ok(None),
    }
}

fn native_out(runner: &mut Runner<'_>, copy: &Copy) -> Result<Option<u64>> {
    let sql = format!("copy {} to stdout with {}", copy.what, native_options(copy.shape));
    with_writer(runner, &copy.file, |runner, file| {
        let Some(bulk) = runner.session.bulk() else { return Ok(None) };
        let done = match file {
            Some(file) => bulk.copy_out(&sql, file)?,
            None => bulk.copy_out(&sql, &mut runner.output)?,
        };
        Ok(done.affected)
    })
}

fn query_out(runner: &mut Runner<'_>, copy: &Copy) -> Result<u64> {
    let query = match copy.what.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(query) => query.to_owned(),
        None => select(&copy.what),
    };
    let options = RowOptions { header: copy.shape.header, ..RowOptions::plain(runner.engine().blob_style()) };
    let format = if copy.shape.csv { Format::Csv } else { Format::Tsv };
    with_writer(runner, &copy.file, |runner, file| {
        let mut writer = rows::writer(format, options);
        let mut count = 0;
        let Runner { session, output, .. } = runner;
        let sink: &mut dyn Write = match file {
            Some(file) => file,
            None => output,
        };
        session.query(&query, &[], &mut |cursor| {
            count += writer.result(cursor, sink)?;
            Ok(())
        })?;
        writer.finish(sink)?;
        Ok(count)
    })
}

/// `t (a, b)` as a query for these columns, `t` as one for all.
fn select(what: &str) -> String {
    match what.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
        Some((table, columns)) => format!("select {columns} from {table}"),
        None => format!("select * from {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_read_as_file_and_options() {
        let copy = direction("t ", true, "data.csv header").unwrap();
        assert_eq!(copy.file, "data.csv");
        assert_eq!(copy.shape, Shape { csv: true, header: true });
        let copy = direction("t", false, "'my file.txt' with (format csv, header)").unwrap();
        assert_eq!(copy.file, "my file.txt");
        assert_eq!(copy.shape, Shape { csv: true, header: true });
        assert!(direction("t", true, "").is_err());
        assert!(direction("(select 1)", true, "x").is_err());
        assert!(direction("t", true, "x delimiter").is_err());
    }

    #[test]
    fn columns_become_a_query() {
        assert_eq!(select("t"), "select * from t");
        assert_eq!(select("t (a, b)"), "select a, b from t ");
    }
}
