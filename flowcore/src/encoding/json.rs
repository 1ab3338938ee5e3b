//! Answers of the convention of modules in which calls and answers are JSON text.

use crate::{Outcome, Value};

/// Reads `{"Ok":[value, run again]}` or `{"Err":"text"}`.
///
/// The convention writes "no output" and null alike, and its null means no output.
///
/// # Errors
///
/// Says in words what is wrong with any other text.
pub fn read_answer(bytes: &[u8]) -> Result<Outcome, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "its answer is not text in UTF-8".to_owned())?;
    let answer: Value = text.parse().map_err(|error| format!("its answer is not JSON: {error}"))?;
    if let Some(Value::String(reason)) = answer.get("Err") {
        return Ok(Outcome::Failed(reason.to_string()));
    }
    match answer.get("Ok").and_then(Value::as_array) {
        Some([output, Value::Bool(run_again)]) => {
            let output = Some(output.clone()).filter(|output| !output.is_null());
            Ok(Outcome::Done { output, run_again: *run_again })
        }
        _ => Err("its answer is neither a result nor an error".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_errors_and_nothing() {
        let done =
            |output: Option<i64>, run_again| Ok(Outcome::Done { output: output.map(Value::from), run_again });
        assert_eq!(read_answer(br#"{"Ok":[7,true]}"#), done(Some(7), true));
        assert_eq!(read_answer(br#"{"Ok":[null,false]}"#), done(None, false));
        assert_eq!(read_answer(br#"{"Err":"no"}"#), Ok(Outcome::Failed("no".into())));
    }

    #[test]
    fn anything_else_is_an_error() {
        for wrong in ["", "7", "{}", r#"{"Ok":7}"#, r#"{"Ok":[7]}"#, r#"{"Ok":[7,1]}"#, r#"{"Err":1}"#, "{"] {
            assert!(read_answer(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert_eq!(read_answer(&[0xff]).unwrap_err(), "its answer is not text in UTF-8");
    }
}
