//! A `flowrex` in the background.

use crate::LINE_LIMIT;
use crate::call::Call;
use crate::running::Running;
use std::time::Duration;

/// A worker that logs what it does.
pub struct Worker {
    running: Running,
    /// How many waiting lines were waited for.
    waits: usize,
}

/// The line the documents promise from an idle worker: `INFO +- Waiting for beacon matching 'jobs._flowr._tcp.local'`.
pub fn is_waiting_line(line: &str) -> bool {
    line.strip_prefix("INFO")
        .filter(|rest| rest.starts_with(' '))
        .map(str::trim_start)
        .is_some_and(|rest| rest == "- Waiting for beacon matching 'jobs._flowr._tcp.local'")
}

impl Worker {
    pub(crate) fn start(call: Call) -> Self {
        Worker { running: call.start(), waits: 0 }
    }

    /// Waits until the worker says once more that it waits for a runner, and says nothing after it.
    pub fn wait_until_waiting(&mut self) {
        self.wait_until_waiting_for(LINE_LIMIT);
    }

    /// The same with a limit of one's own.
    pub fn wait_until_waiting_for(&mut self, limit: Duration) {
        self.waits += 1;
        let wanted = self.waits;
        let found = self.log_when(limit, |lines| {
            lines.iter().filter(|line| is_waiting_line(line)).count() >= wanted
                && lines.last().is_some_and(|line| is_waiting_line(line))
        });
        if found.is_none() {
            self.running.fail(&format!("did not wait for a runner for the {wanted}. time within {limit:?}"));
        }
    }

    /// Waits for a line in the log, from line number `from` on.
    pub fn wait_for_log(&self, what: &str, from: usize, mut look: impl FnMut(&str) -> bool) {
        if self.log_when(LINE_LIMIT, |lines| lines.iter().skip(from).any(|line| look(line))).is_none() {
            self.running.fail(&format!("did not log {what}"));
        }
    }

    /// The lines logged so far.
    pub fn log(&self) -> Vec<String> {
        self.running.stderr().text().lines().map(str::to_owned).collect()
    }

    /// The program itself.
    pub fn program(&mut self) -> &mut Running {
        &mut self.running
    }

    fn log_when(&self, limit: Duration, mut look: impl FnMut(&[&str]) -> bool) -> Option<()> {
        self.running.stderr().wait_for(limit, |lines| look(lines).then_some(()))
    }
}
