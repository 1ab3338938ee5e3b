//! What was counted, for people.

use crate::arguments::MetricsFormat;
use flowrlib::runner::{ExecutorReport, Report};
use std::io::{self, Write};

/// Prints the metrics of a run.
pub(crate) fn print(report: &Report, format: MetricsFormat, output: &mut impl Write) -> io::Result<()> {
    match format {
        MetricsFormat::Text => print_text(report, output),
        MetricsFormat::Json => writeln!(output, "{}", json(report)),
    }
}

/// One object: what the lines say, and what would be too much for them.
fn json(report: &Report) -> serde_json::Value {
    let executor = |one: &ExecutorReport| serde_json::json!({ "name": one.name, "place": one.place.to_string(), "jobs": one.jobs });
    serde_json::json!({
        "num_functions": report.functions,
        "jobs_created": report.counts.jobs_created,
        "outputs_sent": report.counts.values_sent,
        "elapsed_time_seconds": report.elapsed.as_secs(),
        "max_simultaneous_jobs": report.most_parallel,
        "elapsed_nanoseconds": u64::try_from(report.elapsed.as_nanos()).unwrap_or(u64::MAX),
        "jobs_failed": report.counts.jobs_failed,
        "values_lost": report.counts.values_lost,
        "values_unsent": report.values_unsent,
        "values_discarded": report.counts.discarded,
        "unfinished_functions": report.unfinished,
        "executors": report.executors.iter().map(executor).collect::<Vec<_>>(),
        "context_jobs": report.context_jobs,
    })
}

/// An empty line, a heading, five lines, then one for each executor that did jobs, and one for the context functions.
fn print_text(report: &Report, output: &mut impl Write) -> io::Result<()> {
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
