//! Functions that are written in the values of `serde_json`, as many are that were written for other runners.

#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flowcore::errors::Result;
use flowcore::{DONT_RUN_AGAIN, Implementation, RUN_AGAIN, RunAgain, flow_output};
use flowmacro::flow_function;
use serde_json::{Map, Number, Value, json};

#[flow_function]
fn inner_tally(
    word: &str,
    counts: &Value,
    step: &Number,
    limit: Value,
    quiet: bool,
) -> Result<(Option<Value>, RunAgain)> {
    let mut counts = counts.as_object().cloned().unwrap_or_default();
    let before = counts.get(word).and_then(Value::as_i64).unwrap_or(0);
    let now = before + step.as_i64().ok_or("the step is no integer")?;
    counts.insert(word.to_owned(), json!(now));
    if limit.as_i64() == Some(now) {
        return Ok((None, DONT_RUN_AGAIN));
    }
    if quiet {
        Ok((Some(json!({ "counts": counts })), RUN_AGAIN))
    } else {
        flow_output!("counts" => counts, "now" => now)
    }
}

fn run(
    function: &dyn Implementation,
    inputs: &Value,
) -> std::result::Result<(Option<String>, RunAgain), String> {
    let inputs: Vec<_> = inputs.as_array().unwrap().iter().cloned().map(flowcore::Value::from).collect();
    let (output, run_again) = function.run(&inputs).map_err(|error| error.to_string())?;
    Ok((output.map(|output| output.to_string()), run_again))
}

fn output(function: &dyn Implementation, inputs: &Value) -> String {
    run(function, inputs).unwrap().0.unwrap()
}

#[test]
fn parameters_and_results_are_values_of_serde_json() {
    assert_eq!(
        output(&Tally, &json!(["a", {"a": 1, "b": 2.5}, 2, null, true])),
        r#"{"counts":{"a":3,"b":2.5}}"#
    );
    assert_eq!(output(&Tally, &json!(["a", {}, 1, null, false])), r#"{"counts":{"a":1},"now":1}"#);
    assert_eq!(run(&Tally, &json!(["a", {}, 1, 1, false])), Ok((None, DONT_RUN_AGAIN)));
}

#[test]
fn errors_are_those_of_the_function_or_of_its_inputs() {
    assert_eq!(run(&Tally, &json!(["a", {}, 1.5, null, true])).unwrap_err(), "the step is no integer");
    let error = run(&Tally, &json!(["a", {}, "1", null, true])).unwrap_err();
    assert_eq!(error, r#"input 'step' must be a number but is string: "1""#);
}

mod whole {
    use super::*;

    #[flow_function]
    fn inner_tally(inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let word = inputs.first().and_then(Value::as_str).ok_or("there is no word")?;
        let kinds: Vec<Value> = inputs.iter().map(|input| json!(input.is_number())).collect();
        Ok((Some(json!({ "word": word, "kinds": kinds })), RUN_AGAIN))
    }

    #[test]
    fn all_inputs_at_once_are_such_values_too() {
        let expected = r#"{"kinds":[false,false,true,false,false],"word":"a"}"#;
        assert_eq!(output(&Tally, &json!(["a", {}, 2, null, true])), expected);
        assert_eq!(run(&Tally, &json!([1, {}, 2, null, true])).unwrap_err(), "there is no word");
        assert_eq!(run(&Tally, &json!(["a"])).unwrap_err(), "takes 5 input values but got 1");
    }
}

mod other_types {
    use super::*;

    /// With the other types there are, and an error that is text.
    #[flow_function]
    fn tally(
        word: String,
        counts: Map<String, Value>,
        step: Number,
        limit: Option<&Value>,
        _quiet: flowcore::Value,
    ) -> std::result::Result<(Option<f64>, RunAgain), String> {
        let count = counts.get(&word).and_then(Value::as_f64).ok_or_else(|| format!("no {word}"))?;
        let limit = limit.and_then(Value::as_f64).unwrap_or(f64::MAX);
        Ok((Some(limit.min(count + step.as_f64().unwrap_or_default())), RUN_AGAIN))
    }

    #[test]
    fn a_result_may_be_what_values_and_errors_are_made_of() {
        assert_eq!(output(&Tally, &json!(["a", {"a": 1}, 2, null, true])), "3.0");
        assert_eq!(output(&Tally, &json!(["a", {"a": 1}, 2, 2.5, true])), "2.5");
        assert_eq!(run(&Tally, &json!(["b", {}, 2, null, true])).unwrap_err(), "no b");
    }
}
