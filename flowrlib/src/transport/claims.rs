//! Which runs a worker serves, each once, in however many ways it was found; and what it has done.

use crossbeam_channel::Sender;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a worker does and has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerReport {
    /// Since it was started.
    pub elapsed: Duration,
    /// How many jobs it has done, for whomever.
    pub jobs: u64,
    /// The runs that it serves.
    pub runs: Vec<RunServed>,
}

/// A run that a worker serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunServed {
    /// Its number.
    pub run: u64,
    /// What its runner is called.
    pub runner: String,
    /// How many jobs were done for it since it was joined; it may have been more than once.
    pub jobs: u64,
}

/// The runs that are served.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    served: Arc<Mutex<Served>>,
    changed: Sender<()>,
}

#[derive(Debug)]
struct Served {
    runs: BTreeMap<u64, RunServed>,
    /// How many jobs were done for runs that are over.
    jobs_before: u64,
    since: Instant,
}

/// That a run is served by whoever has this.
#[derive(Debug)]
pub(crate) struct Claim {
    run: u64,
    claims: Claims,
}

impl Claims {
    /// None yet. Whoever has the other end is told when that changes.
    pub(crate) fn new(changed: Sender<()>) -> Claims {
        let served = Served { runs: BTreeMap::new(), jobs_before: 0, since: Instant::now() };
        Claims { served: Arc::new(Mutex::new(served)), changed }
    }

    /// Makes the run of that runner somebody's, unless it is somebody else's already.
    pub(crate) fn make(&self, run: u64, runner: &str) -> Option<Claim> {
        match self.served().runs.entry(run) {
            Entry::Occupied(_) => return None,
            Entry::Vacant(place) => place.insert(RunServed { run, runner: runner.to_owned(), jobs: 0 }),
        };
        self.tell();
        Some(Claim { run, claims: self.clone() })
    }

    /// Whether that run is served.
    pub(crate) fn is_made(&self, run: u64) -> bool {
        self.served().runs.contains_key(&run)
    }

    /// How many runs are served.
    pub(crate) fn count(&self) -> usize {
        self.served().runs.len()
    }

    /// What was done, and for whom.
    pub(crate) fn report(&self) -> WorkerReport {
        let served = self.served();
        let runs: Vec<RunServed> = served.runs.values().cloned().collect();
        let jobs = served.jobs_before + runs.iter().map(|run| run.jobs).sum::<u64>();
        WorkerReport { elapsed: served.since.elapsed(), jobs, runs }
    }

    fn tell(&self) {
        // Who does not listen any more need not know.
        self.changed.send(()).ok();
    }

    fn served(&self) -> MutexGuard<'_, Served> {
        // No panic can leave it half changed.
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claim {
    /// Takes note of how many jobs were done for the run until now.
    pub(crate) fn has_done(&self, jobs: u64) {
        if let Some(run) = self.claims.served().runs.get_mut(&self.run) {
            run.jobs = jobs;
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        {
            let mut served = self.claims.served();
            served.jobs_before += served.runs.remove(&self.run).map_or(0, |run| run.jobs);
        }
        self.claims.tell();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::unbounded;

    #[test]
    fn a_run_is_served_once_at_a_time() {
        let (changed, news) = unbounded();
        let claims = Claims::new(changed);
        let claim = claims.make(7, "one");
        assert_eq!((claims.count(), news.len()), (1, 1));
        assert!(claims.is_made(7) && !claims.is_made(8));
        assert!(claim.is_some() && claims.make(7, "one").is_none() && claims.make(8, "other").is_some());
        drop(claim);
        assert_eq!(claims.count(), 0);
        assert!(claims.make(7, "one").is_some());
    }

    #[test]
    fn what_was_done_stays_known_when_a_run_is_over() {
        let claims = Claims::new(unbounded().0);
        let [one, other] = [(7, "one"), (8, "other")].map(|(run, name)| claims.make(run, name).unwrap());
        one.has_done(3);
        other.has_done(4);
        other.has_done(5);
        drop(one);
        let WorkerReport { jobs, runs, .. } = claims.report();
        assert_eq!((jobs, runs), (8, vec![RunServed { run: 8, runner: "other".into(), jobs: 5 }]));
    }
}
