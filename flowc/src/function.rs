//! Builds a single function: its module, and its tests are run.

use crate::build::{self, Project};
use crate::definitions::Definitions;
use crate::diagnostics::{Failed, Report};
use crate::provided::{Built, check_source, look_at_module, wanted};
use crate::verify::check_impure;
use crate::{ModuleFiles, Options, output_directory};
use flowcore::definition::Definition;
use std::path::PathBuf;

/// The module of a function, and where it goes.
#[derive(Debug)]
pub struct BuiltFunction {
    /// The module; none if nothing is built.
    pub modules: Vec<Built>,
    /// The directory that it goes to.
    pub output: PathBuf,
}

/// Whether the root is a function with a source of its own, and not one that a library or a runner supplies.
pub fn is_built_alone(definitions: &Definitions) -> bool {
    let root = definitions.get(definitions.root);
    !root.is_flow() && root.is_own() && !root.is_of_runner()
}

/// Builds the root, which is a function.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn build(
    definitions: &Definitions,
    options: &Options,
    report: &mut Report,
) -> Result<BuiltFunction, Failed> {
    let root = definitions.get(definitions.root);
    let output = output_directory(root, options).unwrap_or_default();
    let Definition::Function(definition) = &root.definition else { return Err(Failed) };
    check_impure(root, definition, report);
    check_source(root, definition, report)?;
    let files = root.url.to_file_path().ok().zip(root.url.join(&definition.source.value).ok());
    let files = files.and_then(|(file, source)| Some([file, source.to_file_path().ok()?]));
    let files = files.ok_or(Failed)?;
    let [_, source] = &files;
    let path = PathBuf::from(source.file_name().unwrap_or_default()).with_extension("wasm");
    let mut modules = Vec::new();
    report.timings.begin("modules");
    match options.modules {
        ModuleFiles::Left => look_at_module(root, definition, &path, &output, &options.build, report),
        ModuleFiles::Built => {
            let wanted = wanted(root, definition, &files, report).ok_or(Failed)?;
            let project = Project { root: source.parent().unwrap_or(source).to_owned(), library: None };
            let built = build::build(std::slice::from_ref(&wanted), &project, &options.build, report)?;
            modules.extend(built.into_iter().map(|content| Built { path: path.clone(), content }));
        }
    }
    report.timings.end();
    report.end_stage(BuiltFunction { modules, output })
}
