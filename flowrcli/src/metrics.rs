//! What was counted, for people.

use flowrlib::runner::Report;
use std::io::{self, Write};

/// Prints the metrics of a run: an empty line, a heading, five lines, then one for each
/// executor that did jobs, and one for the context functions.
pub(crate) fn print(report: &Report, output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "\nMetrics: ")?;
    writeln!(output, "Number of Functions: {}", report.functions)?;
    writeln!(output, "Number of Jobs Created: {}", report.counts.jobs_created)?;
    writeln!(output, "Values sent: {}", report.counts.values_sent)?;
    writeln!(output, "Elapsed time(s): {}", report.elapsed.as_secs())?;
    writeln!(output, "Max Jobs in Parallel: {}", report.most_parallel)?;
    for executor in &report.executors {
        writeln!(output, "Jobs by {} ({}): {}", executor.name, executor.place, executor.jobs)?;
    }
    if report.context_jobs > 0 {
        writeln!(output, "Jobs by context functions (runner): {}", report.context_jobs)?;
    }
    Ok(())
}
