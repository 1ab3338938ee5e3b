//! A function with parameters of many types, run as the executor runs it.

use flowcore::{FunctionError, Implementation, RUN_AGAIN, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn blend(
    first: f64,
    whole_number: i64,
    flag: bool,
    text: &str,
    list: &[Value],
    _maybe: Option<f64>,
) -> Result<(Option<Value>, RunAgain)> {
    let sum = first + whole_number as f64 + list.len() as f64;
    flow_output!("sum" => if flag { sum } else { -sum }, "text" => text)
}

fn inputs() -> Vec<Value> {
    vec![1.into(), 2.into(), true.into(), "seven".into(), vec![1, 2, 3].into(), Value::Null]
}

#[test]
fn values_arrive_as_the_types_of_the_parameters() {
    let (output, run_again) = BlendAll.run(&inputs()).unwrap();
    assert_eq!(output.unwrap().to_string(), r#"{"sum":6.0,"text":"seven"}"#);
    assert_eq!(run_again, RUN_AGAIN);
}

#[test]
fn a_wrong_kind_names_the_input() {
    let mut wrong = inputs();
    wrong[1] = Value::from(2.0);
    let error = BlendAll.run(&wrong).unwrap_err();
    assert_eq!(error.to_string(), "input 'whole-number' must be an integer but is number: 2.0");
    wrong[0] = Value::Null;
    assert!(BlendAll.run(&wrong).unwrap_err().to_string().starts_with("input '0' must be a number"));
}

#[test]
fn a_wrong_count_is_refused_before_the_function_is_called() {
    let error = BlendAll.run(&inputs()[..5]).unwrap_err();
    assert!(matches!(error, FunctionError::InputCount { declared: 6, got: 5 }), "{error}");
}

mod all {
    use super::*;

    /// The other form, with the same definition.
    #[flow_function]
    fn count_them(inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        flow_output!(inputs.len())
    }

    #[test]
    fn one_parameter_takes_all_values() {
        assert_eq!(BlendAll.run(&inputs()).unwrap().0, Some(Value::from(6)));
        assert!(BlendAll.run(&[]).is_err());
    }
}

#[test]
fn cargo_is_told_that_the_code_depends_on_the_definition() {
    // Beside each program that it builds, the compiler leaves the list of the files it was made of, which cargo goes by.
    let list = std::env::current_exe().unwrap().with_extension("d");
    let text = std::fs::read_to_string(list).unwrap();
    assert!(text.lines().any(|line| line.contains("blend.rs") && line.contains("blend.toml")), "{text}");
}
