//! A program on a terminal of its own, driven as a person would.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::poll;
use crate::process::{processor_ticks, shell_code, signal};
use crate::sandbox::Sandbox;

/// Ctrl-C, Ctrl-D and the key of completion, as a terminal sends them.
pub const CTRL_C: &str = "\x03";
pub const CTRL_D: &str = "\x04";
pub const TAB: &str = "\t";

pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
    /// How much of the screen earlier calls have seen.
    seen: usize,
}

impl Terminal {
    /// Starts dbwright on a terminal of 24 lines.
    pub fn start(sandbox: &Sandbox, columns: u16, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&keyboard, size).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
        let open = || Stdio::from(File::options().read(true).write(true).open(path).unwrap());
        // The terminal has to be that of the program's session for Ctrl-C to reach it.
        let mut command: Command = sandbox.program("setsid");
        command.args(["--ctty", "--wait", crate::sandbox::PROGRAM]).args(arguments).env("TERM", "xterm");
        command.env("DBWRIGHT_PAGER", "cat").envs(variables.iter().copied());
        let child = command.stdin(open()).stdout(open()).stderr(open()).spawn().unwrap();
        drop(command);
        let screen = Arc::new(Mutex::new(Vec::new()));
        let reader = read_on(keyboard.try_clone().unwrap(), screen.clone());
        Terminal { child, keyboard: File::from(keyboard), screen, reader, seen: 0 }
    }

    pub fn send(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// All that was shown so far, without the escape sequences.
    pub fn shown(&self) -> String {
        plain(&String::from_utf8_lossy(&self.screen.lock().unwrap()))
    }

    /// The same with them.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    /// Waits for `text` after what was waited for before; gives what came up to its end.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + poll::LIMIT;
        loop {
            let shown = self.shown();
            if let Some(found) = shown.get(self.seen..).and_then(|new| new.find(text)) {
                let end = self.seen + found + text.len();
                let new = shown[self.seen..end].to_owned();
                self.seen = end;
                return new;
            }
            assert!(Instant::now() < deadline, "no {text:?} on the terminal, which shows:\n{shown}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types a line, and waits for `answer` below it: the prompt and the line are written anew
    /// with every key.
    #[track_caller]
    pub fn ask(&mut self, line: &str, answer: &str) -> String {
        self.enter(line);
        self.wait_for(answer)
    }

    /// Types a line and waits until it is taken.
    #[track_caller]
    pub fn enter(&mut self, line: &str) {
        self.send(line);
        self.send("\r");
        self.wait_for(&format!("{line}\n"));
    }

    /// The processor time that the program has used, in hundredths of a second.
    pub fn processor_ticks(&self) -> u64 {
        // setsid becomes the program.
        processor_ticks(self.child.id())
    }

    /// Waits until what is typed is no longer shown.
    #[track_caller]
    pub fn wait_for_no_echo(&self) {
        let hides = || !tcgetattr(&self.keyboard).unwrap().local_modes.contains(LocalModes::ECHO);
        poll::until("the program hides what is typed", hides);
    }

    /// Waits until what is typed is shown by the terminal itself.
    #[track_caller]
    pub fn wait_for_echo(&self) {
        let shows = || tcgetattr(&self.keyboard).unwrap().local_modes.contains(LocalModes::ECHO);
        poll::until("the terminal shows what is typed", shows);
    }

    /// Sends a signal to the program, not as a key.
    pub fn signal(&self, name: Signal) {
        // setsid becomes the program.
        signal(&self.child, name);
    }

    /// Waits for the end of the program; gives its exit code and all that was shown.
    #[track_caller]
    pub fn end(mut self) -> (i32, String) {
        poll::until("the program ends", || self.child.try_wait().unwrap().is_some());
        poll::until("all is read that it has shown", || self.reader.is_finished());
        let status = self.child.wait().unwrap();
        (shell_code(status), self.shown())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Only when a test has failed is there something left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Collects what the program shows, until it has let go of the terminal.
fn read_on(terminal: OwnedFd, screen: Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let mut terminal = File::from(terminal);
    std::thread::spawn(move || {
        let mut block = [0; 4096];
        while let Ok(count @ 1..) = terminal.read(&mut block) {
            screen.lock().unwrap().extend_from_slice(&block[..count]);
        }
    })
}

/// Text without escape sequences and carriage returns.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => match letters.next() {
                Some('[') => {
                    let _ = letters.by_ref().find(|end| ('@'..='~').contains(end));
                }
                Some(']') => {
                    let _ = letters.by_ref().find(|end| *end == '\u{7}');
                }
                _ => {}
            },
            '\r' | '\u{7}' => {}
            other => plain.push(other),
        }
    }
    plain
}
