//! Reverses a text.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn reverse(text: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(text.chars().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn characters_come_in_reverse_order() {
        assert_eq!(output(&Reverse, r#"["Hällo"]"#), r#""olläH""#);
        assert_eq!(output(&Reverse, r#"[""]"#), r#""""#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&Reverse, "[null]").contains("must be a string"));
    }
}
