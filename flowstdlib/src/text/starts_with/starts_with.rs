//! Whether a text starts with a part.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn starts_with(text: &str, part: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(text.starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_part_must_be_at_the_start() {
        assert_eq!(output(&StartsWith, r#"["über", "üb"]"#), r#"true"#);
        assert_eq!(output(&StartsWith, r#"["über", "er"]"#), r#"false"#);
        assert_eq!(output(&StartsWith, r#"["a", ""]"#), r#"true"#);
        assert_eq!(output(&StartsWith, r#"["a", "ab"]"#), r#"false"#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&StartsWith, r#"[1, "a"]"#).contains(r#"'text' must be a string"#));
    }
}
