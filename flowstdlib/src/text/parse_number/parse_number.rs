//! The number that a text stands for.

use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn parse_number(text: &str) -> Result<(Option<Value>, RunAgain)> {
    let text = text.trim();
    let integer = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
    // Words such as `inf` are read as floats, and are no numbers here.
    let number = integer.ok().or_else(|| text.parse().ok().and_then(Number::from_f64));
    flow_output!(number.map_or(Value::Null, Value::Number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn integers_stay_integers() {
        assert_eq!(output(&ParseNumber, r#"[" 42\n"]"#), r#"42"#);
        assert_eq!(output(&ParseNumber, r#"["-7"]"#), r#"-7"#);
        assert_eq!(output(&ParseNumber, r#"["+7"]"#), r#"7"#);
        assert_eq!(output(&ParseNumber, r#"["18446744073709551615"]"#), r#"18446744073709551615"#);
        assert_eq!(output(&ParseNumber, r#"["18446744073709551616"]"#), r#"1.8446744073709552e+19"#);
    }

    #[test]
    fn fractions_and_exponents_give_floats() {
        assert_eq!(output(&ParseNumber, r#"["1.0"]"#), r#"1.0"#);
        assert_eq!(output(&ParseNumber, r#"["2.5e3"]"#), r#"2500.0"#);
    }

    #[test]
    fn what_is_no_number_is_null() {
        assert_eq!(output(&ParseNumber, r#"[""]"#), r#"null"#);
        assert_eq!(output(&ParseNumber, r#"["seven"]"#), r#"null"#);
        assert_eq!(output(&ParseNumber, r#"["1 2"]"#), r#"null"#);
        assert_eq!(output(&ParseNumber, r#"["inf"]"#), r#"null"#);
        assert_eq!(output(&ParseNumber, r#"["NaN"]"#), r#"null"#);
        assert_eq!(output(&ParseNumber, r#"["0x10"]"#), r#"null"#);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&ParseNumber, r#"[7]"#).contains(r#"must be a string"#));
    }
}
