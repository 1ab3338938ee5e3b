//! How many characters a text has.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn length(text: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(output(&Length, r#"["äöü"]"#), r#"3"#);
        assert_eq!(output(&Length, r#"["🙂"]"#), r#"1"#);
        assert_eq!(output(&Length, r#"[""]"#), r#"0"#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&Length, r#"[null]"#).contains(r#"must be a string"#));
    }
}
