//! Sources and definitions of the standard library, which are true of each other.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flowcore::definition::{Definition, FunctionDefinition};
use flowcore::format::{Format, read_definition};
use flowsource::{Input, Source};
use std::fs;
use std::path::{Path, PathBuf};

/// The sources that have a definition beside them.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../flowstdlib/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && path.with_extension("toml").exists()
            {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 100, "{}", found.len());
    found
}

fn definition(text: &str) -> FunctionDefinition {
    match read_definition(text, Format::Toml) {
        Ok(Definition::Function(function)) => function,
        other => panic!("{other:?}\n{text}"),
    }
}

fn inputs(function: &FunctionDefinition) -> Vec<Input> {
    let inputs = function.inputs.iter();
    inputs
        .map(|input| Input {
            name: input.name.value.clone(),
            types: input.data_types().filter(|is| !is.is_generic()).map(ToString::to_string).collect(),
        })
        .collect()
}

fn read(path: &Path) -> (Source, FunctionDefinition) {
    let source = Source::read(&fs::read_to_string(path).unwrap());
    let source = source.unwrap_or_else(|problems| panic!("{}: {problems:?}", path.display()));
    (source, definition(&fs::read_to_string(path.with_extension("toml")).unwrap()))
}

#[test]
fn every_source_agrees_with_its_definition() {
    for path in sources() {
        let (source, written) = read(&path);
        assert_eq!(source.check(&inputs(&written), "it"), Ok(()), "{}", path.display());
    }
}

#[test]
fn every_draft_is_a_definition_with_the_same_names() {
    for path in sources() {
        let (source, written) = read(&path);
        let drafted = definition(&source.draft().unwrap().text(&written.source.value, Some(&written.docs)));
        assert_eq!(drafted.name.value, written.name.value);
        assert_eq!(drafted.source.value, written.source.value);
        assert_eq!(drafted.docs, written.docs);
        let names = |function| -> Vec<String> {
            inputs(function).iter().map(|input| input.name.replace('-', "_")).collect()
        };
        // A parameter has a name where the input has none.
        let unnamed = written.inputs.iter().any(|input| input.name.value.is_empty());
        assert!(unnamed || names(&drafted) == names(&written), "{}", path.display());
    }
}
