//! Replaces an element of an array.

use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn array_set(array: Arc<Elements>, index: u64, value: Value) -> Result<(Option<Value>, RunAgain)> {
    let mut array = array;
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    // Without a copy, where nobody else holds the array.
    if index < array.len()
        && let Some(element) = Arc::make_mut(&mut array).get_mut(index)
    {
        *element = value;
    }
    flow_output!(Value::Array(array))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_copy_has_the_new_element() {
        assert_eq!(output(&ArraySet, r#"[[1, 2, 3], 1, "x"]"#), r#"[1,"x",3]"#);
        assert_eq!(output(&ArraySet, r#"[[1, 2], 2, "x"]"#), "[1,2]");
    }

    #[test]
    fn wrong_indexes_and_arrays_are_errors() {
        assert!(error(&ArraySet, "[[1], -1, 0]").contains("'index' must be an integer that is not negative"));
        assert!(error(&ArraySet, "[[1], 0.5, 0]").contains("'index' must be"));
        assert!(error(&ArraySet, "[null, 0, 0]").contains("'array' must be an array"));
    }
}
