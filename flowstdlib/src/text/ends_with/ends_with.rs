//! Whether a text ends with a part.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn ends_with(text: &str, part: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(text.ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_part_must_be_at_the_end() {
        assert_eq!(output(&EndsWith, r#"["café", "é"]"#), r#"true"#);
        assert_eq!(output(&EndsWith, r#"["café", "caf"]"#), r#"false"#);
        assert_eq!(output(&EndsWith, r#"["a", ""]"#), r#"true"#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&EndsWith, r#"["a", null]"#).contains(r#"'part' must be a string"#));
    }
}
