//! What a job of a module may use.

use std::time::Duration;

/// The largest table a module may have. Tables hold the functions that are called by reference.
pub(super) const LARGEST_TABLE: usize = 100_000;

/// What a job of a module may use. It is the same wherever the job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleLimits {
    /// The most memory, in bytes.
    pub memory: u64,
    /// The largest result, in bytes as it is encoded.
    pub result: u64,
    /// The longest time; none is no limit.
    pub time: Option<Duration>,
    /// Whether every job gets an instance of its own, so that nothing a module remembers reaches the next job.
    pub fresh: bool,
}

impl Default for ModuleLimits {
    /// 1 GiB, results of 256 MiB, an hour.
    fn default() -> ModuleLimits {
        ModuleLimits {
            memory: 1 << 30,
            result: 256 << 20,
            time: Some(Duration::from_secs(60 * 60)),
            fresh: false,
        }
    }
}
