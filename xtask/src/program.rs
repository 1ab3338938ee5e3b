//! Programs in the background, that do not outlive the chore which started them.

use crate::Result;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// A program in the background whose standard error is read line by line. Dropping it ends it.
pub(crate) struct Background {
    name: String,
    child: Child,
    log: Receiver<String>,
}

impl Background {
    pub(crate) fn start(name: &str, command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name} cannot be started: {error}"))?;
        let (sender, log) = mpsc::channel();
        if let Some(stderr) = child.stderr.take() {
            thread::spawn(move || forward(stderr, |line| sender.send(line).is_ok()));
        }
        Ok(Background { name: name.to_owned(), child, log })
    }

    /// Gives every further line of its log to `see` until one of them is the one that is waited for.
    pub(crate) fn follow_log(&self, limit: Duration, mut see: impl FnMut(&str) -> bool) -> Result<()> {
        let deadline = Instant::now() + limit;
        loop {
            match self.log.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if see(&line) => return Ok(()),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!("{} did not get ready within {limit:?}", self.name).into());
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(format!("{} has ended unexpectedly", self.name).into());
                }
            }
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Both fail only when the program has ended already, which is what is wanted.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs a program to its end and gives what it wrote to standard output; it reads nothing, and its errors are shown.
///
/// A program that takes longer than `limit` is ended.
pub(crate) fn output(name: &str, command: &mut Command, limit: Duration) -> Result<String> {
    output_on(name, command, Stdio::null(), limit)
}

/// The same for a program that reads a file, if there is one.
pub(crate) fn output_of(name: &str, command: &mut Command, file: &Path, limit: Duration) -> Result<String> {
    output_on(name, command, File::open(file).map_or_else(|_| Stdio::null(), Stdio::from), limit)
}

fn output_on(name: &str, command: &mut Command, input: Stdio, limit: Duration) -> Result<String> {
    let mut child = command
        .stdin(input)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    let (sender, text) = mpsc::channel();
    if let Some(mut stdout) = child.stdout.take() {
        thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.read_to_string(&mut text).map(|_| text);
            sender.send(read)
        });
    }
    let Ok(text) = text.recv_timeout(limit) else {
        child.kill()?;
        child.wait()?;
        return Err(format!("{name} did not end within {limit:?}").into());
    };
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("{name} has failed ({status})").into());
    }
    Ok(text?)
}

/// Runs a program to its end with the streams of the chore.
pub(crate) fn run(name: &str, command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| format!("{name} cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} has failed ({status})").into()) }
}

fn forward(stream: impl Read, mut give: impl FnMut(String) -> bool) {
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { return };
        if !give(line) {
            return;
        }
    }
}

/// What machines like this one are called.
pub(crate) fn host() -> Result<String> {
    let output = Command::new("rustc").args(["--version", "--verbose"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc does not say what it builds for")?.to_owned())
}
