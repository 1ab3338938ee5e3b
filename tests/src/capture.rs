//! What a program writes, while it writes it.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// One output stream of a running program.
///
/// A thread reads it to the end, so the program never stands still because nobody reads.
#[derive(Clone)]
pub struct Capture {
    shared: Arc<Shared>,
}

struct Shared {
    /// Written by the reading thread only.
    state: Mutex<State>,
    /// Told of every change of the state.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    ended: bool,
}

impl Capture {
    /// Reads `stream` to its end in a thread of its own.
    pub(crate) fn of(mut stream: impl Read + Send + 'static) -> (Self, JoinHandle<()>) {
        let capture =
            Capture { shared: Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() }) };
        let writer = capture.clone();
        let thread = thread::spawn(move || {
            let mut chunk = [0; 8192];
            loop {
                let count = stream.read(&mut chunk).unwrap_or(0);
                let mut state = writer.lock();
                state.bytes.extend(chunk.iter().take(count));
                state.ended = count == 0;
                writer.shared.changed.notify_all();
                if state.ended {
                    return;
                }
            }
        });
        (capture, thread)
    }

    /// Everything written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    /// Everything written so far, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock().bytes).into_owned()
    }

    /// Waits until so many bytes have been written; false when the time is up, or when the stream has ended without.
    pub fn wait_for_size(&self, limit: Duration, size: usize) -> bool {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        while state.bytes.len() < size {
            let left = deadline.saturating_duration_since(Instant::now());
            if state.ended || left.is_zero() {
                return false;
            }
            (state, _) =
                self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// Looks at the complete lines written so far, again whenever there are more, until `look` has found what it
    /// looks for.
    ///
    /// `None` when the time is up, or when the stream has ended without it.
    pub fn wait_for<T>(&self, limit: Duration, mut look: impl FnMut(&[&str]) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        loop {
            let complete = state.bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let text = String::from_utf8_lossy(state.bytes.get(..complete).unwrap_or_default());
            let lines: Vec<&str> = text.lines().collect();
            if let Some(found) = look(&lines) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if state.ended || left.is_zero() {
                return None;
            }
            drop(text);
            (state, _) =
                self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until everything written so far, the last line as far as it goes, is as `look` wants it.
    pub fn wait_for_text(&self, limit: Duration, look: impl Fn(&str) -> bool) -> bool {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        while !look(&String::from_utf8_lossy(&state.bytes)) {
            let left = deadline.saturating_duration_since(Instant::now());
            if state.ended || left.is_zero() {
                return false;
            }
            (state, _) =
                self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// Waits until the stream has ended; false when the time is up.
    pub(crate) fn wait_for_end(&self, deadline: Instant) -> bool {
        let mut state = self.lock();
        while !state.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            (state, _) =
                self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
