//! The greatest element of an array.

use crate::array::scalar::Scalar;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn max(array: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let mut greatest: Option<(Scalar<'_>, &Value)> = None;
    for element in array {
        let key = Scalar::of("0", element)?;
        if greatest.as_ref().is_none_or(|(greatest, _)| key > *greatest) {
            greatest = Some((key, element));
        }
    }
    flow_output!(greatest.map_or(Value::Null, |(_, element)| element.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_greatest_keeps_its_kind() {
        assert_eq!(output(&Max, r#"[[3, 1.5, 2]]"#), r#"3"#);
        assert_eq!(output(&Max, r#"[[2.0, 2]]"#), r#"2.0"#);
        assert_eq!(output(&Max, r#"[["b", "a", 7]]"#), r#""b""#);
        assert_eq!(output(&Max, r#"[[]]"#), r#"null"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Max, r#"[[{}]]"#).contains(r#"a number, text, boolean or null"#));
        assert!(error(&Max, r#"[null]"#).contains(r#"must be an array"#));
    }
}
