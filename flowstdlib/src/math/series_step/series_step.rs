//! One number of a series, and the next.

use crate::math::add::ADD;
use crate::math::order::exact;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn series_step(number: Number, limit: Number, step: Number) -> Result<(Option<Value>, RunAgain)> {
    if beyond(number, limit, step) {
        return flow_output!("last" => Value::Null);
    }
    match next(number, limit, step)? {
        Some(next) => {
            flow_output!("number" => number, "next" => next, "next-limit" => limit, "next-step" => step)
        }
        None => flow_output!("number" => number, "last" => number),
    }
}

/// Whether the limit is behind the number, seen in the direction of the step.
fn beyond(number: Number, limit: Number, step: Number) -> bool {
    let order = exact(number, limit);
    if step.as_f64() < 0.0 { order.is_lt() } else { order.is_gt() && step.as_f64() > 0.0 }
}

/// The next number of the series, if it has one.
fn next(number: Number, limit: Number, step: Number) -> Result<Option<Number>> {
    if exact(number, limit).is_eq() {
        return Ok(None);
    }
    let Some(next) = ADD.apply(number, step).and_then(|sum| sum.as_number()) else { return Ok(None) };
    if exact(number, next).is_eq() {
        return Err(format!("a step of {step} leads from {number} no nearer to {limit}").into());
    }
    Ok((!beyond(next, limit, step)).then_some(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, noted, output};

    #[test]
    fn a_series_goes_up_or_down_to_its_limit() {
        assert_eq!(
            output(&SeriesStep, "[2, 10, 3]"),
            r#"{"next":5,"next-limit":10,"next-step":3,"number":2}"#
        );
        assert_eq!(output(&SeriesStep, "[8, 10, 3]"), r#"{"last":8,"number":8}"#);
        assert_eq!(
            output(&SeriesStep, "[2, 0, -1]"),
            r#"{"next":1,"next-limit":0,"next-step":-1,"number":2}"#
        );
        assert_eq!(output(&SeriesStep, "[0, 0, -1]"), r#"{"last":0,"number":0}"#);
        assert_eq!(
            output(&SeriesStep, "[0, 1, 0.5]"),
            r#"{"next":0.5,"next-limit":1,"next-step":0.5,"number":0}"#
        );
    }

    #[test]
    fn a_limit_in_the_other_direction_gives_no_number() {
        assert_eq!(output(&SeriesStep, "[5, 1, 1]"), r#"{"last":null}"#);
        assert_eq!(output(&SeriesStep, "[1, 5, -1]"), r#"{"last":null}"#);
    }

    #[test]
    fn a_step_that_leads_nowhere_is_an_error_unless_at_the_limit() {
        assert_eq!(output(&SeriesStep, "[3, 3, 0]"), r#"{"last":3,"number":3}"#);
        assert!(error(&SeriesStep, "[1, 3, 0]").contains("a step of 0 leads from 1 no nearer to 3"));
        assert!(error(&SeriesStep, "[3, 1, 0]").contains("no nearer"));
        assert!(error(&SeriesStep, "[1e300, 2e300, 1]").contains("no nearer"));
    }

    #[test]
    fn a_series_ends_where_integers_do() {
        assert_eq!(
            output(&SeriesStep, "[9223372036854775806, 18446744073709551615, 5]"),
            r#"{"last":9223372036854775806,"number":9223372036854775806}"#
        );
        assert_eq!(noted(&SeriesStep, "[9223372036854775806, 18446744073709551615, 5]"), (vec![], vec![]));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&SeriesStep, "[1, 3, null]").contains("'step' must be a number"));
    }
}
