//! Takes an element out of an array.

use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn array_get(array: Arc<Elements>, index: u64) -> Result<(Option<Value>, RunAgain)> {
    let element = usize::try_from(index).ok().and_then(|index| array.get(index)).cloned();
    flow_output!("value" => element.unwrap_or_default(), "array" => Value::Array(array))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_element_and_the_array_are_sent() {
        assert_eq!(output(&ArrayGet, r#"[["a", "b"], 1]"#), r#"{"array":["a","b"],"value":"b"}"#);
        assert_eq!(output(&ArrayGet, "[[1], 1]"), r#"{"array":[1],"value":null}"#);
    }

    #[test]
    fn wrong_indexes_and_arrays_are_errors() {
        assert!(error(&ArrayGet, "[[1], -1]").contains("'index' must be an integer that is not negative"));
        assert!(error(&ArrayGet, "[[1], 0.0]").contains("'index' must be"));
        assert!(error(&ArrayGet, "[1, 0]").contains("'array' must be an array"));
    }
}
