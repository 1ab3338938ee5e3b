//! The average of a stream of numbers.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn avg(value: Option<f64>, partial_sum: f64, partial_count: f64) -> Result<(Option<Value>, RunAgain)> {
    match value {
        Some(value) => {
            flow_output!("partial_sum" => partial_sum + value, "partial_count" => partial_count + 1.0)
        }
        None => {
            let average = if partial_count > 0.0 { partial_sum / partial_count } else { 0.0 };
            flow_output!("result" => average, "count" => partial_count)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn numbers_are_summed_and_counted() {
        assert_eq!(output(&Avg, "[5, 0, 0]"), r#"{"partial_count":1.0,"partial_sum":5.0}"#);
    }

    #[test]
    fn null_gives_the_average() {
        assert_eq!(output(&Avg, "[null, 10.0, 4.0]"), r#"{"count":4.0,"result":2.5}"#);
        assert_eq!(output(&Avg, "[null, 0, 0]"), r#"{"count":0.0,"result":0.0}"#);
        assert_eq!(output(&Avg, "[null, 5, -1]"), r#"{"count":-1.0,"result":0.0}"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Avg, r#"["1", 0, 0]"#).contains("'value' must be a number"));
        assert!(error(&Avg, "[1, null, 0]").contains("'partial_sum' must be a number"));
    }
}
