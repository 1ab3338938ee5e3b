//! The largest number of a stream.

use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn max(value: Option<f64>, partial: Number) -> Result<(Option<Value>, RunAgain)> {
    match value {
        Some(value) => {
            flow_output!("partial" => if value > partial.as_f64() { value } else { partial.as_f64() })
        }
        None => flow_output!("result" => partial),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_largest_is_kept_as_a_float() {
        assert_eq!(output(&Max, "[200, 3.5]"), r#"{"partial":200.0}"#);
        assert_eq!(output(&Max, "[3.5, 200]"), r#"{"partial":200.0}"#);
        assert_eq!(output(&Max, "[7, 7.0]"), r#"{"partial":7.0}"#);
    }

    #[test]
    fn null_gives_the_result_as_it_is() {
        assert_eq!(output(&Max, "[null, 255]"), r#"{"result":255}"#);
        assert_eq!(output(&Max, "[null, 180.0]"), r#"{"result":180.0}"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Max, r#"["1", 2]"#).contains("'value' must be a number"));
        assert!(error(&Max, "[1, null]").contains("'partial' must be a number"));
    }
}
