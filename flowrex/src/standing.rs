//! What a worker does, told on standard error when somebody asks.

use flowrlib::worker::{RunServed, StatusBell, WorkerReport};
use std::io::{self, Write};

/// A bell that has a worker tell what it does.
pub(crate) fn bell() -> StatusBell<WorkerReport> {
    StatusBell::new(|report| {
        // Whoever closed standard error does not want to know.
        io::stderr().write_all(text(report).as_bytes()).ok();
    })
}

fn text(report: &WorkerReport) -> String {
    let WorkerReport { elapsed, jobs, runs } = report;
    let (seconds, count) = (elapsed.as_secs_f64(), runs.len());
    let head = format!("Status after {seconds:.1} s: {jobs} jobs done; runners served: {count}\n");
    let line =
        |run: &RunServed| format!("  {:?} (run {:016x}): {} jobs done\n", run.runner, run.run, run.jobs);
    std::iter::once(head).chain(runs.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn people_get_a_line_for_each_runner() {
        let report = WorkerReport {
            elapsed: Duration::from_millis(1500),
            jobs: 9,
            runs: vec![RunServed { run: 77, runner: "nightly".into(), jobs: 4 }],
        };
        assert_eq!(
            text(&report),
            "Status after 1.5 s: 9 jobs done; runners served: 1\n  \
             \"nightly\" (run 000000000000004d): 4 jobs done\n"
        );
    }
}
