//! The runner of a simulated distribution: what the coordinator does, and the service.

use super::*;
use crate::dispatch::Attempt;

impl Cluster<'_> {
    pub(super) fn hand_out(&mut self) {
        while let Some(ticket) = self.work.state.next_ready() {
            let function = &self.program.functions[self.work.state.job(ticket).unwrap().function];
            match self.program.implementations[function.implementation].kind {
                ImplementationKind::Context { stream: Some(stream), .. } => {
                    let queue = self.streams.entry(stream).or_default();
                    queue.push_back(ticket);
                    if queue.len() == 1 {
                        let delay = self.choices.below(3) as u64;
                        self.schedule(self.time + delay, Event::Effect(stream));
                    }
                }
                _ => self.work.dispatch.push(ticket),
            }
        }
        let squashed = self.work.withdraw_squashed();
        let jobs = squashed.into_iter().flat_map(|(id, jobs)| jobs.into_iter().map(move |job| (id, job)));
        self.call_off(jobs);
        while let Some((id, orders)) = self.work.assign(self.now()) {
            self.send_orders(id, orders);
        }
        self.work.dispatch.assert_consistent();
        self.work.state.assert_consistent();
    }

    pub(super) fn send_orders(&mut self, id: ExecutorId, orders: Vec<JobOrder>) {
        if id.index() == NEAR {
            self.near.waiting.extend(orders);
            self.begin_near();
        } else {
            self.send(id, ToWorker::Jobs { run: RUN, number: 0, orders });
        }
    }

    pub(super) fn begin_near(&mut self) {
        while self.near.running.len() < self.near.slots
            && let Some(order) = self.near.waiting.pop_front()
        {
            self.near.running.push(order.clone());
            let time = self.duration(1);
            self.schedule(
                self.time + time,
                Event::Done { by: None, life: 0, order, nanos: time * 1_000_000 },
            );
        }
    }

    pub(super) fn look(&mut self) {
        let now = self.now();
        while let Some(balance) = self.work.balance(now) {
            self.tell(|| format!("balance {balance:?}"));
            match balance {
                Balance::Copy(to, order) => self.send_orders(to, vec![order]),
                Balance::Recall(from, jobs) if from.index() == NEAR => {
                    let orders = self.near.recall(&jobs).into_iter();
                    let returned =
                        orders.map(|one| Returned { attempt: one.attempt(), inputs: Some(one.inputs) });
                    self.work.take_back(from, returned.collect());
                }
                Balance::Recall(from, jobs) => {
                    self.send(from, ToWorker::Recall { run: RUN, number: 0, jobs })
                }
            }
        }
        for id in self.work.dispatch.expired(now) {
            self.tell(|| format!("{id:?} is lost"));
            self.leave(id);
            let change = self.roster.give_up(id);
            self.follow(change);
        }
        self.given_up += self.work.judge(now) as u64;
        if self.time >= self.next_heartbeat {
            self.next_heartbeat = self.time + RUNNERS_HEARTBEAT;
            let peers: Vec<(u64, u64)> =
                self.roster.iter().map(|(&peer, known)| (peer, known.sequence.sent())).collect();
            for (peer, sent) in peers {
                self.send_frame(peer, &ToWorker::Heartbeat { run: RUN, sent });
            }
        }
    }

    /// A worker is gone.
    pub(super) fn lose(&mut self, identity: u64) {
        let changes = self.roster.leave(&identity);
        self.follow(changes);
    }

    /// What the coordinator does when the service tells it that.
    pub(super) fn follow(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            match change {
                Change::Left(executor) => self.leave(executor),
                Change::IsBack(executor) => self.work.dispatch.is_back(executor),
            }
        }
    }

    pub(super) fn leave(&mut self, id: ExecutorId) {
        let now = self.now();
        self.given_up += self.work.lose(id, now).given_up.len() as u64;
    }

    pub(super) fn send(&mut self, id: ExecutorId, mut message: ToWorker) {
        let identity = self.roster.iter().find(|(_, known)| known.executor == id).map(|(&peer, _)| peer);
        let Some(identity) = identity else { return };
        if let Some(known) = self.roster.get_mut(&identity) {
            *message.number_mut().unwrap() = known.sequence.advance();
            self.send_frame(identity, &message);
        }
    }

    pub(super) fn send_frame(&mut self, identity: u64, message: &ToWorker) {
        let Some(to) = self.workers.iter().position(|worker| worker.identity == identity) else { return };
        let frame = message.encode();
        for time in self.arrivals(to, 0) {
            self.schedule(time, Event::ToWorker { to, identity, frame: frame.clone() });
        }
    }

    pub(super) fn receive(&mut self, from: u64, message: FromWorker) {
        self.tell(|| format!("from {from}: {message:?}"));
        match self.roster.get_mut(&from).map(|known| known.take(&message)) {
            None | Some(Arrival::Next) => {}
            Some(Arrival::Again) => return,
            Some(Arrival::Gap) => {
                self.tell(|| "a message before this one is missing".to_owned());
                self.lose(from);
                self.send_frame(from, &ToWorker::Stranger { run: RUN });
                return;
            }
        }
        let known = self.roster.get(&from).map(|known| (known.executor, known.rest.is_ready));
        let gone = self.roster.gone(&from).filter(|_| known.is_none());
        self.follow(gone.map(Change::IsBack));
        match (message, known) {
            (FromWorker::Hello(hello), _) => {
                self.latest_executor += 1;
                let executor = ExecutorId::from_index(self.latest_executor);
                let details = Details { slots: hello.slots, is_ready: false };
                let changes = self.roster.admit(from, Member::new(executor, hello.number, details));
                self.follow(changes);
                let welcome = ToWorker::Welcome {
                    run: RUN,
                    session: session_number(executor),
                    runner: String::new(),
                    implementations: vec![],
                    limit: None,
                    module_limits: Default::default(),
                };
                self.send_frame(from, &welcome);
            }
            (FromWorker::Ready { .. }, Some((executor, false))) => {
                if let Some(known) = self.roster.get_mut(&from) {
                    known.rest.is_ready = true;
                    let (slots, worker) = (known.rest.slots, known.worker);
                    let changes = self.roster.supersede(&from);
                    self.follow(changes);
                    self.work.dispatch.join(executor, slots, slots * 2, Some(self.now()));
                    if self.roster.is_slow(worker) {
                        self.work.dispatch.mark_slow(executor);
                    }
                }
            }
            (FromWorker::Results { window, results, .. }, Some((executor, _))) => {
                self.finish(executor, results);
                self.work.dispatch.set_window(executor, window);
            }
            (FromWorker::Returned { jobs, .. }, Some((executor, _))) => {
                self.work.dispatch.heard(executor, self.now());
                let jobs = jobs.into_iter().map(|attempt| Returned { attempt, inputs: None });
                self.work.take_back(executor, jobs.collect());
            }
            (FromWorker::Heartbeat { .. }, Some((executor, _))) => {
                self.work.dispatch.heard(executor, self.now());
            }
            (FromWorker::Goodbye { .. }, Some((executor, _))) => {
                self.tell(|| format!("{executor:?} says goodbye"));
                self.lose(from);
            }
            (FromWorker::Results { results, .. }, None) => {
                match gone {
                    Some(executor) => self.finish(executor, results),
                    None => {
                        self.answers += results.len() as u64;
                        self.work.dropped.foreign += results.len() as u64;
                    }
                }
                self.send_frame(from, &ToWorker::Stranger { run: RUN });
            }
            (_, None) => self.send_frame(from, &ToWorker::Stranger { run: RUN }),
            (FromWorker::Ready { .. } | FromWorker::Fetch { .. }, Some((executor, _))) => {
                self.tell(|| format!("{executor:?} said that before"));
            }
        }
    }

    pub(super) fn finish(&mut self, id: ExecutorId, results: Vec<JobResult>) {
        let now = self.now();
        self.work.dispatch.heard(id, now);
        self.work.dispatch.progressed(id, now);
        self.answers += results.len() as u64;
        for result in results {
            let others = self.work.finish(id, result);
            self.call_off(others);
        }
    }

    /// Tells executors that jobs of theirs are not wanted any more.
    fn call_off(&mut self, jobs: impl IntoIterator<Item = (ExecutorId, Attempt)>) {
        for (executor, attempt) in jobs {
            self.tell(|| format!("{attempt:?} is called off"));
            if executor.index() == NEAR {
                let cancelled = self.near.recall(&[attempt]).into_iter();
                let cancelled = cancelled.map(|one| Returned { attempt: one.attempt(), inputs: None });
                self.work.take_back(executor, cancelled.collect());
            } else {
                self.send(executor, ToWorker::Cancel { run: RUN, number: 0, jobs: vec![attempt] });
            }
        }
    }

    pub(super) fn perform(&mut self, stream: Stream) {
        let Some(ticket) = self.streams.get_mut(&stream).and_then(VecDeque::pop_front) else { return };
        if self.streams.get(&stream).is_some_and(|queue| !queue.is_empty()) {
            let delay = self.choices.below(3) as u64;
            self.schedule(self.time + delay, Event::Effect(stream));
        }
        let inputs = self.work.state.job(ticket).unwrap().inputs.clone();
        let outcome = if stream == Stream::Input {
            match self.lines.pop_front() {
                Some(line) => output(line.parse::<Value>().unwrap_or_else(|_| Value::from(line))),
                None => Outcome::Done { output: None, run_again: false },
            }
        } else {
            let text = inputs[0].as_str().map_or_else(|| inputs[0].to_string(), str::to_owned);
            self.shown.streams.entry(stream).or_default().push(text);
            Outcome::Done { output: None, run_again: true }
        };
        assert!(self.work.state.finish(ticket, outcome), "an effect happens once");
    }

    pub(super) fn result(&self, order: JobOrder, nanos: u64) -> JobResult {
        let url = &self.program.implementations[order.implementation].url;
        let outcome = run(url.strip_prefix("lib://test/").unwrap(), &order.inputs);
        JobResult { ticket: order.ticket, attempt: order.attempt, outcome, nanos, notices: vec![] }
    }

    // What workers do, as their sessions do it.
}
