//! The queue of one input.

use crate::program::{Delivery, Feed, Input, Position, Shape, convert, is_gradual};
use flowcore::{Initializer, Value};
use std::collections::VecDeque;

/// The values that wait at one input, in three queues taken from in this order: *internal* values, then *returning*
/// ones, then those from *outside* (entering connections and initializers). Only an input that the loader calls mixed
/// keeps returning values apart; elsewhere they queue with those from outside, in order of arrival.
#[derive(Debug, Default)]
pub(super) struct InputQueue {
    internal: VecDeque<Value>,
    returning: VecDeque<Value>,
    outside: VecDeque<Value>,
    /// Elements of a `once` initializer that are delivered one by one as the flow goes idle.
    pending: VecDeque<Value>,
    /// How many values were ever taken from `outside`, and the count at which the last initializer value will have
    /// been: together they tell whether one is still unconsumed.
    outside_taken: u64,
    initialized_until: u64,
    /// Mixed inputs only: whether the present invocation of the flow has taken its value from outside.
    invoked: bool,
    /// Whether it is known that nothing more comes from outside.
    ended: bool,
    /// Constants only: which of the values comes next.
    turn: usize,
}

impl InputQueue {
    /// Whether a value can be taken now.
    pub(super) fn is_available(&self, input: &Input) -> bool {
        match &input.feed {
            Feed::Constant(values) => !values.is_empty(),
            Feed::Queue => !(self.internal.is_empty() && self.outside.is_empty()),
            Feed::Mixed => {
                !(self.internal.is_empty() && self.returning.is_empty())
                    || (!self.invoked && !self.outside.is_empty())
            }
        }
    }

    /// Takes the next value. None is only taken from an input that is not available.
    pub(super) fn take(&mut self, input: &Input) -> Option<Value> {
        if let Feed::Constant(values) = &input.feed {
            let value = values.get(self.turn)?.clone();
            self.turn = (self.turn + 1) % values.len();
            return Some(value);
        }
        if let Some(value) = self.internal.pop_front().or_else(|| self.returning.pop_front()) {
            return Some(value);
        }
        let value = self.outside.pop_front()?;
        self.outside_taken += 1;
        self.invoked = true;
        Some(value)
    }

    /// Puts a value, in the input's shape, where its connection says.
    pub(super) fn deliver(&mut self, value: Value, input: &Input, position: Position) -> Delivery {
        let queue = self.queue_of(input, position);
        convert(value, input.shape, |converted| queue.push_back(converted))
    }

    /// Puts a value, in the input's shape, before all that came the same way. What was counted when it was taken is not
    /// taken back: it either goes round, or will not be taken again.
    pub(super) fn put_back(&mut self, value: Value, input: &Input, position: Position) {
        self.queue_of(input, position).push_front(value);
    }

    fn queue_of(&mut self, input: &Input, position: Position) -> &mut VecDeque<Value> {
        match (position, &input.feed) {
            (Position::Internal, _) => &mut self.internal,
            (Position::Returning, Feed::Mixed) => &mut self.returning,
            (Position::Returning | Position::Entering, _) => &mut self.outside,
        }
    }

    /// Applies the initializers of the start.
    pub(super) fn initialize_at_start(&mut self, input: &Input) {
        match (&input.initializer, &input.flow_initializer) {
            _ if matches!(input.feed, Feed::Constant(_)) => {}
            (Some(initializer), _) | (None, Some(initializer)) => self.initialize(initializer, input),
            (None, None) => {}
        }
    }

    /// Applies the initializers that a retired job of the function calls for, unless an initializer value is still
    /// unconsumed: with other senders the queue would grow without end.
    pub(super) fn initialize_after_job(&mut self, input: &Input) {
        if let (Some(initializer @ Initializer::Always(_)), Feed::Queue | Feed::Mixed) =
            (&input.initializer, &input.feed)
            && !self.has_unconsumed_initial()
        {
            self.initialize(initializer, input);
        }
    }

    fn has_unconsumed_initial(&self) -> bool {
        self.outside_taken < self.initialized_until
    }

    /// Tops up when the flow goes idle or starts its next invocation: with the next element of a gradual initializer,
    /// else with a flow-level `always`; with neither while an initializer value is still unconsumed. Says whether
    /// anything was added.
    pub(super) fn initialize_at_idle(&mut self, input: &Input) -> bool {
        if self.has_unconsumed_initial() {
            return false;
        }
        let before = self.outside.len();
        if let Some(next) = self.pending.pop_front() {
            self.push_initial(next, input.shape);
        } else if let Some(initializer @ Initializer::Always(_)) = &input.flow_initializer {
            self.initialize(initializer, input);
        }
        self.outside.len() > before
    }

    fn initialize(&mut self, initializer: &Initializer, input: &Input) {
        match initializer {
            Initializer::Once(Value::Array(elements)) if is_gradual(initializer, input.shape) => {
                self.pending = elements.iter().cloned().collect();
                if let Some(first) = self.pending.pop_front() {
                    self.push_initial(first, input.shape);
                }
            }
            Initializer::Once(value) | Initializer::Always(value) => {
                self.push_initial(value.clone(), input.shape)
            }
        }
    }

    fn push_initial(&mut self, value: Value, shape: Shape) {
        convert(value, shape, |converted| self.outside.push_back(converted));
        self.initialized_until = self.outside_taken + self.outside.len() as u64;
    }

    /// Whether the present invocation has taken its value from outside (mixed inputs only).
    pub(super) fn is_invoked(&self) -> bool {
        self.invoked
    }

    /// Whether further invocations can get a value here (mixed inputs only).
    pub(super) fn can_still_be_fed(&self, input: &Input) -> bool {
        !input.entering.is_empty() || !self.pending.is_empty() || has_flow_always(input)
    }

    /// Whether the next invocation would find its value here (mixed inputs only). The n-th value belongs to the n-th
    /// invocation, so where the present one has not taken its value yet, that one is not the next.
    pub(super) fn awaits_invocation(&self, input: &Input) -> bool {
        has_flow_always(input) || self.outside.len() + self.pending.len() > usize::from(!self.invoked)
    }

    /// Forgets what the last invocation left behind: internal values, and on a mixed input the value that was meant
    /// for it and that it had no use for.
    pub(super) fn start_invocation(&mut self, input: &Input) {
        self.internal.clear();
        if input.feed == Feed::Mixed && !self.invoked && self.outside.pop_front().is_some() {
            self.outside_taken += 1;
        }
        self.invoked = false;
    }

    /// Whether a value from outside waits here.
    pub(super) fn holds_outside(&self) -> bool {
        !self.outside.is_empty()
    }

    /// Whether the value that waits here from outside is the only one that waits, and for the present invocation (mixed
    /// inputs only).
    pub(super) fn holds_one_from_outside(&self) -> bool {
        !self.invoked && self.outside.len() == 1 && self.len() == 1
    }

    /// Whether there are values that are delivered when the flow goes idle.
    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Takes note that nothing more will come from outside.
    pub(super) fn end_outside(&mut self) {
        self.ended = true;
    }

    /// Whether that is known.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Drops internal values.
    pub(super) fn clear_internal(&mut self) {
        self.internal.clear();
    }

    /// How many values wait here.
    pub(super) fn len(&self) -> usize {
        self.internal.len() + self.returning.len() + self.outside.len()
    }
}

fn has_flow_always(input: &Input) -> bool {
    matches!(input.flow_initializer, Some(Initializer::Always(_)))
}
