//! What is left to say when a flow is over: its metrics, and how it went as an exit status.

use crate::arguments::Arguments;
use crate::context::unless_closed;
use crate::metrics;
use crate::standing;
use crate::status::Status;
use flowrlib::runner::{Report, Stop};
use std::io::{self, Write};

/// Metrics were asked for and cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("metrics cannot be printed: {0}")]
pub(crate) struct ReportError(io::Error);

/// Prints what is asked for, and says how it went; a run that went well ends with the status that the flow has chosen.
pub(crate) fn conclude(report: &Report, arguments: &Arguments, chosen: u8) -> Result<Status, ReportError> {
    standing::ended(arguments, report);
    if arguments.metrics && !report.left_behind {
        let mut output = io::stdout().lock();
        let printed =
            metrics::print(report, arguments.metrics_format, &mut output).and_then(|()| output.flush());
        printed.or_else(unless_closed).map_err(ReportError)?;
    }
    Ok(match status(report, arguments.strict) {
        Status::Ended if chosen > 0 => Status::Chosen(chosen),
        status => status,
    })
}

fn status(report: &Report, strict: bool) -> Status {
    match report.stopped {
        Some(stop) => stopped(stop),
        None if report.has_failures() => Status::JobsFailed,
        None if strict && !report.is_complete() => Status::Incomplete,
        None => Status::Ended,
    }
}

/// The status of a run that was ended before its end.
pub(crate) fn stopped(stop: Stop) -> Status {
    match stop {
        Stop::Interrupted => Status::Interrupted,
        Stop::Closed => Status::Stopped,
    }
}
