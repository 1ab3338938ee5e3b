//! The texts of all parts with a separator between them.

use crate::text::shown::{parts, shown};
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn join(parts: &Value, separator: &str) -> Result<(Option<Value>, RunAgain)> {
    let texts: Vec<_> = self::parts(parts).iter().map(shown).collect();
    flow_output!(texts.join(separator))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn separators_come_between() {
        assert_eq!(output(&Join, r#"[["a", "ü", 3], ", "]"#), r#""a, ü, 3""#);
        assert_eq!(output(&Join, r#"[["a", null, "b"], "-"]"#), r#""a--b""#);
        assert_eq!(output(&Join, r#"[[["a"], ["b"]], ""]"#), r#""[\"a\"][\"b\"]""#);
        assert_eq!(output(&Join, r#"[[], ","]"#), r#""""#);
        assert_eq!(output(&Join, r#"["a", ","]"#), r#""a""#);
    }

    #[test]
    fn a_separator_that_is_no_text_is_an_error() {
        assert!(error(&Join, r#"[["a"], 1]"#).contains(r#"'separator' must be a string"#));
    }
}
