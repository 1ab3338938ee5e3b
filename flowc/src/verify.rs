//! Looks for mistakes only: everything but building and writing.
//!
//! What is looked at need not run on its own. A flow with inputs or outputs is a part of others, so it is judged as if
//! something were connected to each of them; a single function is judged by its definition and source.

use crate::connect::Wirings;
use crate::definitions::Loaded;
use crate::diagnostics::{Code, Diagnostic, Failed, Report};
use crate::hierarchy::Hierarchy;
use crate::surroundings::Surroundings;
use crate::{Options, Program, analyze, check, connect, flatten, provided, read, signature};
use flowcore::content::{Names, Provider, Reference};
use flowcore::definition::{Definition, FunctionDefinition};
use url::Url;

/// Checks the flow or function at a URL.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn verify(
    root: &Url,
    provider: &dyn Provider,
    options: &Options,
    report: &mut Report,
) -> Result<(), Failed> {
    let definitions = read(root, provider, report)?;
    let loaded = definitions.get(definitions.root);
    if let Definition::Function(definition) = &loaded.definition {
        let reference = provider.resolve(root, &Names::DEFINITION).ok().and_then(|found| found.reference);
        return verify_function(loaded, definition, reference.as_ref(), report);
    }
    let wirings = connect::connect(&definitions, report)?;
    let hierarchy = Hierarchy::grow(definitions, report)?;
    let program = flatten_part(hierarchy, wirings, options, report)?;
    verify_program(&program, report)
}

/// The graph of a flow that may be a part of others.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn flatten_part(
    hierarchy: Hierarchy,
    wirings: Wirings,
    options: &Options,
    report: &mut Report,
) -> Result<Program, Failed> {
    // What has an effect outside the flow is not known here, so nothing can be left out.
    let optimize = options.optimize && !is_part(&hierarchy);
    flatten(hierarchy, wirings, &Options { optimize, ..options.clone() }, report)
}

/// Checks a flow that may be a part of others.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn verify_program(program: &Program, report: &mut Report) -> Result<(), Failed> {
    let Program { hierarchy, wirings, graph } = program;
    let surroundings = if is_part(hierarchy) {
        Surroundings::some_flow(hierarchy, wirings)
    } else {
        Surroundings::nothing()
    };
    // All look at the same graph, so one mistake need not hide the other. A graph that cannot work is not analysed, as in
    // a compile; of a part of others only what is certain whatever is around it is told.
    let checked = check::check(hierarchy, graph, &surroundings, report);
    if checked.is_ok() {
        analyze::analyze(hierarchy, graph, report);
    }
    provided::sources(hierarchy, graph, report)?;
    provided::check_signatures(hierarchy, graph, report)?;
    checked
}

/// Whether a flow cannot run on its own.
pub fn is_part(hierarchy: &Hierarchy) -> bool {
    let root = &hierarchy.flow_definition(hierarchy.root()).definition;
    !(root.inputs().is_empty() && root.outputs().is_empty())
}

/// Libraries and runners supply functions without their sources. Only a runner may have impure ones.
fn verify_function(
    loaded: &Loaded,
    definition: &FunctionDefinition,
    reference: Option<&Reference>,
    report: &mut Report,
) -> Result<(), Failed> {
    let is_context = matches!(reference, Some(Reference::Context(_))) || loaded.is_of_runner();
    if !is_context {
        check_impure(loaded, definition, report);
    }
    if reference.is_none() && !is_context && loaded.url.scheme() == "file" {
        provided::check_source(loaded, definition, report)?;
        let source = provided::source_of(loaded, definition).and_then(|source| source.to_file_path().ok());
        if let Some(source) = source {
            signature::check(loaded, definition, &source, report);
        }
    }
    report.end_stage(())
}

/// Reports that a function is impure which is not one of a runner.
pub(crate) fn check_impure(loaded: &Loaded, definition: &FunctionDefinition, report: &mut Report) {
    let Some(impure) = definition.impure else { return };
    let name = &definition.name.value;
    let message = format!("function '{name}' is impure, which only context functions may be");
    let help = "the context functions of a runner are in a directory below its runner.toml".to_owned();
    report.add(Diagnostic::new(Code::E016, message).at(loaded.source, impure, "").help(help));
}
