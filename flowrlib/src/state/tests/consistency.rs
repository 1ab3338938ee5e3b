//! What holds between any two events of a run, whatever the flow: the simulation looks at it after each.

use crate::program::Feed;
use crate::state::RunState;

impl RunState<'_> {
    /// Checks that all that is counted several times adds up, and that nothing that could be a job is none.
    pub(crate) fn assert_consistent(&self) {
        let program = self.program;
        let of_functions: usize = self.functions.iter().map(|(_, function)| function.unreleased).sum();
        assert_eq!(of_functions as u64, self.unreleased);
        for (flow, &jobs) in self.busy.iter() {
            let is_inside = |&(id, _): &(_, &_)| {
                program.enclosing_flows(program.functions[id].flow).any(|enclosing| enclosing == flow)
            };
            let inside: usize =
                self.functions.iter().filter(is_inside).map(|(_, function)| function.unreleased).sum();
            assert_eq!(jobs, inside as u64, "a flow is as busy as what lies below it");
        }
        for (id, function) in self.functions.iter() {
            let inputs = &program.functions[id].inputs;
            if function.completed {
                continue;
            }
            let can_run = function.queues.iter().zip(inputs).all(|(queue, input)| queue.is_available(input));
            if program.functions[id].always_ready {
                let are_constants = inputs.iter().all(|input| matches!(input.feed, Feed::Constant(_)));
                assert!(!are_constants || function.unreleased <= 1, "such a function has one job at a time");
            } else {
                assert!(
                    !can_run || function.is_far_ahead(self.most_ahead),
                    "a complete input set is a job at once"
                );
            }
        }
    }
}
