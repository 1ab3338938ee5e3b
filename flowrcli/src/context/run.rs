//! `context://run`: the run itself.

use super::inputs;
use flowcore::authoring::wrong_kind;
use flowcore::{Implementation, RUN_AGAIN, Result, RunAgain, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The status that a flow wants its run to end with.
#[derive(Default)]
pub(super) struct WantedStatus(AtomicU8);

impl WantedStatus {
    pub(super) fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    /// Of several the largest stands, so that it does not matter which comes last.
    fn want(&self, status: u8) {
        self.0.fetch_max(status, Ordering::Relaxed);
    }
}

/// `run/exit_status`: what the run ends with when it ends well.
pub(super) struct ExitStatus(pub(super) Arc<WantedStatus>);

impl Implementation for ExitStatus {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [status] = inputs(values)?;
        let wanted = status.as_u64().and_then(|status| u8::try_from(status).ok());
        self.0.want(wanted.ok_or_else(|| wrong_kind("status", "a whole number from 0 to 255", status))?);
        Ok((None, RUN_AGAIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_status_stands() {
        let wanted = Arc::new(WantedStatus::default());
        let function = ExitStatus(Arc::clone(&wanted));
        assert_eq!(wanted.get(), 0);
        for status in [7, 200, 9] {
            assert_eq!(function.run(&[Value::from(status)]).unwrap(), (None, RUN_AGAIN));
        }
        assert_eq!(wanted.get(), 200);
    }

    #[test]
    fn what_no_run_can_end_with_is_an_error() {
        let function = ExitStatus(Arc::default());
        for status in [Value::from(256), Value::from(-1), Value::from("1"), Value::from_f64(1.0), Value::Null]
        {
            let error = function.run(&[status]).unwrap_err().to_string();
            assert!(error.contains("a whole number from 0 to 255"), "{error}");
        }
        assert_eq!(function.0.get(), 0);
    }
}
