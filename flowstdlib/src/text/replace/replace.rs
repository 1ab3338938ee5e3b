//! Replaces every occurrence of a part of a text.

use flowcore::value::ArcStr;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn replace(text: ArcStr, old: &str, new: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(if old.is_empty() || !text.contains(old) { text } else { text.replace(old, new).into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn every_occurrence_is_replaced() {
        assert_eq!(output(&Replace, r#"["Äpfel, Äpfel", "Ä", "A"]"#), r#""Apfel, Apfel""#);
        assert_eq!(output(&Replace, r#"["aaa", "aa", "b"]"#), r#""ba""#);
        assert_eq!(output(&Replace, r#"["abc", "x", "y"]"#), r#""abc""#);
        assert_eq!(output(&Replace, r#"["abc", "", "y"]"#), r#""abc""#);
        assert_eq!(output(&Replace, r#"["", "a", "b"]"#), r#""""#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&Replace, r#"[null, "a", "b"]"#).contains(r#"'text' must be a string"#));
        assert!(error(&Replace, r#"["a", 1, "b"]"#).contains(r#"'old' must be a string"#));
        assert!(error(&Replace, r#"["a", "a", null]"#).contains(r#"'new' must be a string"#));
    }
}
