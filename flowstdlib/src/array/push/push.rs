//! An array with a value behind its elements.

use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn push(array: Arc<Elements>, value: Value) -> Result<(Option<Value>, RunAgain)> {
    let mut array = array;
    Arc::make_mut(&mut array).push(value);
    flow_output!(Value::Array(array))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_value_becomes_the_last_element() {
        assert_eq!(output(&Push, r#"[[], null]"#), r#"[null]"#);
        assert_eq!(output(&Push, r#"[[1], [2, [3]]]"#), r#"[1,[2,[3]]]"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Push, r#"[null, 1]"#).contains(r#"'array' must be an array"#));
    }

    #[test]
    fn an_array_that_nobody_else_holds_is_not_copied() {
        use flowcore::Implementation;
        let array = Arc::new(Elements::from_iter([Value::from(1)]));
        let address = Arc::as_ptr(&array);
        let (pushed, _) = Push.run_owned(&mut [Value::Array(array), Value::from(2)]).unwrap();
        let Some(Value::Array(array)) = pushed else { panic!("{pushed:?}") };
        assert_eq!(Arc::as_ptr(&array), address);
        let held = Value::Array(array.clone());
        Push.run_owned(&mut [Value::Array(array), Value::from(3)]).unwrap();
        assert_eq!(held.to_string(), "[1,2]");
    }
}
