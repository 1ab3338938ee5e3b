//! Does what the command line asks for.

use crate::arguments::{Arguments, Verbosity};
use crate::diagnostics::{Code, Counts, Diagnostic, Failed, Report, Severity, Style};
use crate::emit::{self, Symbols};
use crate::{Options, compile, embedded, run};
use flowcore::content::{Content, ContextRoot, LibraryEntry, LibraryPath};
use flowcore::format::read_runner_name;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use url::Url;

/// The runner if nobody names one.
const DEFAULT_RUNNER: &str = "flowrcli";

/// The runners whose context functions are built in.
const BUILT_IN: [&str; 2] = [DEFAULT_RUNNER, "flowr"];

/// As many diagnostics as anybody reads; one mistake in a flow that is used everywhere shows everywhere.
const MOST_SHOWN: usize = 100;

/// The part of the world that decides where things are.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The directory that relative paths start from.
    pub current: PathBuf,
    /// The user's directory, if there is one.
    pub home: Option<PathBuf>,
    /// The variable `FLOW_LIB_PATH`, if it is set.
    pub library_path: Option<String>,
}

impl Environment {
    /// That of this process.
    ///
    /// # Errors
    ///
    /// Fails if there is no current directory.
    pub fn of_process() -> io::Result<Environment> {
        Ok(Environment {
            current: std::env::current_dir()?,
            home: std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from),
            library_path: std::env::var("FLOW_LIB_PATH").ok(),
        })
    }
}

/// Compiles, writes the manifest and runs it; diagnostics go to `messages`. Gives the exit status.
///
/// # Errors
///
/// Fails if the diagnostics cannot be written.
pub fn execute(
    arguments: &Arguments,
    environment: &Environment,
    style: Style,
    messages: &mut dyn Write,
) -> io::Result<i32> {
    let mut report = Report::default();
    let ready = prepare(arguments, environment, &mut report);
    show(&report, 0, arguments, style, messages)?;
    let shown = report.diagnostics().len();
    let Ok(ready) = ready else { return Ok(1) };
    let Some(manifest) = ready.manifest.filter(|_| !arguments.compile) else { return Ok(0) };
    match run::run(&ready.runner, &manifest, arguments, &environment.current) {
        Ok(status) => Ok(status),
        Err(diagnostic) => {
            report.add(*diagnostic);
            show(&report, shown, arguments, style, messages)?;
            Ok(1)
        }
    }
}

/// What is ready to be run.
struct Ready {
    /// None if the flow cannot run on its own.
    manifest: Option<PathBuf>,
    runner: String,
}

fn prepare(arguments: &Arguments, environment: &Environment, report: &mut Report) -> Result<Ready, Failed> {
    let Some(root) = source_url(arguments.source.as_deref(), &environment.current) else {
        let message =
            format!("{} is no directory that sources can be relative to", environment.current.display());
        report.add(Diagnostic::new(Code::E038, message));
        return Err(Failed);
    };
    refuse_unsupported(arguments, &root, report)?;
    let (context, runner) = context(arguments, environment, report)?;
    let content = Content::new(library_path(arguments, environment, report), context);
    let options = Options {
        output: arguments.output.as_deref().map(|output| output_directory(&environment.current.join(output))),
        optimize: arguments.optimize,
        symbols: if arguments.debug { Symbols::Kept } else { Symbols::Stripped },
    };
    log::info!("compiling {root}");
    let compiled = compile(&root, &content, &options, report)?;
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

/// Writes the diagnostics from a position on, and a summary if there were errors.
fn show(
    report: &Report,
    from: usize,
    arguments: &Arguments,
    style: Style,
    messages: &mut dyn Write,
) -> io::Result<()> {
    let is_quiet = arguments.verbosity == Some(Verbosity::Off);
    let mut has_errors = false;
    let new = report.diagnostics().get(from..).unwrap_or_default();
    for diagnostic in new.iter().take(MOST_SHOWN) {
        has_errors |= diagnostic.code.severity() == Severity::Error;
        if diagnostic.code.severity() == Severity::Error || !is_quiet {
            writeln!(messages, "{}\n", report.render(diagnostic, style))?;
        }
    }
    if new.len() > MOST_SHOWN {
        writeln!(messages, "and {} more", new.len() - MOST_SHOWN)?;
        has_errors = report.counts().errors > 0;
    }
    if has_errors {
        let Counts { errors, warnings } = report.counts();
        let plural = |count| if count == 1 { "" } else { "s" };
        write!(messages, "{errors} error{}", plural(errors))?;
        if warnings > 0 {
            write!(messages, ", {warnings} warning{}", plural(warnings))?;
        }
        writeln!(messages)?;
    }
    Ok(())
}

/// The URL of the flow. A path is taken literally, whatever it contains; dots in it are resolved.
fn source_url(source: Option<&str>, current: &Path) -> Option<Url> {
    let text = source.unwrap_or(".");
    let as_url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https" | "file" | "lib" | "context"));
    let of_path = || {
        let url = Url::from_file_path(current.join(text)).ok()?;
        Url::parse(url.as_str()).ok()
    };
    as_url.or_else(of_path)
}

/// What the command line can ask for but this version cannot do.
fn refuse_unsupported(arguments: &Arguments, root: &Url, report: &mut Report) -> Result<(), Failed> {
    let mut refuse = |message: &str| report.add(Diagnostic::new(Code::E035, message));
    if arguments.tables {
        refuse("writing the compiler's tables (-t, --tables) is not supported yet");
    }
    let path = root.to_file_path().unwrap_or_default();
    let is_marked =
        |name: &str| path.join(name).is_file() || path.file_name().is_some_and(|last| last == name);
    if is_marked("lib.toml") {
        refuse("building a library is not supported yet");
    } else if is_marked("runner.toml") {
        refuse("installing the definitions of a runner is not supported yet");
    }
    if arguments.graphs {
        report.add(Diagnostic::new(
            Code::W019,
            "drawings (-g, --graphs) are not supported yet: none is written",
        ));
    }
    report.end_stage(())
}

/// Where context functions are found, and the name of the runner.
fn context(
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
) -> Result<(ContextRoot, String), Failed> {
    if let Some(given) = &arguments.context_root {
        let root = environment.current.join(given);
        if root.is_dir() {
            let name = arguments.runner.clone().or_else(|| runner_of(&root));
            return Ok((ContextRoot::Directory(root), name.unwrap_or_else(|| DEFAULT_RUNNER.to_owned())));
        }
        let plain = given.to_str().filter(|name| !name.contains(['/', '\\']));
        let known = plain.and_then(|name| Some((installed(name, environment)?, name)));
        return match known {
            Some((root, name)) => Ok((root, arguments.runner.clone().unwrap_or_else(|| name.to_owned()))),
            None => {
                let message = format!("the context directory {} does not exist", given.display());
                report.add(Diagnostic::new(Code::E038, message));
                Err(Failed)
            }
        };
    }
    let name = arguments.runner.as_deref().unwrap_or(DEFAULT_RUNNER);
    match installed(name, environment) {
        Some(root) => Ok((root, name.to_owned())),
        None => {
            let message = format!("the runner '{name}' is not installed");
            let help = match runner_directory(name, environment) {
                Some(root) => format!(
                    "the definitions of its context functions would be in {}; -C gives another directory",
                    root.display()
                ),
                None => "-C gives the directory with the definitions of its context functions".to_owned(),
            };
            report.add(Diagnostic::new(Code::E038, message).help(help));
            Err(Failed)
        }
    }
}

/// The context functions of a runner by its name: installed for the user, or built in.
fn installed(name: &str, environment: &Environment) -> Option<ContextRoot> {
    match runner_directory(name, environment).filter(|root| !name.is_empty() && root.is_dir()) {
        Some(root) => Some(ContextRoot::Directory(root)),
        None => BUILT_IN.contains(&name).then(embedded::context),
    }
}

/// Where the user would have installed a runner.
fn runner_directory(name: &str, environment: &Environment) -> Option<PathBuf> {
    environment.home.as_ref().map(|home| home.join(".flow/runner").join(name))
}

/// The name in the `runner.toml` of a directory or of the one above it.
fn runner_of(root: &Path) -> Option<String> {
    let name = |directory: &Path| {
        let text = std::fs::read_to_string(directory.join("runner.toml")).ok()?;
        read_runner_name(&text).ok()
    };
    name(root).or_else(|| name(root.parent()?))
}

/// Options, then the variable, then the user's libraries, then the built-in one.
fn library_path(arguments: &Arguments, environment: &Environment, report: &mut Report) -> LibraryPath {
    let current = &environment.current;
    let mut entries: Vec<LibraryEntry> =
        arguments.libdir.iter().map(|entry| LibraryEntry::parse(entry, current)).collect();
    let variable = environment.library_path.as_deref().unwrap_or_default();
    entries.extend(LibraryPath::from_variable(variable, current));
    for entry in &entries {
        if let LibraryEntry::Directory(directory) = entry
            && !directory.is_dir()
        {
            let message = format!("the library directory {} does not exist", directory.display());
            report.add(Diagnostic::new(Code::W018, message));
        }
    }
    entries.extend(environment.home.as_ref().map(|home| LibraryEntry::Directory(home.join(".flow/lib"))));
    entries.push(embedded::standard_library());
    LibraryPath::new(entries)
}

/// The directory for results: that of a file, if a file is named.
fn output_directory(given: &Path) -> PathBuf {
    match given.parent() {
        Some(parent) if given.is_file() => parent.to_owned(),
        _ => given.to_owned(),
    }
}
