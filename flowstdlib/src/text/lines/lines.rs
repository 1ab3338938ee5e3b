//! The lines of a text.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn lines(text: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(text.lines().collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn lines_come_without_their_ends() {
        assert_eq!(output(&Lines, r#"["a\nü\r\n\nb"]"#), r#"["a","ü","","b"]"#);
        assert_eq!(output(&Lines, r#"["a\n"]"#), r#"["a"]"#);
        assert_eq!(output(&Lines, r#"[""]"#), r#"[]"#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&Lines, r#"[null]"#).contains(r#"must be a string"#));
    }
}
