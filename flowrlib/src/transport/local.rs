//! In memory, to the runner's own executor threads.

use super::events::EventSender;
use super::{Event, Link};
use crate::dispatch::{Attempt, ExecutorId};
use crate::distribution::Returned;
use crate::executor::{CodeTable, InHand, JobOrder, Pool};
use std::sync::Arc;
use std::time::Duration;

/// The runner's threads as one executor.
pub(crate) struct LocalLink {
    executor: ExecutorId,
    /// What a run that was cut short leaves there is called off with it: the pool may be used by others as well.
    in_hand: InHand,
    codes: Arc<CodeTable>,
    events: EventSender,
}

impl LocalLink {
    /// `limit` is how long each job may take.
    pub(crate) fn new(
        executor: ExecutorId,
        pool: Arc<Pool>,
        codes: Arc<CodeTable>,
        limit: Option<Duration>,
        events: EventSender,
    ) -> LocalLink {
        let answers = events.clone();
        let answer = Arc::new(move |results| {
            // Nobody listens any more once the run is over.
            answers.send(Event::Results { executor, window: None, results }).ok();
        });
        LocalLink { executor, in_hand: InHand::new(pool, limit, answer), codes, events }
    }

    fn give_back(&self, jobs: Vec<Returned>) {
        if !jobs.is_empty() {
            self.events.send(Event::Returned { executor: self.executor, jobs }).ok();
        }
    }
}

impl Link for LocalLink {
    fn send(&mut self, orders: Vec<JobOrder>) {
        self.in_hand.run(orders, &self.codes);
    }

    fn recall(&mut self, jobs: Vec<Attempt>) {
        let orders = self.in_hand.recall(&jobs).into_iter();
        self.give_back(
            orders.map(|order| Returned { attempt: order.attempt(), inputs: Some(order.inputs) }).collect(),
        );
    }

    fn cancel(&mut self, jobs: Vec<Attempt>) {
        let cancelled = self.in_hand.cancel(&jobs).into_iter();
        self.give_back(cancelled.map(|attempt| Returned { attempt, inputs: None }).collect());
    }

    fn spread(&mut self) {
        self.in_hand.spread();
    }

    fn leave_room(&mut self, is_needed: bool) {
        self.in_hand.leave_room(is_needed);
    }
}
