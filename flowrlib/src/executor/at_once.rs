//! Short jobs that are done by the thread they come to: handing one over, and its answer back, takes longer.

use super::{Code, CodeTable, JobOrder, JobResult, execute};
use crate::cost::{Costs, Size};
use crate::dispatch::Attempt;
use crate::program::ImplementationId;
use std::time::Instant;

/// What takes no longer than this is worth it.
const SHORT_NANOS: u64 = 5_000;

/// Does short jobs, and learns which they are from those that others do.
pub(crate) struct AtOnce {
    costs: Costs<ImplementationId>,
    /// A job that was left to others.
    watched: Option<(Attempt, ImplementationId, Size)>,
}

impl AtOnce {
    /// Knows nothing of any of this code yet.
    pub(crate) fn new(codes: &CodeTable) -> AtOnce {
        AtOnce { costs: Costs::new(codes), watched: None }
    }

    /// Runs a job if it is native and its like was short; else gives it back, for others to do it.
    pub(crate) fn run(&mut self, mut order: JobOrder, codes: &CodeTable) -> Result<JobResult, JobOrder> {
        // Modules that others have warm would be started here anew.
        let Some(Ok(Code::Native(code))) = codes.find(order.implementation) else { return Err(order) };
        let (implementation, size) = (order.implementation, Size::of(&order.inputs));
        if self.costs.expected(implementation, size).is_none_or(|nanos| nanos > SHORT_NANOS) {
            self.watched = Some((order.attempt(), implementation, size));
            return Err(order);
        }
        let begun = Instant::now();
        let execution = execute(*code, &mut order.inputs);
        let nanos = execution.nanos(begun.elapsed());
        self.costs.learn(implementation, size, nanos);
        let JobOrder { ticket, attempt, .. } = order;
        Ok(JobResult { ticket, attempt, outcome: execution.outcome, nanos, notices: execution.notices })
    }

    /// Takes note of what jobs took that were left to others.
    pub(crate) fn learn(&mut self, results: &[JobResult]) {
        let Some((attempt, implementation, size)) = self.watched else { return };
        let answers =
            |result: &&JobResult| (result.ticket, result.attempt) == (attempt.ticket, attempt.number);
        if let Some(result) = results.iter().find(answers) {
            self.costs.learn(implementation, size, result.nanos);
            self.watched = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::by_hand::order;
    use super::*;
    use crate::state::Outcome;
    use flowcore::{Implementation, RunAgain, Value};
    use std::sync::Arc;

    struct Nothing;

    impl Implementation for Nothing {
        fn run(&self, _: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            Ok((None, true))
        }
    }

    const NOTHING: Code = Code::Native(&Nothing);

    fn table(code: Code) -> CodeTable {
        [Ok(code)].into_iter().collect()
    }

    fn answer(order: &JobOrder, nanos: u64) -> JobResult {
        let outcome = Outcome::Done { output: None, run_again: true };
        let JobOrder { ticket, attempt, .. } = *order;
        JobResult { ticket, attempt, outcome, nanos, notices: vec![] }
    }

    #[test]
    fn a_job_is_done_at_once_when_its_like_was_short() {
        let codes = table(NOTHING);
        let mut at_once = AtOnce::new(&codes);
        for place in [0, 1] {
            let left = at_once.run(order(place), &codes).expect_err("nothing is known yet");
            assert_eq!(left, order(place));
        }
        at_once.learn(&[answer(&order(0), 100)]);
        assert!(at_once.run(order(2), &codes).is_err(), "that was not the one that was watched");
        at_once.learn(&[answer(&order(7), 1), answer(&order(2), 100)]);
        let result = at_once.run(order(3), &codes).unwrap();
        assert_eq!(result, answer(&order(3), result.nanos));
    }

    #[test]
    fn long_jobs_and_those_of_other_code_are_left_to_others() {
        let codes = table(NOTHING);
        let mut at_once = AtOnce::new(&codes);
        at_once.run(order(1), &codes).unwrap_err();
        at_once.learn(&[answer(&order(1), SHORT_NANOS + 1)]);
        assert!(at_once.run(order(2), &codes).is_err());
        let loaded = table(Code::Loaded(Arc::new(Nothing)));
        for _ in 0..2 {
            at_once.run(order(2), &loaded).unwrap_err();
            at_once.learn(&[answer(&order(2), 1)]);
        }
        let missing: CodeTable = [Err("lost".to_owned())].into_iter().collect();
        assert!(at_once.run(order(3), &missing).is_err());
    }
}
