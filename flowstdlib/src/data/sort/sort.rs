//! Sorts numbers.

use crate::math::order::exact;
use flowcore::authoring::wrong_kind;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn sort(array: Option<&[Value]>) -> Result<(Option<Value>, RunAgain)> {
    let Some(array) = array else { return flow_output!(Value::Null) };
    let mut keyed = array.iter().map(|element| Ok((key(element)?, element))).collect::<Result<Vec<_>>>()?;
    keyed.sort_by(|(left, _), (right, _)| exact(*left, *right));
    flow_output!(keyed.into_iter().map(|(_, element)| element.clone()).collect::<Value>())
}

fn key(element: &Value) -> Result<Number> {
    match element {
        Value::Number(number) => Ok(*number),
        // A null that ends a stream arrives as an array of one null, and is to get through.
        Value::Null => Ok(Number::from(0_i64)),
        _ => Err(wrong_kind("0", "an array of numbers, but one", element)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn numbers_of_all_kinds_are_sorted() {
        assert_eq!(output(&Sort, "[[3.5, 1.5, -1, 2]]"), "[-1,1.5,2,3.5]");
        assert_eq!(
            output(&Sort, "[[18446744073709551615, 1e300, -1e300, 5]]"),
            "[-1e+300,5,18446744073709551615,1e+300]"
        );
        assert_eq!(output(&Sort, "[[]]"), "[]");
    }

    #[test]
    fn equal_numbers_keep_their_order() {
        assert_eq!(output(&Sort, "[[2.0, 2, 1, 2.0]]"), "[1,2.0,2,2.0]");
    }

    #[test]
    fn null_gets_through() {
        assert_eq!(output(&Sort, "[null]"), "null");
        assert_eq!(output(&Sort, "[[null]]"), "[null]");
        assert_eq!(output(&Sort, "[[1, null, -1]]"), "[-1,null,1]");
    }

    #[test]
    fn other_elements_are_errors() {
        assert!(error(&Sort, r#"[[1, "2"]]"#).contains("array of numbers"));
        assert!(error(&Sort, "[1]").contains("must be an array"));
    }
}
