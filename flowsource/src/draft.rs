//! The definition that a function's signature, body and comment suggest.

use crate::kind::{Takes, argument};
use crate::signature::{Parameters, parameters};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use std::fmt::Write as _;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, ItemFn, Lit, LitStr, Meta, Result, ReturnType, Signature, Token, Type};

/// The draft of a definition: what can be told from the source. A person may know more, such as the types of outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    function: String,
    description: String,
    inputs: Vec<End>,
    outputs: Vec<End>,
}

/// An input or an output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct End {
    /// Empty for the unnamed one.
    name: String,
    /// None for anything.
    is: Option<&'static str>,
}

impl Draft {
    /// Drafts the definition of a function.
    ///
    /// It is called like the Rust function, without `inner_` in front; described by the first paragraph of the comment;
    /// has an input for each parameter, an output for each name in a `flow_output!`, and where there are no names the
    /// unnamed one.
    ///
    /// # Errors
    ///
    /// Fails where the parameters do not tell what the inputs are: where all are taken at once, or one has no name.
    pub fn of(function: &ItemFn) -> Result<Draft> {
        let signature = &function.sig;
        let mut outputs = Vec::new();
        named_outputs(function.block.to_token_stream(), &mut outputs);
        if outputs.is_empty() {
            let is = output_type(signature).and_then(|output| Takes::of(output).flow_type());
            outputs.push(End { name: String::new(), is });
        }
        let name = signature.ident.unraw().to_string();
        Ok(Draft {
            function: name.strip_prefix("inner_").map(str::to_owned).unwrap_or(name),
            description: description(&function.attrs),
            inputs: inputs(signature)?,
            outputs,
        })
    }

    /// The name of the function.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The text of the definition file, for a source file of this name that lies beside it, and perhaps a page.
    pub fn text(&self, source: &str, docs: Option<&str>) -> String {
        let mut text = String::new();
        let mut put = |key: &str, value: &str| line(&mut text, key, value);
        put("function", &self.function);
        put("source", source);
        put("type", "rust");
        if !self.description.is_empty() {
            put("description", &self.description);
        }
        if let Some(page) = docs {
            put("docs", page);
        }
        for (table, ends) in [("input", &self.inputs), ("output", &self.outputs)] {
            for end in ends {
                text.push_str(&format!("\n[[{table}]]\n"));
                if !end.name.is_empty() {
                    line(&mut text, "name", &end.name);
                }
                if let Some(is) = end.is {
                    line(&mut text, "type", is);
                }
            }
        }
        text
    }
}

/// Appends a key with a string of TOML.
fn line(text: &mut String, key: &str, value: &str) {
    text.push_str(key);
    text.push_str(" = \"");
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                write!(text, "\\u{:04X}", u32::from(control)).ok();
            }
            other => text.push(other),
        }
    }
    text.push_str("\"\n");
}

fn inputs(signature: &Signature) -> Result<Vec<End>> {
    let parameters = match parameters(signature)? {
        Parameters::Each(parameters) => parameters,
        Parameters::All(_) => {
            let message = "takes all inputs at once, which does not tell what they are: write the definition by hand, \
                           or a parameter for each input";
            return Err(Error::new_spanned(&signature.inputs, message));
        }
    };
    let input = |parameter: &crate::Parameter<'_>| {
        let name = parameter.name().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Error::new_spanned(parameter.pattern, "the input needs a name"))?;
        Ok(End { name, is: Takes::of(parameter.ty).flow_type() })
    };
    parameters.iter().map(input).collect()
}

/// The type of the value in `Result<(Option<...>, RunAgain)>`.
fn output_type(signature: &Signature) -> Option<&Type> {
    let ReturnType::Type(_, result) = &signature.output else { return None };
    let Type::Path(result) = &**result else { return None };
    let Type::Tuple(pair) = argument(&result.path)? else { return None };
    let Type::Path(output) = pair.elems.first()? else { return None };
    argument(&output.path)
}

/// The first paragraph of a comment, as one line without a full stop.
fn description(attributes: &[Attribute]) -> String {
    let mut words: Vec<String> = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        let Meta::NameValue(doc) = &attribute.meta else { continue };
        let Expr::Lit(literal) = &doc.value else { continue };
        let Lit::Str(text) = &literal.lit else { continue };
        for line in text.value().split('\n') {
            let before = words.len();
            words.extend(line.split_whitespace().map(str::to_owned));
            if words.len() == before && !words.is_empty() {
                return sentence(&words);
            }
        }
    }
    sentence(&words)
}

fn sentence(words: &[String]) -> String {
    let text = words.join(" ");
    text.strip_suffix('.').map(str::to_owned).unwrap_or(text)
}

/// Adds the names that `flow_output!` gives outputs, each once, in the order in which they come.
fn named_outputs(code: TokenStream, outputs: &mut Vec<End>) {
    let mut before = [None, None];
    for token in code {
        if let TokenTree::Group(group) = &token {
            let called = matches!(&before, [Some(TokenTree::Ident(name)), Some(TokenTree::Punct(mark))]
                if name == "flow_output" && mark.as_char() == '!');
            if called && group.delimiter() != Delimiter::None {
                // One that has no names fails to be read, and names none.
                let named =
                    syn::parse2::<NamedOutputs>(group.stream()).map(|named| named.0).unwrap_or_default();
                for name in named {
                    if outputs.iter().all(|output| output.name != name) {
                        outputs.push(End { name, is: None });
                    }
                }
            }
            named_outputs(group.stream(), outputs);
        }
        let [_, last] = before;
        before = [last, Some(token)];
    }
}

/// `"name" => expression, ...`.
struct NamedOutputs(Vec<String>);

impl Parse for NamedOutputs {
    fn parse(input: ParseStream<'_>) -> Result<NamedOutputs> {
        let output = |input: ParseStream<'_>| {
            let name: LitStr = input.parse()?;
            input.parse::<Token![=>]>()?;
            input.parse::<Expr>()?;
            Ok(name.value())
        };
        let outputs = Punctuated::<String, Token![,]>::parse_terminated_with(input, output)?;
        Ok(NamedOutputs(outputs.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(function: &str) -> Result<Draft> {
        Draft::of(&syn::parse_str(function).unwrap())
    }

    fn text(function: &str) -> String {
        draft(function).unwrap().text("f.rs", None)
    }

    #[test]
    fn a_definition_says_what_the_source_says() {
        let function = r#"
            /// Puts a text before
            /// a "number".
            ///
            /// And more.
            fn inner_put_before(prefix: &str, number: f64, _more: Value, r#type: Option<bool>, list: &[Value])
                -> Result<(Option<Value>, RunAgain)>
            {
                flow_output!(format!("{prefix}{number}"))
            }
        "#;
        let expected = r#"function = "put_before"
source = "before.rs"
type = "rust"
description = "Puts a text before a \"number\""
docs = "before.md"

[[input]]
name = "prefix"
type = "string"

[[input]]
name = "number"
type = "number"

[[input]]
name = "more"

[[input]]
name = "type"
type = "boolean"

[[input]]
name = "list"
type = "array/"

[[output]]
"#;
        assert_eq!(draft(function).unwrap().text("before.rs", Some("before.md")), expected);
    }

    #[test]
    fn outputs_are_those_that_are_named_wherever_that_is() {
        let function = r#"fn f(x: i64) -> Result<(Option<Value>, RunAgain)> {
            if x > 0 { return flow_output!("up" => x + 1, "same" => x); }
            match x { 0 => flow_output! { "same" => x }, _ => flowcore::flow_output!["down" => f(x, 1),] }
        }"#;
        assert!(text(function).ends_with(
            "[[output]]\nname = \"up\"\n\n[[output]]\nname = \"same\"\n\n[[output]]\nname = \"down\"\n"
        ));
    }

    #[test]
    fn the_unnamed_output_has_the_type_that_is_returned() {
        let function =
            |output| format!("fn f() -> flowcore::Result<(Option<{output}>, RunAgain)> {{ todo!() }}");
        assert!(text(&function("f64")).ends_with("\n\n[[output]]\ntype = \"number\"\n"));
        assert!(text(&function("serde_json::Value")).ends_with("\n\n[[output]]\n"));
        assert!(text("fn f() -> Other { }").ends_with("\n\n[[output]]\n"));
    }

    #[test]
    fn inputs_that_the_source_does_not_tell_cannot_be_drafted() {
        let error = |function| {
            let error = draft(function).unwrap_err();
            (error.span().source_text().unwrap_or_default(), error.to_string())
        };
        let (place, message) = error("fn f(inputs: &[Value]) -> R { todo!() }");
        assert_eq!(place, "inputs: &[Value]");
        assert!(message.contains("by hand"), "{message}");
        assert_eq!(error("fn f((a, b): Pair) -> R { todo!() }").0, "(a, b)");
        assert_eq!(error("fn f(_: f64) -> R { todo!() }").1, "the input needs a name");
    }

    #[test]
    fn what_a_string_cannot_hold_as_it_is_is_escaped() {
        let mut text = String::new();
        line(&mut text, "k", "a\"b\\c\td\u{7f}é");
        assert_eq!(text, "k = \"a\\\"b\\\\c\\u0009d\\u007Fé\"\n");
    }
}
