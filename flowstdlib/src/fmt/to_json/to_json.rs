//! Reads a text as JSON.

use flowcore::value::ArcStr;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn to_json(text: ArcStr) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(text.parse::<Value>().unwrap_or_else(|_| Value::from(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn text_becomes_the_value_it_stands_for() {
        assert_eq!(output(&ToJson, r#"["[1, 2.0]"]"#), "[1,2.0]");
        assert_eq!(output(&ToJson, r#"["null"]"#), "null");
        assert_eq!(output(&ToJson, r#"["\"a\""]"#), r#""a""#);
    }

    #[test]
    fn text_that_is_not_json_stays_text() {
        assert_eq!(output(&ToJson, r#"["hello"]"#), r#""hello""#);
        assert_eq!(output(&ToJson, r#"[""]"#), r#""""#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&ToJson, "[5]").contains("must be a string"));
    }
}
