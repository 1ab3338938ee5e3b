//! What was counted, for people.

use crate::arguments::MetricsFormat;
use flowrlib::runner::{Dropped, ExecutorReport, Place, Report};
use std::io::{self, Write};

/// Prints the metrics of a run.
pub(crate) fn print(report: &Report, format: MetricsFormat, output: &mut impl Write) -> io::Result<()> {
    match format {
        MetricsFormat::Text => print_text(report, output),
        MetricsFormat::Json => writeln!(output, "{}", json(report)),
    }
}

/// One object: what the lines say, and what would be too much for them.
pub(crate) fn json(report: &Report) -> serde_json::Value {
    let Dropped { stale, duplicate, foreign } = report.dropped;
    serde_json::json!({
        "runner": report.runner,
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
        "executors": took_part(report).map(executor).collect::<Vec<_>>(),
        "context_jobs": report.context_jobs,
        "answers_dropped": { "stale": stale, "duplicate": duplicate, "foreign": foreign },
    })
}

/// The executors that there is something to say of.
fn took_part(report: &Report) -> impl Iterator<Item = &ExecutorReport> {
    report.executors.iter().filter(|one| one.jobs > 0 || one.lost > 0)
}

pub(crate) fn executor(one: &ExecutorReport) -> serde_json::Value {
    serde_json::json!({
        "name": one.name,
        "place": one.place.to_string(),
        "slots": one.slots,
        "is_attached": one.is_attached,
        "jobs": one.jobs,
        "running": one.running,
        "lost": one.lost,
        "rerun": one.rerun,
        "cancelled": one.cancelled,
        "returned": one.returned,
        "bytes_sent": one.traffic.sent,
        "bytes_received": one.traffic.received,
        "mean_nanoseconds": u64::try_from(one.mean.as_nanos()).unwrap_or(u64::MAX),
    })
}

/// An empty line, a heading, five lines, then one for each executor that did jobs, with another
/// for what became of them where it is a worker, and one for the context functions.
fn print_text(report: &Report, output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "\nMetrics: ")?;
    writeln!(output, "Number of Functions: {}", report.functions)?;
    writeln!(output, "Number of Jobs Created: {}", report.counts.jobs_created)?;
    writeln!(output, "Values sent: {}", report.counts.values_sent)?;
    writeln!(output, "Elapsed time(s): {}", report.elapsed.as_secs())?;
    writeln!(output, "Max Jobs in Parallel: {}", report.most_parallel)?;
    for executor in took_part(report) {
        writeln!(output, "Jobs by {} ({}): {}", executor.name, executor.place, executor.jobs)?;
        let ExecutorReport { lost, rerun, cancelled, returned, traffic, mean, .. } = executor;
        if executor.place == Place::Worker {
            writeln!(
                output,
                "  {lost} lost, {rerun} run again, {cancelled} called off, {returned} given back, {} bytes sent, \
                 {} received, {mean:?} a job",
                traffic.sent, traffic.received
            )?;
        }
    }
    if report.context_jobs > 0 {
        writeln!(output, "Jobs by context functions (runner): {}", report.context_jobs)?;
    }
    Ok(())
}
