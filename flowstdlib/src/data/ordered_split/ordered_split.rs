//! Splits a text at a separator, keeping the order of the parts.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn ordered_split(string: &str, separator: &str) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(string.split(separator).collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn parts_come_in_order() {
        assert_eq!(output(&OrderedSplit, r#"["the quick  fox", " "]"#), r#"["the","quick","","fox"]"#);
        assert_eq!(output(&OrderedSplit, r#"["a->b->c", "->"]"#), r#"["a","b","c"]"#);
        assert_eq!(output(&OrderedSplit, r#"["", ","]"#), r#"[""]"#);
        assert_eq!(output(&OrderedSplit, r#"["äb", ""]"#), r#"["","ä","b",""]"#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&OrderedSplit, r#"[1, ","]"#).contains("'string' must be a string"));
        assert!(error(&OrderedSplit, r#"["a", null]"#).contains("'separator' must be a string"));
    }
}
