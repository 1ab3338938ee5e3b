//! A part of a text.

use crate::position::span;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn substring(text: &str, start: i64, end: i64) -> Result<(Option<Value>, RunAgain)> {
    let span = span(start, end, text.chars().count());
    flow_output!(text.chars().skip(span.start).take(span.len()).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn positions_count_characters_from_either_end() {
        assert_eq!(output(&Substring, r#"["äöüß", 1, 3]"#), r#""öü""#);
        assert_eq!(output(&Substring, r#"["äöüß", -2, 9]"#), r#""üß""#);
        assert_eq!(output(&Substring, r#"["äöüß", 0, -1]"#), r#""äöü""#);
        assert_eq!(output(&Substring, r#"["abc", 2, 1]"#), r#""""#);
        assert_eq!(output(&Substring, r#"["", 0, 5]"#), r#""""#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Substring, r#"[1, 0, 1]"#).contains(r#"'text' must be a string"#));
        assert!(error(&Substring, r#"["a", 0.0, 1]"#).contains(r#"'start' must be an integer"#));
        assert!(error(&Substring, r#"["a", 0, null]"#).contains(r#"'end' must be an integer"#));
    }
}
