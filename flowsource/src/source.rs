//! The text of a source file.

use crate::agreement::{self, Input};
use crate::draft::Draft;
use std::ops::Range;
use syn::{Error, Item, ItemFn};

/// A source file that has one function with `#[flow_function]` on it.
pub struct Source {
    function: ItemFn,
}

/// Something wrong with a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is, without a full stop.
    pub message: String,
    /// Where it is, in bytes of the text; the empty range at 0 where it is no particular place.
    pub place: Range<usize>,
}

impl Source {
    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// Fails where the text is not Rust, and where there is not exactly one such function.
    pub fn read(text: &str) -> Result<Source, Vec<Problem>> {
        let file = syn::parse_file(text).map_err(problems)?;
        let mut found = Vec::new();
        flow_functions(file.items, &mut found);
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(function), None) => Ok(Source { function }),
            (None, _) => Err(vec![Problem {
                message: "there is no function with `#[flow_function]` on it".to_owned(),
                place: 0..0,
            }]),
            (_, Some(second)) => {
                let message =
                    "there is a second function with `#[flow_function]` on it: each has a file of its own";
                Err(problems(Error::new_spanned(&second.sig.ident, message)))
            }
        }
    }

    /// Drafts the definition of the function.
    ///
    /// # Errors
    ///
    /// Fails where the source does not tell what the inputs are.
    pub fn draft(&self) -> Result<Draft, Vec<Problem>> {
        Draft::of(&self.function).map_err(problems)
    }

    /// Checks that the function takes what its definition says; see [`check`](crate::check).
    ///
    /// # Errors
    ///
    /// Every disagreement.
    pub fn check(&self, inputs: &[Input], file: &str) -> Result<(), Vec<Problem>> {
        agreement::check(&self.function.sig, inputs, file).map_err(problems)
    }
}

fn flow_functions(items: Vec<Item>, found: &mut Vec<ItemFn>) {
    for item in items {
        match item {
            Item::Fn(function) => {
                let marked = function.attrs.iter().any(|attribute| {
                    attribute.path().segments.last().is_some_and(|last| last.ident == "flow_function")
                });
                if marked {
                    found.push(function);
                }
            }
            Item::Mod(module) => flow_functions(module.content.map_or(Vec::new(), |(_, items)| items), found),
            _ => {}
        }
    }
}

fn problems(error: Error) -> Vec<Problem> {
    let problem = |error: Error| Problem { message: error.to_string(), place: error.span().byte_range() };
    error.into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_told_with_their_place_in_the_text() {
        let text = "// é\nuse x;\n#[flowmacro::flow_function]\nfn f(size: f64) -> R { todo!() }\n";
        let source = Source::read(text).unwrap();
        let inputs = [Input { name: "length".to_owned(), types: Vec::new() }];
        let problems = source.check(&inputs, "f.toml").unwrap_err();
        assert_eq!(&text[problems[0].place.clone()], "size");
    }

    #[test]
    fn a_file_has_exactly_one_flow_function() {
        let message = |text: &str| Source::read(text).err().unwrap().remove(0).message;
        assert!(message("fn f() {}").starts_with("there is no function"));
        let two = "#[flow_function] fn f() {} mod m { #[flow_function] fn g() {} }";
        assert!(message(two).starts_with("there is a second function"));
        assert_eq!(
            Source::read(two).err().unwrap()[0].place,
            two.find("g()").unwrap()..two.find("g()").unwrap() + 1
        );
        assert!(Source::read("mod m { #[flow_function] fn f() {} } fn g() {}").is_ok());
    }

    #[test]
    fn what_is_not_rust_is_told_with_its_place() {
        let problems = Source::read("fn f( {").err().unwrap();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].place.start > 0, "{problems:?}");
    }
}
