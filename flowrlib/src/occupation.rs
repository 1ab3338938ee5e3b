//! Whether a coordinator needs a processor of its own.
//!
//! Where there are as many executor threads as processors, a coordinator that is at work all the time is one thread too
//! many: while it waits for its turn nobody hands out jobs, and executors on other processors run dry. So executors leave
//! a processor to one that hardly ever rests. But nobody is to wait for a coordinator that may never rest while all others
//! have long jobs: that holds only as long as results come, and once they have not, it does not hold for a while.

use std::time::{Duration, Instant};

/// How long a coordinator is looked at before it counts as busy, or does not.
const STRETCH: Duration = Duration::from_millis(2);

/// One that rests for more than this part of the time is not busy.
const MOST_REST: u32 = 8;

/// One that has waited for longer than this rests.
pub(crate) const PAUSE: Duration = Duration::from_micros(200);

/// How long there may be no result from its own threads.
const PATIENCE: Duration = Duration::from_millis(5);

/// For how long executors have all processors once there was none for so long.
const INDULGENCE: Duration = Duration::from_millis(100);

/// What a coordinator has been doing lately.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occupation {
    /// Since when it is looked at.
    since: Instant,
    /// For how much of that it has waited.
    rest: Duration,
    /// When results last came.
    progress: Instant,
    /// Until when executors have all processors.
    indulgent_until: Instant,
    is_busy: bool,
}

impl Occupation {
    /// One that begins now.
    pub(crate) fn new(now: Instant) -> Occupation {
        Occupation { since: now, rest: Duration::ZERO, progress: now, indulgent_until: now, is_busy: false }
    }

    /// Takes note that it has waited for so long.
    pub(crate) fn rested(&mut self, time: Duration) {
        self.rest += time;
    }

    /// Takes note that there was nothing to do for longer than a [moment](PAUSE).
    pub(crate) fn paused(&mut self, now: Instant) {
        *self = Occupation { since: now, rest: Duration::ZERO, is_busy: false, ..*self };
    }

    /// Takes note of results.
    pub(crate) fn progressed(&mut self, now: Instant) {
        self.progress = now;
    }

    /// Whether executors are to leave a processor to it, as it was when that was last looked at.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// Looks whether it is busy; says whether that has changed.
    pub(crate) fn look(&mut self, now: Instant) -> bool {
        let was_busy = self.is_busy;
        let has_progress = now.saturating_duration_since(self.progress) < PATIENCE;
        if self.is_busy && !has_progress {
            self.is_busy = false;
            self.indulgent_until = now + INDULGENCE;
        }
        let stretch = now.saturating_duration_since(self.since);
        if stretch >= STRETCH {
            let works = self.rest * MOST_REST <= stretch;
            self.is_busy = works && has_progress && now >= self.indulgent_until;
            (self.since, self.rest) = (now, Duration::ZERO);
        }
        self.is_busy != was_busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(begun: Instant, millis: u64) -> Instant {
        begun + Duration::from_millis(millis)
    }

    fn is_busy(occupation: &mut Occupation, now: Instant) -> bool {
        let was_busy = occupation.is_busy();
        assert_eq!(occupation.look(now), occupation.is_busy() != was_busy);
        occupation.is_busy()
    }

    #[test]
    fn who_hardly_ever_rests_is_busy() {
        let begun = Instant::now();
        let mut occupation = Occupation::new(begun);
        assert!(!is_busy(&mut occupation, at(begun, 1)));
        assert!(is_busy(&mut occupation, at(begun, 3)));
        occupation.progressed(at(begun, 4));
        occupation.rested(Duration::from_micros(200));
        assert!(is_busy(&mut occupation, at(begun, 6)));
        // Many short waits are as good as a long one.
        (0..20).for_each(|_| occupation.rested(Duration::from_micros(30)));
        assert!(!is_busy(&mut occupation, at(begun, 8)));
        occupation.progressed(at(begun, 9));
        assert!(is_busy(&mut occupation, at(begun, 10)) && is_busy(&mut occupation, at(begun, 11)));
        occupation.paused(at(begun, 11));
        occupation.progressed(at(begun, 11));
        assert!(!is_busy(&mut occupation, at(begun, 12)));
        assert!(is_busy(&mut occupation, at(begun, 14)));
    }

    #[test]
    fn where_no_results_come_executors_have_all_processors_for_a_while() {
        let begun = Instant::now();
        let mut occupation = Occupation::new(begun);
        assert!(is_busy(&mut occupation, at(begun, 3)));
        assert!(!is_busy(&mut occupation, at(begun, 6)), "all executors may have long jobs");
        for millis in 6..100 {
            occupation.progressed(at(begun, millis));
            assert!(!is_busy(&mut occupation, at(begun, millis)), "some may still have");
        }
        occupation.progressed(at(begun, 109));
        assert!(is_busy(&mut occupation, at(begun, 110)));
    }
}
