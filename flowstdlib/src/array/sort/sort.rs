//! The elements of an array in order.

use crate::array::scalar::{Scalar, sorted};
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn sort(array: &[Value], descending: bool) -> Result<(Option<Value>, RunAgain)> {
    let key = |element| Scalar::of("array", element);
    let keyed = array.iter().map(|element| Ok((key(element)?, element))).collect::<Result<Vec<_>>>()?;
    flow_output!(sorted(keyed, descending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn all_kinds_have_their_order() {
        assert_eq!(
            output(&Sort, r#"[[3.5, "b", 1, null, true, "Z", -1, false], false]"#),
            r#"[null,false,true,-1,1,3.5,"Z","b"]"#
        );
        assert_eq!(output(&Sort, r#"[[1, 3, 2], true]"#), r#"[3,2,1]"#);
        assert_eq!(
            output(&Sort, r#"[[18446744073709551615, 1e300, -1e300], false]"#),
            r#"[-1e+300,18446744073709551615,1e+300]"#
        );
        assert_eq!(output(&Sort, r#"[["é", "e", "z"], false]"#), r#"["e","z","é"]"#);
        assert_eq!(output(&Sort, r#"[[], true]"#), r#"[]"#);
    }

    #[test]
    fn the_same_stay_in_their_order() {
        assert_eq!(output(&Sort, r#"[[2.0, 2, 1, 2.0], false]"#), r#"[1,2.0,2,2.0]"#);
        assert_eq!(output(&Sort, r#"[[2.0, 2, 1, 2.0], true]"#), r#"[2.0,2,2.0,1]"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Sort, r#"[[[1]], false]"#).contains(r#"a number, text, boolean or null"#));
        assert!(error(&Sort, r#"[[{}], false]"#).contains(r#"a number, text, boolean or null"#));
        assert!(error(&Sort, r#"[[1], null]"#).contains(r#"'descending' must be a boolean"#));
        assert!(error(&Sort, r#"[1, true]"#).contains(r#"'array' must be an array"#));
    }
}
