//! Batches that wait for a thread, in one line for each run that they belong to.
//!
//! The threads of a pool may work for several runs at once, as those of a worker and of a server do. Whichever run has
//! had the least time gets the next turn, and no turn is longer than [`TURN`] while others wait: so a run with long
//! batches holds up another by one job at most.
//!
//! Whoever hands jobs out may need a processor for itself. Then threads beyond the [room](Queue::leave_room) that is left
//! sleep when their turns end, although batches wait.

use super::pool::Batch;
use crate::awake::stay_awake;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a thread works for one run while others wait. Jobs are never interrupted for that.
pub(super) const TURN: Duration = Duration::from_millis(10);

/// How long a thread that has nothing to do stays awake, yielding to whoever has something. Waking it again costs more
/// than this.
const HOT: Duration = Duration::from_micros(20);

/// Batches that wait for a thread.
pub(super) struct Queue {
    /// How long a turn is.
    turn: Duration,
    lines: Mutex<Lines>,
    /// How many batches there are, to be looked at without taking the lock.
    waiting: AtomicUsize,
    /// How many processors are to be left to others.
    taken: AtomicUsize,
    processors: OnceLock<usize>,
    /// There is something to do, or room to do it.
    filled: Condvar,
}

#[derive(Default)]
struct Lines {
    lines: Vec<Line>,
    /// How many batches there are.
    waiting: usize,
    /// How much time the run had had that got the last turn: whoever comes anew begins there.
    clock: u64,
    sleepers: usize,
    is_closed: bool,
}

/// What waits of one run.
struct Line {
    source: Source,
    batches: VecDeque<Batch>,
    /// How much time it has had, in nanoseconds.
    used: u64,
    /// How many threads are at work for it.
    turns: u64,
}

/// Which run a batch belongs to: what is given up together belongs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source(usize);

impl Source {
    pub(super) fn of(batch: &Batch) -> Source {
        Source(Arc::as_ptr(&batch.abandoned).addr())
    }
}

impl Lines {
    /// How many threads are at work.
    fn at_work(&self) -> u64 {
        self.lines.iter().map(|line| line.turns).sum()
    }

    fn of(&mut self, source: Source) -> &mut Line {
        let place = self.lines.iter().position(|line| line.source == source);
        let place = place.unwrap_or_else(|| {
            self.lines.push(Line { source, batches: VecDeque::new(), used: self.clock, turns: 0 });
            self.lines.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the place was found or made just now")]
        &mut self.lines[place]
    }

    fn pop(&mut self, turn: Duration) -> Option<Batch> {
        let waiting = self.lines.iter_mut().filter(|line| !line.batches.is_empty());
        // Turns that have not ended count as if they were to be used up.
        let line =
            waiting.min_by_key(|line| line.used.saturating_add(line.turns.saturating_mul(nanos(turn))))?;
        let batch = line.batches.pop_front()?;
        line.turns += 1;
        self.clock = self.clock.max(line.used);
        self.waiting -= 1;
        Some(batch)
    }

    fn end_turn(&mut self, source: Source, time: Duration, rest: Option<Batch>) {
        let line = self.of(source);
        line.turns = line.turns.saturating_sub(1);
        line.used = line.used.saturating_add(nanos(time));
        if let Some(batch) = rest {
            line.batches.push_front(batch);
            self.waiting += 1;
        }
        // Of runs that have nothing here it is remembered how far they are ahead of others, and nothing else.
        let clock = self.clock;
        self.lines.retain(|line| line.turns > 0 || !line.batches.is_empty() || line.used > clock);
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Queue {
    pub(super) fn new(turn: Duration) -> Queue {
        Queue {
            turn,
            lines: Mutex::default(),
            waiting: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            processors: OnceLock::new(),
            filled: Condvar::new(),
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        // No panic can leave the lines half changed.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a batch.
    pub(super) fn put(&self, batch: Batch) {
        let mut lines = self.lines();
        let clock = lines.clock;
        let line = lines.of(Source::of(&batch));
        if line.batches.is_empty() && line.turns == 0 {
            // Nobody saves up time by asking for nothing.
            line.used = line.used.max(clock);
        }
        line.batches.push_back(batch);
        lines.waiting += 1;
        self.let_go(lines, true);
    }

    /// Whether one more thread may be at work.
    fn has_room(&self, lines: &Lines) -> bool {
        let taken = self.taken.load(Ordering::Relaxed);
        if taken == 0 {
            return true;
        }
        let processors =
            *self.processors.get_or_init(|| thread::available_parallelism().map_or(1, usize::from));
        lines.at_work() < processors.saturating_sub(taken).max(1) as u64
    }

    /// Has it believe that there are so many processors.
    #[cfg(test)]
    pub(super) fn set_processors(&self, count: usize) {
        self.processors.set(count).unwrap();
    }

    /// Leaves one more processor to others, or one fewer.
    pub(super) fn leave_room(&self, is_needed: bool) {
        if is_needed {
            self.taken.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.taken.fetch_sub(1, Ordering::Relaxed);
        // Whoever has fallen asleep for want of room has done so under the lock, and is counted.
        let lines = self.lines();
        let is_to_wake = lines.waiting > 0 && lines.sleepers > 0;
        drop(lines);
        if is_to_wake {
            self.filled.notify_all();
        }
    }

    /// Lets others look. If a batch was put there, somebody who sleeps is woken for it, where there is room.
    fn let_go(&self, lines: MutexGuard<'_, Lines>, was_put: bool) {
        self.waiting.store(lines.waiting, Ordering::Release);
        let is_to_wake = was_put && lines.waiting > 0 && lines.sleepers > 0 && self.has_room(&lines);
        drop(lines);
        if is_to_wake {
            self.filled.notify_one();
        }
    }

    /// The next batch, and with it a turn; none when there will be no more.
    pub(super) fn next(&self) -> Option<Batch> {
        let idle_since = Instant::now();
        loop {
            let left = HOT.saturating_sub(idle_since.elapsed());
            let was_there = stay_awake(left, || self.waiting.load(Ordering::Acquire) > 0);
            let mut lines = self.lines();
            loop {
                let has_room = self.has_room(&lines);
                if has_room && let Some(batch) = lines.pop(self.turn) {
                    self.let_go(lines, false);
                    return Some(batch);
                }
                if lines.is_closed {
                    return None;
                }
                // Another thread was faster, and the next batch may come any moment.
                if has_room && was_there && !left.is_zero() {
                    break;
                }
                lines.sleepers += 1;
                lines = self.filled.wait(lines).unwrap_or_else(PoisonError::into_inner);
                lines.sleepers -= 1;
            }
        }
    }

    /// Ends a turn that took so long. What is left of its batch comes first when it is the run's turn again.
    pub(super) fn end_turn(&self, source: Source, time: Duration, rest: Option<Batch>) {
        let mut lines = self.lines();
        let has_rest = rest.is_some();
        lines.end_turn(source, time, rest);
        self.let_go(lines, has_rest);
    }

    /// Ends a turn and gives the [next](Queue::next), without anybody being woken in between to take the thread's place.
    pub(super) fn next_turn(&self, source: Source, time: Duration, rest: Option<Batch>) -> Option<Batch> {
        let mut lines = self.lines();
        let has_rest = rest.is_some();
        lines.end_turn(source, time, rest);
        let next = if self.has_room(&lines) { lines.pop(self.turn) } else { None };
        self.let_go(lines, has_rest);
        next.or_else(|| self.next())
    }

    /// Whether a turn that began then is to end, because others wait.
    pub(super) fn is_over(&self, source: Source, began: Instant, now: Instant) -> bool {
        now.saturating_duration_since(began) >= self.turn
            && self.waiting.load(Ordering::Acquire) > 0
            && self.lines().lines.iter().any(|line| line.source != source && !line.batches.is_empty())
    }

    /// Takes out everything that waits: nobody is there who would do it.
    pub(super) fn take_all(&self) -> Vec<Batch> {
        let mut lines = self.lines();
        let batches: Vec<Batch> = lines.lines.iter_mut().flat_map(|line| line.batches.drain(..)).collect();
        lines.waiting = 0;
        self.let_go(lines, false);
        batches
    }

    /// Lets the threads end when nothing waits any more.
    pub(super) fn close(&self) {
        self.lines().is_closed = true;
        self.filled.notify_all();
    }
}
