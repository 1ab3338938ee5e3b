//! A text in upper case.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn upper(text: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(text.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn letters_of_all_scripts_become_capitals() {
        assert_eq!(output(&Upper, r#"["straße é λ 1"]"#), r#""STRASSE É Λ 1""#);
        assert_eq!(output(&Upper, r#"[""]"#), r#""""#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&Upper, r#"[null]"#).contains(r#"must be a string"#));
    }
}
