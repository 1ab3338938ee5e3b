//! Whether two values differ.

use crate::equality::same;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn not_equal(left: &Value, right: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(!same(left, right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn values_of_all_kinds_are_compared() {
        assert_eq!(output(&NotEqual, r#"[1, 1.0]"#), r#"false"#);
        assert_eq!(output(&NotEqual, r#"["a", "b"]"#), r#"true"#);
        assert_eq!(output(&NotEqual, r#"[null, false]"#), r#"true"#);
        assert_eq!(output(&NotEqual, r#"[[[1]], [[1]]]"#), r#"false"#);
    }
}
