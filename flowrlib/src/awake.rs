//! Staying awake for a moment, where the next thing to do may come at any time.
//!
//! Falling asleep and being woken takes longer than that, so whoever waits for so short a time yields to others instead.
//! But where more of them have something to do than there are processors, it is a whole round before one that has yielded
//! is on again, while one that sleeps is woken at once. So whoever notices that does not do it for a while.

use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

/// Yielding that takes longer has let others work.
const CROWDED: Duration = Duration::from_millis(1);

/// How many times as long as that nobody yields any more: the share of the time that is lost by it.
const REST: u32 = 16;

thread_local! {
    /// Until when this thread does not stay awake.
    static RESTS_UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Waits for so long, or until it is there; says whether it is.
pub(crate) fn stay_awake(moment: Duration, mut is_there: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    if RESTS_UNTIL.get().is_some_and(|until| begun < until) {
        return is_there();
    }
    let mut now = begun;
    loop {
        if is_there() {
            return true;
        }
        if now.saturating_duration_since(begun) >= moment {
            return false;
        }
        thread::yield_now();
        let back = Instant::now();
        let took = back.saturating_duration_since(now);
        now = back;
        if took > CROWDED {
            RESTS_UNTIL.set(Some(back + took * REST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_waited_for_a_moment() {
        let mut looks = 0;
        let mut third = || {
            looks += 1;
            looks == 3
        };
        assert!(stay_awake(Duration::from_secs(60), &mut third));
        assert!(!stay_awake(Duration::ZERO, || false));
        assert!(stay_awake(Duration::ZERO, || true), "what is there need not be waited for");
    }

    #[test]
    fn nobody_stays_awake_for_a_while_where_it_takes_long_to_come_back() {
        RESTS_UNTIL.set(Some(Instant::now() + Duration::from_secs(60)));
        let mut looks = 0;
        assert!(!stay_awake(Duration::from_secs(60), || {
            looks += 1;
            false
        }));
        assert_eq!(looks, 1);
    }
}
