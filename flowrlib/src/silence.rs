//! How long others have been silent, by somebody who may look at the clock too late himself.
//!
//! Whoever looks too late has stood still, as in a machine that sleeps, and what others said meanwhile is still to be
//! read; or there is far too much to do, and so there may be for others. They get that time, and some times as much.
//! Otherwise all would be given up by each other, and do everything anew, which makes what is slow even slower. But there
//! is an end to it: who is dead is given up on the busiest machine.

use std::time::{Duration, Instant};

/// Less than this is not late.
const PUNCTUAL: Duration = Duration::from_millis(50);

/// How many times as much time others get as somebody was late: whatever they say takes several threads to come here.
const LATE: u32 = 8;

/// The most that it becomes before something is heard: the longest that anybody may be silent.
const MOST_GRACE: Duration = Duration::from_secs(24);

/// A time in which nothing was heard of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Silence {
    /// When it began, later by what was forgiven.
    since: Instant,
    /// How much was given for being late.
    grace: Duration,
}

impl Silence {
    /// One that begins now: something was just heard.
    pub(crate) fn since(now: Instant) -> Silence {
        Silence { since: now, grace: Duration::ZERO }
    }

    /// How long it lasts, what was forgiven left out.
    pub(crate) fn lasts(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }

    /// When it will have lasted so long.
    pub(crate) fn will_last(&self, time: Duration) -> Instant {
        self.since + time
    }

    /// Takes note that the clock is looked at so late.
    pub(crate) fn forgive(&mut self, late: Duration, now: Instant) {
        if late > PUNCTUAL {
            let more = late.saturating_mul(LATE).min(MOST_GRACE.saturating_sub(self.grace));
            self.grace += more;
            self.since = (self.since + late + more).min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_late_forgives_a_multiple_of_that_but_not_for_ever() {
        let begun = Instant::now();
        let mut silence = Silence::since(begun);
        let second = Duration::from_secs(1);
        silence.forgive(PUNCTUAL, begun + second);
        assert_eq!(silence.lasts(begun + second), second, "that is not late");
        silence.forgive(second / 10, begun + 2 * second);
        assert_eq!(silence.lasts(begun + 2 * second), second + second / 10);
        assert_eq!(silence.will_last(second), begun + second + second * 9 / 10);
        // Every second, a tenth of one too late: at first that is almost all of it, then it is that tenth.
        for number in 3..=100 {
            silence.forgive(second / 10, begun + number * second);
        }
        let forgiven = MOST_GRACE + 99 * second / 10;
        assert_eq!(silence.lasts(begun + 100 * second), 100 * second - forgiven);
        let mut asleep = Silence::since(begun);
        asleep.forgive(59 * second, begun + 60 * second);
        assert_eq!(asleep.lasts(begun + 60 * second), Duration::ZERO);
    }
}
