//! What there is to say about some values.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::fmt::Write;

/// What is more than this from one value to the next is a jump.
const JUMP: f64 = 3.0;

/// The parts that the range of values is divided into.
const BINS: usize = 256;

/// Reports on the values, and counts them by their size.
#[flow_function]
fn analyze(window: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let values =
        window.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>().ok_or("values must be numbers")?;
    let latest = values.last().ok_or("there are no values")?;
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let mut report = format!("latest {latest:.1}, lowest {lowest:.1}, highest {highest:.1}, mean {mean:.1}");
    for pair in values.windows(2) {
        if let [before, after] = pair
            && (after - before).abs() > JUMP
        {
            write!(report, "\n  jump from {before:.1} to {after:.1}")?;
        }
    }
    flow_output!("report" => report, "bins" => bins(&values, lowest, highest))
}

/// How many values there are in each part of the range.
fn bins(values: &[f64], lowest: f64, highest: f64) -> Vec<i64> {
    let mut bins = vec![0; BINS];
    for value in values {
        // All values may be the same.
        let part = if highest > lowest { (value - lowest) / (highest - lowest) } else { 0.0 };
        if let Some(bin) = bins.get_mut((part * (BINS - 1) as f64) as usize) {
            *bin += 1;
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Implementation;

    fn report(window: &str) -> String {
        let (output, _) = Analyze.run(&[window.parse().unwrap()]).unwrap();
        output.unwrap().get("report").unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn the_report_has_one_decimal() {
        assert_eq!(report("[20]"), "latest 20.0, lowest 20.0, highest 20.0, mean 20.0");
        assert_eq!(report("[20, 21.55, 20.5]"), "latest 20.5, lowest 20.0, highest 21.6, mean 20.7");
    }

    #[test]
    fn a_jump_is_more_than_three() {
        assert_eq!(report("[1, 4, 7.5]").lines().skip(1).collect::<Vec<_>>(), ["  jump from 4.0 to 7.5"]);
        assert_eq!(report("[4, 0.5]").lines().nth(1), Some("  jump from 4.0 to 0.5"));
    }

    #[test]
    fn every_value_is_counted_once() {
        let counted = bins(&[1.0, 2.0, 2.0, 3.0], 1.0, 3.0);
        assert_eq!((counted[0], counted[127], counted[255]), (1, 2, 1));
        assert_eq!(counted.iter().sum::<i64>(), 4);
        assert_eq!(bins(&[5.0, 5.0], 5.0, 5.0)[0], 2);
    }

    #[test]
    fn without_values_there_is_nothing_to_say() {
        assert!(Analyze.run(&["[]".parse().unwrap()]).is_err());
        assert!(Analyze.run(&["[\"warm\"]".parse().unwrap()]).is_err());
    }
}
