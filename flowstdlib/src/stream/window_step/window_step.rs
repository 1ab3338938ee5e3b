//! Moves a window over a stream by one value.

use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn window_step(
    value: Value,
    size: i64,
    step: i64,
    partial: Arc<Elements>,
) -> Result<(Option<Value>, RunAgain)> {
    let mut partial = partial;
    if value.is_null() {
        return flow_output!("end" => Value::Null, "partial" => vec![0]);
    }
    let at_least_one = |number: i64| usize::try_from(number.max(1)).unwrap_or(usize::MAX);
    let (size, step) = (at_least_one(size), at_least_one(step));
    let left_out = partial.first().and_then(Value::as_u64).unwrap_or(0);
    let sight = Arc::make_mut(&mut partial);
    if left_out > 0 {
        if let Some(first) = sight.first_mut() {
            *first = Value::from(left_out - 1);
        }
        return flow_output!("partial" => Value::Array(partial));
    }
    sight.push(value);
    let Some(window) = sight.get(1..).filter(|window| window.len() >= size) else {
        return flow_output!("partial" => Value::Array(partial));
    };
    let window = window.to_vec();
    let kept = window.get(step..).unwrap_or_default().iter().cloned();
    let left_out = Value::from(step.saturating_sub(window.len()));
    let next = std::iter::once(left_out).chain(kept).collect::<Value>();
    flow_output!("partial" => next, "window" => window)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_window_moves_on_by_its_step() {
        assert_eq!(output(&WindowStep, r#"[1, 2, 1, [0]]"#), r#"{"partial":[0,1]}"#);
        assert_eq!(output(&WindowStep, r#"[[2], 2, 1, [0, 1]]"#), r#"{"partial":[0,[2]],"window":[1,[2]]}"#);
        assert_eq!(output(&WindowStep, r#"[3, 3, 2, [0, 1, 2]]"#), r#"{"partial":[0,3],"window":[1,2,3]}"#);
    }

    #[test]
    fn a_step_beyond_the_window_leaves_values_out() {
        assert_eq!(output(&WindowStep, r#"[2, 2, 4, [0, 1]]"#), r#"{"partial":[2],"window":[1,2]}"#);
        assert_eq!(output(&WindowStep, r#"[3, 2, 4, [2]]"#), r#"{"partial":[1]}"#);
        assert_eq!(output(&WindowStep, r#"[5, 2, 4, [0]]"#), r#"{"partial":[0,5]}"#);
    }

    #[test]
    fn sizes_below_1_count_as_1() {
        assert_eq!(output(&WindowStep, r#"[7, 0, -3, [0]]"#), r#"{"partial":[0],"window":[7]}"#);
    }

    #[test]
    fn the_end_clears_the_window() {
        assert_eq!(output(&WindowStep, r#"[null, 2, 1, [0, 1]]"#), r#"{"end":null,"partial":[0]}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&WindowStep, r#"[1, 2.0, 1, [0]]"#).contains(r#"'size' must be an integer"#));
        assert!(error(&WindowStep, r#"[1, 2, null, [0]]"#).contains(r#"'step' must be an integer"#));
        assert!(error(&WindowStep, r#"[1, 2, 1, 0]"#).contains(r#"'partial' must be an array"#));
    }
}
