//! The last values of a stream.

use flowcore::{Elements, Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

/// As many values are kept.
const KEPT: usize = 24;

/// Appends a value, and forgets the oldest if there are too many.
#[flow_function]
fn sliding_window(value: Number, mut window: Arc<Elements>) -> Result<(Option<Value>, RunAgain)> {
    // Nobody else holds an array that loops back, so it is changed in place.
    let values = Arc::make_mut(&mut window);
    values.push(Value::from(value));
    values.drain(..values.len().saturating_sub(KEPT));
    flow_output!(Value::Array(window))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Implementation;

    fn window(value: i64, window: Vec<i64>) -> Value {
        SlidingWindow.run(&[Value::from(value), Value::from(window)]).unwrap().0.unwrap()
    }

    #[test]
    fn a_value_comes_last() {
        assert_eq!(window(1, vec![]), Value::from(vec![1]));
        assert_eq!(window(3, vec![1, 2]), Value::from(vec![1, 2, 3]));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        assert_eq!(window(25, (1..25).collect()), Value::from((2..26).collect::<Vec<i64>>()));
        assert_eq!(window(31, (1..31).collect()), Value::from((8..32).collect::<Vec<i64>>()));
    }
}
