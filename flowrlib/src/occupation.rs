//! Whether a coordinator needs a processor of its own.
//!
//! Where there are as many executor threads as processors, a coordinator that is at work all the time is one thread too
//! many: while it waits for its turn nobody hands out jobs, and executors on other processors run dry. So after a while
//! without a pause one executor fewer is at work. But it is not to wait for a coordinator that may never pause while all
//! others have long jobs: that holds only as long as results come.

use std::time::{Duration, Instant};

/// How long a coordinator works without a pause before it counts as busy.
const STRETCH: Duration = Duration::from_millis(2);

/// What is shorter is no pause.
pub(crate) const PAUSE: Duration = Duration::from_micros(200);

/// How long there may be no result from its own threads.
const PATIENCE: Duration = Duration::from_millis(5);

/// What a coordinator has been doing lately.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occupation {
    /// When it last paused.
    paused: Instant,
    /// When results last came.
    progress: Instant,
}

impl Occupation {
    /// One that begins now.
    pub(crate) fn new(now: Instant) -> Occupation {
        Occupation { paused: now, progress: now }
    }

    /// Takes note that it has waited until now.
    pub(crate) fn paused(&mut self, now: Instant) {
        self.paused = now;
    }

    /// Takes note of results.
    pub(crate) fn progressed(&mut self, now: Instant) {
        self.progress = now;
    }

    /// Whether executors are to leave a processor to it.
    pub(crate) fn is_busy(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.paused) > STRETCH
            && now.saturating_duration_since(self.progress) < PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_works_without_a_pause_is_busy_while_results_come() {
        let begun = Instant::now();
        let at = |millis: u64| begun + Duration::from_millis(millis);
        let mut occupation = Occupation::new(begun);
        assert!(!occupation.is_busy(at(1)));
        assert!(occupation.is_busy(at(3)));
        assert!(!occupation.is_busy(at(6)), "all executors may have long jobs");
        occupation.progressed(at(7));
        assert!(occupation.is_busy(at(8)));
        occupation.paused(at(8));
        assert!(!occupation.is_busy(at(9)));
    }
}
