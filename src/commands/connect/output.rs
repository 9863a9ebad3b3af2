//! Where results go: standard output, a file, or another program (`\o`).

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::error::{Error, Kind, Result};
use crate::ui::{self, Ui};

/// The receiver of results.
pub enum Output {
    Stdout(ui::Output),
    File(BufWriter<File>),
    Program { child: Child, input: ChildStdin },
}

impl Output {
    /// Standard output, through a pager when a person reads.
    pub fn stdout(ui: &Ui, interactive: bool) -> Result<Self> {
        Ok(Output::Stdout(if interactive { ui.paged()? } else { ui.output()? }))
    }

    /// Creates or empties a file.
    pub fn file(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|error| {
            Error::new(Kind::Io, format!("cannot write {}", path.display())).because(error)
        })?;
        Ok(Output::File(BufWriter::with_capacity(128 * 1024, file)))
    }

    /// Starts a program of the shell's language that reads the results.
    pub fn program(command: &str) -> Result<Self> {
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| Error::new(Kind::Io, format!("cannot start {command:?}")).because(error))?;
        // Asked for as a pipe just above.
        let input = child.stdin.take().ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(Output::Program { child, input })
    }

    /// Whether this is our standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self, Output::Stdout(_))
    }

    fn is_program(&self) -> bool {
        matches!(self, Output::Program { .. })
    }

    /// Writes out what is left and waits for a program to end.
    pub fn close(mut self) -> Result<()> {
        self.flush()?;
        match self {
            Output::Stdout(stdout) => stdout.finish(),
            Output::File(_) => Ok(()),
            Output::Program { mut child, input } => {
                drop(input);
                let status = child.wait()?;
                match status.success() {
                    true => Ok(()),
                    false => Err(Error::new(
                        Kind::Io,
                        format!("the program that reads the results ended with {status}"),
                    )),
                }
            }
        }
    }

    fn inner(&mut self) -> &mut dyn Write {
        match self {
            Output::Stdout(stdout) => stdout,
            Output::File(file) => file,
            Output::Program { input, .. } => input,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.inner().write(bytes) {
            // It has read all it wants, as `head` does: no reason to end the script.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.is_program() => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner().flush()
    }
}
