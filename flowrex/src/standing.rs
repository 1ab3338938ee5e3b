//! What a worker does, told on standard error when somebody asks.

use flowrlib::worker::{StatusBell, WorkerReport};
use std::io::{self, Write};

/// A bell that has a worker tell what it does.
pub(crate) fn bell() -> StatusBell<WorkerReport> {
    StatusBell::new(|report| {
        // Whoever closed standard error does not want to know.
        print(report, &mut io::stderr().lock()).ok();
    })
}

fn print(report: &WorkerReport, output: &mut impl Write) -> io::Result<()> {
    writeln!(
        output,
        "Status after {:.1} s: {} jobs done; runners served: {}",
        report.elapsed.as_secs_f64(),
        report.jobs,
        report.runs.len()
    )?;
    for run in &report.runs {
        writeln!(output, "  {:?} (run {:016x}): {} jobs done", run.runner, run.run, run.jobs)?;
    }
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowrlib::worker::RunServed;
    use std::time::Duration;

    #[test]
    fn people_get_a_line_for_each_runner() {
        let report = WorkerReport {
            elapsed: Duration::from_millis(1500),
            jobs: 9,
            runs: vec![RunServed { run: 77, runner: "nightly".into(), jobs: 4 }],
        };
        let mut text = Vec::new();
        print(&report, &mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "Status after 1.5 s: 9 jobs done; runners served: 1\n  \
             \"nightly\" (run 000000000000004d): 4 jobs done\n"
        );
    }
}
