//! An array of integers from a start to a limit.

use crate::space::room_for;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn range(start: i64, limit: i64, step: i64) -> Result<(Option<Value>, RunAgain)> {
    let distance = i128::from(limit) - i128::from(start);
    if step == 0 && distance != 0 {
        return Err(format!("a step of 0 leads from {start} no nearer to {limit}").into());
    }
    let steps = distance.checked_div(i128::from(step)).unwrap_or(0);
    let backwards = distance.signum() * i128::from(step.signum()) < 0;
    let count = if backwards { 0 } else { usize::try_from(steps + 1).unwrap_or(usize::MAX) };
    let mut integers = room_for(count)?;
    let mut next = Some(start);
    while let Some(integer) = next.filter(|_| integers.len() < count) {
        integers.push(Value::from(integer));
        next = integer.checked_add(step);
    }
    flow_output!(integers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn integers_go_up_or_down_to_the_limit() {
        assert_eq!(output(&Range, r#"[1, 4, 1]"#), r#"[1,2,3,4]"#);
        assert_eq!(output(&Range, r#"[1, 6, 2]"#), r#"[1,3,5]"#);
        assert_eq!(output(&Range, r#"[3, 1, -1]"#), r#"[3,2,1]"#);
        assert_eq!(output(&Range, r#"[5, 5, 0]"#), r#"[5]"#);
        assert_eq!(output(&Range, r#"[5, 5, -3]"#), r#"[5]"#);
        assert_eq!(output(&Range, r#"[1, 3, -1]"#), r#"[]"#);
        assert_eq!(output(&Range, r#"[3, 1, 1]"#), r#"[]"#);
        assert_eq!(
            output(&Range, r#"[9223372036854775806, 9223372036854775807, 1]"#),
            r#"[9223372036854775806,9223372036854775807]"#
        );
        assert_eq!(
            output(&Range, r#"[-9223372036854775808, 9223372036854775807, 9223372036854775807]"#),
            r#"[-9223372036854775808,-1,9223372036854775806]"#
        );
    }

    #[test]
    fn wrong_steps_and_kinds_are_errors() {
        assert!(error(&Range, r#"[1, 2, 0]"#).contains(r#"a step of 0"#));
        assert!(error(&Range, r#"[1.0, 2, 1]"#).contains(r#"'start' must be an integer"#));
        assert!(error(&Range, r#"[1, null, 1]"#).contains(r#"'limit' must be an integer"#));
        assert!(error(&Range, r#"[-9223372036854775808, 9223372036854775807, 1]"#).contains(r#"no room"#));
    }
}
