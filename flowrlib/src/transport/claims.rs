//! Which runs a worker serves: each once, in however many ways it was found.

use crossbeam_channel::Sender;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The runs that are served.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    runs: Arc<Mutex<HashSet<u64>>>,
    changed: Sender<()>,
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
        Claims { runs: Arc::default(), changed }
    }

    /// Makes a run somebody's, unless it is somebody else's already.
    pub(crate) fn make(&self, run: u64) -> Option<Claim> {
        let is_ours = self.runs().insert(run);
        self.tell();
        is_ours.then(|| Claim { run, claims: self.clone() })
    }

    /// Whether that run is served.
    pub(crate) fn is_made(&self, run: u64) -> bool {
        self.runs().contains(&run)
    }

    /// How many runs are served.
    pub(crate) fn count(&self) -> usize {
        self.runs().len()
    }

    fn tell(&self) {
        // Who does not listen any more need not know.
        self.changed.send(()).ok();
    }

    fn runs(&self) -> MutexGuard<'_, HashSet<u64>> {
        // No panic can leave the set half changed.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.runs().remove(&self.run);
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
        let claim = claims.make(7);
        assert_eq!((claims.count(), news.len()), (1, 1));
        assert!(claims.is_made(7) && !claims.is_made(8));
        assert!(claim.is_some() && claims.make(7).is_none() && claims.make(8).is_some());
        drop(claim);
        assert_eq!(claims.count(), 0);
        assert!(claims.make(7).is_some());
    }
}
