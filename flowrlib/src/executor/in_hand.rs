//! The jobs that somebody has given to a pool and has no answers to: they can be asked back, called off, and spread.

use super::orders::Look;
use super::{Batch, CodeTable, JobOrder, JobResult, Pool};
use crate::dispatch::Attempt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often it is worth looking whether something is stuck.
pub const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Jobs in the hands of a pool. Dropping it calls all of them off.
pub struct InHand {
    pool: Arc<Pool>,
    answer: Arc<dyn Fn(Vec<JobResult>) + Send + Sync>,
    /// How long each job may take.
    limit: Option<Duration>,
    abandoned: Arc<AtomicBool>,
    batches: Vec<Live>,
    /// How many batches there may be before those are sorted out that are done.
    most: usize,
    /// Whether the pool leaves a processor to whoever has this.
    leaves_room: bool,
}

struct Live {
    batch: Batch,
    /// How many jobs had begun when it was last looked at.
    begun: u64,
}

impl InHand {
    /// Nothing, for this pool. Answers are taken some at a time, each job's at most once.
    pub fn new(
        pool: Arc<Pool>,
        limit: Option<Duration>,
        answer: Arc<dyn Fn(Vec<JobResult>) + Send + Sync>,
    ) -> InHand {
        InHand {
            pool,
            answer,
            limit,
            abandoned: Arc::default(),
            batches: Vec::new(),
            most: 16,
            leaves_room: false,
        }
    }

    /// How many jobs the pool runs at once.
    pub fn slots(&self) -> usize {
        self.pool.slots()
    }

    /// How long each job may take.
    pub fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// Limits how long each further job may take.
    pub fn set_limit(&mut self, limit: Option<Duration>) {
        self.limit = limit;
    }

    /// Has one thread run these, one after another.
    pub fn run(&mut self, orders: impl IntoIterator<Item = JobOrder>, codes: &Arc<CodeTable>) {
        let batch = Batch {
            orders: Arc::new(orders.into()),
            codes: Arc::clone(codes),
            answer: Arc::clone(&self.answer),
            abandoned: Arc::clone(&self.abandoned),
            limit: self.limit,
        };
        if self.batches.len() >= self.most {
            self.batches.retain(|live| !live.batch.orders.look().is_done);
            self.most = (self.batches.len() * 2).max(16);
        }
        self.batches.push(Live { batch: batch.clone(), begun: 0 });
        self.pool.run(batch);
    }

    /// Whether there are jobs that are not done.
    pub fn has_jobs(&mut self) -> bool {
        self.batches.retain(|live| !live.batch.orders.look().is_done);
        !self.batches.is_empty()
    }

    /// Frees what is stuck behind a job that has been running since the last look: results are answered, and jobs that
    /// have not begun go to whichever threads are free.
    pub fn spread(&mut self) {
        let mut stuck = Vec::new();
        for Live { batch, begun } in &mut self.batches {
            let Look { begun: now_begun, is_running, .. } = batch.orders.look();
            let is_stuck = is_running && now_begun == *begun;
            *begun = now_begun;
            if is_stuck {
                let (waiting, results) = batch.orders.take_rest();
                if !results.is_empty() {
                    (self.answer)(results);
                }
                stuck.extend(waiting.into_iter().map(|order| (order, Arc::clone(&batch.codes))));
            }
        }
        // Each on its own: what stands behind one long job may be long as well.
        for (order, codes) in stuck {
            self.run([order], &codes);
        }
    }

    /// Says whether the pool is to leave a processor to whoever has this, and works all the time.
    pub fn leave_room(&mut self, is_needed: bool) {
        if is_needed != self.leaves_room {
            self.leaves_room = is_needed;
            self.pool.leave_room(is_needed);
        }
    }

    /// Takes back those of these jobs that have not begun.
    pub fn recall(&mut self, jobs: &[Attempt]) -> Vec<JobOrder> {
        self.batches.iter().flat_map(|live| live.batch.orders.recall(jobs)).collect()
    }

    /// Calls jobs off: those that have not begun are left out, and those end that can be ended. Tells which of them
    /// will not be answered; others are already, or will be when they end by themselves.
    pub fn cancel(&mut self, jobs: &[Attempt]) -> Vec<Attempt> {
        self.batches.iter().flat_map(|live| live.batch.cancel(jobs)).collect()
    }

    /// Calls everything off, so that others can have it; tells which jobs will not be answered. What was done and not
    /// answered is answered now.
    pub fn give_up(&mut self) -> Vec<Attempt> {
        let mut left = Vec::new();
        for Live { batch, .. } in &self.batches {
            let (unanswered, results) = batch.orders.give_up();
            left.extend(unanswered);
            if !results.is_empty() {
                (self.answer)(results);
            }
        }
        self.abandon();
        left
    }

    /// Calls everything off.
    pub fn abandon(&mut self) {
        std::mem::take(&mut self.abandoned).store(true, Ordering::Relaxed);
        self.batches.clear();
    }
}

impl Drop for InHand {
    /// What is left waiting would only hold up others.
    fn drop(&mut self) {
        self.leave_room(false);
        self.abandon();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::super::by_hand::{StuckCode, order, stuck};
    use super::*;
    use crossbeam_channel::{Receiver, Sender, unbounded};
    use std::time::Instant;

    struct Bench {
        in_hand: InHand,
        answers: Receiver<Vec<JobResult>>,
        let_go: Sender<()>,
    }

    impl Bench {
        /// The first of these jobs runs.
        fn stuck_in_the_first_of(jobs: u64, threads: usize) -> Bench {
            let StuckCode { codes, begun, let_go } = stuck();
            let (sender, answers) = unbounded();
            let pool = Arc::new(Pool::start(threads).unwrap());
            let answer = Arc::new(move |results| sender.send(results).unwrap());
            let mut in_hand = InHand::new(pool, None, answer);
            in_hand.run((0..jobs).map(order), &codes);
            begun.recv().unwrap();
            Bench { in_hand, answers, let_go }
        }

        fn answered(&self, count: usize) -> Vec<u64> {
            let mut places: Vec<u64> = Vec::new();
            while places.len() < count {
                places.extend(self.answers.recv().unwrap().iter().map(|result| result.ticket.place));
            }
            places.sort_unstable();
            places
        }
    }

    #[test]
    fn what_stands_behind_a_long_job_is_done_by_others() {
        let mut bench = Bench::stuck_in_the_first_of(4, 2);
        bench.in_hand.spread();
        assert!(bench.answers.is_empty(), "the first look only remembers");
        bench.in_hand.spread();
        assert_eq!(bench.answered(3), [1, 2, 3]);
        bench.let_go.send(()).unwrap();
        assert_eq!(bench.answered(1), [0]);
    }

    #[test]
    fn jobs_that_have_not_begun_can_be_had_back() {
        let mut bench = Bench::stuck_in_the_first_of(3, 1);
        let wanted = [order(0), order(2), order(7)].map(|order| order.attempt());
        assert_eq!(bench.in_hand.recall(&wanted), [order(2)]);
        bench.let_go.send(()).unwrap();
        assert_eq!(bench.answered(2), [0, 1]);
    }

    #[test]
    fn a_native_job_that_is_called_off_goes_on_and_one_that_has_not_begun_is_left_out() {
        let mut bench = Bench::stuck_in_the_first_of(3, 1);
        let unwanted = [order(0), order(1)].map(|order| order.attempt());
        assert_eq!(bench.in_hand.cancel(&unwanted), [order(1).attempt()]);
        bench.let_go.send(()).unwrap();
        assert_eq!(bench.answered(2), [0, 2]);
    }

    #[test]
    fn a_module_that_is_called_off_ends() {
        let endless = r#"(module (memory (export "memory") 1)
            (func (export "alloc") (param i32) (result i32) (i32.const 0))
            (func (export "flow_run") (param i32 i32) (result i64) (loop (br 0)) (i64.const 0)))"#;
        let module = crate::modules::ModuleFile::new(wat::parse_str(endless).unwrap());
        let limits = super::super::ModuleLimits { time: None, ..Default::default() };
        let function = super::super::WasmFunction::new(module, limits);
        let codes: Arc<CodeTable> = Arc::new([Ok(Code::Module(Arc::new(function)))].into_iter().collect());
        let (sender, answers) = unbounded();
        let pool = Arc::new(Pool::start(1).unwrap());
        let answer = Arc::new(move |results: Vec<JobResult>| sender.send(results).unwrap());
        let mut in_hand = InHand::new(pool, None, answer);
        let patience = Instant::now() + Duration::from_secs(20);
        let wait_until = |is_so: &dyn Fn(Look) -> bool, in_hand: &InHand| {
            while !is_so(in_hand.batches.last().unwrap().batch.orders.look()) {
                assert!(Instant::now() < patience, "it takes too long");
                std::thread::yield_now();
            }
        };
        for job in [0, 1] {
            in_hand.run([order(job)], &codes);
            // There is one thread, so the second one begins only when the first has ended.
            wait_until(&|look| look.is_running, &in_hand);
            assert_eq!(in_hand.cancel(&[order(job).attempt()]), [order(job).attempt()]);
        }
        wait_until(&|look| look.is_done, &in_hand);
        assert!(answers.is_empty(), "nobody is told what came of it");
    }

    #[test]
    fn what_is_given_up_is_told_job_by_job_and_what_was_done_is_answered() {
        let mut bench = Bench::stuck_in_the_first_of(4, 1);
        let places: Vec<u64> = bench.in_hand.give_up().iter().map(|job| job.ticket.place).collect();
        assert_eq!(places, [1, 2, 3, 0], "the one that runs is the last");
        assert!(bench.in_hand.give_up().is_empty());
        bench.let_go.send(()).unwrap();
    }
}
