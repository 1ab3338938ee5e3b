//! Pairs the elements of two arrays.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn zip(left: &[Value], right: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let pairs = left.iter().zip(right).map(|(left, right)| vec![left.clone(), right.clone()]);
    flow_output!(pairs.collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_shorter_array_decides() {
        assert_eq!(output(&Zip, r#"[[1, 2, 3], ["a", "b"]]"#), r#"[[1,"a"],[2,"b"]]"#);
        assert_eq!(output(&Zip, "[[0], [15]]"), "[[0,15]]");
        assert_eq!(output(&Zip, "[[], [1]]"), "[]");
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Zip, "[[1], 2]").contains("'right' must be an array"));
    }
}
