//! Compares two numbers in all six ways.

use crate::math::order::relation;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn compare(left: Number, right: Number) -> Result<(Option<Value>, RunAgain)> {
    let relation = relation(left, right);
    flow_output!(
        "equal" => relation.equal,
        "ne" => !relation.equal,
        "lt" => relation.order.is_lt(),
        "lte" => relation.order.is_le(),
        "gt" => relation.order.is_gt(),
        "gte" => relation.order.is_ge(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    /// The names of the outputs that are true.
    fn holds(inputs: &str) -> Vec<String> {
        let output: Value = output(&Compare, inputs).parse().unwrap();
        let outputs = output.as_object().unwrap();
        assert_eq!(outputs.len(), 6);
        outputs
            .iter()
            .filter(|(_, holds)| **holds == Value::Bool(true))
            .map(|(name, _)| name.to_string())
            .collect()
    }

    #[test]
    fn all_six_are_sent() {
        assert_eq!(holds("[1, 2]"), ["lt", "lte", "ne"]);
        assert_eq!(holds("[2, 1]"), ["gt", "gte", "ne"]);
        assert_eq!(holds("[2, 2]"), ["equal", "gte", "lte"]);
        assert_eq!(holds("[2, 2.0]"), ["equal", "gte", "lte"]);
    }

    #[test]
    fn integers_compare_exactly() {
        assert_eq!(holds("[9007199254740993, 9007199254740992]"), ["gt", "gte", "ne"]);
        assert_eq!(holds("[18446744073709551615, 18446744073709551614]"), ["gt", "gte", "ne"]);
        assert_eq!(holds("[18446744073709551615, -1]"), ["gt", "gte", "ne"]);
    }

    #[test]
    fn floats_that_hardly_differ_are_equal_and_in_order() {
        assert_eq!(holds("[1e-20, 2e-20]"), ["equal", "lt", "lte"]);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Compare, "[null, 2]").contains("'left' must be a number"));
        assert!(error(&Compare, r#"[1, "2"]"#).contains("'right' must be a number"));
    }
}
