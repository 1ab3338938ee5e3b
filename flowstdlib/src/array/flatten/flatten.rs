//! An array whose elements are not nested, or less deeply.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn flatten(array: &[Value], depth: i64) -> Result<(Option<Value>, RunAgain)> {
    let mut elements = array.to_vec();
    for _ in 0..depth {
        if !elements.iter().any(|element| matches!(element, Value::Array(_))) {
            break;
        }
        let mut flat = Vec::with_capacity(elements.len());
        for element in elements {
            match element {
                Value::Array(inner) => flat.extend_from_slice(&inner),
                other => flat.push(other),
            }
        }
        elements = flat;
    }
    flow_output!(elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn so_many_levels_are_taken_apart() {
        assert_eq!(output(&Flatten, r#"[[1, [2, [3, [4]]]], 1]"#), r#"[1,2,[3,[4]]]"#);
        assert_eq!(output(&Flatten, r#"[[1, [2, [3, [4]]]], 9]"#), r#"[1,2,3,4]"#);
        assert_eq!(output(&Flatten, r#"[[1, [2]], 0]"#), r#"[1,[2]]"#);
        assert_eq!(output(&Flatten, r#"[[1, [2]], -1]"#), r#"[1,[2]]"#);
        assert_eq!(output(&Flatten, r#"[[[], [[]]], 1]"#), r#"[[]]"#);
        assert_eq!(output(&Flatten, r#"[[], 9223372036854775807]"#), r#"[]"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Flatten, r#"[1, 1]"#).contains(r#"'array' must be an array"#));
        assert!(error(&Flatten, r#"[[], 1.5]"#).contains(r#"'depth' must be an integer"#));
    }
}
