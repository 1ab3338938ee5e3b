//! Counts how often each integer occurs.

use flowcore::authoring::wrong_kind;
use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn bin_count(value: Option<u64>, partial: Arc<Elements>) -> Result<(Option<Value>, RunAgain)> {
    let Some(value) = value else { return flow_output!("bins" => Value::Array(partial)) };
    let mut bins = partial;
    let position = usize::try_from(value).unwrap_or(usize::MAX);
    // A value beyond the last bin is not to cost a copy of the bins.
    if position < bins.len()
        && let Some(bin) = Arc::make_mut(&mut bins).get_mut(position)
    {
        *bin = increased(bin)?;
    }
    flow_output!("partial" => Value::Array(bins))
}

fn increased(bin: &Value) -> Result<Value> {
    match bin {
        Value::Null | Value::Number(_) => Ok(Value::from(bin.as_u64().unwrap_or(0).saturating_add(1))),
        _ => Err(wrong_kind("partial", "an array of numbers, but one", bin)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_bin_of_the_value_is_increased() {
        assert_eq!(output(&BinCount, "[1, [0, 4, 0]]"), r#"{"partial":[0,5,0]}"#);
        assert_eq!(output(&BinCount, "[3, [0, 4, 0]]"), r#"{"partial":[0,4,0]}"#);
    }

    #[test]
    fn a_bin_that_counts_nothing_starts_at_0() {
        assert_eq!(output(&BinCount, "[0, [2.0, 1]]"), r#"{"partial":[1,1]}"#);
        assert_eq!(output(&BinCount, "[0, [null, 1]]"), r#"{"partial":[1,1]}"#);
        assert_eq!(output(&BinCount, "[0, [-7]]"), r#"{"partial":[1]}"#);
    }

    #[test]
    fn null_gives_the_bins() {
        assert_eq!(output(&BinCount, "[null, [1, 2]]"), r#"{"bins":[1,2]}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&BinCount, "[-1, [0]]").contains("'value' must be an integer that is not negative"));
        assert!(error(&BinCount, "[1.0, [0]]").contains("'value' must be"));
        assert!(error(&BinCount, "[1, 5]").contains("'partial' must be an array"));
        assert!(error(&BinCount, r#"[0, ["x"]]"#).contains("'partial'"));
    }
}
