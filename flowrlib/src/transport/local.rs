//! In memory, to the runner's own executor threads.

use super::{Event, Link};
use crate::dispatch::ExecutorId;
use crate::executor::{Batch, CodeTable, JobOrder, JobResult, Pool};
use crossbeam_channel::Sender;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The runner's threads as one executor.
pub(crate) struct LocalLink {
    pool: Arc<Pool>,
    codes: Arc<CodeTable>,
    /// How long each job may take.
    limit: Option<Duration>,
    answer: Arc<dyn Fn(Vec<JobResult>) + Send + Sync>,
    /// Tells the pool, which others may use as well, that the run is over.
    abandoned: Arc<AtomicBool>,
}

impl LocalLink {
    pub(crate) fn new(
        executor: ExecutorId,
        pool: Arc<Pool>,
        codes: Arc<CodeTable>,
        limit: Option<Duration>,
        events: Sender<Event>,
    ) -> LocalLink {
        let answer = Arc::new(move |results| {
            // Nobody listens any more once the run is over.
            events.send(Event::Results { executor, window: None, results }).ok();
        });
        LocalLink { pool, codes, limit, answer, abandoned: Arc::default() }
    }
}

impl Link for LocalLink {
    fn send(&self, orders: Vec<JobOrder>) {
        self.pool.run(Batch {
            orders: orders.into(),
            codes: Arc::clone(&self.codes),
            answer: Arc::clone(&self.answer),
            abandoned: Arc::clone(&self.abandoned),
            limit: self.limit,
        });
    }
}

impl Drop for LocalLink {
    /// What a run that was cut short has left waiting would only hold up others.
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }
}
