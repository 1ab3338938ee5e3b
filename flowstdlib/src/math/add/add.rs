//! Adds two numbers.

use crate::math::arithmetic::Operation;
use flowcore::{Number, Result, RunAgain, Value};
use flowmacro::flow_function;

/// The addition, also for functions that add among other things.
pub(crate) const ADD: Operation =
    Operation { signed: i64::checked_add, unsigned: u64::checked_add, float: |i1, i2| i1 + i2, sign: "+" };

#[flow_function]
fn add(i1: Option<Number>, i2: Option<Number>) -> Result<(Option<Value>, RunAgain)> {
    ADD.run(i1, i2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, lost, noted, output, remark};

    #[test]
    fn whole_numbers_give_an_integer() {
        assert_eq!(output(&Add, "[1, 2]"), "3");
        assert_eq!(output(&Add, "[1.0, 2.0]"), "3");
        assert_eq!(output(&Add, "[-0.0, 0]"), "0");
        assert_eq!(output(&Add, "[9223372036854775808.0, 1.0]"), "9.223372036854776e+18");
    }

    #[test]
    fn fractions_give_a_float() {
        assert_eq!(output(&Add, "[1.5, 2.5]"), "4.0");
        assert_eq!(output(&Add, "[1, 2.5]"), "3.5");
        assert_eq!(output(&Add, "[9223372036854775817, -1]"), "9.223372036854776e+18");
    }

    #[test]
    fn integers_that_overflow_give_nothing() {
        assert_eq!(output(&Add, "[9223372036854775807, 1]"), NOTHING);
        assert_eq!(output(&Add, "[18446744073709551615, 1]"), NOTHING);
        assert_eq!(output(&Add, "[9223372036854775817, 1]"), "9223372036854775818");
    }

    #[test]
    fn what_is_lost_is_told_with_its_operands() {
        assert_eq!(
            lost(&Add, "[9223372036854775807, 1]"),
            "9223372036854775807 + 1 is an integer of more than 64 bits, and nothing is sent"
        );
        assert_eq!(remark(&Add, "[1.5e308, 1.5e308]"), "1.5e+308 + 1.5e+308 has no result and gives null");
        assert_eq!(noted(&Add, "[null, 1]"), (vec![], vec![]));
        assert_eq!(noted(&Add, "[1, 2]"), (vec![], vec![]));
    }

    #[test]
    fn floats_that_overflow_and_null_give_null() {
        assert_eq!(output(&Add, "[1.5e308, 1.5e308]"), "null");
        assert_eq!(output(&Add, "[null, 1]"), "null");
        assert_eq!(output(&Add, "[1, null]"), "null");
    }

    #[test]
    fn anything_else_is_an_error() {
        assert_eq!(error(&Add, r#"["1", 2]"#), r#"input 'i1' must be a number but is string: "1""#);
        assert_eq!(error(&Add, "[1, true]"), "input 'i2' must be a number but is boolean: true");
    }
}
