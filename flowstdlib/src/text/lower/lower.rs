//! A text in lower case.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn lower(text: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn letters_of_all_scripts_become_small() {
        assert_eq!(output(&Lower, r#"["ÄÉΛ 1"]"#), r#""äéλ 1""#);
        assert_eq!(output(&Lower, r#"[""]"#), r#""""#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&Lower, r#"[["A"]]"#).contains(r#"must be a string"#));
    }
}
