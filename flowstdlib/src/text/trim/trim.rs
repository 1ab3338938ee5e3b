//! A text without the white space at its ends.

use flowcore::value::ArcStr;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn trim(text: ArcStr) -> Result<(Option<Value>, RunAgain)> {
    let trimmed = text.trim();
    flow_output!(if trimmed.len() == text.len() { text } else { trimmed.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn white_space_is_cut_from_both_ends() {
        assert_eq!(output(&Trim, r#"["  a b\t\n"]"#), r#""a b""#);
        assert_eq!(output(&Trim, r#"["\u00a0é\u2003"]"#), r#""é""#);
        assert_eq!(output(&Trim, r#"["   "]"#), r#""""#);
        assert_eq!(output(&Trim, r#"["a"]"#), r#""a""#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&Trim, r#"[5]"#).contains(r#"must be a string"#));
    }
}
