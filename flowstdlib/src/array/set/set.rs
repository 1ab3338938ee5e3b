//! An array with an element replaced.

use crate::position::element;
use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn set(array: Arc<Elements>, index: i64, value: Value) -> Result<(Option<Value>, RunAgain)> {
    let mut array = array;
    let Some(place) = element(index, array.len()) else {
        return Err(format!("there is no element {index} in an array of {} elements", array.len()).into());
    };
    // Without a copy, where nobody else holds the array.
    if let Some(element) = Arc::make_mut(&mut array).get_mut(place) {
        *element = value;
    }
    flow_output!(Value::Array(array))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_element_is_replaced() {
        assert_eq!(output(&Set, r#"[[1, 2], 0, [7]]"#), r#"[[7],2]"#);
        assert_eq!(output(&Set, r#"[[1, 2], -1, null]"#), r#"[1,null]"#);
    }

    #[test]
    fn wrong_kinds_and_positions_are_errors() {
        assert!(error(&Set, r#"[[1], 1, 0]"#).contains(r#"no element 1 in an array of 1 elements"#));
        assert!(error(&Set, r#"[[], -1, 0]"#).contains(r#"no element -1"#));
        assert!(error(&Set, r#"[null, 0, 0]"#).contains(r#"'array' must be an array"#));
        assert!(error(&Set, r#"[[1], 0.5, 0]"#).contains(r#"'index' must be an integer"#));
    }
}
