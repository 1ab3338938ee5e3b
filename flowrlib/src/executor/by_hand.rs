//! Jobs for tests, of a function that waits when it is told to.

use super::{Code, CodeTable, JobOrder};
use crate::program::{ImplementationId, LaneId};
use crate::state::Ticket;
use crate::table::Id;
use crossbeam_channel::{Receiver, Sender, unbounded};
use flowcore::{Implementation, RunAgain, Value};
use std::sync::Arc;

/// Job 0 says that it runs and waits to be let go; others are done at once.
struct Stuck {
    begun: Sender<()>,
    let_go: Receiver<()>,
}

impl Implementation for Stuck {
    fn run(&self, inputs: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
        if inputs.first() == Some(&Value::from(0)) {
            self.begun.send(()).ok();
            self.let_go.recv().ok();
        }
        Ok((None, true))
    }
}

/// A function whose job 0 waits until it is let go, or nobody can do that any more.
pub(super) struct StuckCode {
    pub(super) codes: Arc<CodeTable>,
    /// Tells each time that job 0 begins.
    pub(super) begun: Receiver<()>,
    pub(super) let_go: Sender<()>,
}

pub(super) fn stuck() -> StuckCode {
    let ((begun, is_begun), (let_go, is_let_go)) = (unbounded(), unbounded());
    let code = Stuck { begun, let_go: is_let_go };
    let codes = [Ok(Code::Loaded(Arc::new(code)))].into_iter().collect();
    StuckCode { codes: Arc::new(codes), begun: is_begun, let_go }
}

/// A job of the only function there is, on its own number.
pub(super) fn order(place: u64) -> JobOrder {
    JobOrder {
        ticket: Ticket { lane: LaneId::from_index(0), place },
        attempt: 1,
        implementation: ImplementationId::from_index(0),
        inputs: [Value::from(i64::try_from(place).unwrap())].into_iter().collect(),
    }
}
