//! Signals to the programs: they end a run or a worker, or ask how it stands.

use crate::stop::{Stop, StopSwitch};
use log::warn;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag::{register, register_conditional_shutdown};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Has SIGUSR1 end nothing as long as there is nobody yet who could answer.
pub fn let_questions_pass() {
    // Where signals cannot be had, that is told by `watch`.
    register(SIGUSR1, Arc::default()).ok();
}

/// Has SIGINT and SIGTERM throw a switch: the run, or the worker, then ends in good order. A second signal ends the
/// program at once, for where that order takes too long. `ask` is what SIGUSR1 does; it disturbs nothing.
pub fn watch(switch: StopSwitch, ask: impl Fn() + Send + 'static) {
    if let Err(error) = start(switch, ask) {
        warn!("signals end this program on the spot: {error}");
    }
}

fn start(switch: StopSwitch, ask: impl Fn() + Send + 'static) -> io::Result<()> {
    let is_ending = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        register_conditional_shutdown(signal, 128 + signal, Arc::clone(&is_ending))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGUSR1])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            if signal == SIGUSR1 {
                ask();
                continue;
            }
            is_ending.store(true, Ordering::Relaxed);
            switch.throw(if signal == SIGINT { Stop::Interrupted } else { Stop::Closed });
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use signal_hook::low_level::raise;

    #[test]
    fn who_asks_too_soon_ends_nothing() {
        let_questions_pass();
        raise(SIGUSR1).unwrap();
    }
}
