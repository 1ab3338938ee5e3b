//! Whether a text has a part.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn contains(text: &str, part: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(text.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn a_part_may_be_anywhere() {
        assert_eq!(output(&Contains, r#"["größer", "öß"]"#), r#"true"#);
        assert_eq!(output(&Contains, r#"["größer", "oss"]"#), r#"false"#);
        assert_eq!(output(&Contains, r#"["a", ""]"#), r#"true"#);
        assert_eq!(output(&Contains, r#"["", "a"]"#), r#"false"#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&Contains, r#"[null, "a"]"#).contains(r#"'text' must be a string"#));
        assert!(error(&Contains, r#"["a", 1]"#).contains(r#"'part' must be a string"#));
    }
}
