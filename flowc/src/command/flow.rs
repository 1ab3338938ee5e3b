//! Compiles a flow, writes its manifest, and runs it.

use super::Environment;
use super::places;
use crate::arguments::Arguments;
use crate::diagnostics::{Code, Diagnostic, Failed, Report};
use crate::emit::{self, Symbols};
use crate::{Options, analyze, assemble, run as runner};
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
    let program = analyze(root, &content, &options, report)?;
    let compiled = assemble(&program, &options, report)?;
    let Some(manifest) = compiled.manifest else { return Ok(Ready { manifest: None, runner }) };
    report.timings.begin("write");
    let written = emit::write(&manifest, compiled.routes, &compiled.output);
    report.timings.end();
    match written {
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
