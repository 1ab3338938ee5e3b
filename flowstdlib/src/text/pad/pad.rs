//! A text filled up to a width.

use crate::space::{text_room, times};
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn pad(text: &str, width: i64, fill: &str, at_start: bool) -> Result<(Option<Value>, RunAgain)> {
    let missing = times(width).saturating_sub(text.chars().count());
    let missing = if fill.is_empty() { 0 } else { missing };
    let widest = fill.chars().map(char::len_utf8).max().unwrap_or(0);
    let mut padded = text_room(missing.saturating_mul(widest).saturating_add(text.len()))?;
    let filling = fill.chars().cycle().take(missing);
    if at_start {
        padded.extend(filling);
        padded.push_str(text);
    } else {
        padded.push_str(text);
        padded.extend(filling);
    }
    flow_output!(padded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn a_text_is_filled_up_on_either_side() {
        assert_eq!(output(&Pad, r#"["7", 3, "0", true]"#), r#""007""#);
        assert_eq!(output(&Pad, r#"["é", 4, "-=", false]"#), r#""é-=-""#);
        assert_eq!(output(&Pad, r#"["abc", 2, " ", true]"#), r#""abc""#);
        assert_eq!(output(&Pad, r#"["abc", 5, "", true]"#), r#""abc""#);
        assert_eq!(output(&Pad, r#"["", 2, "ü", false]"#), r#""üü""#);
        assert_eq!(output(&Pad, r#"["a", -1, " ", true]"#), r#""a""#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Pad, r#"["a", 2.0, " ", true]"#).contains(r#"'width' must be an integer"#));
        assert!(error(&Pad, r#"["a", 2, " ", 1]"#).contains(r#"'at_start' must be a boolean"#));
        assert!(error(&Pad, r#"["a", 9223372036854775807, " ", true]"#).contains(r#"no room"#));
    }
}
