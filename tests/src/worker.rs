//! A `flowrex` in the background.

use crate::LINE_LIMIT;
use crate::call::Call;
use crate::outcome::Outcome;
use crate::running::Running;
use std::time::Duration;

/// A worker that logs what it does.
pub struct Worker {
    running: Running,
    /// How many lines of its log were there when it was last found waiting.
    seen: usize,
}

/// The line the documents promise from an idle worker: `INFO +- Waiting for beacon matching 'jobs._flowr._tcp.local'`.
pub fn is_waiting_line(line: &str) -> bool {
    line.strip_prefix("INFO")
        .filter(|rest| rest.starts_with(' '))
        .map(str::trim_start)
        .is_some_and(|rest| rest == "- Waiting for beacon matching 'jobs._flowr._tcp.local'")
}

impl Worker {
    /// Starts a worker that logs what it does: `flowrex -v debug`, or one like it.
    pub fn start(call: Call) -> Self {
        Worker { running: call.start(), seen: 0 }
    }

    /// Waits until the last line of its log says, anew, that it waits for a runner.
    pub fn wait_until_waiting(&mut self) {
        self.wait_until_waiting_for(LINE_LIMIT);
    }

    /// The same with a limit of one's own.
    pub fn wait_until_waiting_for(&mut self, limit: Duration) {
        let seen = self.seen;
        let lines = self.running.stderr().wait_for(limit, |lines| {
            let waiting = lines.len() > seen && lines.last().is_some_and(|line| is_waiting_line(line));
            waiting.then_some(lines.len())
        });
        match lines {
            Some(lines) => self.seen = lines,
            None => self.running.fail(&format!("did not wait for a runner within {limit:?}")),
        }
    }

    /// Waits until the last line of its log says, anew or still, that it waits for a runner.
    pub fn wait_until_idle(&mut self) {
        self.seen = 0;
        self.wait_until_waiting();
    }

    /// Waits for a line in the log after the one that last said that it waits.
    pub fn wait_for_log(&self, what: &str, mut look: impl FnMut(&str) -> bool) {
        let seen = self.seen;
        let found = self
            .running
            .stderr()
            .wait_for(LINE_LIMIT, |lines| lines.iter().skip(seen).any(|line| look(line)).then_some(()));
        if found.is_none() {
            self.running.fail(&format!("did not log {what}"));
        }
    }

    /// The lines logged so far.
    pub fn log(&self) -> Vec<String> {
        self.running.stderr().text().lines().map(str::to_owned).collect()
    }

    /// Waits for its end.
    pub fn finish(self) -> Outcome {
        self.running.finish(LINE_LIMIT)
    }

    /// The program itself.
    pub fn program(&mut self) -> &mut Running {
        &mut self.running
    }
}
