//! Compiles flow definitions to a manifest.
//!
//! A definition goes through the rooms in this order; [`analyze()`] and [`assemble`] show the way:
//!
//! | room | from | to |
//! |---|---|---|
//! | [`load`] | a URL | every [definition](definitions) that takes part, each once |
//! | [`lint`] | definitions | warnings |
//! | [`initialize`] | definitions | the initializer of every input of every process reference |
//! | [`connect`] | definitions | connections between inputs and outputs, inside each flow |
//! | [`hierarchy`] | definitions | the tree of their uses, numbered |
//! | [`chain`] | tree and connections | what lies behind each boundary of a flow |
//! | [`reach`] | tree and connections | the functions at the ends of those chains |
//! | [`collapse`] | tree and connections | the flat [`graph`]: edges between functions |
//! | [`optimize`] | graph | the same without what has no effect |
//! | [`check`] | graph | errors if it cannot work |
//! | [`mod@analyze`] | graph | warnings if it does not do what was probably meant |
//! | [`provided`] | graph | the modules of functions that belong to the flow, which [`mod@build`] makes |
//! | [`emit`] | graph | the manifest, and its file |
//! | [`draw`] | definitions, tree and graph | pictures, if they are wanted |
//!
//! A [`function`] by itself is built and nothing else. [`verify`] looks for mistakes only. People who want to see more than a manifest ask [`explain`] and [`tables`], which
//! follow connections with [`trace`]. What the source of a function says about its definition is in [`signature`].
//!
//! Everything there is to say about definitions is a [diagnostic](diagnostics) and goes into a report; a stage reports
//! all its errors before it fails. Up to [`definitions`] everything is per file, however often it is used. Nothing
//! compares routes, and nothing recurses where input decides how deep.
//!
//! Around the compiler: [`arguments`] is the command line, [`command`] does what it asks for, [`embedded`] holds the
//! definitions that need no set-up, [`web`] reads those that are elsewhere, [`run`] starts the runner, [`watch`] knows
//! when files have changed, and [`events`] is what there is to wait for. [`new`] makes folders to begin with. [`library`] and [`runner`] take many definitions
//! through the first rooms, for [`install`] to put where they are found.

pub mod analyze;
pub mod arguments;
pub mod build;
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
pub mod events;
pub mod explain;
pub mod function;
pub mod graph;
pub mod hierarchy;
pub mod initialize;
pub mod install;
pub mod library;
pub mod lint;
pub mod load;
pub(crate) mod names;
pub mod new;
pub mod optimize;
pub mod positions;
pub mod provided;
pub mod reach;
pub mod run;
pub mod runner;
pub mod signature;
pub mod surroundings;
pub mod tables;
pub mod timings;
pub mod trace;
mod tree;
pub mod verify;
pub mod watch;
pub mod web;

use connect::Wirings;
use definitions::{Definitions, Loaded};
use diagnostics::{Code, Diagnostic, Failed, Report};
use emit::{References, Symbols};
use flowcore::content::Provider;
use flowcore::manifest::FlowManifest;
use graph::Graph;
use hierarchy::Hierarchy;
use std::collections::BTreeMap;
use std::path::PathBuf;
use surroundings::Surroundings;
use url::Url;

/// How to compile.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The directory of the manifest and of the modules it names. If not given, the root flow's own, or a new one for a
    /// flow that is on the web or in a library.
    pub output: Option<PathBuf>,
    /// Whether to remove functions that have no effect.
    pub optimize: bool,
    /// Whether to tell names and routes.
    pub symbols: Symbols,
    /// What to do about the modules of provided functions.
    pub modules: ModuleFiles,
    /// How they are built.
    pub build: build::Setting,
}

/// What to do about the modules of functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModuleFiles {
    /// They are left as they are.
    #[default]
    Left,
    /// They are built.
    Built,
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
    /// The modules that were built.
    pub modules: Vec<provided::Built>,
    /// The directory all of them belong into.
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
    let (hierarchy, wirings) = wire(root, provider, report)?;
    flatten(hierarchy, wirings, options, report)
}

/// Reads every definition that takes part, with its initializers.
fn read(root: &Url, provider: &dyn Provider, report: &mut Report) -> Result<Definitions, Failed> {
    report.timings.begin("load");
    let mut definitions = load::load(root, provider, report)?;
    report.timings.count("files", report.sources.count());
    report.timings.count("definitions", definitions.iter().count());
    report.timings.begin("lint");
    lint::lint(&definitions, report);
    report.timings.begin("initialize");
    initialize::initialize(&mut definitions, report);
    Ok(definitions)
}

/// The first part of [`outline`]: each flow on its own, and the tree of their uses.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn wire(
    root: &Url,
    provider: &dyn Provider,
    report: &mut Report,
) -> Result<(Hierarchy, Wirings), Failed> {
    wire_definitions(read(root, provider, report)?, report)
}

/// The same for definitions that were read.
fn wire_definitions(definitions: Definitions, report: &mut Report) -> Result<(Hierarchy, Wirings), Failed> {
    report.timings.begin("connect");
    let wirings = connect::connect(&definitions, report)?;
    report.timings.begin("hierarchy");
    let hierarchy = Hierarchy::grow(definitions, report)?;
    report.timings.count("flows", hierarchy.order.len());
    report.timings.count("functions", hierarchy.functions().count());
    report.timings.count("connections", wirings.count(&hierarchy));
    Ok((hierarchy, wirings))
}

/// The second part of [`outline`]: the graph, before anything is checked that a graph can have wrong as a whole.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn flatten(
    hierarchy: Hierarchy,
    wirings: Wirings,
    options: &Options,
    report: &mut Report,
) -> Result<Program, Failed> {
    report.timings.begin("collapse");
    let mut graph = collapse::collapse(&hierarchy, &wirings, report)?;
    report.timings.count("edges", graph.edges.len());
    if options.optimize {
        report.timings.begin("optimize");
        let optimized = optimize::optimize(&hierarchy, &mut graph);
        report.timings.count("removed", optimized.removed.len());
        report.timings.count("merged", optimized.merged);
    }
    report.timings.end();
    Ok(Program { hierarchy, wirings, graph })
}

/// Checks that a program can work, and whether it does what was probably meant.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn examine(program: &Program, report: &mut Report) -> Result<(), Failed> {
    report.timings.begin("check");
    check::check(&program.hierarchy, &program.graph, &Surroundings::nothing(), report)?;
    report.timings.begin("analyze");
    analyze::analyze(&program.hierarchy, &program.graph, report);
    report.timings.end();
    Ok(())
}

/// Understands the flow at a URL, and checks that it can work: [`outline`] and [`examine`].
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
    examine(&program, report)?;
    Ok(program)
}

/// Makes the manifest of a flow, without writing it. Where a flow has no directory of its own, an empty one is made.
///
/// # Errors
///
/// Fails if the report has an error; there are no others.
pub fn assemble(program: &Program, options: &Options, report: &mut Report) -> Result<Compiled, Failed> {
    let Program { hierarchy, graph, .. } = program;
    let definitions = &hierarchy.definitions;
    let is_runnable = is_runnable(definitions, report);
    let output = match output_directory(definitions.get(definitions.root), options) {
        Some(own) => own,
        None if is_runnable => new_directory(report)?,
        None => std::env::temp_dir(),
    };
    report.timings.begin("modules");
    let names = provided::modules(hierarchy, graph, &output, report)?;
    let modules = match options.modules {
        ModuleFiles::Built => provided::build_modules(hierarchy, graph, &names, &options.build, report)?,
        ModuleFiles::Left => {
            provided::look_at_modules(hierarchy, graph, &names, &output, &options.build, report);
            Vec::new()
        }
    };
    report.timings.count("modules", modules.len());
    report.timings.begin("manifest");
    let references =
        if options.optimize { References::OfKeptFunctions } else { References::OfAllDefinitions };
    let manifest = is_runnable.then(|| emit::manifest(hierarchy, graph, &names, options.symbols, references));
    let routes = emit::routes(hierarchy, graph, options.symbols);
    report.timings.end();
    Ok(Compiled { manifest, routes, modules, output })
}

/// Compiles the flow at a URL, without writing the manifest: [`analyze()`] and [`assemble`].
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

/// The directory for the results of a flow; none for one on the web or in a library, unless somebody says.
pub(crate) fn output_directory(root: &Loaded, options: &Options) -> Option<PathBuf> {
    if let Some(output) = &options.output {
        return Some(output.clone());
    }
    let path = root.url.to_file_path().ok().filter(|_| !root.is_foreign)?;
    path.parent().map(PathBuf::from)
}

/// Makes a directory for the results of a flow that has none.
fn new_directory(report: &mut Report) -> Result<PathBuf, Failed> {
    match tempfile::Builder::new().prefix("flow-").tempdir() {
        Ok(directory) => {
            let path = directory.keep();
            let message = format!("the results are in the new directory {}", path.display());
            let help = "a flow on the web or in a library has none of its own; -o says another".to_owned();
            report.add(Diagnostic::new(Code::W024, message).help(help));
            Ok(path)
        }
        Err(error) => {
            report.add(Diagnostic::new(
                Code::E034,
                format!("no directory for the results can be made: {error}"),
            ));
            Err(Failed)
        }
    }
}

fn is_runnable(definitions: &definitions::Definitions, report: &mut Report) -> bool {
    let root = definitions.get(definitions.root);
    let first = root.definition.inputs().iter().chain(root.definition.outputs()).next();
    if let Some(io) = first {
        let name = &root.definition.name().value;
        let message = format!(
            "flow '{name}' has inputs or outputs, so it cannot run on its own: no manifest is written"
        );
        report.add(
            Diagnostic::new(Code::W016, message)
                .at(root.source, definitions::place_of(io), "")
                .help("compile a flow that uses this one".to_owned()),
        );
    }
    first.is_none()
}
