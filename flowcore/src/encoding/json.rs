//! Answers of the convention of modules in which calls and answers are JSON text.

use crate::{Outcome, Value};

/// Reads `{"Ok":[value, run again]}` or `{"Err":"text"}`.
///
/// The convention writes "no output" and null alike, and its null means no output.
///
/// # Errors
///
/// Says in words what is wrong with any other text, and with one whose values would take more than `room` bytes of memory.
pub fn read_answer(bytes: &[u8], room: usize) -> Result<Outcome, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "its answer is not text in UTF-8".to_owned())?;
    if text.len() > room / MOST_FOR_A_BYTE && memory_of(bytes) > room {
        return Err("the values in its answer take more memory than they may".to_owned());
    }
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

/// What a value takes, about, if it has something in it.
const OVERHEAD: usize = 80;

/// No text takes more memory than so many times its length: the shortest value that needs much is `[],`.
const MOST_FOR_A_BYTE: usize = OVERHEAD / 2;

/// How much memory the values in a text take, about.
fn memory_of(text: &[u8]) -> usize {
    let (mut memory, mut in_text, mut is_escaped) = (text.len(), false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => {
                in_text = !in_text;
                memory = memory.saturating_add(if in_text { OVERHEAD } else { 0 });
            }
            b'[' | b'{' if !in_text => memory = memory.saturating_add(OVERHEAD),
            b',' if !in_text => memory = memory.saturating_add(size_of::<Value>()),
            _ => {}
        }
    }
    memory
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_errors_and_nothing() {
        let done =
            |output: Option<i64>, run_again| Ok(Outcome::Done { output: output.map(Value::from), run_again });
        let read_answer = |bytes| read_answer(bytes, usize::MAX);
        assert_eq!(read_answer(br#"{"Ok":[7,true]}"#), done(Some(7), true));
        assert_eq!(read_answer(br#"{"Ok":[null,false]}"#), done(None, false));
        assert_eq!(read_answer(br#"{"Err":"no"}"#), Ok(Outcome::Failed("no".into())));
    }

    #[test]
    fn values_take_no_more_memory_than_they_may() {
        let answer = |value: String| format!(r#"{{"Ok":[{value},true]}}"#);
        let arrays = answer(format!("[{}[]]", "[],".repeat(1000)));
        let text = answer(format!("\"{}\"", "[,{\\\"".repeat(10_000)));
        for (text, needed) in [(arrays, 50_000), (text, 30_000)] {
            assert!(read_answer(text.as_bytes(), needed).unwrap_err().contains("more memory"), "{needed}");
            assert!(read_answer(text.as_bytes(), 2 * needed).is_ok(), "{needed}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for wrong in ["", "7", "{}", r#"{"Ok":7}"#, r#"{"Ok":[7]}"#, r#"{"Ok":[7,1]}"#, r#"{"Err":1}"#, "{"] {
            assert!(read_answer(wrong.as_bytes(), usize::MAX).is_err(), "{wrong}");
        }
        assert_eq!(read_answer(&[0xff], usize::MAX).unwrap_err(), "its answer is not text in UTF-8");
    }
}
