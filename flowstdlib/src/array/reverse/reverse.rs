//! The elements of an array in reverse order.

use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn reverse(array: Arc<Elements>) -> Result<(Option<Value>, RunAgain)> {
    let mut array = array;
    Arc::make_mut(&mut array).reverse();
    flow_output!(Value::Array(array))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_last_becomes_the_first() {
        assert_eq!(output(&Reverse, r#"[[1, [2, 3], null]]"#), r#"[null,[2,3],1]"#);
        assert_eq!(output(&Reverse, r#"[[]]"#), r#"[]"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Reverse, r#"["abc"]"#).contains(r#"must be an array"#));
    }
}
