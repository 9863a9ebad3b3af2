//! What dbwright's standard streams are connected to.

use std::env;
use std::io::{IsTerminal, stderr, stdin, stdout};

/// The standard streams and what they can show.
#[derive(Debug, Clone, Default)]
pub struct Terminal {
    /// Whether each stream is a terminal.
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    pub color_stdout: bool,
    pub color_stderr: bool,
    /// It understands no escape sequences.
    pub dumb: bool,
    /// Columns and lines instead of the real size: for tests.
    pub fixed_size: Option<(usize, usize)>,
}

impl Terminal {
    /// Looks at the streams and at `NO_COLOR`, `CLICOLOR_FORCE` and `TERM`.
    pub fn detect(no_color: bool) -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let forced = env::var_os("CLICOLOR_FORCE")
            .is_some_and(|value| !value.is_empty() && value.as_encoded_bytes() != b"0");
        let dumb = env::var_os("TERM").is_some_and(|term| term.as_encoded_bytes() == b"dumb");
        let off = no_color || set("NO_COLOR");
        let color = |terminal: bool| !off && (forced || (terminal && !dumb));
        let (stdout, stderr) = (stdout().is_terminal(), stderr().is_terminal());
        Terminal {
            stdin: stdin().is_terminal(),
            stdout,
            stderr,
            color_stdout: color(stdout),
            color_stderr: color(stderr),
            dumb,
            fixed_size: None,
        }
    }

    /// Columns and lines now; None when standard output is not a terminal.
    pub fn size(&self) -> Option<(usize, usize)> {
        if self.fixed_size.is_some() || !self.stdout {
            return self.fixed_size;
        }
        terminal_size::terminal_size_of(stdout())
            .map(|(width, height)| (usize::from(width.0), usize::from(height.0)))
            .filter(|(width, height)| *width > 0 && *height > 0)
    }

    /// Columns of standard output; None when it is not a terminal.
    pub fn width(&self) -> Option<usize> {
        self.size().map(|(width, _)| width)
    }
}
