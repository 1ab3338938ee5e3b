//! A number without its fraction.

use crate::math::whole::rounded;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn trunc(number: Number) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(rounded(number, f64::trunc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_fraction_is_cut_off() {
        assert_eq!(output(&Trunc, r#"[2.7]"#), r#"2"#);
        assert_eq!(output(&Trunc, r#"[-2.7]"#), r#"-2"#);
        assert_eq!(output(&Trunc, r#"[9.3e18]"#), r#"9300000000000000000"#);
        assert_eq!(output(&Trunc, r#"[5]"#), r#"5"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Trunc, r#"[null]"#).contains(r#"must be a number"#));
    }
}
