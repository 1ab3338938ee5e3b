//! What the program may have to wait for, in one queue: signals, the end of what it has started, and changes of files.

use std::io;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::Duration;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A file somewhere near those that matter may have changed.
    Changed,
    /// A program that was started may have ended.
    Child,
    /// The program is asked to end, by this signal.
    Stop(i32),
}

/// As many events as may wait. More changes than that are as good as one.
const MOST_WAITING: usize = 64;

/// The queue of events. From when it is made signals end up in it and do not end the program.
#[derive(Debug)]
pub struct Events {
    sender: SyncSender<Event>,
    receiver: Receiver<Event>,
    #[cfg(unix)]
    signals: Option<signal_hook::iterator::Handle>,
}

impl Events {
    /// A queue that gets signals.
    pub fn new() -> Events {
        let (sender, receiver) = mpsc::sync_channel(MOST_WAITING);
        #[cfg(unix)]
        let signals = match signals::relay(sender.clone()) {
            Ok(handle) => Some(handle),
            Err(error) => {
                log::warn!("signals cannot be received: {error}");
                None
            }
        };
        Events {
            sender,
            receiver,
            #[cfg(unix)]
            signals,
        }
    }

    /// What tells the queue of changes. It never waits.
    pub fn on_change(&self) -> impl Fn() + Send + 'static {
        let sender = self.sender.clone();
        move || {
            // A full queue has changes in it, or something that comes first; either way files are looked at afterwards.
            sender.try_send(Event::Changed).ok();
        }
    }

    /// The next event; none if there was none within the limit.
    pub fn next(&self, limit: Option<Duration>) -> Option<Event> {
        match limit.or_else(longest_sleep) {
            Some(limit) => self.receiver.recv_timeout(limit).ok(),
            None => self.receiver.recv().ok(),
        }
    }
}

impl Default for Events {
    fn default() -> Events {
        Events::new()
    }
}

#[cfg(unix)]
impl Drop for Events {
    fn drop(&mut self) {
        if let Some(signals) = &self.signals {
            signals.close();
        }
    }
}

/// Where nobody tells of programs that have ended, they have to be looked at.
fn longest_sleep() -> Option<Duration> {
    if cfg!(unix) { None } else { Some(Duration::from_millis(100)) }
}

/// Ends this program by a signal, as if it had not been received, so that a shell sees why it ended. Gives the status to
/// end with where that is not possible.
pub fn die_of(signal: i32) -> i32 {
    #[cfg(unix)]
    if let Err(error) = signal_hook::low_level::emulate_default_handler(signal) {
        log::debug!("signal {signal} cannot be raised: {error}");
    }
    128 + signal
}

#[cfg(unix)]
mod signals {
    use super::{Event, SyncSender, io};
    use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::{Handle, Signals};

    /// Sends signals to a queue, from a thread of its own.
    pub(super) fn relay(sender: SyncSender<Event>) -> io::Result<Handle> {
        let ignored = std::fs::read_to_string("/proc/self/status").map_or(0, |status| ignored(&status));
        // What was ignored from the start stays ignored: nohup and shell scripts rely on it.
        let stops = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
        let mut signals = Signals::new(stops.chain([SIGCHLD]))?;
        let handle = signals.handle();
        let relay = move || {
            for signal in signals.forever() {
                let event = if signal == SIGCHLD { Event::Child } else { Event::Stop(signal) };
                if sender.send(event).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(relay)?;
        Ok(handle)
    }

    /// The set of ignored signals as Linux tells it: the lowest bit is signal 1.
    fn ignored(status: &str) -> u64 {
        let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).unwrap_or_default()
    }

    #[cfg(test)]
    mod tests {
        use super::ignored;

        #[test]
        fn ignored_signals_are_bits() {
            assert_eq!(ignored("Name:\tx\nSigIgn:\t0000000000000003\n"), 3);
            assert_eq!(ignored(""), 0);
        }
    }
}
