//! Standard output, directly or through a pager.

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};

use crate::error::{Error, Kind, Result};

/// Standard output without the line buffering of the standard library: writers here gather large
/// blocks themselves.
pub struct Output {
    sink: Sink,
}

enum Sink {
    Direct(File),
    /// Gathers until it is known whether a screen is enough.
    Waiting(Waiting),
    Paging(Paging),
    Closed,
}

struct Waiting {
    out: File,
    pager: Pager,
    screen: Screen,
    held: Vec<u8>,
}

struct Paging {
    child: Child,
    command: String,
}

/// Counts the lines of a screen that text fills.
struct Screen {
    columns: usize,
    lines: usize,
    column: usize,
    used: usize,
}

impl Screen {
    /// Takes note of more text; returns whether it no longer fits, with a line left for a prompt.
    fn overflows(&mut self, text: &[u8]) -> bool {
        for byte in text {
            self.column += 1;
            if *byte == b'\n' || self.column > self.columns {
                self.used += 1;
                self.column = 0;
            }
            if self.used >= self.lines {
                return true;
            }
        }
        false
    }
}

/// The program that shows long output.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pager {
    /// For the shell.
    command: String,
    /// The value of LESS to set.
    less: Option<&'static str>,
}

impl Pager {
    /// `DBWRIGHT_PAGER`, then `PAGER`, then `less` where there is one. Empty, or `cat`: none.
    fn choose(get: impl Fn(&str) -> Option<String>, has_less: impl Fn() -> bool) -> Option<Self> {
        let given = get("DBWRIGHT_PAGER").or_else(|| get("PAGER"));
        let command = match given {
            Some(command) => command,
            None if has_less() => "less".to_owned(),
            None => return None,
        };
        if matches!(command.trim(), "" | "cat") {
            return None;
        }
        Some(Pager { command, less: get("LESS").is_none().then_some("FRSX") })
    }

    fn spawn(&self) -> io::Result<Child> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.command).stdin(Stdio::piped());
        if let Some(less) = self.less {
            command.env("LESS", less);
        }
        command.spawn()
    }
}

/// Whether `less` is in the path.
fn has_less() -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join("less").is_file()))
}

impl Output {
    /// Standard output itself.
    pub(super) fn direct() -> Result<Self> {
        Ok(Output { sink: Sink::Direct(stdout_file()?) })
    }

    /// Standard output, through a pager when the text exceeds `size` (columns, lines).
    pub(super) fn paged(size: (usize, usize)) -> Result<Self> {
        let out = stdout_file()?;
        let sink = match Pager::choose(|name| env::var(name).ok(), has_less) {
            None => Sink::Direct(out),
            Some(pager) => Sink::Waiting(Waiting {
                out,
                pager,
                screen: Screen { columns: size.0, lines: size.1.saturating_sub(1), column: 0, used: 0 },
                held: Vec::new(),
            }),
        };
        Ok(Output { sink })
    }

    /// Writes what is left and waits until the person has closed the pager.
    ///
    /// An early `q` is [`Kind::BrokenPipe`] at the next write and no error here.
    pub fn finish(mut self) -> Result<()> {
        self.close()
    }

    fn close(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.sink, Sink::Closed) {
            Sink::Direct(_) | Sink::Closed => Ok(()),
            Sink::Waiting(mut waiting) => Ok(waiting.out.write_all(&waiting.held)?),
            Sink::Paging(mut paging) => {
                drop(paging.child.stdin.take());
                paging.wait()
            }
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // Whoever wants to know calls finish().
        let _ = self.close();
    }
}

impl Write for Output {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Direct(out) => out.write(text),
            Sink::Closed => Err(io::ErrorKind::BrokenPipe.into()),
            Sink::Paging(paging) => paging.write(text),
            Sink::Waiting(waiting) => {
                waiting.held.extend_from_slice(text);
                if waiting.screen.overflows(text) {
                    let mut paging =
                        Paging { child: waiting.pager.spawn()?, command: waiting.pager.command.clone() };
                    let held = std::mem::take(&mut waiting.held);
                    let written = paging.write_all(&held);
                    self.sink = Sink::Paging(paging);
                    written?;
                }
                Ok(text.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paging {
    /// The exit code tells a pager that was closed from one that was never there.
    fn wait(&mut self) -> Result<()> {
        match self.child.wait()?.code() {
            Some(126 | 127) => Err(self.not_started()),
            _ => Ok(()),
        }
    }

    fn not_started(&self) -> Error {
        Error::new(Kind::Io, format!("cannot start the pager \"{}\"", self.command))
            .hint("set DBWRIGHT_PAGER to another one, or to nothing for none")
    }
}

impl Write for Paging {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match &mut self.child.stdin {
            Some(pipe) => pipe.write(text),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file of its own for standard output.
fn stdout_file() -> Result<File> {
    io::stdout()
        .as_fd()
        .try_clone_to_owned()
        .map(File::from)
        .map_err(|error| Error::from(error).context("cannot use standard output"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pager_comes_from_the_environment() {
        for (ours, theirs, less, has_less, command) in [
            (None, None, None, true, Some(("less", Some("FRSX")))),
            (None, None, Some("R"), true, Some(("less", None))),
            (None, None, None, false, None),
            (None, Some("more -d"), None, true, Some(("more -d", Some("FRSX")))),
            (Some("most"), Some("more"), None, true, Some(("most", Some("FRSX")))),
            (Some(""), Some("more"), None, true, None),
            (None, Some("cat"), None, true, None),
        ] {
            let get = |name: &str| {
                let value: Option<&str> = match name {
                    "DBWRIGHT_PAGER" => ours,
                    "PAGER" => theirs,
                    _ => less,
                };
                value.map(str::to_owned)
            };
            let expected = command.map(|(command, less)| Pager { command: command.to_owned(), less });
            assert_eq!(Pager::choose(get, || has_less), expected);
        }
    }

    #[test]
    fn a_screen_counts_wrapped_lines() {
        let screen = || Screen { columns: 10, lines: 3, column: 0, used: 0 };
        assert!(!screen().overflows(b"a\nb\n"));
        assert!(screen().overflows(b"a\nb\nc\n"));
        assert!(screen().overflows(b"0123456789 0123456789 0123456789\n"));
    }

    fn waiting(command: &str, out: File) -> Output {
        Output {
            sink: Sink::Waiting(Waiting {
                out,
                pager: Pager { command: command.to_owned(), less: None },
                screen: Screen { columns: 80, lines: 3, column: 0, used: 0 },
                held: Vec::new(),
            }),
        }
    }

    #[test]
    fn short_output_needs_no_pager() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut output = waiting("exit 1", File::create(&path).unwrap());
        output.write_all(b"one\ntwo\n").unwrap();
        output.finish().unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn long_output_goes_through_the_pager() {
        let folder = tempfile::tempdir().unwrap();
        let (direct, paged) = (folder.path().join("direct"), folder.path().join("paged"));
        let command = format!("cat > '{}'", paged.display());
        let mut output = waiting(&command, File::create(&direct).unwrap());
        for line in ["1\n", "2\n", "3\n", "4\n"] {
            output.write_all(line.as_bytes()).unwrap();
        }
        output.finish().unwrap();
        assert_eq!(std::fs::read_to_string(direct).unwrap(), "");
        assert_eq!(std::fs::read_to_string(paged).unwrap(), "1\n2\n3\n4\n");
    }

    #[test]
    fn a_pager_that_is_closed_early_ends_the_writing() {
        let folder = tempfile::tempdir().unwrap();
        let out = File::create(folder.path().join("out")).unwrap();
        let mut output = waiting("head -n 1 > /dev/null", out);
        let block = "line\n".repeat(100_000);
        let ended = (0..20).find_map(|_| output.write_all(block.as_bytes()).err());
        assert_eq!(ended.unwrap().kind(), io::ErrorKind::BrokenPipe);
        output.finish().unwrap();
    }

    #[test]
    fn a_pager_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let out = File::create(folder.path().join("out")).unwrap();
        let mut output = waiting("no-such-pager-here 2>/dev/null", out);
        let _ = output.write_all("line\n".repeat(10).as_bytes());
        let error = output.finish().unwrap_err();
        assert_eq!(error.kind(), Kind::Io);
    }
}
