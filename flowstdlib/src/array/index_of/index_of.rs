//! Where in an array a value is first.

use crate::equality::same;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn index_of(array: &[Value], value: &Value) -> Result<(Option<Value>, RunAgain)> {
    let place = array.iter().position(|element| same(element, value));
    flow_output!(place.map_or(Value::from(-1), Value::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_first_one_counts() {
        assert_eq!(output(&IndexOf, r#"[[5, [1], [1.0]], [1]]"#), r#"1"#);
        assert_eq!(output(&IndexOf, r#"[["a", null], null]"#), r#"1"#);
        assert_eq!(output(&IndexOf, r#"[[1], 2]"#), r#"-1"#);
        assert_eq!(output(&IndexOf, r#"[[], 0]"#), r#"-1"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&IndexOf, r#"[null, 1]"#).contains(r#"'array' must be an array"#));
    }
}
