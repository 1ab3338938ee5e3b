//! The terms of a run: what it is told, what it reports, and why it may not come to its end.

use crate::dispatch::MOST_ATTEMPTS;
use crate::distribution::Dropped;
use crate::executor::ModuleLimits;
use crate::keys::Trust;
use crate::program::Order;
use crate::state::Counts;
use crate::status::StatusBell;
use crate::stop::{Stop, StopSwitch};
use crate::transport::socket::Listen;
use crate::transport::{Place, Traffic};
use std::io;
use std::time::Duration;

/// How a flow is to be run.
#[derive(Clone, Debug)]
pub struct RunConfig {
    /// How many executor threads there are. With none, workers do everything but context functions, and the run waits
    /// for them without limit.
    pub threads: usize,
    /// How many jobs may be handed out at a time; none means any number.
    pub most_jobs: Option<usize>,
    /// Whether workers may join.
    pub workers: bool,
    /// The network whose workers may join.
    pub network: String,
    /// Where workers are received.
    pub listen: Listen,
    /// Who may join.
    pub trust: Trust,
    /// What the runner is called.
    pub name: String,
    /// What workers must have to be taken.
    pub labels: Vec<String>,
    /// Whether jobs that wait for input are started only when all else is done, because their user sees when.
    pub hold_input: bool,
    /// How many values may wait at an input before those that feed it are held back; none means any number.
    pub most_waiting: Option<usize>,
    /// How long a job of a native function may take.
    pub job_limit: Option<Duration>,
    /// What a job of a module may use.
    pub modules: ModuleLimits,
    /// Whether the first job that fails ends the run.
    pub fail_fast: bool,
    /// Whether a flow that refers to functions that cannot be run is refused.
    pub refuse_missing: bool,
    /// How often a job may be lost with its executors; then it has failed.
    pub most_attempts: u32,
    /// Ends the run from outside.
    pub stop: StopSwitch,
    /// Asks how the run stands.
    pub status: StatusBell,
}

impl Default for RunConfig {
    /// One thread, and nobody else.
    fn default() -> RunConfig {
        RunConfig {
            threads: 1,
            most_jobs: None,
            workers: false,
            network: crate::DEFAULT_NETWORK.to_owned(),
            listen: Listen::MACHINE,
            trust: Trust::Nobody,
            name: "runner".to_owned(),
            labels: Vec::new(),
            hold_input: false,
            most_waiting: Some(MOST_WAITING),
            job_limit: None,
            modules: ModuleLimits::default(),
            fail_fast: false,
            refuse_missing: false,
            most_attempts: MOST_ATTEMPTS,
            stop: StopSwitch::default(),
            status: StatusBell::default(),
        }
    }
}

/// What a flow is to be run under, whoever runs it: it travels with a flow that a server is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowTerms {
    /// How far results keep their order.
    pub order: Order,
    /// See [`RunConfig::most_jobs`].
    pub most_jobs: Option<usize>,
    /// See [`RunConfig::hold_input`].
    pub hold_input: bool,
    /// See [`RunConfig::most_waiting`].
    pub most_waiting: Option<usize>,
    /// See [`RunConfig::job_limit`].
    pub job_limit: Option<Duration>,
    /// See [`RunConfig::modules`].
    pub modules: ModuleLimits,
    /// See [`RunConfig::fail_fast`].
    pub fail_fast: bool,
    /// See [`RunConfig::refuse_missing`].
    pub refuse_missing: bool,
    /// See [`RunConfig::most_attempts`].
    pub most_attempts: u32,
}

/// How many values may wait at an input if nobody says otherwise: enough for many executors, and few enough that they are
/// still near the processor when somebody wants them.
pub(crate) const MOST_WAITING: usize = 4000;

impl RunConfig {
    /// The same with the terms of a flow.
    pub fn under(self, terms: &FlowTerms) -> RunConfig {
        RunConfig {
            most_jobs: terms.most_jobs,
            hold_input: terms.hold_input,
            most_waiting: terms.most_waiting,
            job_limit: terms.job_limit,
            modules: terms.modules,
            fail_fast: terms.fail_fast,
            refuse_missing: terms.refuse_missing,
            most_attempts: terms.most_attempts,
            ..self
        }
    }

    pub(crate) fn limit(&self) -> usize {
        self.most_jobs.unwrap_or(usize::MAX)
    }

    /// Whether a job that waits for input is started only when all else is done. Under a limit it always is: else it
    /// would wait in the place of the job that writes the reply that its user waits for.
    pub(crate) fn holds_input(&self) -> bool {
        self.hold_input || self.most_jobs.is_some()
    }
}

/// How a run went.
#[derive(Clone, Debug)]
pub struct Report {
    /// What the runner is called.
    pub runner: String,
    /// Functions in the manifest.
    pub functions: usize,
    /// What the run state counted.
    pub counts: Counts,
    /// The most jobs that were handed out at any time.
    pub most_parallel: usize,
    /// From the first job to the last.
    pub elapsed: Duration,
    /// The executors that are or were attached, in the order in which they joined.
    pub executors: Vec<ExecutorReport>,
    /// How many jobs of context functions were done; they are not among those of the executors.
    pub context_jobs: u64,
    /// Answers that were not used.
    pub dropped: Dropped,
    /// How many functions were left half filled.
    pub unfinished: usize,
    /// How much could not be done when the flow had ended, such as writing a picture.
    pub failures_at_end: usize,
    /// Whether a stream was left behind with something to write that nobody took: it must not be written to.
    pub left_behind: bool,
    /// How many values functions had to leave unsent, such as sums that are too large.
    pub values_unsent: u64,
    /// Why the run was ended before its end, if it was.
    pub stopped: Option<Stop>,
}

impl Report {
    /// Whether everything that was to be done could be done.
    pub fn has_failures(&self) -> bool {
        self.counts.jobs_failed > 0 || self.failures_at_end > 0
    }

    /// Whether every value came to something: none was lost, and no function was left half filled.
    pub fn is_complete(&self) -> bool {
        self.unfinished == 0 && self.counts.values_lost == 0 && self.values_unsent == 0
    }
}

/// What one executor did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutorReport {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// How many jobs it can do at once.
    pub slots: usize,
    /// Whether it is still there.
    pub is_attached: bool,
    /// How many jobs it did.
    pub jobs: u64,
    /// How many jobs it has and did not finish.
    pub running: usize,
    /// How many of those that it did had been given to others before.
    pub rerun: u64,
    /// How many jobs it had when it was lost.
    pub lost: u64,
    /// How many of its jobs were called off, because somebody else was faster or they proved not to
    /// exist.
    pub cancelled: u64,
    /// How many jobs it gave back, because others had nothing to do.
    pub returned: u64,
    /// What went there and came back.
    pub traffic: Traffic,
    /// What a job took there on average, but for those so small that they were not handed over.
    pub mean: Duration,
}

/// Why a run could not be carried on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The system does not give us a thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] io::Error),
    /// There are no threads of our own and workers cannot join.
    #[error("workers cannot join: the job service {0}")]
    Service(String),
    /// There are no threads of our own and workers may not join, but there are jobs for them.
    #[error("nobody can do the jobs: there are no executor threads, and no worker may join")]
    Nobody,
    /// Functions cannot be run, and such flows are refused.
    #[error("the flow refers to functions that cannot be run")]
    Missing,
    /// The system has no random numbers.
    #[error("cannot choose a run id: {0}")]
    Random(String),
}
