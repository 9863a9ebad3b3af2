//! Running programs and looking at how they ended.

use std::fmt;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A program that has ended.
pub struct Ran {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: String,
    command: String,
}

impl Ran {
    /// Runs `command` to its end.
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        let shown = format!("{command:?}");
        let output = command.output().unwrap_or_else(|error| panic!("{shown}: {error}"));
        Ran::from_output(shown, output)
    }

    /// The same with something to read.
    #[track_caller]
    pub fn fed(command: &mut Command, input: &[u8]) -> Self {
        let shown = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        let mut stdin = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            scope.spawn(move || {
                // A program that does not read everything is the test's matter.
                let _ = stdin.write_all(input);
            });
            child.wait_with_output().unwrap()
        });
        Ran::from_output(shown, output)
    }

    fn from_output(command: String, output: std::process::Output) -> Self {
        Ran {
            status: output.status,
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            command,
        }
    }

    /// Standard output as text.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The exit code, as a shell would show it.
    pub fn code(&self) -> i32 {
        shell_code(self.status)
    }

    /// Standard output of a program that must have succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code(), 0, "{self}");
        self.out()
    }

    /// Standard error of a program that must have ended with `code`.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.code(), code, "{self}");
        self.stderr
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = self.out();
        let start: String = out.chars().take(4000).collect();
        write!(f, "{}\nended with {}\nstdout:\n{start}\nstderr:\n{}", self.command, self.code(), self.stderr)
    }
}

/// The exit code, as a shell would show it.
pub fn shell_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// Sends a signal to a child.
pub fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_child(child);
    kill_process(pid, signal).unwrap();
}

/// Reads all that `child` prints and gives the number of bytes and the most memory that it was
/// seen to occupy, in bytes.
pub fn drain_measured(child: &mut Child) -> (u64, u64) {
    // Looked at while the child waits for its pipe to empty: after its last byte it may be gone.
    const STEP: u64 = 256 * 1024;
    let mut stdout = child.stdout.take().unwrap();
    let mut block = vec![0; 64 * 1024];
    let (mut total, mut looked_at, mut peak) = (0_u64, 0_u64, 0_u64);
    loop {
        let count = stdout.read(&mut block).unwrap();
        if count == 0 {
            return (total, peak);
        }
        total += count as u64;
        if total - looked_at >= STEP {
            looked_at = total;
            peak = peak.max(peak_memory(child.id()).unwrap_or(0));
        }
    }
}

/// `VmHWM` of proc(5): the most physical memory a process has had so far.
fn peak_memory(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The processor time that a process has used (`utime` of proc(5)), in hundredths of a second.
pub fn processor_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default().to_owned();
    after_name.split_whitespace().nth(11).and_then(|ticks| ticks.parse().ok()).unwrap_or(0)
}
