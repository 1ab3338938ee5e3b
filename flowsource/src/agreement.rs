//! Whether a signature and a definition agree.

use crate::kind::Takes;
use crate::signature::{Parameter, Parameters, parameters, slice_of};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Error, Result, ReturnType, Signature, Type};

/// An input as the definition of a function has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// Its name; empty for the unnamed one.
    pub name: String,
    /// Its types in the notation of definitions; none for anything.
    pub types: Vec<String>,
}

/// Checks that a function takes what its definition says: as many parameters as there are inputs, each called like its
/// input, and of a type that can take at least one of the values that the input admits.
///
/// `file` is the name of the definition file, for messages.
///
/// # Errors
///
/// Every disagreement, at the parameter that it is about.
pub fn check(signature: &Signature, inputs: &[Input], file: &str) -> Result<()> {
    let mut problems = Problems::default();
    if matches!(signature.output, ReturnType::Default) {
        problems.add(Error::new_spanned(signature, "must return `Result<(Option<Value>, RunAgain)>`"));
    }
    match parameters(signature) {
        Ok(Parameters::All(_)) => {}
        Ok(Parameters::Each(parameters)) => {
            problems.note(check_count(signature, &parameters, inputs, file));
            // A parameter too much or too few moves all that come after it; their names would only confuse.
            if parameters.len() == inputs.len() {
                for (parameter, input) in parameters.iter().zip(inputs) {
                    problems.note(check_name(parameter, input, file));
                    problems.note(check_type(parameter, input, file));
                }
            }
        }
        Err(error) => problems.add(error),
    }
    problems.end()
}

/// Errors that are told together.
#[derive(Default)]
struct Problems {
    all: Option<Error>,
}

impl Problems {
    fn add(&mut self, error: Error) {
        match &mut self.all {
            Some(all) => all.combine(error),
            None => self.all = Some(error),
        }
    }

    fn note(&mut self, result: Result<()>) {
        if let Err(error) = result {
            self.add(error);
        }
    }

    fn end(self) -> Result<()> {
        self.all.map_or(Ok(()), Err)
    }
}

fn check_count(
    signature: &Signature,
    parameters: &[Parameter<'_>],
    inputs: &[Input],
    file: &str,
) -> Result<()> {
    if parameters.len() == inputs.len() {
        return Ok(());
    }
    let mut message = format!(
        "has {}, but `{file}` defines {}",
        count(parameters.len(), "parameter"),
        count(inputs.len(), "input")
    );
    if let [only] = parameters
        && slice_of(only.ty).is_some()
    {
        message.push_str("; one that takes all inputs at once is called `inputs`");
    }
    // The first parameter too many, or the function where there are too few.
    Err(match signature.inputs.iter().nth(inputs.len()) {
        Some(parameter) => Error::new_spanned(parameter, message),
        None => Error::new_spanned(&signature.ident, message),
    })
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("{number} {what}") } else { format!("{number} {what}s") }
}

fn check_name(parameter: &Parameter<'_>, input: &Input, file: &str) -> Result<()> {
    if input.name.is_empty() {
        return Ok(());
    }
    let expected = input.name.replace('-', "_");
    // The name may itself begin with the underscore that is not looked at.
    if parameter.name().is_some_and(|name| name == expected || format!("_{name}") == expected) {
        return Ok(());
    }
    let message = format!("must be called `{expected}`, as `{file}` names the input at this place");
    Err(Error::new_spanned(parameter.pattern, message))
}

fn check_type(parameter: &Parameter<'_>, input: &Input, file: &str) -> Result<()> {
    let takes = Takes::of(parameter.ty);
    if input.types.is_empty() || input.types.iter().any(|declared| takes.agrees_with(declared)) {
        return Ok(());
    }
    let types = input.types.join(" or ");
    let what = if input.name.is_empty() { "this input".to_owned() } else { format!("`{}`", input.name) };
    let written = written(parameter.ty);
    let message = format!("`{file}` says that {what} is of type {types}, which `{written}` never takes");
    Err(Error::new_spanned(parameter.ty, message))
}

/// A type as it was written, or nearly so.
fn written(ty: &Type) -> String {
    ty.span().source_text().unwrap_or_else(|| ty.to_token_stream().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages for a function, each with the source text it points at. Inputs are written `name: type`.
    fn problems(inputs: &[&str], function: &str) -> Vec<(String, String)> {
        let inputs: Vec<Input> = inputs
            .iter()
            .map(|input| {
                let (name, types) = input.split_once(": ").unwrap_or((input, ""));
                let types = types.split('|').filter(|word| !word.is_empty()).map(str::to_owned).collect();
                Input { name: name.to_owned(), types }
            })
            .collect();
        let signature: Signature = syn::parse_str(function).unwrap();
        match check(&signature, &inputs, "scale.toml") {
            Ok(()) => Vec::new(),
            Err(error) => error
                .into_iter()
                .map(|error| (error.span().source_text().unwrap_or_default(), error.to_string()))
                .collect(),
        }
    }

    const SCALE: [&str; 2] = ["value: number", "unit-name: string"];

    #[test]
    fn names_may_differ_in_dashes_and_a_leading_underscore() {
        for function in
            ["fn scale(value: f64, unit_name: &str) -> R", "fn scale(mut value: f64, _unit_name: &str) -> R"]
        {
            assert_eq!(problems(&SCALE, function), [], "{function}");
        }
        assert_eq!(problems(&["type"], "fn f(r#type: &str) -> R"), []);
        assert_eq!(problems(&["_x"], "fn f(_x: &str) -> R"), []);
        assert_eq!(problems(&["x"], "fn f((a, b): Pair) -> R")[0].0, "(a, b)");
    }

    #[test]
    fn an_unnamed_input_may_be_called_anything() {
        assert_eq!(problems(&[": number"], "fn f(anything: f64) -> R"), []);
        assert_eq!(problems(&[""], "fn f((a, b): Pair) -> R"), []);
    }

    #[test]
    fn every_wrong_name_is_reported_at_its_parameter() {
        let found = problems(&SCALE, "fn scale(size: f64, unit: &str) -> R");
        let places: Vec<_> = found.iter().map(|(at, _)| at.as_str()).collect();
        assert_eq!(places, ["size", "unit"]);
        assert_eq!(found[1].1, "must be called `unit_name`, as `scale.toml` names the input at this place");
    }

    #[test]
    fn a_wrong_count_is_reported_at_the_surplus_or_at_the_function() {
        let surplus = problems(&SCALE, "fn scale(value: f64, unit_name: &str, more: bool) -> R");
        assert_eq!(
            surplus,
            [("more: bool".into(), "has 3 parameters, but `scale.toml` defines 2 inputs".into())]
        );
        let missing = problems(&SCALE, "fn scale(value: f64) -> R");
        assert_eq!(missing, [("scale".into(), "has 1 parameter, but `scale.toml` defines 2 inputs".into())]);
    }

    #[test]
    fn one_parameter_called_inputs_takes_them_all() {
        assert_eq!(problems(&SCALE, "fn scale(inputs: &[Value]) -> R"), []);
        assert_eq!(problems(&SCALE, "fn scale(_inputs: &[serde_json::Value]) -> R"), []);
        let other = problems(&SCALE, "fn scale(values: &[Value]) -> R");
        assert!(other[0].1.ends_with("; one that takes all inputs at once is called `inputs`"), "{other:?}");
        assert_eq!(
            problems(&["inputs: number"], "fn scale(inputs: f64) -> R"),
            [],
            "it may be the name of an input"
        );
    }

    #[test]
    fn a_type_that_never_takes_what_the_input_admits_is_reported_where_it_is_written() {
        let found =
            problems(&["value: number", "flag: boolean"], "fn f(value: bool, flag: Option<bool>) -> R");
        let message = "`scale.toml` says that `value` is of type number, which `bool` never takes";
        assert_eq!(found, [("bool".into(), message.into())]);
        let found = problems(&[": string|array/string"], "fn f(text: &'static Object) -> R");
        assert_eq!(found[0].0, "&'static Object");
        assert_eq!(
            found[0].1,
            "`scale.toml` says that this input is of type string or array/string, which `&'static Object` never takes"
        );
        assert_eq!(problems(&["x: string|number"], "fn f(x: f64) -> R"), []);
    }

    #[test]
    fn methods_and_functions_without_result_are_refused() {
        assert!(problems(&["x"], "fn f(&self) -> R")[0].1.contains("free function"));
        let found = problems(&["value: number"], "fn f(size: bool)");
        assert!(found[0].1.contains("must return"), "{found:?}");
        assert_eq!(found.len(), 3, "and all else is reported as well: {found:?}");
    }
}
