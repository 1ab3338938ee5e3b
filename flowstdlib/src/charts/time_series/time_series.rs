//! A bar chart of successive values.

use crate::charts::bars::{COLUMNS, ROWS, bars};
use flowcore::authoring::wrong_kind;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn time_series(values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let values = values.iter().map(number).collect::<Result<Vec<_>>>()?;
    let mut heights = heights(&values);
    if heights.is_empty() {
        // One bar of no height makes a white picture.
        heights.push(0);
    }
    let width = (COLUMNS / heights.len()).max(1);
    flow_output!("grid" => bars(&heights, width))
}

fn number(value: &Value) -> Result<f64> {
    match value {
        Value::Number(number) => Ok(number.as_f64()),
        Value::Null => Ok(0.0),
        _ => Err(wrong_kind("values", "an array of numbers, but one", value)),
    }
}

/// The heights of the bars, in rows: from none for the smallest value to all for the largest.
fn heights(values: &[f64]) -> Vec<usize> {
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Halved, because the distance of two floats need not be one; equal values all have distance 0.
    let distance = |value: f64| value / 2.0 - smallest / 2.0;
    let range = distance(largest).max(f64::MIN_POSITIVE);
    values.iter().map(|value| (distance(*value) / range * ROWS as f64).round() as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::error;

    use flowcore::Implementation;

    fn grid(values: &str) -> Vec<Vec<bool>> {
        let (output, _) = TimeSeries.run(&[values.parse().unwrap()]).unwrap();
        let output = output.unwrap();
        let rows = output.get("grid").unwrap().as_array().unwrap();
        assert_eq!(rows.len(), ROWS);
        rows.iter()
            .map(|row| row.as_array().unwrap().iter().map(|pixel| *pixel == Value::from(0)).collect())
            .collect()
    }

    fn heights_at(values: &str, columns: &[usize]) -> Vec<usize> {
        let grid = grid(values);
        columns.iter().map(|column| grid.iter().filter(|row| row[*column]).count()).collect()
    }

    #[test]
    fn bars_reach_from_the_smallest_to_the_largest() {
        assert_eq!(heights_at("[-1, 0, 1]", &[0, 84, 85, 169, 170, 254]), [0, 0, 64, 64, 128, 128]);
        assert_eq!(heights_at("[null, 1.0]", &[0, 255]), [0, 128]);
    }

    #[test]
    fn the_width_is_a_multiple_of_the_number_of_values() {
        assert_eq!(grid("[1, 2, 3]")[0].len(), 255);
        assert_eq!(grid(&format!("[{}1]", "0,".repeat(299)))[0].len(), 300);
        assert_eq!(grid("[]")[0].len(), 256);
    }

    #[test]
    fn equal_values_have_no_bars() {
        assert_eq!(heights_at("[7, 7]", &[0, 255]), [0, 0]);
        assert_eq!(heights_at("[-1.5e308, 1.5e308]", &[0, 255]), [0, 128]);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&TimeSeries, r#"[["x"]]"#).contains("'values' must be an array of numbers"));
    }
}
