//! Subtracts two numbers.

use crate::math::arithmetic::Operation;
use flowcore::{Number, Result, RunAgain, Value};
use flowmacro::flow_function;

const SUBTRACT: Operation =
    Operation { signed: i64::checked_sub, unsigned: u64::checked_sub, float: |i1, i2| i1 - i2, sign: "-" };

#[flow_function]
fn subtract(i1: Option<Number>, i2: Option<Number>) -> Result<(Option<Value>, RunAgain)> {
    SUBTRACT.run(i1, i2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, output};

    #[test]
    fn the_second_is_taken_from_the_first() {
        assert_eq!(output(&Subtract, "[1, 3]"), "-2");
        assert_eq!(output(&Subtract, "[1, 2.5]"), "-1.5");
        assert_eq!(output(&Subtract, "[null, 2.5]"), "null");
    }

    #[test]
    fn unsigned_integers_stay_exact_and_not_negative() {
        assert_eq!(output(&Subtract, "[9223372036854775817, 9223372036854775808]"), "9");
        assert_eq!(output(&Subtract, "[1, 9223372036854775808]"), NOTHING);
    }

    #[test]
    fn integers_that_overflow_give_nothing() {
        assert_eq!(output(&Subtract, "[-9223372036854775808, 1]"), NOTHING);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Subtract, "[[1], 2]").contains("'i1' must be a number"));
    }
}
