//! Splits a range of integers in two.

use crate::told;
use flowcore::authoring::wrong_kind;
use flowcore::{RUN_AGAIN, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::cmp::Ordering;

#[flow_function]
fn range_split(range: &Value) -> Result<(Option<Value>, RunAgain)> {
    let (min, max) = ends(range)?;
    match min.cmp(&max) {
        // An empty range; splitting it would never come to an end.
        Ordering::Greater => {
            told::remark(|| format!("the range from {min} to {max} is empty, and nothing is sent"));
            Ok((None, RUN_AGAIN))
        }
        Ordering::Equal => flow_output!("number" => min),
        Ordering::Less => {
            // The distance may take 64 bits without sign; half of it does not.
            let middle = min.saturating_add_unsigned(min.abs_diff(max) / 2);
            let above = middle.saturating_add(1);
            let bottom = Value::from(vec![min, middle]);
            if above == max {
                flow_output!("bottom" => bottom, "number" => max)
            } else {
                flow_output!("bottom" => bottom, "top" => vec![above, max])
            }
        }
    }
}

fn ends(range: &Value) -> Result<(i64, i64)> {
    let ends = match range.as_array() {
        Some([min, max]) => min.as_i64().zip(max.as_i64()),
        _ => None,
    };
    ends.ok_or_else(|| wrong_kind("range", "an array of two integers", range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, output, remark};

    #[test]
    fn a_range_is_halved() {
        assert_eq!(output(&RangeSplit, "[[1, 10]]"), r#"{"bottom":[1,5],"top":[6,10]}"#);
        assert_eq!(output(&RangeSplit, "[[-3, 3]]"), r#"{"bottom":[-3,0],"top":[1,3]}"#);
    }

    #[test]
    fn single_numbers_come_out() {
        assert_eq!(output(&RangeSplit, "[[4, 4]]"), r#"{"number":4}"#);
        assert_eq!(output(&RangeSplit, "[[4, 5]]"), r#"{"bottom":[4,4],"number":5}"#);
        assert_eq!(output(&RangeSplit, "[[4, 6]]"), r#"{"bottom":[4,5],"number":6}"#);
    }

    #[test]
    fn an_empty_range_gives_nothing() {
        assert_eq!(output(&RangeSplit, "[[5, 4]]"), NOTHING);
        assert_eq!(remark(&RangeSplit, "[[5, 4]]"), "the range from 5 to 4 is empty, and nothing is sent");
    }

    #[test]
    fn the_largest_range_does_not_overflow() {
        assert_eq!(
            output(&RangeSplit, "[[-9223372036854775808, 9223372036854775807]]"),
            r#"{"bottom":[-9223372036854775808,-1],"top":[0,9223372036854775807]}"#
        );
    }

    #[test]
    fn anything_but_two_integers_is_an_error() {
        for inputs in [
            "[[1]]",
            "[[]]",
            "[[1, 18446744073709551615]]",
            "[[1, 2, 3]]",
            "[[1, 2.0]]",
            "[[null]]",
            "[7]",
            r#"[["1", "2"]]"#,
        ] {
            assert!(error(&RangeSplit, inputs).contains("an array of two integers"), "{inputs}");
        }
    }
}
