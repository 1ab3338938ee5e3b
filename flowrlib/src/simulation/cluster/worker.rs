//! The workers of a simulated distribution, and how they hear and are heard.

use super::*;

impl Cluster<'_> {
    pub(super) fn start_worker(&mut self) {
        self.latest_identity += 1;
        let slots = 1 + self.choices.below(3);
        let slowness = [1, 1, 1, 5, 40][self.choices.below(5)];
        self.workers.push(Worker {
            bench: Bench { slots, ..Bench::default() },
            is_alive: true,
            life: 0,
            identity: self.latest_identity,
            stopped_until: 0,
            is_welcome: false,
            spoke: self.time,
            heard: self.time,
            retry_at: u64::MAX,
            sequence: Sequence::default(),
            last_arrival: [0; 2],
            slowness,
        });
        let worker = self.workers.len() - 1;
        self.tell(|| format!("worker {worker} joins with {slots} threads"));
        self.introduce(worker);
        self.schedule(self.time + HEARTBEAT, Event::WorkerLooks { worker, life: 0 });
    }

    pub(super) fn introduce(&mut self, number: usize) {
        let worker = &mut self.workers[number];
        worker.is_welcome = false;
        worker.life += 1;
        worker.bench.waiting.clear();
        worker.bench.running.clear();
        let hello = Hello {
            protocol: PROTOCOL,
            slots: worker.bench.slots,
            number: number as u64,
            ..Hello::default()
        };
        self.worker_sends(number, FromWorker::Hello(Box::new(hello)));
    }

    /// Begins with another connection, which the runner does not know.
    pub(super) fn connect_anew(&mut self, number: usize) {
        self.latest_identity += 1;
        self.workers[number].identity = self.latest_identity;
        self.workers[number].last_arrival = [self.time; 2];
    }

    pub(super) fn worker_sends(&mut self, number: usize, mut message: FromWorker) {
        let worker = &mut self.workers[number];
        if matches!(message, FromWorker::Results { .. } | FromWorker::Heartbeat { .. }) {
            worker.spoke = self.time;
        }
        if let Some(number) = message.number_mut() {
            *number = worker.sequence.advance();
        }
        let (from, frame) = (worker.identity, message.encode());
        for time in self.arrivals(number, 1) {
            self.schedule(time, Event::ToRunner { from, frame: frame.clone() });
        }
    }

    /// When a message arrives, if it does, and how often.
    pub(super) fn arrivals(&mut self, worker: usize, direction: usize) -> Vec<u64> {
        let delay = [0, 1, 1, 3, 20, 200][self.choices.below(6)];
        let is_harsh = self.plan.network == Network::Harsh && self.time < MISHAPS;
        if is_harsh {
            match self.choices.below(12) {
                0 => return vec![],
                1 => {
                    let again = self.choices.below(3_000) as u64;
                    return vec![self.time + delay, self.time + delay + again];
                }
                2 => return vec![self.time + delay + self.choices.below(2_000) as u64],
                _ => {}
            }
        }
        let last = &mut self.workers[worker].last_arrival[direction];
        *last = (*last).max(self.time + delay);
        vec![*last]
    }

    pub(super) fn worker_receives(&mut self, number: usize, message: ToWorker) {
        self.tell(|| format!("to worker {number}: {message:?}"));
        let time = self.time;
        let worker = &mut self.workers[number];
        if worker.is_welcome || matches!(message, ToWorker::Welcome { .. }) {
            worker.heard = time;
        }
        let arrival = message.number().map(|number| worker.sequence.take(number));
        let is_missing = match &message {
            ToWorker::Heartbeat { sent, .. } => worker.sequence.is_missing(*sent),
            _ => arrival == Some(Arrival::Gap),
        };
        if arrival == Some(Arrival::Again) {
            return;
        }
        if is_missing && worker.is_welcome {
            self.worker_sends(number, FromWorker::Goodbye { run: RUN });
            self.introduce(number);
            return;
        }
        match message {
            ToWorker::Welcome { session, .. } => {
                (worker.sequence, worker.is_welcome) = (Sequence::of_session(session), true);
                worker.retry_at = u64::MAX;
                self.worker_sends(number, FromWorker::Ready { run: RUN, number: 0 });
            }
            ToWorker::Jobs { orders, .. } if worker.is_welcome => {
                worker.bench.waiting.extend(orders);
                self.begin(number);
            }
            ToWorker::Recall { jobs, .. } => {
                let returned = worker.bench.recall(&jobs).iter().map(JobOrder::attempt).collect();
                self.give_back(number, returned);
            }
            ToWorker::Cancel { jobs, .. } => {
                let mut returned: Vec<_> = worker.bench.recall(&jobs).iter().map(JobOrder::attempt).collect();
                // A module ends, native code does not.
                if self.choices.below(2) == 0 {
                    let worker = &mut self.workers[number];
                    let is_module = |order: &JobOrder| jobs.contains(&order.attempt());
                    returned.extend(
                        worker.bench.running.iter().filter(|one| is_module(one)).map(JobOrder::attempt),
                    );
                    worker.bench.running.retain(|order| !is_module(order));
                    self.begin(number);
                }
                self.give_back(number, returned);
            }
            ToWorker::Stranger { .. } if worker.is_welcome => self.introduce(number),
            _ => {}
        }
    }

    pub(super) fn give_back(&mut self, number: usize, jobs: Vec<crate::dispatch::Attempt>) {
        if !jobs.is_empty() {
            self.worker_sends(number, FromWorker::Returned { run: RUN, number: 0, jobs });
        }
    }

    pub(super) fn begin(&mut self, number: usize) {
        loop {
            let worker = &mut self.workers[number];
            if worker.bench.running.len() >= worker.bench.slots {
                return;
            }
            let Some(order) = worker.bench.waiting.pop_front() else { return };
            worker.bench.running.push(order.clone());
            let (life, slowness) = (worker.life, worker.slowness);
            let time = self.duration(slowness);
            let done = Event::Done { by: Some(number), life, order, nanos: time * 1_000_000 };
            self.schedule(self.time + time, done);
        }
    }

    /// What a job takes: mostly little, at times much more than any like it.
    pub(super) fn duration(&mut self, slowness: u64) -> u64 {
        let time = [0, 1, 2, 5, 30, 700][self.choices.below(6)];
        let long = if self.choices.below(60) == 0 { 3_000 } else { 0 };
        // A long end shows nothing that a long middle does not.
        if self.time < MISHAPS { (time + long) * slowness } else { time.min(30) }
    }

    pub(super) fn worker_done(&mut self, number: usize, life: u64, order: JobOrder, nanos: u64) {
        let worker = &mut self.workers[number];
        if !worker.is_alive || worker.life != life {
            return;
        }
        if self.time < worker.stopped_until {
            let until = worker.stopped_until;
            self.schedule(until, Event::Done { by: Some(number), life, order, nanos });
            return;
        }
        let Some(place) = worker.bench.running.iter().position(|running| *running == order) else { return };
        worker.bench.running.remove(place);
        let window = worker.bench.slots * [1, 2, 2, 8][self.choices.below(4)];
        self.begin(number);
        let results = vec![self.result(order, nanos)];
        self.worker_sends(number, FromWorker::Results { run: RUN, number: 0, window, results });
    }

    pub(super) fn worker_looks(&mut self, number: usize, life: u64) {
        let time = self.time;
        let worker = &mut self.workers[number];
        if !worker.is_alive {
            return;
        }
        self.schedule(time + HEARTBEAT, Event::WorkerLooks { worker: number, life });
        let worker = &mut self.workers[number];
        if time < worker.stopped_until {
            return;
        }
        if time >= worker.retry_at {
            worker.retry_at = u64::MAX;
            worker.heard = time;
            self.connect_anew(number);
            self.introduce(number);
        } else if worker.retry_at == u64::MAX && time - worker.heard > PATIENCE {
            // The session is over; the worker tries again later.
            worker.is_welcome = false;
            worker.life += 1;
            worker.bench.waiting.clear();
            worker.bench.running.clear();
            worker.retry_at = time + PATIENCE;
        } else if worker.is_welcome {
            let heartbeat = if worker.bench.is_idle() { IDLE_HEARTBEAT } else { HEARTBEAT };
            if time < worker.spoke + heartbeat {
                return;
            }
            let sent = worker.sequence.sent();
            self.worker_sends(number, FromWorker::Heartbeat { run: RUN, sent });
        }
    }

    // What goes wrong.

    /// Wants no more, gives back what it has, and says goodbye.
    pub(super) fn take_leave(&mut self, number: usize) {
        self.tell(|| format!("worker {number} leaves"));
        let worker = &mut self.workers[number];
        worker.is_alive = false;
        let bench = &mut worker.bench;
        let jobs = bench.waiting.drain(..).chain(bench.running.drain(..));
        let jobs = jobs.map(|order| order.attempt()).collect();
        self.worker_sends(number, FromWorker::Results { run: RUN, number: 0, window: 0, results: vec![] });
        self.give_back(number, jobs);
        self.worker_sends(number, FromWorker::Goodbye { run: RUN });
    }
}
