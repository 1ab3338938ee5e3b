//! An array without elements that came before.

use crate::equality::same;
use flowcore::value::ArcStr;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::collections::HashSet;

#[flow_function]
fn distinct(array: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let mut known = Known::default();
    flow_output!(array.iter().filter(|element| known.is_new(element)).cloned().collect::<Value>())
}

/// The values that came before. Texts and numbers are found at once, and only few others are expected.
#[derive(Default)]
struct Known<'array> {
    texts: HashSet<&'array ArcStr>,
    /// By the bits of the nearest float, for there are few numbers that share it.
    numbers: std::collections::HashMap<u64, Vec<&'array Value>>,
    others: Vec<&'array Value>,
}

impl<'array> Known<'array> {
    fn is_new(&mut self, value: &'array Value) -> bool {
        let others = match value {
            Value::String(text) => return self.texts.insert(text),
            // Adding 0 makes one zero of the two.
            Value::Number(number) => self.numbers.entry((number.as_f64() + 0.0).to_bits()).or_default(),
            _ => &mut self.others,
        };
        let is_new = !others.iter().any(|other| same(other, value));
        if is_new {
            others.push(value);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_first_of_the_same_stays() {
        assert_eq!(output(&Distinct, r#"[[2, 1, 2.0, 2]]"#), r#"[2,1]"#);
        assert_eq!(output(&Distinct, r#"[["b", "ä", "b"]]"#), r#"["b","ä"]"#);
        assert_eq!(output(&Distinct, r#"[[[1], null, [1.0], null, {}, {}]]"#), r#"[[1],null,{}]"#);
        assert_eq!(
            output(&Distinct, r#"[[0.0, -0.0, 9007199254740993, 9007199254740992.0]]"#),
            r#"[0.0,9007199254740993,9007199254740992.0]"#
        );
        assert_eq!(output(&Distinct, r#"[[]]"#), r#"[]"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Distinct, r#"[1]"#).contains(r#"must be an array"#));
    }
}
