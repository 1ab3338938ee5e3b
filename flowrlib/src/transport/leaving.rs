//! That a worker ends: its sessions are told, so that each can take its leave.

use super::waker::Waker;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Whether a worker ends, and the sessions that have to know.
#[derive(Clone, Default)]
pub(crate) struct Leaving {
    has_begun: Arc<AtomicBool>,
    sessions: Arc<Mutex<Sessions>>,
}

#[derive(Default)]
struct Sessions {
    wakers: HashMap<u64, Waker>,
    latest: u64,
}

/// A session that is woken when its worker ends, for as long as this lives.
pub(crate) struct Attending {
    leaving: Leaving,
    number: u64,
}

impl Leaving {
    /// Has all sessions take their leave.
    pub(crate) fn begin(&self) {
        self.has_begun.store(true, Ordering::SeqCst);
        self.sessions().wakers.values().for_each(Waker::wake);
    }

    /// Whether a session has to take its leave.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::SeqCst)
    }

    /// Has a session be woken. It finds out by itself what had begun before.
    pub(crate) fn attend(&self, waker: Waker) -> Attending {
        let mut sessions = self.sessions();
        sessions.latest += 1;
        let number = sessions.latest;
        sessions.wakers.insert(number, waker);
        Attending { leaving: self.clone(), number }
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        // No panic can leave the map half changed.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Attending {
    fn drop(&mut self) {
        self.leaving.sessions().wakers.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::waker::waker;
    use std::time::Duration;

    #[test]
    fn sessions_that_sleep_are_woken_and_those_that_are_over_are_forgotten() {
        let leaving = Leaving::default();
        let (mut sleeper, alarm) = waker().unwrap();
        let attending = leaving.attend(alarm);
        let (_, other) = waker().unwrap();
        drop(leaving.attend(other));
        assert_eq!(leaving.sessions().wakers.len(), 1);
        let thread = std::thread::spawn({
            let leaving = leaving.clone();
            move || leaving.begin()
        });
        let socket = zmq::Context::new().socket(zmq::DEALER).unwrap();
        while !leaving.has_begun() {
            sleeper.wait(&socket, Duration::from_secs(20), || leaving.has_begun()).unwrap();
        }
        thread.join().unwrap();
        drop(attending);
        assert_eq!(leaving.sessions().wakers.len(), 0);
    }
}
