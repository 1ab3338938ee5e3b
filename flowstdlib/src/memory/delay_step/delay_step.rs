//! Exchanges a value for the one before it.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn delay_step(value: Value, initial: &Value, last: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    flow_output!("delayed" => last.first().unwrap_or(initial).clone(), "last" => vec![value])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_value_before_comes_out() {
        assert_eq!(output(&DelayStep, r#"[[1], 0, []]"#), r#"{"delayed":0,"last":[[1]]}"#);
        assert_eq!(output(&DelayStep, r#"[2, 0, [[1]]]"#), r#"{"delayed":[1],"last":[2]}"#);
        assert_eq!(output(&DelayStep, r#"[2, 0, [null]]"#), r#"{"delayed":null,"last":[2]}"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&DelayStep, r#"[1, 0, 2]"#).contains(r#"'last' must be an array"#));
    }
}
