//! Turns a text around.

use flowcore::{RUN_AGAIN, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

/// Gives the characters of a text in the opposite order; nothing for what is no text.
#[flow_function]
fn reverse(text: &Value) -> Result<(Option<Value>, RunAgain)> {
    match text.as_str() {
        Some(text) => flow_output!(text.chars().rev().collect::<String>()),
        None => Ok((None, RUN_AGAIN)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Implementation;

    #[test]
    fn the_last_character_comes_first() {
        let reversed = |text: &str| Reverse.run(&[Value::from(text)]).unwrap().0.unwrap();
        assert_eq!(reversed("abc"), Value::from("cba"));
        assert_eq!(reversed("é🙂"), Value::from("🙂é"));
        assert_eq!(reversed(""), Value::from(""));
    }

    #[test]
    fn what_is_no_text_gives_nothing() {
        assert_eq!(Reverse.run(&[Value::from(1)]).unwrap(), (None, RUN_AGAIN));
    }
}
