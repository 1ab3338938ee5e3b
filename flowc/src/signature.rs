//! What the text of a function's source says about its definition: whether they agree, and what the definition could be.
//! The compiler of Rust finds out the first when the function is built; this tells it without building anything.

use crate::build::kind::Kind;
use crate::definitions::Loaded;
use crate::diagnostics::{Code, Diagnostic, Report};
use flowcore::datatype::DataType;
use flowcore::definition::{FunctionDefinition, IoDefinition};
use flowcore::span::Span;
use flowsource::{Input, Problem, Source};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use url::Url;

/// Longer texts are not looked at: code can nest as deep as it is long, and reading it takes a part of the stack for each
/// level.
const LONGEST: usize = 1 << 18;

/// So much stack is enough for any text that is looked at.
const STACK: usize = 1 << 29;

/// What comes of a source.
fn with_source<T: Send>(
    text: &str,
    ask: impl FnOnce(Source) -> Result<T, Vec<Problem>> + Send,
) -> Result<T, Vec<Problem>> {
    let unreadable = |message: &str| vec![Problem { message: message.to_owned(), place: 0..0 }];
    if text.len() > LONGEST {
        return Err(unreadable("it is too long to be looked at"));
    }
    thread::scope(|scope| {
        let look = || Source::read(text).and_then(ask);
        let asked = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, look);
        let asked = asked.map_err(|error| unreadable(&error.to_string()))?;
        asked.join().unwrap_or_else(|_| Err(unreadable("it cannot be read")))
    })
}

/// The definition that a source suggests: the text of its file. `source` is the name of the source, and `page` that of a
/// page about the function.
///
/// # Errors
///
/// Fails if the text is not Rust, has not exactly one function, or does not tell what the inputs are.
pub fn draft(text: &str, source: &str, page: Option<&str>) -> Result<String, Vec<Problem>> {
    with_source(text, |code| Ok(code.draft()?.text(source, page)))
}

/// Reports where the code of a function disagrees with its definition. A source that cannot be read, or has its function
/// elsewhere, is left to the compiler.
pub fn check(loaded: &Loaded, definition: &FunctionDefinition, source: &Path, report: &mut Report) {
    if Kind::of(&definition.build_type.value, &definition.source.value) != Some(Kind::Rust) {
        return;
    }
    let Ok(text) = std::fs::read_to_string(source) else { return };
    let inputs: Vec<Input> = definition.inputs.iter().map(input).collect();
    let file = loaded.url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let compared = with_source(&text, |code| Ok(code.check(&inputs, file)));
    let (Ok(Err(problems)), Ok(url)) = (compared, Url::from_file_path(source)) else { return };
    let source = report.sources.add(url, Arc::from(text));
    for Problem { message, place } in problems {
        let name = &definition.name.value;
        let message = format!("the code of '{name}' does not agree with its definition: {message}");
        let diagnostic = Diagnostic::new(Code::E068, message);
        report.add(diagnostic.at(source, Span::new(place.start, place.end), ""));
    }
}

fn input(input: &IoDefinition) -> Input {
    // One that may be anything has no type to disagree with.
    let is_anything = input.data_types().any(DataType::is_generic);
    let types = if is_anything { Vec::new() } else { input.data_types().map(DataType::to_string).collect() };
    Input { name: input.name.value.clone(), types }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_suggests_a_definition() {
        let text = "/// Halves.\n#[flow_function]\nfn half(number: f64) -> R { flow_output!(number / 2.0) }";
        let drafted = draft(text, "half.rs", Some("half.md")).unwrap();
        assert!(drafted.starts_with("function = \"half\"\nsource = \"half.rs\"\n"), "{drafted}");
        assert!(drafted.contains("docs = \"half.md\"\n"));
        let problems = draft("fn half() {}", "half.rs", None).unwrap_err();
        assert!(problems[0].message.starts_with("there is no function"));
    }

    #[test]
    fn code_that_nests_as_deep_as_it_can_harms_nothing() {
        for part in ["(", "[", "{", "!", "-", "&", "|x|", "if a {} else ", "Vec<"] {
            let text = format!("fn f() {{ let a = {}", part.repeat((LONGEST - 30) / part.len()));
            assert!(draft(&text, "f.rs", None).is_err(), "{part}");
        }
        assert!(draft(&" ".repeat(LONGEST + 1), "f.rs", None).is_err());
    }
}
