//! Multiplies two numbers.

use crate::math::arithmetic::Operation;
use flowcore::{Number, Result, RunAgain, Value};
use flowmacro::flow_function;

/// The multiplication, also for functions that multiply among other things.
pub(crate) const MULTIPLY: Operation =
    Operation { signed: i64::checked_mul, unsigned: u64::checked_mul, float: |i1, i2| i1 * i2, sign: "*" };

#[flow_function]
fn multiply(i1: Option<Number>, i2: Option<Number>) -> Result<(Option<Value>, RunAgain)> {
    MULTIPLY.run(i1, i2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, output};

    #[test]
    fn the_kind_follows_the_values() {
        assert_eq!(output(&Multiply, "[6, 7]"), "42");
        assert_eq!(output(&Multiply, "[2.5, 4]"), "10.0");
        assert_eq!(output(&Multiply, "[2.0, 4]"), "8");
        assert_eq!(output(&Multiply, "[9223372036854775808, 1]"), "9223372036854775808");
    }

    #[test]
    fn integers_that_overflow_give_nothing() {
        assert_eq!(output(&Multiply, "[4294967296, 4294967296]"), NOTHING);
    }

    #[test]
    fn floats_that_overflow_and_null_give_null() {
        assert_eq!(output(&Multiply, "[1e200, 1.5e200]"), "null");
        assert_eq!(output(&Multiply, "[2, null]"), "null");
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Multiply, "[2, {}]").contains("'i2' must be a number"));
    }
}
