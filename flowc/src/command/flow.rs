//! Compiles a flow, writes its manifest, and runs it.

use super::Environment;
use super::places;
use crate::arguments::Arguments;
use crate::diagnostics::{Code, Diagnostic, Failed, Report};
use crate::emit::{self, Symbols};
use crate::{Options, Program, assemble, check, draw, outline, output_directory, run as runner};
use flowcore::content::Content;
use std::path::PathBuf;
use url::Url;

/// What is ready to be run.
pub(super) struct Ready {
    /// None if the flow cannot run on its own.
    manifest: Option<PathBuf>,
    runner: String,
}

/// Compiles the flow at a URL and writes its manifest.
pub(super) fn prepare(
    root: &Url,
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
) -> Result<Ready, Failed> {
    let (context, runner) = places::context(arguments, environment, report)?;
    let content = Content::new(places::library_path(arguments, environment, report), context);
    let output = arguments.output.as_deref();
    let options = Options {
        output: output.map(|output| places::output_directory(&environment.current.join(output))),
        optimize: arguments.optimize,
        symbols: if arguments.debug { Symbols::Kept } else { Symbols::Stripped },
    };
    log::info!("compiling {root}");
    let program = outline(root, &content, &options, report)?;
    if arguments.graphs {
        // Before it is checked: flows that do not work yet are those that people want to look at.
        write_drawings(&program, arguments, &options, report)?;
    }
    check::check(&program.hierarchy, &program.graph, report)?;
    let compiled = assemble(&program, &options, report)?;
    let Some(manifest) = compiled.manifest else { return Ok(Ready { manifest: None, runner }) };
    match emit::write(&manifest, compiled.routes, &compiled.output) {
        Ok(path) => {
            log::info!("wrote {}", path.display());
            Ok(Ready { manifest: Some(path), runner })
        }
        Err(error) => {
            let message = format!("the manifest cannot be written to {}: {error}", compiled.output.display());
            report.add(Diagnostic::new(Code::E034, message));
            Err(Failed)
        }
    }
}

/// Draws the flow, also if it cannot run on its own.
fn write_drawings(
    program: &Program,
    arguments: &Arguments,
    options: &Options,
    report: &mut Report,
) -> Result<(), Failed> {
    let definitions = &program.hierarchy.definitions;
    let directory = output_directory(&definitions.get(definitions.root).url, options, report)?;
    let formats = match arguments.graph_format.as_slice() {
        [] => &[draw::Format::Svg],
        formats => formats,
    };
    draw::write(&draw::pictures(program, formats), &directory).map_err(|(path, error)| {
        let message = format!("the drawing {} cannot be written: {error}", path.display());
        report.add(Diagnostic::new(Code::E054, message).help("say where with -o".to_owned()));
        Failed
    })
}

/// Runs what is ready unless only compiling was asked for. Gives the runner's exit status.
pub(super) fn run(
    ready: &Ready,
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
) -> Result<i32, Failed> {
    let Some(manifest) = ready.manifest.as_deref().filter(|_| !arguments.compile) else { return Ok(0) };
    runner::run(&ready.runner, manifest, arguments, &environment.current).map_err(|diagnostic| {
        report.add(*diagnostic);
        Failed
    })
}
