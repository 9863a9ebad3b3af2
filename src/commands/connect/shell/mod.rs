//! The interactive shell: a line editor around the runner that scripts use too.

mod complete;
mod editor;
mod highlight;
mod prompt;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use super::param::NamedParam;
use super::runner::{Flow, RowStyle, Runner};
use crate::commands::{Context, interrupt};
use crate::error::{Error, Kind, Result};
use crate::model::target::Target;
use editor::ShellHelper;

/// Statements that the history keeps.
const HISTORY_SIZE: usize = 10_000;

/// Runs the shell until the user leaves it.
pub fn run(context: &Context, target: Target, rows: RowStyle, params: Vec<NamedParam>) -> Result<()> {
    interrupt::listen()?;
    interrupt::survive_when_idle();
    let mut runner = Runner::open(context, target)?;
    runner.become_interactive()?;
    runner.set_rows(rows);
    params.into_iter().for_each(|param| runner.set_param(param));
    greet(&runner);
    let history = history_file(context, &runner.target);
    let runner = Rc::new(RefCell::new(runner));
    let mut editor = make_editor(context, &runner)?;
    if let Some(path) = &history {
        // No history yet is no error; one that cannot be read is not worth stopping for.
        let _ = editor.load_history(path);
    }
    let outcome = read_and_run(&runner, &mut editor);
    let closed = runner.borrow_mut().close();
    if let Some(path) = &history
        && let Err(error) = editor.append_history(path)
    {
        context.ui.warn(&format!("cannot write the history {}: {error}", path.display()));
    }
    outcome.and(closed)
}

fn greet(runner: &Runner<'_>) {
    let server = runner.session.server();
    let ui = &runner.context.ui;
    ui.status(&format!(
        "dbwright {}, connected to {} {}. \\? lists the commands, \\q quits.",
        env!("CARGO_PKG_VERSION"),
        server.engine.title(),
        server.version
    ));
    if runner.target.protected && runner.target.read_only {
        let profile = runner.target.label();
        ui.status(&format!(
            "{profile} is protected: this session only reads (--yes-on {profile} lets it write)."
        ));
    }
}

type ShellEditor<'a> = Editor<ShellHelper<'a>, FileHistory>;

fn make_editor<'a>(context: &'a Context, runner: &Rc<RefCell<Runner<'a>>>) -> Result<ShellEditor<'a>> {
    let failed = |error: ReadlineError| Error::new(Kind::Io, "cannot use the terminal").because(error);
    let config = Config::builder()
        .max_history_size(HISTORY_SIZE)
        .map_err(failed)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .build();
    let mut editor = Editor::with_config(config).map_err(failed)?;
    editor.set_helper(Some(ShellHelper::new(runner.clone(), context.ui.terminal().color_stdout)));
    Ok(editor)
}

/// The history of a profile, or of all that was reached by URL: `~/.local/state/dbwright/history/`.
fn history_file(context: &Context, target: &Target) -> Option<PathBuf> {
    let folder = context.env.state_home()?.join("dbwright").join("history");
    std::fs::create_dir_all(&folder).ok()?;
    let name: String = target
        .profile
        .as_deref()
        .unwrap_or("_url")
        .chars()
        .map(|letter| if letter.is_alphanumeric() || "-_".contains(letter) { letter } else { '_' })
        .collect();
    Some(folder.join(name))
}

fn read_and_run(runner: &Rc<RefCell<Runner<'_>>>, editor: &mut ShellEditor<'_>) -> Result<()> {
    let mut edited: Option<String> = None;
    loop {
        let prompt = prompt::prompt(&runner.borrow());
        let read = match edited.take() {
            Some(text) => editor.readline_with_initial(&prompt, (&text, "")),
            None => editor.readline(&prompt),
        };
        let text = match read {
            Ok(text) => text,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(Error::new(Kind::Io, "cannot read from the terminal").because(error)),
        };
        if text.trim().is_empty() {
            continue;
        }
        // A full history is the only way this fails, and it drops its oldest entry.
        let _ = editor.add_history_entry(text.trim_end());
        let mut runner = runner.borrow_mut();
        // A signal that came before this was typed did not mean it.
        interrupt::clear();
        let left = run_text(&mut runner, &text);
        if left || interrupt::told_to_end() {
            return Ok(());
        }
        edited = runner.edited.take();
    }
}

/// Runs what was typed and reports its error; true when the user quits.
fn run_text(runner: &mut Runner<'_>, text: &str) -> bool {
    let outcome = match (editor::word_alone(text), editor::dot_command(text)) {
        (Some(command), _) => runner.run_typed(command),
        (None, Some(command)) => Err(Error::usage(format!("{command} is a command of sqlite3's shell"))
            .hint("here they begin with a backslash: \\? lists them")),
        (None, None) => runner.run_typed(text),
    };
    // Also after an error: what was printed before it must not turn up later.
    let finished = runner.finish();
    match outcome.and_then(|flow| finished.map(|()| flow)) {
        Ok(flow) => flow == Flow::Quit,
        Err(error) => {
            let lost = error.kind() == Kind::Lost;
            if error.kind() != Kind::BrokenPipe {
                runner.context.ui.error(&error);
            }
            if lost {
                come_back(runner);
            }
            false
        }
    }
}

/// Connects again after the connection was lost.
fn come_back(runner: &mut Runner<'_>) {
    let ui = &runner.context.ui;
    match runner.reconnect(runner.target.clone()) {
        Ok(()) => ui.status("connected again; settings and temporary tables of the old session are gone"),
        Err(error) => {
            ui.error(&error);
            ui.status("not connected; \\c tries again");
        }
    }
}
