//! What the attribute needs to know of a function's definition.
//!
//! The compiler of flows checks definitions in full, with positions; this takes only what shapes the generated code.

use flowsource::Input;
use toml::{Table, Value};

/// The part of a definition that shapes the generated code.
#[derive(Debug)]
pub(crate) struct Definition {
    /// The name of the definition file, without folders.
    pub(crate) file: String,
    /// The function's name.
    pub(crate) function: String,
    /// One line about the function; may be empty.
    pub(crate) description: String,
    /// The Markdown page, relative to the definition file.
    pub(crate) docs: Option<String>,
    /// The inputs in order.
    pub(crate) inputs: Vec<Input>,
}

impl Definition {
    /// Reads a definition's text; the error says what is wrong with it.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Definition, String> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        let Some(function) = optional_text(&table, "function")? else {
            return Err("does not define a function: it has no key `function`".to_owned());
        };
        let inputs = match table.get("input") {
            None => Vec::new(),
            Some(Value::Array(inputs)) => inputs.iter().map(input).collect::<Result<_, _>>()?,
            Some(_) => return Err("`input` must be a list: write [[input]]".to_owned()),
        };
        Ok(Definition {
            file: file.to_owned(),
            function,
            description: optional_text(&table, "description")?.unwrap_or_default(),
            docs: optional_text(&table, "docs")?.filter(|page| !page.is_empty()),
            inputs,
        })
    }

    /// The name of the struct that stands for the function: the function's name in camel case.
    pub(crate) fn type_name(&self) -> String {
        flowsource::type_name(&self.function)
    }
}

fn input(input: &Value) -> Result<Input, String> {
    let Value::Table(input) = input else {
        return Err("each `input` must be a table".to_owned());
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let types = match input.get("type") {
        None => Some(Vec::new()),
        Some(Value::Array(types)) => types.iter().map(text).collect(),
        Some(one) => text(one).map(|one| vec![one]),
    };
    Ok(Input {
        name: optional_text(input, "name")?.unwrap_or_default(),
        types: types.ok_or("the `type` of an input must be a string, or a list of strings")?,
    })
}

fn optional_text(table: &Table, key: &str) -> Result<Option<String>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` must be a string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_have_a_name_and_types_and_may_lack_either() {
        let text = "function = 'f'\nsource = 'f.rs'\n[[input]]\ntype = 'number'\n[[input]]\nname = 'factor'\n\
                    [[input]]\ntype = ['string', 'array/string']";
        let inputs = Definition::parse("f.toml", text).unwrap().inputs;
        let written: Vec<_> =
            inputs.iter().map(|input| (input.name.as_str(), input.types.join(" "))).collect();
        let expected = [("", "number"), ("factor", ""), ("", "string array/string")];
        assert_eq!(written, expected.map(|(name, types)| (name, types.to_owned())));
    }

    #[test]
    fn what_is_no_function_is_an_error() {
        let problem = |text: &str| Definition::parse("f.toml", text).unwrap_err();
        assert!(problem("flow = 'f'").contains("no key `function`"));
        assert!(problem("function = 1").contains("must be a string"));
        assert!(problem("function = 'f'\ninput = 'x'").contains("[[input]]"));
        assert!(problem("function = 'f'\n[[input]]\ntype = 1").contains("list of strings"));
        assert!(problem("function = ").contains("TOML parse error"));
    }
}
