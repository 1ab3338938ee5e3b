//! Counts the items of a stream and selects one by its position.

use flowcore::{RUN_AGAIN, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

/// The position that stands for the last item before the null that ends the stream.
const LAST: i64 = -1;

#[flow_function]
fn index(
    value: &Value,
    previous_value: &Value,
    previous_index: Option<i64>,
    select_index: Option<i64>,
) -> Result<(Option<Value>, RunAgain)> {
    let Some(index) = previous_index.and_then(|previous| previous.checked_add(1)) else {
        return Ok((None, RUN_AGAIN));
    };
    if select_index == Some(LAST) && value.is_null() {
        flow_output!("index" => index, "selected_value" => previous_value.clone())
    } else if select_index == Some(index) {
        flow_output!("index" => index, "selected_value" => value.clone())
    } else {
        flow_output!("index" => index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, output};

    #[test]
    fn the_item_at_the_position_is_selected() {
        assert_eq!(output(&Index, "[7, 42, -1, 0]"), r#"{"index":0,"selected_value":7}"#);
        assert_eq!(output(&Index, "[7, 42, -1, 1]"), r#"{"index":0}"#);
        assert_eq!(output(&Index, "[null, 42, 0, 1]"), r#"{"index":1,"selected_value":null}"#);
    }

    #[test]
    fn the_last_item_is_selected_when_null_comes() {
        assert_eq!(output(&Index, "[7, 6, 3, -1]"), r#"{"index":4}"#);
        assert_eq!(output(&Index, "[null, 7, 4, -1]"), r#"{"index":5,"selected_value":7}"#);
    }

    #[test]
    fn null_as_an_index_selects_nothing() {
        assert_eq!(output(&Index, "[7, 6, null, 0]"), NOTHING);
        assert_eq!(output(&Index, "[7, 6, 0, null]"), r#"{"index":1}"#);
        assert_eq!(output(&Index, "[7, 6, 9223372036854775807, 0]"), NOTHING);
    }

    #[test]
    fn an_index_that_is_no_integer_is_an_error() {
        assert!(error(&Index, "[7, 6, 1.0, 0]").contains("'previous_index' must be an integer"));
        assert!(error(&Index, r#"[7, 6, 1, "0"]"#).contains("'select_index' must be an integer"));
    }
}
