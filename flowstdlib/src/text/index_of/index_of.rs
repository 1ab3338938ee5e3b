//! Where in a text a part is first.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn index_of(text: &str, part: &str) -> Result<(Option<Value>, RunAgain)> {
    let before = text.find(part).and_then(|place| text.get(..place));
    flow_output!(before.map_or(Value::from(-1), |before| Value::from(before.chars().count())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(output(&IndexOf, r#"["äöü", "ü"]"#), r#"2"#);
        assert_eq!(output(&IndexOf, r#"["abab", "b"]"#), r#"1"#);
        assert_eq!(output(&IndexOf, r#"["abc", "x"]"#), r#"-1"#);
        assert_eq!(output(&IndexOf, r#"["abc", ""]"#), r#"0"#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&IndexOf, r#"[[], "a"]"#).contains(r#"'text' must be a string"#));
    }
}
