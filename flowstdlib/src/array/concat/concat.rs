//! The elements of two arrays in one.

use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn concat(array: Arc<Elements>, other: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let mut array = array;
    Arc::make_mut(&mut array).extend(other.iter().cloned());
    flow_output!(Value::Array(array))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn elements_stay_as_they_are() {
        assert_eq!(output(&Concat, r#"[[1, [2]], [[3], null]]"#), r#"[1,[2],[3],null]"#);
        assert_eq!(output(&Concat, r#"[[], []]"#), r#"[]"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Concat, r#"[1, []]"#).contains(r#"'array' must be an array"#));
        assert!(error(&Concat, r#"[[], null]"#).contains(r#"'other' must be an array"#));
    }
}
