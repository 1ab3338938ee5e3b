//! A value as JSON text.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn to_string(value: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: impl Into<Value>) -> Value {
        let (output, _) = flowcore::Implementation::run(&ToString, &[value.into()]).unwrap();
        output.unwrap()
    }

    #[test]
    fn every_value_has_compact_text() {
        assert_eq!(text(33.0), Value::from("33.0"));
        assert_eq!(text(vec![1, 2]), Value::from("[1,2]"));
        assert_eq!(text(Value::Null), Value::from("null"));
    }

    #[test]
    fn text_gets_quotes_and_escapes() {
        assert_eq!(text("a\"b"), Value::from(r#""a\"b""#));
    }
}
