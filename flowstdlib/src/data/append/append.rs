//! Joins the text of two values.

use crate::text::shown::shown;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn append(s1: &Value, s2: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(format!("{}{}", shown(s1), shown(s2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn texts_are_joined_as_they_are() {
        assert_eq!(output(&Append, r#"["Max: ", "21"]"#), r#""Max: 21""#);
    }

    #[test]
    fn other_values_are_written_as_json_and_null_is_empty() {
        assert_eq!(output(&Append, r#"["Max: ", 21.0]"#), r#""Max: 21.0""#);
        assert_eq!(output(&Append, r#"[true, {"a":1}]"#), r#""true{\"a\":1}""#);
        assert_eq!(output(&Append, r#"[null, "x"]"#), r#""x""#);
    }
}
