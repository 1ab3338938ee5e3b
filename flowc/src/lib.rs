//! Compiles flow definitions to a manifest.
//!
//! A definition goes through the rooms in this order; [`analyze`] and [`assemble`] show the way:
//!
//! | room | from | to |
//! |---|---|---|
//! | [`load`] | a URL | every [definition](definitions) that takes part, each once |
//! | [`lint`] | definitions | warnings |
//! | [`initialize`] | definitions | the initializer of every input of every process reference |
//! | [`connect`] | definitions | connections between inputs and outputs, inside each flow |
//! | [`hierarchy`] | definitions | the tree of their uses, numbered |
//! | [`chain`] | tree and connections | what lies behind each boundary of a flow |
//! | [`collapse`] | tree and connections | the flat [`graph`]: edges between functions |
//! | [`optimize`] | graph | the same without what has no effect |
//! | [`check`] | graph | errors if it cannot work |
//! | [`provided`] | graph | the modules of functions that belong to the flow |
//! | [`emit`] | graph | the manifest, and its file |
//! | [`draw`] | definitions, tree and graph | pictures, if they are wanted |
//!
//! Everything there is to say about definitions is a [diagnostic](diagnostics) and goes into a report; a stage reports
//! all its errors before it fails. Up to [`definitions`] everything is per file, however often it is used. Nothing
//! compares routes, and nothing recurses where input decides how deep.
//!
//! Around the compiler: [`arguments`] is the command line, [`command`] does what it asks for, [`embedded`] holds the
//! definitions that need no set-up, and [`run`] starts the runner.

pub mod arguments;
pub mod chain;
pub mod check;
pub mod collapse;
pub mod command;
pub mod connect;
pub mod definitions;
pub mod diagnostics;
pub mod draw;
pub mod embedded;
pub mod emit;
pub mod graph;
pub mod hierarchy;
pub mod initialize;
pub mod lint;
pub mod load;
pub mod optimize;
pub mod provided;
pub mod run;

use connect::Wirings;
use diagnostics::{Code, Diagnostic, Failed, Report};
use emit::{References, Symbols};
use flowcore::content::Provider;
use flowcore::manifest::FlowManifest;
use graph::Graph;
use hierarchy::Hierarchy;
use std::collections::BTreeMap;
use std::path::PathBuf;
use url::Url;

/// How to compile.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory of the manifest and of the modules it names; the root flow's own if not given.
    pub output: Option<PathBuf>,
    /// Whether to remove functions that have no effect.
    pub optimize: bool,
    /// Whether to tell names and routes.
    pub symbols: Symbols,
}

/// A flow as the compiler understands it: the front half of compiling ends here, and everything that people may want to
/// know about a flow can be told from it.
#[derive(Debug)]
pub struct Program {
    /// All uses of all definitions.
    pub hierarchy: Hierarchy,
    /// The connections inside each flow.
    pub wirings: Wirings,
    /// Functions and the edges between them.
    pub graph: Graph,
}

/// A flow that was compiled.
#[derive(Debug)]
pub struct Compiled {
    /// The manifest; none if the flow has inputs or outputs and so cannot be run on its own.
    pub manifest: Option<FlowManifest>,
    /// The routes of functions by their ids, where the manifest does not have them.
    pub routes: BTreeMap<u64, String>,
    /// The directory both belong into.
    pub output: PathBuf,
}

/// Understands the flow at a URL: everything that can be found out about it without looking at code. Whether it can work
/// is another question: of a flow that gets its values from one around it, only that one can tell.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn outline(
    root: &Url,
    provider: &dyn Provider,
    options: &Options,
    report: &mut Report,
) -> Result<Program, Failed> {
    let mut definitions = load::load(root, provider, report)?;
    lint::lint(&definitions, report);
    initialize::initialize(&mut definitions, report);
    let wirings = connect::connect(&definitions, report)?;
    let hierarchy = Hierarchy::grow(definitions, report)?;
    let mut graph = collapse::collapse(&hierarchy, &wirings, report)?;
    if options.optimize {
        optimize::optimize(&hierarchy, &mut graph);
    }
    Ok(Program { hierarchy, wirings, graph })
}

/// Understands the flow at a URL, and checks that it can work: [`outline`] and [`check`](check::check).
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn analyze(
    root: &Url,
    provider: &dyn Provider,
    options: &Options,
    report: &mut Report,
) -> Result<Program, Failed> {
    let program = outline(root, provider, options, report)?;
    check::check(&program.hierarchy, &program.graph, report)?;
    Ok(program)
}

/// Makes the manifest of a flow, without writing anything.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn assemble(program: &Program, options: &Options, report: &mut Report) -> Result<Compiled, Failed> {
    let Program { hierarchy, graph, .. } = program;
    let definitions = &hierarchy.definitions;
    let output = output_directory(&definitions.get(definitions.root).url, options, report)?;
    let modules = provided::modules(hierarchy, graph, &output, report)?;
    let references =
        if options.optimize { References::OfKeptFunctions } else { References::OfAllDefinitions };
    let manifest = is_runnable(definitions, report)
        .then(|| emit::manifest(hierarchy, graph, &modules, options.symbols, references));
    let routes = emit::routes(hierarchy, graph, options.symbols);
    Ok(Compiled { manifest, routes, output })
}

/// Compiles the flow at a URL, without writing anything: [`analyze`] and [`assemble`].
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn compile(
    root: &Url,
    provider: &dyn Provider,
    options: &Options,
    report: &mut Report,
) -> Result<Compiled, Failed> {
    let program = analyze(root, provider, options, report)?;
    assemble(&program, options, report)
}

pub(crate) fn output_directory(
    root: &Url,
    options: &Options,
    report: &mut Report,
) -> Result<PathBuf, Failed> {
    if let Some(output) = &options.output {
        return Ok(output.clone());
    }
    let path = root.to_file_path().ok();
    path.as_deref().and_then(std::path::Path::parent).map(PathBuf::from).ok_or_else(|| {
        let message = format!("{root} has no directory of its own to write the manifest to");
        report.add(Diagnostic::new(Code::E034, message).help("say where with -o".to_owned()));
        Failed
    })
}

fn is_runnable(definitions: &definitions::Definitions, report: &mut Report) -> bool {
    let root = definitions.get(definitions.root);
    let first = root.definition.inputs().iter().chain(root.definition.outputs()).next();
    if let Some(io) = first {
        let name = &root.definition.name().value;
        let message = format!(
            "flow '{name}' has inputs or outputs, so it cannot run on its own: no manifest is written"
        );
        report.add(Diagnostic::new(Code::W016, message).at(root.source, io.span, ""));
    }
    first.is_none()
}
