//! Waking a thread that waits for a ZeroMQ socket.
//!
//! The thread has two sources of news: its socket and an in-memory queue. ZeroMQ can wait for a file descriptor beside
//! its sockets, so whoever puts something into the queue also puts a byte into a pipe, but only if the thread has said
//! that it is about to wait.

use super::uninterrupted;
use crate::awake::stay_awake;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a thread stays awake when there are no news.
const HOT: Duration = Duration::from_micros(50);

/// Who has waited longer than this gets heartbeats at most, which are not worth staying awake for: a worker may have
/// hundreds of runners that have nothing for it to do.
const COLD: Duration = Duration::from_millis(10);

/// The waiting end.
pub(crate) struct Sleeper {
    pipe: PipeReader,
    asleep: Arc<AtomicBool>,
    /// Whether there were news a short while ago, so that the next ones may come any moment.
    is_hot: bool,
}

/// The end that wakes; every producer has a copy.
#[derive(Clone)]
pub(crate) struct Waker {
    pipe: Arc<PipeWriter>,
    asleep: Arc<AtomicBool>,
}

/// A sleeper and its waker.
pub(crate) fn waker() -> io::Result<(Sleeper, Waker)> {
    let (reader, writer) = io::pipe()?;
    let asleep = Arc::new(AtomicBool::new(false));
    Ok((
        Sleeper { pipe: reader, asleep: Arc::clone(&asleep), is_hot: true },
        Waker { pipe: Arc::new(writer), asleep },
    ))
}

impl Waker {
    /// Wakes the sleeper if it sleeps. Comes after putting something into the queue.
    pub(crate) fn wake(&self) {
        if self.asleep.swap(false, Ordering::SeqCst) {
            // A pipe that is closed belongs to a thread that is gone and needs no waking.
            (&*self.pipe).write_all(&[0]).ok();
        }
    }
}

impl Sleeper {
    /// Waits until the socket can be read, somebody wakes us, or the time is over. Does not wait if `has_news` finds
    /// something in the queue after wakers were told that we sleep.
    pub(crate) fn wait(
        &mut self,
        socket: &zmq::Socket,
        timeout: Duration,
        has_news: impl Fn() -> bool,
    ) -> Result<(), zmq::Error> {
        // Going to sleep and being woken costs more than waiting for a moment, which is often all it takes.
        let begun = Instant::now();
        // A socket that cannot be asked says why when it is waited for.
        let is_readable =
            || uninterrupted(|| socket.get_events()).is_ok_and(|events| events.contains(zmq::POLLIN));
        if self.is_hot && stay_awake(HOT.min(timeout), || has_news() || is_readable()) {
            return Ok(());
        }
        self.asleep.store(true, Ordering::SeqCst);
        let timeout = if has_news() { Duration::ZERO } else { timeout };
        // A part of a millisecond is waited for as a whole one, lest the last one be spent spinning.
        let milliseconds = i64::try_from(timeout.as_micros().div_ceil(1000)).unwrap_or(i64::MAX);
        let mut items =
            [socket.as_poll_item(zmq::POLLIN), zmq::PollItem::from_fd(self.pipe.as_raw_fd(), zmq::POLLIN)];
        let polled = uninterrupted(|| zmq::poll(&mut items, milliseconds));
        self.is_hot = begun.elapsed() < COLD;
        let [_, pipe] = &items;
        let awakened = pipe.is_readable();
        // If a waker has taken the flag meanwhile, its byte is in the pipe or about to be: it is read now or next time.
        self.asleep.store(false, Ordering::SeqCst);
        if awakened {
            // One byte was promised, and if it cannot be read, the thread is awake all the same.
            self.pipe.read_exact(&mut [0]).ok();
        }
        polled.map(|_| ())
    }
}
