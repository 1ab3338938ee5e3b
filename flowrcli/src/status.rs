//! How a run ended, as exit statuses. The book's page on the command line lists them.

use std::process::ExitCode;

/// An exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The flow ended by itself and no job failed; or help or the version was asked for.
    Ended,
    /// The flow could not be started or carried on for a reason outside of it.
    NotRun,
    /// The command line is wrong.
    Usage,
    /// At least one job failed.
    JobsFailed,
    /// The run was ended from outside before its end.
    Stopped,
    /// With `--strict`: no job failed, but values were lost or functions were left with some of their inputs.
    Incomplete,
    /// The user interrupted the run.
    Interrupted,
    /// As [`Ended`](Status::Ended), and the flow has chosen this status.
    Chosen(u8),
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(match status {
            Status::Ended => 0,
            Status::NotRun => 1,
            Status::Usage => 2,
            Status::JobsFailed => 3,
            Status::Stopped => 4,
            Status::Incomplete => 5,
            Status::Interrupted => 130,
            Status::Chosen(status) => status,
        })
    }
}
