//! The terminal: this module alone decides what goes to standard output and standard error, what
//! is coloured, what is asked, and whether progress is shown.
//!
//! Results go to standard output; everything else goes to standard error.

pub(crate) mod clean;
pub mod diagram;
mod errors;
mod findings;
mod format;
pub mod human;
mod logger;
mod messages;
mod pager;
mod progress;
mod prompt;
pub mod rows;
mod style;
mod table;
mod terminal;
mod tree;

use crate as ui;
use dbwright_core::{error, model};

use std::sync::Arc;

pub use errors::error_json;
pub use findings::Findings;
pub use format::Format;
pub use pager::Output;
pub use progress::summary;
pub use prompt::Guard;
pub use rows::{RowOptions, RowWriter, writer};
pub use style::Style;
pub use table::render_listing;
pub use terminal::Terminal;
pub use tree::{Tree, render_tree};

use crate::error::{Error, Result};
use crate::model::listing::Listing;
use crate::model::progress::{Progress, Silent};
use crate::model::rows::{BlobStyle, Notice};
use crate::model::target::SecretString;
use messages::Messages;

/// What the command line says about output and questions.
#[derive(Debug, Clone, Default)]
pub struct UiOptions {
    /// The format asked for; None when the command may choose.
    pub format: Option<Format>,
    pub quiet: bool,
    /// How often `-v` was given.
    pub verbose: u8,
    pub no_color: bool,
    pub no_progress: bool,
    pub log_format: LogFormat,
    pub yes: bool,
    /// The protected profile that may be changed.
    pub yes_on: Option<String>,
    /// Cut nothing on a terminal.
    pub wide: bool,
}

/// How messages on standard error look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// The way to talk to whoever runs dbwright, person or script.
pub struct Ui {
    options: UiOptions,
    terminal: Terminal,
    messages: Messages,
}

impl Ui {
    /// Looks at the environment and installs the logger. Made once, at the start.
    pub fn new(options: UiOptions) -> Self {
        let ui = Ui::on(Terminal::detect(options.no_color), options);
        logger::install(&ui.options, ui.messages.clone());
        ui
    }

    /// On a given terminal, without a logger: for tests.
    pub fn on(terminal: Terminal, options: UiOptions) -> Self {
        let messages = Messages::new(options.log_format, terminal.color_stderr);
        Ui { options, terminal, messages }
    }

    /// The options it was made with.
    pub fn options(&self) -> &UiOptions {
        &self.options
    }

    /// What is known of the terminal.
    pub fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// The format asked for on the command line.
    pub fn format(&self) -> Option<Format> {
        self.options.format
    }

    /// Whether a person sits at both ends: questions can be asked.
    pub fn is_interactive(&self) -> bool {
        self.terminal.stdin && self.terminal.stderr
    }

    /// `text` painted for standard output, if that is wanted.
    pub fn paint(&self, style: Style, text: &str) -> String {
        style.paint(text, self.terminal.color_stdout)
    }

    /// How rows are to be printed on standard output.
    pub fn row_options(&self, blob: BlobStyle) -> RowOptions {
        RowOptions {
            tags: !self.options.quiet,
            terminal: self.terminal.stdout,
            width: self.fit_width(),
            color: self.terminal.color_stdout,
            ..RowOptions::plain(blob)
        }
    }

    /// The columns that tables on standard output are fitted to; None for no limit.
    fn fit_width(&self) -> Option<usize> {
        match self.options.wide {
            true => None,
            false => self.terminal.width(),
        }
    }

    /// Standard output.
    pub fn output(&self) -> Result<Output> {
        Output::direct()
    }

    /// Standard output, through a pager when it is a terminal and the output exceeds the screen.
    /// The caller calls [`Output::finish`].
    pub fn paged(&self) -> Result<Output> {
        match self.terminal.size() {
            Some(size) if self.terminal.stdout => Output::paged(size),
            _ => Output::direct(),
        }
    }

    /// Prints a line, or lines, of results on standard output.
    pub fn print(&self, text: &str) -> Result<()> {
        use std::io::Write;
        let mut out = self.output()?;
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.finish()
    }

    /// A small table as it looks on standard output.
    pub fn render_listing(&self, listing: &Listing) -> String {
        render_listing(listing, self.fit_width(), self.terminal.color_stdout)
    }

    /// Prints a small table on standard output.
    pub fn print_listing(&self, listing: &Listing) -> Result<()> {
        self.print(&self.render_listing(listing))
    }

    /// Prints a tree on standard output.
    pub fn print_tree(&self, tree: &Tree) -> Result<()> {
        self.print(&render_tree(tree, self.fit_width(), self.terminal.color_stdout))
    }

    /// Whether the command is to print one JSON document.
    pub fn wants_json(&self) -> bool {
        self.options.format == Some(Format::Json)
    }

    /// Prints a JSON document on standard output.
    pub fn print_json(&self, document: &serde_json::Value) -> Result<()> {
        self.print(&format!("{document:#}"))
    }

    /// Prints an error that was looked for, and so is a result, on standard output.
    pub fn print_problem(&self, problem: &Error) -> Result<()> {
        self.print(&errors::render(problem, self.terminal.color_stdout))
    }

    /// Prints an error on standard error.
    pub fn error(&self, error: &Error) {
        self.messages.error(error);
    }

    /// Says that something is not as it should be, though the work goes on.
    pub fn warn(&self, message: &str) {
        if !self.options.quiet {
            self.messages.warn(message);
        }
    }

    /// Says what is going on or has been done.
    pub fn status(&self, message: &str) {
        if !self.options.quiet {
            self.messages.status(message);
        }
    }

    /// Passes on a message of the server.
    pub fn notice(&self, notice: &Notice) {
        if !self.options.quiet {
            self.messages.notice(notice);
        }
    }

    /// What long work reports to.
    pub fn progress(&self) -> Arc<dyn Progress> {
        let shown = self.terminal.stderr
            && !self.terminal.dumb
            && !self.options.no_progress
            && !self.options.quiet
            && self.options.log_format == LogFormat::Text;
        match shown {
            true => Arc::new(progress::Bars::new(self.messages.bars())),
            false => Arc::new(Silent),
        }
    }

    /// Asks a question to be answered with yes or no. `--yes` answers it; without a terminal it is
    /// refused.
    pub fn confirm(&self, question: &str, default_no: bool) -> Result<bool> {
        if self.options.yes {
            return Ok(true);
        }
        if !self.is_interactive() {
            return Err(prompt::no_terminal(question));
        }
        prompt::confirm(question, default_no)
    }

    /// Asks for a password at the terminal, without echo.
    pub fn password(&self, prompt: &str) -> Result<SecretString> {
        prompt::password(prompt)
    }

    /// Asks, or looks for the flags that answer, before a change is made; an error of
    /// [`Kind::Refused`](crate::error::Kind::Refused) when it may not be made.
    pub fn guard(&self, guard: &Guard<'_>) -> Result<()> {
        prompt::guard(self, guard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    const BLOB: BlobStyle = BlobStyle { prefix: "", suffix: "", upper_case: false };

    fn screen() -> Terminal {
        Terminal { stdout: true, color_stdout: true, fixed_size: Some((80, 24)), ..Terminal::default() }
    }

    #[test]
    fn a_terminal_decides_how_rows_look() {
        let options = Ui::on(screen(), UiOptions::default()).row_options(BLOB);
        assert_eq!(options.width, Some(80));
        assert!(options.color && options.terminal && options.tags);

        let wide = UiOptions { wide: true, quiet: true, ..UiOptions::default() };
        let options = Ui::on(screen(), wide).row_options(BLOB);
        assert_eq!((options.width, options.tags), (None, false));

        let options = Ui::on(Terminal::default(), UiOptions::default()).row_options(BLOB);
        assert!(!options.color && !options.terminal && options.width.is_none());
    }

    #[test]
    fn without_a_terminal_nothing_is_asked() {
        let ui = Ui::on(Terminal::default(), UiOptions::default());
        let refused = |result: Result<bool>| result.unwrap_err().kind() == Kind::Refused;
        assert!(refused(ui.confirm("Go on?", true)));
        assert!(refused(ui.guard(&Guard::default()).map(|()| true)));

        let yes = UiOptions { yes: true, ..UiOptions::default() };
        let ui = Ui::on(Terminal::default(), yes);
        assert!(ui.confirm("Go on?", true).unwrap());
        ui.guard(&Guard::default()).unwrap();
    }
}
