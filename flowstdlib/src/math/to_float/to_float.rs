//! A number as a float.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn to_float(number: f64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn integers_become_floats() {
        assert_eq!(output(&ToFloat, r#"[7]"#), r#"7.0"#);
        assert_eq!(output(&ToFloat, r#"[2.5]"#), r#"2.5"#);
        assert_eq!(output(&ToFloat, r#"[9007199254740993]"#), r#"9007199254740992.0"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&ToFloat, r#"[null]"#).contains(r#"must be a number"#));
    }
}
