//! Sends two numbers on along the outputs that say how they compare.

use crate::math::order::relation;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn compare_switch(left: Number, right: Number) -> Result<(Option<Value>, RunAgain)> {
    let relation = relation(left, right);
    if relation.equal {
        flow_output!(
            "equal" => right,
            "right-lte" => right,
            "right-gte" => right,
            "left-lte" => left,
            "left-gte" => left,
        )
    } else if relation.order.is_gt() {
        flow_output!("right-lt" => right, "right-lte" => right, "left-gt" => left, "left-gte" => left)
    } else {
        flow_output!("right-gt" => right, "right-gte" => right, "left-lt" => left, "left-lte" => left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn each_number_goes_where_it_compares() {
        assert_eq!(
            output(&CompareSwitch, "[2, 1]"),
            r#"{"left-gt":2,"left-gte":2,"right-lt":1,"right-lte":1}"#
        );
        assert_eq!(
            output(&CompareSwitch, "[1, 2]"),
            r#"{"left-lt":1,"left-lte":1,"right-gt":2,"right-gte":2}"#
        );
    }

    #[test]
    fn equal_numbers_keep_their_kind() {
        assert_eq!(
            output(&CompareSwitch, "[2.0, 2]"),
            r#"{"equal":2,"left-gte":2.0,"left-lte":2.0,"right-gte":2,"right-lte":2}"#
        );
    }

    #[test]
    fn floats_that_hardly_differ_are_equal() {
        assert_eq!(
            output(&CompareSwitch, "[1e-20, 2e-20]"),
            r#"{"equal":2e-20,"left-gte":1e-20,"left-lte":1e-20,"right-gte":2e-20,"right-lte":2e-20}"#
        );
        assert!(output(&CompareSwitch, "[1.0, 1.000000001]").starts_with(r#"{"left-lt":1.0"#));
    }

    #[test]
    fn large_integers_compare_exactly() {
        let output = output(&CompareSwitch, "[9007199254740993, 9007199254740992]");
        assert!(output.starts_with(r#"{"left-gt":9007199254740993"#), "{output}");
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&CompareSwitch, "[null, 2]").contains("'left' must be a number"));
        assert!(error(&CompareSwitch, r#"[1, "2"]"#).contains("'right' must be a number"));
    }
}
