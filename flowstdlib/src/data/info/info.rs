//! The type and the size of a value.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn info(value: &Value) -> Result<(Option<Value>, RunAgain)> {
    let (rows, columns) = size(value);
    flow_output!("type" => type_of(value)?, "rows" => rows, "columns" => columns)
}

/// The rows and columns of a value.
fn size(value: &Value) -> (usize, usize) {
    match value {
        Value::Null => (0, 0),
        Value::Bool(_) | Value::Number(_) => (1, 1),
        Value::String(text) => (1, text.len()),
        Value::Array(elements) => match elements.first() {
            Some(Value::Array(row)) => (elements.len(), row.len()),
            _ => (1, elements.len()),
        },
        // A key and a value for each member.
        Value::Object(members) => (members.len(), 2),
    }
}

/// The type in the notation of definitions, judged by first elements and members.
fn type_of(value: &Value) -> Result<String> {
    let mut levels = String::new();
    let mut inner = value;
    loop {
        levels.push_str(inner.kind());
        inner = match inner {
            Value::Array(elements) => match elements.first() {
                Some(first) => first,
                None => return Err("the type of an empty array cannot be told".into()),
            },
            Value::Object(members) => match members.values().next() {
                Some(first) => first,
                None => return Ok(levels + "/Unknown"),
            },
            _ => return Ok(levels),
        };
        levels.push('/');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn every_kind_has_a_size_and_a_type() {
        let cases = [
            ("null", r#"{"columns":0,"rows":0,"type":"null"}"#),
            ("true", r#"{"columns":1,"rows":1,"type":"boolean"}"#),
            ("7", r#"{"columns":1,"rows":1,"type":"number"}"#),
            (r#""né""#, r#"{"columns":3,"rows":1,"type":"string"}"#),
            ("[1, 2, 3]", r#"{"columns":3,"rows":1,"type":"array/number"}"#),
            ("[[1, 2], [3, 4], [5, 6]]", r#"{"columns":2,"rows":3,"type":"array/array/number"}"#),
            (r#"{"b": 1, "a": ["x"]}"#, r#"{"columns":2,"rows":2,"type":"object/array/string"}"#),
            ("{}", r#"{"columns":2,"rows":0,"type":"object/Unknown"}"#),
        ];
        for (value, expected) in cases {
            assert_eq!(output(&Info, &format!("[{value}]")), expected, "{value}");
        }
    }

    #[test]
    fn an_empty_array_has_no_type() {
        assert!(error(&Info, "[[]]").contains("empty array"));
        assert!(error(&Info, "[[[], [1]]]").contains("empty array"));
    }
}
