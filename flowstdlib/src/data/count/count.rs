//! Counts values.

use crate::told::overflow;
use flowcore::{RUN_AGAIN, Result, RunAgain, Value};
use flowmacro::flow_function;

#[flow_function]
fn count(_data: &Value, count: i64) -> Result<(Option<Value>, RunAgain)> {
    let next = count.checked_add(1).map(Value::from);
    Ok((next.or_else(|| overflow(format_args!("{count} + 1"))), RUN_AGAIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, lost, output};

    #[test]
    fn every_value_counts() {
        assert_eq!(output(&Count, r#"["a", 0]"#), "1");
        assert_eq!(output(&Count, "[null, -5]"), "-4");
    }

    #[test]
    fn beyond_64_bits_there_is_nothing() {
        assert_eq!(output(&Count, "[1, 9223372036854775807]"), NOTHING);
        assert!(lost(&Count, "[1, 9223372036854775807]").starts_with("9223372036854775807 + 1 is"));
    }

    #[test]
    fn a_count_that_is_no_integer_is_an_error() {
        assert!(error(&Count, "[1, 0.0]").contains("'count' must be an integer"));
        assert!(error(&Count, "[1, null]").contains("'count' must be an integer"));
    }
}
