//! Flows that have nothing left to do, and the invocations of sub-flows.
//!
//! A sub-flow behaves like a function: it takes input values, works until nothing more can be done inside, and then
//! starts its next *invocation* from a clean state. Each invocation takes one value from outside on each mixed input
//! ([`Feed::Mixed`]); inputs that are not mixed are streams and are not held back.
//!
//! Being idle for a moment, because the next value has not arrived yet, is not the end of an invocation: internal
//! values (what loops back) stay until every mixed input that can still be fed has its next value. So the result does
//! not depend on when values arrive.

use super::RunState;
use crate::program::{Feed, FlowId, FunctionId};

impl RunState<'_> {
    /// Does what is due when the last job in a flow's subtree has been released: starts the next invocation, or tops
    /// up inputs that are fed by initializers and are not mixed.
    pub(super) fn go_idle(&mut self, flow: FlowId) {
        if self.start_invocation_if_due(flow) {
            return;
        }
        let program = self.program;
        let mut topped_up = Vec::new();
        for &id in &program.flows[flow].functions {
            let state = &mut self.functions[id];
            if state.completed {
                continue;
            }
            let mut any = false;
            for (queue, input) in state.queues.iter_mut().zip(&program.functions[id].inputs) {
                any |= input.feed == Feed::Queue && queue.initialize_at_idle(input);
            }
            if any {
                topped_up.push(id);
            }
        }
        for id in topped_up {
            self.create_jobs(id);
        }
    }

    /// Starts the next invocation of an idle flow if the present one has taken something from outside and every mixed
    /// input that can still be fed has its next value. Says whether it did.
    pub(super) fn start_invocation_if_due(&mut self, flow: FlowId) -> bool {
        let program = self.program;
        let mut invoked = false;
        let mut awaited = false;
        for &id in &program.flows[flow].functions {
            let state = &self.functions[id];
            if state.completed {
                continue;
            }
            for (queue, input) in state.queues.iter().zip(&program.functions[id].inputs) {
                if input.feed != Feed::Mixed {
                    continue;
                }
                invoked |= queue.is_invoked();
                if queue.can_still_be_fed(input) {
                    if !queue.awaits_invocation(input) {
                        return false;
                    }
                    awaited = true;
                }
            }
        }
        // A flow none of whose mixed inputs will be fed again stays in its last invocation.
        if !(invoked && awaited) {
            return false;
        }

        for &id in &program.flows[flow].functions {
            let state = &mut self.functions[id];
            if state.completed {
                continue;
            }
            for (queue, input) in state.queues.iter_mut().zip(&program.functions[id].inputs) {
                queue.start_invocation(input);
                queue.initialize_at_idle(input);
            }
        }
        for &id in &program.flows[flow].functions {
            self.create_jobs_unless_sourceless(id);
            // What was dropped may have been all that it had.
            self.look_at_function(id);
        }
        true
    }

    /// A function without inputs makes its own jobs, one after another; an invocation adds none.
    fn create_jobs_unless_sourceless(&mut self, id: FunctionId) {
        if !self.program.functions[id].inputs.is_empty() {
            self.create_jobs(id);
        }
    }
}
