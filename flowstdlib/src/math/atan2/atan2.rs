//! The angle of a point.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn atan2(y: f64, x: f64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(y.atan2(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn all_four_quarters_are_told_apart() {
        assert_eq!(output(&Atan2, r#"[0, 1]"#), r#"0.0"#);
        assert_eq!(output(&Atan2, r#"[0, -1]"#), r#"3.141592653589793"#);
        assert_eq!(output(&Atan2, r#"[1, 0]"#), r#"1.5707963267948966"#);
        assert_eq!(output(&Atan2, r#"[-1, 0]"#), r#"-1.5707963267948966"#);
        assert_eq!(output(&Atan2, r#"[0, 0]"#), r#"0.0"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Atan2, r#"[1, null]"#).contains(r#"'x' must be a number"#));
    }
}
