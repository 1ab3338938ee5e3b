//! A text several times.

use crate::space::{text_room, times as count};
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn repeat(text: &str, times: i64) -> Result<(Option<Value>, RunAgain)> {
    let times = if text.is_empty() { 0 } else { count(times) };
    let mut repeated = text_room(text.len().saturating_mul(times))?;
    (0..times).for_each(|_| repeated.push_str(text));
    flow_output!(repeated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn a_text_follows_itself() {
        assert_eq!(output(&Repeat, r#"["äb", 3]"#), r#""äbäbäb""#);
        assert_eq!(output(&Repeat, r#"["a", 0]"#), r#""""#);
        assert_eq!(output(&Repeat, r#"["a", -1]"#), r#""""#);
        assert_eq!(output(&Repeat, r#"["", 9223372036854775807]"#), r#""""#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Repeat, r#"["a", 1.0]"#).contains(r#"'times' must be an integer"#));
        assert!(error(&Repeat, r#"[1, 1]"#).contains(r#"'text' must be a string"#));
        assert!(error(&Repeat, r#"["ab", 9223372036854775807]"#).contains(r#"no room"#));
    }
}
