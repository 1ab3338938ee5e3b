//! `context://args`: what the flow was started with.

use flowcore::value::literal;
use flowcore::{DONT_RUN_AGAIN, Implementation, Result, RunAgain, Value};

/// `args/get`: the arguments, as text and as JSON. Runs once.
pub(super) struct Get {
    output: Value,
}

impl Get {
    pub(super) fn new(arguments: Vec<String>) -> Get {
        let json: Value = arguments
            .iter()
            .map(|argument| argument.parse().unwrap_or_else(|_| Value::from(argument.as_str())))
            .collect();
        let output = Value::object([(literal!("string"), Value::from(arguments)), (literal!("json"), json)]);
        Get { output }
    }
}

impl Implementation for Get {
    fn run(&self, _inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        Ok((Some(self.output.clone()), DONT_RUN_AGAIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_text_and_json() {
        let get = Get::new(["file:///flow", "10", "[1,2]", "abc", "null", ""].map(str::to_owned).into());
        let (output, run_again) = get.run(&[]).unwrap();
        assert_eq!(
            output.unwrap().to_string(),
            r#"{"json":["file:///flow",10,[1,2],"abc",null,""],"string":["file:///flow","10","[1,2]","abc","null",""]}"#
        );
        assert!(!run_again);
    }
}
