//! Numbers the elements of an array.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn enumerate(array: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let pair = |(position, element): (usize, &Value)| vec![Value::from(position), element.clone()];
    flow_output!(array.iter().enumerate().map(pair).collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn each_element_has_its_position() {
        assert_eq!(output(&Enumerate, r#"[["a", "b"]]"#), r#"[[0,"a"],[1,"b"]]"#);
        assert_eq!(output(&Enumerate, "[[]]"), "[]");
        assert_eq!(output(&Enumerate, "[[null]]"), "[[0,null]]");
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Enumerate, "[5]").contains("must be an array"));
    }
}
