//! Ends a stream at a value that marks its end.

use crate::equality::same;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn end_on(value: Value, mark: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(if same(&value, mark) { Value::Null } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn the_mark_becomes_null() {
        assert_eq!(output(&EndOn, r#"["quit", "quit"]"#), r#"null"#);
        assert_eq!(output(&EndOn, r#"["more", "quit"]"#), r#""more""#);
        assert_eq!(output(&EndOn, r#"[0.0, 0]"#), r#"null"#);
        assert_eq!(output(&EndOn, r#"[null, 0]"#), r#"null"#);
        assert_eq!(output(&EndOn, r#"[[1], [1]]"#), r#"null"#);
    }
}
