//! In memory, to the runner's own executor threads.

use super::{Event, Link};
use crate::dispatch::ExecutorId;
use crate::executor::{Batch, CodeTable, JobOrder, JobResult, Pool};
use crossbeam_channel::Sender;
use std::sync::Arc;
use std::time::Duration;

/// The runner's threads as one executor.
pub(crate) struct LocalLink {
    pool: Pool,
    codes: Arc<CodeTable>,
    /// How long each job may take.
    limit: Option<Duration>,
    answer: Arc<dyn Fn(Vec<JobResult>) + Send + Sync>,
}

impl LocalLink {
    pub(crate) fn new(
        executor: ExecutorId,
        pool: Pool,
        codes: Arc<CodeTable>,
        limit: Option<Duration>,
        events: Sender<Event>,
    ) -> LocalLink {
        let answer = Arc::new(move |results| {
            // Nobody listens any more once the run is over.
            events.send(Event::Results { executor, window: None, results }).ok();
        });
        LocalLink { pool, codes, limit, answer }
    }
}

impl Link for LocalLink {
    fn send(&self, orders: Vec<JobOrder>) {
        self.pool.run(Batch {
            orders: orders.into(),
            codes: Arc::clone(&self.codes),
            answer: Arc::clone(&self.answer),
            abandoned: Arc::default(),
            limit: self.limit,
        });
    }
}
