//! How a run ended, as exit statuses. The book's page on the command line lists them.

use std::process::ExitCode;

/// An exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The flow ended by itself and no job failed; or help or the version was asked for.
    Ended = 0,
    /// The flow could not be started or carried on for a reason outside of it.
    NotRun = 1,
    /// The command line is wrong.
    Usage = 2,
    /// At least one job failed.
    JobsFailed = 3,
    /// The run was ended from outside before its end.
    Stopped = 4,
    /// With `--strict`: no job failed, but values were lost or functions were left with some of their inputs.
    Incomplete = 5,
    /// The user interrupted the run.
    Interrupted = 130,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status as u8)
    }
}
