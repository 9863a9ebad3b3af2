//! Where results go: standard output, a file, or another program (`\o`).

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::error::{Error, Kind, Result};

/// The receiver of results.
pub enum Output {
    Stdout(io::StdoutLock<'static>),
    File(BufWriter<File>),
    Program { child: Child, input: Option<ChildStdin> },
}

impl Output {
    pub fn stdout() -> Self {
        Output::Stdout(io::stdout().lock())
    }

    /// Creates or empties a file.
    pub fn file(path: &Path) -> Result<Self> {
        let file = File::create(path)
            .map_err(|error| Error::new(Kind::Io, format!("cannot write {}", path.display())).because(error))?;
        Ok(Output::File(BufWriter::with_capacity(128 * 1024, file)))
    }

    /// Starts a program of the shell's language that reads the results.
    pub fn program(command: &str) -> Result<Self> {
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| Error::new(Kind::Io, format!("cannot start {command:?}")).because(error))?;
        let input = child.stdin.take();
        Ok(Output::Program { child, input })
    }

    /// Whether this is our standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self, Output::Stdout(_))
    }

    /// Writes out what is left and waits for a program to end.
    pub fn close(mut self) -> Result<()> {
        self.flush()?;
        if let Output::Program { child, input } = &mut self {
            drop(input.take());
            let status = child.wait()?;
            if !status.success() {
                return Err(Error::new(Kind::Io, format!("the program that reads the results ended with {status}")));
            }
        }
        Ok(())
    }

    fn inner(&mut self) -> io::Result<&mut dyn Write> {
        match self {
            Output::Stdout(stdout) => Ok(stdout),
            Output::File(file) => Ok(file),
            Output::Program { input: Some(input), .. } => Ok(input),
            Output::Program { input: None, .. } => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner()?.flush()
    }
}
