//! A number kept between two bounds.

use crate::math::order::exact;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn clamp(number: Number, min: Number, max: Number) -> Result<(Option<Value>, RunAgain)> {
    if exact(min, max).is_gt() {
        return Err(format!("there is no number between {min} and {max}").into());
    }
    flow_output!(if exact(number, min).is_lt() {
        min
    } else if exact(number, max).is_gt() {
        max
    } else {
        number
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn numbers_stay_between_the_bounds() {
        assert_eq!(output(&Clamp, r#"[5, 0, 10]"#), r#"5"#);
        assert_eq!(output(&Clamp, r#"[-5, 0, 10]"#), r#"0"#);
        assert_eq!(output(&Clamp, r#"[50, 0, 10.5]"#), r#"10.5"#);
        assert_eq!(output(&Clamp, r#"[5, 5, 5]"#), r#"5"#);
    }

    #[test]
    fn wrong_bounds_and_kinds_are_errors() {
        assert!(error(&Clamp, r#"[5, 10, 0]"#).contains(r#"no number between 10 and 0"#));
        assert!(error(&Clamp, r#"[null, 0, 1]"#).contains(r#"'number' must be a number"#));
    }
}
