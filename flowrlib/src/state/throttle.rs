//! Holding back jobs whose results would only pile up.
//!
//! A fast source before a slow consumer would fill the memory. So while more than a *bound* of values wait at an input,
//! the jobs of the functions that feed it are *held*: they stay where they are in their lane and are handed out later.
//! When a job runs cannot be observed, only when it is released can, so holding changes no result.
//!
//! Values wait at an input as long as no job has taken them and that job was not released: complete input sets mostly
//! become jobs at once, so the jobs of a function count as what waits there.
//!
//! The bound is one of values and one of bytes, estimated: how many values it comes to is learnt from those that are
//! delivered. Jobs that were handed out count as a value each, since they may bring one.
//!
//! Within an order group nothing is held: its jobs are released in the order of their creation, so a source there is
//! never ahead of its consumers, and what piles up has to.
//!
//! Nothing may wait for ever. When all that is left is held, something goes on: the bound of what was in its way is
//! raised, and its oldest job is handed out. A loop, or a join that needs more on one side than the bound, so costs
//! some memory and ends.

use super::input::InputQueue;
use super::{RunState, Ticket};
use crate::program::{FunctionId, Input, LaneId, Program};
use crate::table::Table;
use flowcore::Value;
use std::collections::{BTreeSet, VecDeque};

/// How many bytes may wait there.
const MOST_BYTES: usize = 64 << 20;

/// What a value is expected to take before any has been seen.
const UNSEEN_BYTES: usize = 1 << 20;

/// The fewest values that the bound in bytes may come to, so that executors have something to do.
const FEWEST_VALUES: usize = 8;

/// What is held, and why.
#[derive(Debug)]
pub(super) struct Throttle {
    /// For each function how many values may wait at an input.
    bounds: Table<FunctionId, Bound>,
    /// The held jobs of each function, oldest first.
    held: Table<FunctionId, VecDeque<Ticket>>,
    /// The functions that have held jobs.
    holders: BTreeSet<FunctionId>,
    /// For each function those that are held on its account.
    held_for: Table<FunctionId, Vec<FunctionId>>,
    /// Jobs that were held and may go on.
    resumed: VecDeque<Ticket>,
    /// How many jobs were handed out and not finished, but for those that wait for outside input.
    running: usize,
    /// How many of those there are.
    waiting_for_input: usize,
    /// Whether it is known that all that is held waits for outside input; until something finishes.
    waits: bool,
}

impl Throttle {
    pub(super) fn new(program: &Program, bound: usize) -> Throttle {
        Throttle {
            bounds: Table::alongside(&program.functions, |_| Bound {
                values: bound,
                bytes_each: UNSEEN_BYTES,
                raised: 0,
            }),
            held: Table::alongside(&program.functions, |_| VecDeque::new()),
            holders: BTreeSet::new(),
            held_for: Table::alongside(&program.functions, |_| Vec::new()),
            resumed: VecDeque::new(),
            running: 0,
            waiting_for_input: 0,
            waits: false,
        }
    }

    /// Takes note of a value that is delivered to a function.
    pub(super) fn learn(&mut self, target: FunctionId, value: &Value) {
        let bytes_each = &mut self.bounds[target].bytes_each;
        // What is large counts at once, what is small little by little.
        *bytes_each = estimated_bytes(value).max(*bytes_each - *bytes_each / 8);
    }

    /// How many jobs that were held may be handed out now.
    pub(super) fn resumed(&self) -> usize {
        self.resumed.len()
    }

    /// How many jobs that wait for outside input were handed out and have not finished.
    pub(super) fn waiting_for_input(&self) -> usize {
        self.waiting_for_input
    }
}

/// How much may wait at the inputs of a function.
#[derive(Debug)]
struct Bound {
    values: usize,
    /// What a value takes.
    bytes_each: usize,
    /// How often it was in the way of everything, and was doubled.
    raised: u32,
}

impl Bound {
    fn get(&self) -> usize {
        if self.values == usize::MAX {
            return usize::MAX;
        }
        let by_bytes = (MOST_BYTES / self.bytes_each.max(1)).max(FEWEST_VALUES);
        let factor = 1_usize.checked_shl(self.raised).unwrap_or(usize::MAX);
        self.values.min(by_bytes).saturating_mul(factor)
    }
}

/// The memory that a value takes, taking the first element of an array for all of them.
fn estimated_bytes(value: &Value) -> usize {
    let mut bytes = 0_usize;
    let mut count = 1_usize;
    let mut next = Some(value);
    while let Some(value) = next {
        bytes = bytes.saturating_add(count.saturating_mul(size_of::<Value>()));
        next = None;
        match value {
            Value::String(text) => bytes = bytes.saturating_add(count.saturating_mul(text.len())),
            Value::Array(elements) => {
                count = count.saturating_mul(elements.len());
                next = elements.first();
            }
            Value::Object(members) => {
                count = count.saturating_mul(members.len());
                next = members.iter().next().map(|(_, member)| member);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    bytes
}

impl<'program> RunState<'program> {
    /// The oldest job that may be handed out now.
    pub(super) fn next_allowed(&mut self) -> Option<Ticket> {
        loop {
            if let Some(ticket) = self.throttle.resumed.pop_front() {
                return Some(ticket);
            }
            while let Some(ticket) = self.ready.pop_front() {
                if !self.is_to_be_held(ticket) {
                    return Some(ticket);
                }
            }
            if !self.let_something_go_on() {
                return None;
            }
        }
    }

    /// Counts a job that is handed out.
    pub(super) fn count_handed_out(&mut self, function: FunctionId) {
        *self.counter_of(function) += 1;
        self.functions[function].handed_out += 1;
    }

    /// Counts a job that has finished.
    pub(super) fn count_finished(&mut self, function: FunctionId) {
        let counter = self.counter_of(function);
        *counter = counter.saturating_sub(1);
        self.throttle.waits = false;
        let handed_out = &mut self.functions[function].handed_out;
        *handed_out = handed_out.saturating_sub(1);
    }

    /// Forgets the jobs of a function that were not released, all of them in that lane of its own: they do not exist.
    pub(super) fn forget_ready(&mut self, function: FunctionId, lane: LaneId) {
        self.ready.retain(|ticket| ticket.lane != lane);
        self.throttle.resumed.retain(|ticket| ticket.lane != lane);
        self.throttle.held[function].clear();
        self.throttle.holders.remove(&function);
        self.throttle.waits = false;
        let handed_out = std::mem::take(&mut self.functions[function].handed_out);
        let counter = self.counter_of(function);
        *counter = counter.saturating_sub(handed_out);
    }

    /// Lets a function's held jobs go on if none of those that were handed out is left: what they were expected to
    /// bring may not have come.
    pub(super) fn resume_idle(&mut self, function: FunctionId) {
        if self.functions[function].handed_out == 0 && !self.throttle.held[function].is_empty() {
            self.resume(function);
        }
    }

    fn counter_of(&mut self, function: FunctionId) -> &mut usize {
        let implementation = self.program.functions[function].implementation;
        if self.program.implementations[implementation].kind.waits_for_input() {
            &mut self.throttle.waiting_for_input
        } else {
            &mut self.throttle.running
        }
    }

    /// Holds a ready job if it has to be.
    fn is_to_be_held(&mut self, ticket: Ticket) -> bool {
        let Some(function) = self.job(ticket).map(|job| job.function) else { return false };
        if self.throttle.held[function].is_empty() {
            let tightest = self.tightest(self.throttles(function, ticket.lane), function);
            let Some((full, _)) = tightest.filter(|(_, room)| *room == 0) else {
                return false;
            };
            self.throttle.holders.insert(function);
            self.throttle.held_for[full].push(function);
        }
        self.throttle.held[function].push_back(ticket);
        true
    }

    /// What a job of a function in a lane is throttled by. Where the function's group has come apart, one that is still
    /// in the lane of the whole waits for none of the parts: they wait for it.
    fn throttles(&self, function: FunctionId, lane: LaneId) -> &'program [(FunctionId, usize)] {
        let now = self.functions[function].placement;
        if now.lane == lane {
            &now.throttled_by
        } else {
            &self.program.functions[function].placement.throttled_by
        }
    }

    /// What the oldest held job of a function is throttled by.
    fn throttles_of_held(&self, function: FunctionId) -> &'program [(FunctionId, usize)] {
        let oldest = self.throttle.held[function].front();
        oldest.map_or(&[], |oldest| self.throttles(function, oldest.lane))
    }

    /// Of the inputs that a function is throttled by, the one with the least room: whose it is, and how much that is.
    fn tightest(
        &self,
        throttled_by: &[(FunctionId, usize)],
        function: FunctionId,
    ) -> Option<(FunctionId, usize)> {
        let coming = self.functions[function].handed_out;
        let room = |&(target, input): &(FunctionId, usize)| {
            if self.functions[target].completed {
                return (target, usize::MAX);
            }
            let waiting = self.waiting_at(target, input) + coming;
            (target, self.throttle.bounds[target].get().saturating_sub(waiting))
        };
        throttled_by.iter().map(room).min_by_key(|(_, room)| *room)
    }

    /// How many values wait at an input, in its queue or in jobs that were not released.
    fn waiting_at(&self, target: FunctionId, input: usize) -> usize {
        let state = &self.functions[target];
        state.queues.get(input).map_or(0, InputQueue::len) + state.unreleased
    }

    /// Lets those go on that were held on account of a function, once half of what waited there has been worked off.
    pub(super) fn resume_after(&mut self, target: FunctionId) {
        if self.throttle.held_for[target].is_empty() {
            return;
        }
        let inputs = 0..self.functions[target].queues.len();
        let waiting = inputs.map(|input| self.waiting_at(target, input)).max().unwrap_or(0);
        if waiting <= self.throttle.bounds[target].get() / 2 || self.functions[target].completed {
            for function in std::mem::take(&mut self.throttle.held_for[target]) {
                self.resume(function);
            }
        }
    }

    /// Lets as many held jobs of a function go on as there is room for.
    fn resume(&mut self, function: FunctionId) {
        while let Some(lane) = self.throttle.held[function].front().map(|oldest| oldest.lane) {
            let (full, room) = match self.tightest(self.throttles(function, lane), function) {
                Some((full, room)) => (Some(full), room),
                None => (None, usize::MAX),
            };
            let Throttle { held, held_for, resumed, .. } = &mut self.throttle;
            let jobs = &mut held[function];
            let count = jobs.iter().take(room).take_while(|job| job.lane == lane).count();
            resumed.extend(jobs.drain(..count));
            if jobs.front().is_some_and(|next| next.lane == lane) {
                if let Some(list) = full.map(|full| &mut held_for[full])
                    && !list.contains(&function)
                {
                    list.push(function);
                }
                return;
            }
        }
        self.throttle.holders.remove(&function);
    }

    /// When nothing runs and nothing is ready: lets the oldest held job go on that is not held for one that is held
    /// itself. False if nothing is held, or something will come from outside that makes room.
    fn let_something_go_on(&mut self) -> bool {
        let Throttle { holders, running, waits, .. } = &self.throttle;
        if holders.is_empty() || *running > 0 || *waits {
            return false;
        }
        let oldest = |function: &FunctionId| {
            let job = self.throttle.held[*function].front().and_then(|&ticket| self.job(ticket));
            let behind_held = self
                .throttles_of_held(*function)
                .iter()
                .any(|(target, _)| self.throttle.holders.contains(target));
            (behind_held, job.map(|job| job.id))
        };
        let candidates = holders.iter().filter(|&&function| !self.waits_for_input_elsewhere(function));
        let Some(function) = candidates.min_by_key(|function| oldest(function)).copied() else {
            self.throttle.waits = true;
            return false;
        };
        while let Some((full, 0)) = self.tightest(self.throttles_of_held(function), function) {
            self.throttle.bounds[full].raised += 1;
        }
        self.resume(function);
        true
    }

    /// Whether what a held function is held for lacks a value that will come from outside and cannot come from the
    /// function itself: then waiting makes room, and going on would not.
    fn waits_for_input_elsewhere(&self, function: FunctionId) -> bool {
        if self.throttle.waiting_for_input == 0 {
            return false;
        }
        let from_here = self.reached_from([function]);
        let waiters = self.program.functions.ids().filter(|&id| {
            let kind = self.program.implementations[self.program.functions[id].implementation].kind;
            kind.waits_for_input() && self.functions[id].unreleased > 0
        });
        let from_outside = self.reached_from(waiters);
        let is_full = |target, input| self.waiting_at(target, input) >= self.throttle.bounds[target].get();
        self.throttles_of_held(function).iter().any(|&(target, input)| {
            let lacks = |(number, (queue, info)): (usize, (&InputQueue, &Input))| {
                !queue.is_available(info)
                    && from_outside.contains(&(target, number))
                    && !from_here.contains(&(target, number))
            };
            let inputs = &self.program.functions[target].inputs;
            is_full(target, input) && self.functions[target].queues.iter().zip(inputs).enumerate().any(lacks)
        })
    }

    /// All inputs that values can reach from functions, directly or through others.
    fn reached_from(&self, functions: impl IntoIterator<Item = FunctionId>) -> BTreeSet<(FunctionId, usize)> {
        let mut waiting: Vec<FunctionId> = functions.into_iter().collect();
        let mut visited: BTreeSet<FunctionId> = waiting.iter().copied().collect();
        let mut reached = BTreeSet::new();
        while let Some(function) = waiting.pop() {
            for connection in &self.program.functions[function].connections {
                reached.insert((connection.destination, connection.input));
                if visited.insert(connection.destination) {
                    waiting.push(connection.destination);
                }
            }
        }
        reached
    }
}
