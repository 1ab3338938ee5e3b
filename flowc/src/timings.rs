//! How long the stages of compiling take, and how much they had to do.

use std::fmt;
use std::time::{Duration, Instant};

/// The stages so far, in their order. One that comes back, such as writing, is one line all the same.
#[derive(Clone, Debug, Default)]
pub struct Timings {
    stages: Vec<(&'static str, Duration)>,
    running: Option<(&'static str, Instant)>,
    counts: Vec<(&'static str, usize)>,
}

impl Timings {
    /// Ends the stage that is running, if there is one, and begins another.
    pub fn begin(&mut self, stage: &'static str) {
        self.end();
        self.running = Some((stage, Instant::now()));
    }

    /// Ends the stage that is running.
    pub fn end(&mut self) {
        let Some((stage, begun)) = self.running.take() else { return };
        match self.stages.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, time)) => *time += begun.elapsed(),
            None => self.stages.push((stage, begun.elapsed())),
        }
    }

    /// Notes how many there are of something.
    pub fn count(&mut self, what: &'static str, number: usize) {
        self.counts.push((what, number));
    }

    /// The stages that have ended, with their times.
    pub fn stages(&self) -> &[(&'static str, Duration)] {
        &self.stages
    }
}

/// The most memory that this process has had so far, in bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// A table: a line for each stage, one for all of them, one for each thing that was counted, and the most
/// memory that was used.
impl fmt::Display for Timings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        for (stage, time) in &self.stages {
            writeln!(formatter, "{stage:<12}{:>10.1} ms", milliseconds(*time))?;
        }
        let total = self.stages.iter().map(|(_, time)| *time).sum();
        writeln!(formatter, "{:<12}{:>10.1} ms", "together", milliseconds(total))?;
        self.counts.iter().try_for_each(|(what, number)| writeln!(formatter, "{what:<12}{number:>8}"))?;
        match peak_memory() {
            Some(bytes) => writeln!(formatter, "{:<12}{:>10.1} MB", "memory", bytes as f64 / 1e6),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_is_one_line_and_so_is_everything_that_was_counted() {
        let mut timings = Timings::default();
        for stage in ["load", "write", "load"] {
            timings.begin(stage);
        }
        timings.end();
        timings.count("files", 3);
        let text = timings.to_string();
        let names: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names.get(..4), Some(&["load", "write", "together", "files"][..]));
        assert_eq!(names.get(4), peak_memory().map(|_| &"memory"));
    }
}
