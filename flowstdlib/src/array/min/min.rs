//! The smallest element of an array.

use crate::array::scalar::Scalar;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn min(array: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let mut least: Option<(Scalar<'_>, &Value)> = None;
    for element in array {
        let key = Scalar::of("0", element)?;
        if least.as_ref().is_none_or(|(least, _)| key < *least) {
            least = Some((key, element));
        }
    }
    flow_output!(least.map_or(Value::Null, |(_, element)| element.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_smallest_keeps_its_kind() {
        assert_eq!(output(&Min, r#"[[3, 1.5, 2]]"#), r#"1.5"#);
        assert_eq!(output(&Min, r#"[[2, 2.0]]"#), r#"2"#);
        assert_eq!(output(&Min, r#"[["b", "a"]]"#), r#""a""#);
        assert_eq!(output(&Min, r#"[[]]"#), r#"null"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Min, r#"[[1, [2]]]"#).contains(r#"a number, text, boolean or null"#));
        assert!(error(&Min, r#"[5]"#).contains(r#"must be an array"#));
    }
}
