//! `context://time`: what time it is.

use super::inputs;
use flowcore::{Implementation, Result, RunAgain, Value, flow_output};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// `time/get`: now, and how long ago it was asked before.
#[derive(Default)]
pub(super) struct Get {
    /// By a clock that nobody sets.
    asked: Mutex<Option<Instant>>,
}

impl Implementation for Get {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [_] = inputs(values)?;
        let (now, instant) = (SystemTime::now(), Instant::now());
        let before = self.asked.lock().unwrap_or_else(PoisonError::into_inner).replace(instant);
        let since_1970 = now
            .duration_since(UNIX_EPOCH)
            .map_err(|_| "the clock of this machine stands before 1970".to_owned())?;
        let elapsed = before.map(|before| instant - before).unwrap_or_default();
        let millis = |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        flow_output!(
            "time" => humantime::format_rfc3339_seconds(now).to_string(),
            "epoch_secs" => i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX),
            "epoch_millis" => millis(since_1970),
            "elapsed_millis" => millis(elapsed)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_time_has_no_time_before_it() {
        let get = Get::default();
        let (output, run_again) = get.run(&[Value::Null]).unwrap();
        let output = output.unwrap();
        assert!(run_again);
        assert_eq!(output.get("elapsed_millis"), Some(&Value::from(0)));
        let (secs, millis) = (output.get("epoch_secs").unwrap(), output.get("epoch_millis").unwrap());
        assert_eq!(millis.as_i64().unwrap() / 1000, secs.as_i64().unwrap());
        let text = output.get("time").unwrap().as_str().unwrap().to_owned();
        assert!(text.len() == 20 && text.ends_with('Z'), "{text}");
        assert!(
            get.run(&[Value::Null]).unwrap().0.unwrap().get("elapsed_millis").unwrap().as_i64() >= Some(0)
        );
    }
}
