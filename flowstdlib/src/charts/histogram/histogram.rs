//! A bar chart of counts.

use crate::charts::bars::{COLUMNS, ROWS, bars};
use flowcore::authoring::wrong_kind;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn histogram(bins: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let bins = bins.iter().map(bin).collect::<Result<Vec<_>>>()?;
    let mut heights = heights(&bins);
    // Columns beyond the bins are bins of nothing.
    heights.resize(COLUMNS, 0);
    flow_output!("grid" => bars(&heights, 1))
}

/// The size of a bin; 0 for what has no bar.
fn bin(bin: &Value) -> Result<Number> {
    match bin {
        Value::Number(size) if size.as_f64() > 0.0 => Ok(*size),
        Value::Number(_) | Value::Null => Ok(Number::from(0_i64)),
        _ => Err(wrong_kind("bins", "an array of numbers, but one", bin)),
    }
}

/// The heights of the bars, in rows: whole parts of `ROWS`, as the bin is of the largest one.
fn heights(bins: &[Number]) -> Vec<usize> {
    if let Some(bins) = bins.iter().map(|bin| bin.as_u64()).collect::<Option<Vec<_>>>() {
        let largest = u128::from(bins.iter().copied().max().unwrap_or(0).max(1));
        // At most ROWS, so nothing is cut off.
        return bins.iter().map(|bin| (u128::from(*bin) * ROWS as u128 / largest) as usize).collect();
    }
    let largest = bins.iter().map(|bin| bin.as_f64()).fold(0.0, f64::max);
    bins.iter().map(|bin| (bin.as_f64() / largest * ROWS as f64) as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::error;

    use flowcore::Implementation;

    /// For each column the number of black pixels; checks that they are at the bottom.
    fn chart(bins: &str) -> Vec<usize> {
        let (output, _) = Histogram.run(&[bins.parse().unwrap()]).unwrap();
        let output = output.unwrap();
        let grid = output.get("grid").unwrap().as_array().unwrap();
        assert_eq!(grid.len(), ROWS);
        assert!(grid.iter().all(|row| row.as_array().unwrap().len() == COLUMNS));
        let bar = |column: usize| {
            let pixels: Vec<i64> = grid.iter().map(|row| row.at(column).unwrap().as_i64().unwrap()).collect();
            let black = pixels.iter().filter(|pixel| **pixel == 0).count();
            assert!(pixels[..ROWS - black].iter().all(|pixel| *pixel == 255));
            black
        };
        (0..COLUMNS).map(bar).collect()
    }

    #[test]
    fn bars_are_parts_of_the_largest() {
        assert_eq!(chart("[0, 1, 2, 3]")[..5], [0, 42, 85, 128, 0]);
        assert_eq!(chart("[0, 0]")[..2], [0, 0]);
        assert_eq!(chart("[18446744073709551615, 9223372036854775808]")[..2], [128, 64]);
    }

    #[test]
    fn floats_have_bars_too() {
        assert_eq!(chart("[0.25, 0.5, 0.125]")[..3], [64, 128, 32]);
        assert_eq!(chart("[1, 2.0]")[..2], [64, 128]);
    }

    #[test]
    fn only_256_bins_are_shown() {
        let bins = format!("[{}1]", "1,".repeat(299));
        assert_eq!(chart(&bins), [128; COLUMNS]);
    }

    #[test]
    fn null_and_negative_bins_have_no_bar() {
        assert_eq!(chart("[null, -5, 1]")[..3], [0, 0, 128]);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Histogram, r#"[["x"]]"#).contains("'bins' must be an array of numbers"));
        assert!(error(&Histogram, "[5]").contains("'bins' must be an array"));
    }
}
