//! Whether two values are the same.

use crate::equality::same;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn equal(left: &Value, right: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(same(left, right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn values_of_all_kinds_are_compared() {
        assert_eq!(output(&Equal, r#"[1, 1.0]"#), r#"true"#);
        assert_eq!(output(&Equal, r#"["ä", "ä"]"#), r#"true"#);
        assert_eq!(output(&Equal, r#"[[1, [2]], [1, [2.0]]]"#), r#"true"#);
        assert_eq!(output(&Equal, r#"[{"a": null}, {"a": null}]"#), r#"true"#);
        assert_eq!(output(&Equal, r#"[null, null]"#), r#"true"#);
        assert_eq!(output(&Equal, r#"[null, 0]"#), r#"false"#);
        assert_eq!(output(&Equal, r#"[[], {}]"#), r#"false"#);
        assert_eq!(output(&Equal, r#"[[1], [1, 2]]"#), r#"false"#);
    }
}
