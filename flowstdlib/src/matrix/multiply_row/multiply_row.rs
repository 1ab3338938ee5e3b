//! Multiplies a row by a column.

use crate::told::{float_or_null, overflow};
use flowcore::authoring::wrong_kind;
use flowcore::{Number, RUN_AGAIN, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn multiply_row(
    a: &[Value],
    a_index: Option<i64>,
    b: &[Value],
    b_index: Option<i64>,
) -> Result<(Option<Value>, RunAgain)> {
    let Some(b) = b.get(..a.len()) else {
        return Err(format!("input 'b' has {} elements, fewer than the {} of 'a'", b.len(), a.len()).into());
    };
    let (a, b) = (numbers("a", a)?, numbers("b", b)?);
    let Some(product) = product(&a, &b) else { return Ok((None, RUN_AGAIN)) };
    let place: Value =
        [a_index, b_index].into_iter().map(|index| index.map_or(Value::Null, Value::from)).collect();
    flow_output!("product" => product, "a_b_index" => place)
}

pub(crate) fn numbers(input: &'static str, row: &[Value]) -> Result<Vec<Number>> {
    let number = |element: &Value| {
        element.as_number().ok_or_else(|| wrong_kind(input, "an array of numbers, but one", element))
    };
    row.iter().map(number).collect()
}

/// The sum of the products; none where it is an integer that does not fit, which is told.
pub(crate) fn product(a: &[Number], b: &[Number]) -> Option<Value> {
    let named = || format!("the product of {} and {}", list(a), list(b));
    let integers = |row: &[Number]| row.iter().map(|number| number.as_i64()).collect::<Option<Vec<_>>>();
    if let (Some(a), Some(b)) = (integers(a), integers(b)) {
        let sum = a.iter().zip(b).try_fold(0_i64, |sum, (a, b)| sum.checked_add(a.checked_mul(b)?));
        return sum.map(Value::from).or_else(|| overflow(named()));
    }
    let sum: f64 = a.iter().zip(b).map(|(a, b)| a.as_f64() * b.as_f64()).sum();
    Some(float_or_null(sum, named))
}

/// A row as it is shown to people.
#[cold]
fn list(row: &[Number]) -> Value {
    row.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, lost, output, remark};

    #[test]
    fn the_products_are_summed() {
        assert_eq!(output(&MultiplyRow, "[[1, 2], 0, [3, 4], 1]"), r#"{"a_b_index":[0,1],"product":11}"#);
        assert_eq!(output(&MultiplyRow, "[[1], 0, [3, 4], 1]"), r#"{"a_b_index":[0,1],"product":3}"#);
        assert_eq!(output(&MultiplyRow, "[[], 0, [], 0]"), r#"{"a_b_index":[0,0],"product":0}"#);
    }

    #[test]
    fn a_float_makes_the_product_a_float() {
        assert_eq!(output(&MultiplyRow, "[[1, 2.5], 0, [3, 2], 0]"), r#"{"a_b_index":[0,0],"product":8.0}"#);
    }

    #[test]
    fn an_integer_that_overflows_gives_nothing() {
        assert_eq!(output(&MultiplyRow, "[[4294967296], 0, [4294967296], 0]"), NOTHING);
        assert!(
            lost(&MultiplyRow, "[[4294967296], 0, [4294967296], 0]").starts_with(
                "the product of [4294967296] and [4294967296] is an integer of more than 64 bits"
            )
        );
        assert!(remark(&MultiplyRow, "[[1e300], 0, [1e300], 0]").contains("has no result and gives null"));
    }

    #[test]
    fn null_as_an_index_is_passed_on() {
        assert_eq!(output(&MultiplyRow, "[[1], null, [3], 1]"), r#"{"a_b_index":[null,1],"product":3}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&MultiplyRow, "[[1, 2], 0, [3], 0]").contains("fewer than the 2 of 'a'"));
        assert!(error(&MultiplyRow, r#"[["1"], 0, [3], 0]"#).contains("'a' must be an array of numbers"));
        assert!(error(&MultiplyRow, "[[1], 0, [null], 0]").contains("'b' must be an array of numbers"));
        assert!(error(&MultiplyRow, "[[1], 0.5, [3], 0]").contains("'a_index' must be an integer"));
    }
}
