//! What the attribute needs to know of a function's definition.
//!
//! The compiler of flows checks definitions in full, with positions; this takes only what shapes the generated code.

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
    /// The names of the inputs in order; empty for the unnamed one.
    pub(crate) inputs: Vec<String>,
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
            Some(Value::Array(inputs)) => inputs.iter().map(input_name).collect::<Result<_, _>>()?,
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
        let capitalize = |part: &str| {
            let mut rest = part.chars();
            rest.next().map(|first| first.to_uppercase().chain(rest).collect::<String>()).unwrap_or_default()
        };
        self.function.split(['_', '-']).map(capitalize).collect()
    }
}

fn input_name(input: &Value) -> Result<String, String> {
    match input {
        Value::Table(input) => Ok(optional_text(input, "name")?.unwrap_or_default()),
        _ => Err("each `input` must be a table".to_owned()),
    }
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
    fn an_unnamed_input_has_the_empty_name() {
        let text =
            "function = 'f'\nsource = 'f.rs'\n[[input]]\ntype = 'number'\n[[input]]\nname = 'factor'\n";
        assert_eq!(Definition::parse("f.toml", text).unwrap().inputs, ["", "factor"]);
    }

    #[test]
    fn the_struct_is_named_in_camel_case() {
        let name = |function: &str| {
            Definition::parse("f.toml", &format!("function = '{function}'")).unwrap().type_name()
        };
        assert_eq!(name("duplicate_rows"), "DuplicateRows");
        assert_eq!(name("add"), "Add");
        assert_eq!(name("to_json"), "ToJson");
    }

    #[test]
    fn what_is_no_function_is_an_error() {
        let problem = |text: &str| Definition::parse("f.toml", text).unwrap_err();
        assert!(problem("flow = 'f'").contains("no key `function`"));
        assert!(problem("function = 1").contains("must be a string"));
        assert!(problem("function = 'f'\ninput = 'x'").contains("[[input]]"));
        assert!(problem("function = ").contains("TOML parse error"));
    }
}
