//! A program that is looked at from outside while it runs: what it prints, the memory it has taken, the time it has
//! spent.

use crate::Result;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A program whose standard input stays open. Dropping it ends it.
pub(crate) struct Watched {
    name: String,
    child: Child,
    /// Whose memory and time is looked at: a program that was started may have started the one that is meant.
    looked_at: u32,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Watched {
    /// Starts a program on a terminal, which `script` makes.
    pub(crate) fn start_on_terminal(name: &str, line: &str) -> Result<Self> {
        let mut script = Command::new("script");
        let mut program = Watched::start(name, script.args(["-qec", &format!("exec {line}"), "/dev/null"]))?;
        let id = program.child.id();
        let children = format!("/proc/{id}/task/{id}/children");
        // A terminal takes a moment to be made.
        for _ in 0..100 {
            if let Some(child) = fs::read_to_string(&children)?.split(' ').next().filter(|id| !id.is_empty())
            {
                program.looked_at = child.parse()?;
                return Ok(program);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(format!("{name} was not started on a terminal").into())
    }

    pub(crate) fn start(name: &str, command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name} cannot be started: {error}"))?;
        let stdout = child.stdout.take().ok_or("a program that is watched has a pipe to write to")?;
        let stdin = child.stdin.take();
        let looked_at = child.id();
        Ok(Watched { name: name.to_owned(), child, looked_at, stdin, stdout: BufReader::new(stdout) })
    }

    /// The next line it prints.
    pub(crate) fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        match self.stdout.read_line(&mut line)? {
            0 => Err(format!("{} has printed less than it should have", self.name).into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    /// Passes over lines it prints.
    pub(crate) fn skip(&mut self, lines: usize) -> Result<()> {
        (0..lines).try_for_each(|_| self.line().map(drop))
    }

    /// What is typed, for a thread of its own: a pipe takes little at a time.
    pub(crate) fn input(&mut self) -> Option<ChildStdin> {
        self.stdin.take()
    }

    /// Types a line.
    pub(crate) fn enter(&mut self, line: &str) -> Result<()> {
        let stdin = self.stdin.as_mut().ok_or("its input is closed")?;
        Ok(writeln!(stdin, "{line}")?)
    }

    /// The most memory it has taken so far, in bytes.
    pub(crate) fn peak(&self) -> Result<u64> {
        self.memory("VmHWM:")
    }

    /// The memory it takes now, in bytes.
    pub(crate) fn resident(&self) -> Result<u64> {
        self.memory("VmRSS:")
    }

    fn memory(&self, key: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.looked_at))?;
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("no memory is told")?;
        Ok(kilobytes.trim().parse::<u64>()? * 1024)
    }

    /// The time that all its threads have spent on a processor so far.
    pub(crate) fn spent(&self) -> Result<Duration> {
        let mut nanos = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.looked_at))? {
            // A thread may end while it is looked at.
            let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            nanos += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Closes its input, and waits for its end.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.stdin = None;
        let mut rest = String::new();
        while self.stdout.read_line(&mut rest)? > 0 {
            rest.clear();
        }
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("{} has failed ({status})", self.name).into()) }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // Both fail only when the program has ended already, which is what is wanted.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
