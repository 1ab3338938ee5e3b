//! Compiles a flow, writes its manifest, and runs it.

use super::Environment;
use super::places;
use super::show::{deny_warnings, is_denied};
use crate::arguments::Arguments;
use crate::diagnostics::{Code, Diagnostic, Failed, Report, Style, shown_path};
use crate::emit::{self, Symbols};
use crate::provided::Built;
use crate::run::{self as runner, Running};
use crate::tables::tables;
use crate::watch::{Files, Recorder};
use crate::{
    ModuleFiles, Options, Program, assemble, draw, examine, flatten, function, output_directory, read,
    verify, wire_definitions,
};
use flowcore::content::Content;
use std::path::{Path, PathBuf};
use url::Url;

/// What is ready to be run.
pub(super) struct Ready {
    /// None if the flow cannot run on its own.
    manifest: Option<PathBuf>,
    runner: String,
}

/// What compiling needs to know and to reach.
pub(super) struct Setting<'run> {
    pub(super) content: Recorder<'run, Content>,
    pub(super) options: Options,
    runner: String,
}

impl Setting<'_> {
    /// What the command line and the environment say. What compiling looks for is noted.
    pub(super) fn new<'run>(
        arguments: &Arguments,
        environment: &Environment,
        style: Style,
        files: &'run Files,
        report: &mut Report,
    ) -> Result<Setting<'run>, Failed> {
        let (context, runner) = places::context(arguments, environment, report)?;
        let libraries = places::library_path(arguments, environment, report);
        let (library_places, context_places) = places::directories(&libraries, &context);
        let content = Recorder::new(
            places::content(libraries, context, environment),
            library_places,
            context_places,
            files,
        );
        let output = arguments.output.as_deref();
        let options = Options {
            output: output.map(|output| places::output_directory(&environment.current.join(output))),
            optimize: arguments.optimize,
            symbols: if arguments.debug { Symbols::Kept } else { Symbols::Stripped },
            modules: if arguments.provided { ModuleFiles::Left } else { ModuleFiles::Built },
            build: places::build_setting(arguments, environment, style),
        };
        Ok(Setting { content, options, runner })
    }
}

/// Looks for mistakes in the flow or function at a URL.
pub(super) fn check(
    root: &Url,
    arguments: &Arguments,
    environment: &Environment,
    files: &Files,
    report: &mut Report,
) -> Result<Ready, Failed> {
    let setting = Setting::new(arguments, environment, Style::Plain, files, report)?;
    log::info!("checking {root}");
    verify::verify(root, &setting.content, &setting.options, report)?;
    Ok(Ready { manifest: None, runner: setting.runner })
}

impl Ready {
    /// Nothing is to be run.
    pub(super) fn nothing() -> Ready {
        Ready { manifest: None, runner: String::new() }
    }

    /// The manifest, if there is one and it is to be run.
    fn to_run(&self, arguments: &Arguments) -> Option<&Path> {
        self.manifest.as_deref().filter(|_| !arguments.compile)
    }

    /// The name of the runner.
    pub(super) fn runner(&self) -> &str {
        &self.runner
    }
}

/// Compiles the flow at a URL and writes its manifest.
pub(super) fn prepare(
    root: &Url,
    arguments: &Arguments,
    environment: &Environment,
    style: Style,
    files: &Files,
    report: &mut Report,
) -> Result<Ready, Failed> {
    let Setting { content, options, runner } = Setting::new(arguments, environment, style, files, report)?;
    log::info!("compiling {root}");
    let definitions = read(root, &content, report)?;
    if function::is_built_alone(&definitions) {
        let built = function::build(&definitions, &options, report)?;
        deny_warnings(arguments, report)?;
        write_modules(&built.modules, &built.output, report)?;
        return Ok(Ready { manifest: None, runner });
    }
    let (hierarchy, wirings) = wire_definitions(definitions, report)?;
    let program = flatten(hierarchy, wirings, &options, report)?;
    let examined = examine(&program, report);
    if arguments.graphs && !is_denied(arguments, report) {
        // Also if something is wrong: flows that do not work yet are those that people want to look at.
        write_drawings(&program, arguments, &options, report)?;
    }
    examined?;
    let compiled = assemble(&program, &options, report)?;
    deny_warnings(arguments, report)?;
    if arguments.tables {
        let text = tables(&program, &report.sources).to_json().map_err(std::io::Error::from);
        let path = compiled.output.join("tables.json");
        let written = text.and_then(|text| {
            std::fs::create_dir_all(&compiled.output)?;
            emit::replace(&path, &text)
        });
        if let Err(error) = written {
            return Err(unwritten("the tables", &compiled.output, &error, report));
        }
    }
    write_modules(&compiled.modules, &compiled.output, report)?;
    let Some(manifest) = compiled.manifest else { return Ok(Ready { manifest: None, runner }) };
    report.timings.begin("write");
    let written = emit::write(&manifest, compiled.routes, &compiled.output);
    report.timings.end();
    match written {
        Ok(path) => {
            log::info!("wrote {}", path.display());
            Ok(Ready { manifest: Some(path), runner })
        }
        Err(error) => Err(unwritten("the manifest", &compiled.output, &error, report)),
    }
}

/// Writes modules before the manifest that names them.
fn write_modules(modules: &[Built], output: &Path, report: &mut Report) -> Result<(), Failed> {
    emit::write_modules(modules, output).map_err(|(path, error)| {
        let message = format!("the module {} cannot be written: {error}", shown_path(&path));
        report.add(Diagnostic::new(Code::E034, message).help("-o says another directory".to_owned()));
        Failed
    })
}

fn unwritten(what: &str, output: &Path, error: &std::io::Error, report: &mut Report) -> Failed {
    let message = format!("{what} cannot be written to {}: {error}", shown_path(output));
    report.add(Diagnostic::new(Code::E034, message));
    Failed
}

/// Draws the flow, also if it cannot run on its own.
fn write_drawings(
    program: &Program,
    arguments: &Arguments,
    options: &Options,
    report: &mut Report,
) -> Result<(), Failed> {
    let definitions = &program.hierarchy.definitions;
    let Some(directory) = output_directory(definitions.get(definitions.root), options) else {
        let message = "the flow has no directory of its own for drawings";
        report.add(Diagnostic::new(Code::E054, message).help("say where with -o".to_owned()));
        return Err(Failed);
    };
    let formats = match arguments.graph_format.as_slice() {
        [] => &[draw::Format::Svg],
        formats => formats,
    };
    draw::write(&draw::pictures(program, formats), &directory).map_err(|(path, error)| {
        let message = format!("the drawing {} cannot be written: {error}", shown_path(&path));
        report.add(Diagnostic::new(Code::E054, message).help("-o says another directory".to_owned()));
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
    let Some(manifest) = ready.to_run(arguments) else { return Ok(0) };
    runner::run(&ready.runner, manifest, arguments, &environment.current).map_err(|diagnostic| {
        report.add(*diagnostic);
        Failed
    })
}

/// Starts what is ready unless only compiling was asked for.
pub(super) fn start(
    ready: &Ready,
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
) -> Result<Option<Running>, Failed> {
    let Some(manifest) = ready.to_run(arguments) else { return Ok(None) };
    runner::start(&ready.runner, manifest, arguments, &environment.current).map(Some).map_err(|diagnostic| {
        report.add(*diagnostic);
        Failed
    })
}
