//! Where things are: the flow, libraries, context functions, and where results go.

use crate::arguments::{Arguments, MessageFormat};
use crate::build;
use crate::diagnostics::{Code, Diagnostic, Failed, Report, Style, shown_path};
use crate::embedded;
use crate::install::{self, Installed, Item};
use crate::web::{Client, Limits};
use flowcore::content::{Content, ContextRoot, LibraryEntry, LibraryPath, near_path};
use flowcore::format::{read_runner_name, suggest};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// The runner if nobody names one.
const DEFAULT_RUNNER: &str = "flowrcli";

/// The runners whose context functions are built in.
const BUILT_IN: [&str; 2] = [DEFAULT_RUNNER, "flowr"];

/// As many installed runners as are searched for one that was meant.
const MOST_RUNNERS: usize = 1000;

/// The part of the world that decides where things are.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The directory that relative paths start from.
    pub current: PathBuf,
    /// The user's directory, if there is one.
    pub home: Option<PathBuf>,
    /// The variable `FLOW_LIB_PATH`, if it is set.
    pub library_path: Option<String>,
    /// How much is taken from the web.
    pub web: Limits,
    /// Where functions are built, and with what.
    pub build: Workshop,
}

/// Where functions are built, and with what.
#[derive(Clone, Debug, Default)]
pub struct Workshop {
    /// The directory that everything is built in; none if there is no place for it.
    pub directory: Option<PathBuf>,
    /// The tool chain for Rust, where it is not the usual one.
    pub rust: Option<PathBuf>,
}

impl Environment {
    /// That of this process.
    ///
    /// # Errors
    ///
    /// Fails if there is no current directory.
    pub fn of_process() -> io::Result<Environment> {
        let current = std::env::current_dir()?;
        let named = |name: &str| {
            std::env::var_os(name).filter(|path| !path.is_empty()).map(|path| current.join(path))
        };
        let home = named("HOME");
        let directory = named(build::DIRECTORY).or_else(|| Some(home.as_ref()?.join(".flow/build")));
        Ok(Environment {
            build: Workshop { directory, rust: named(build::toolchain::VARIABLE) },
            home,
            current,
            library_path: std::env::var("FLOW_LIB_PATH").ok(),
            web: Limits::default(),
        })
    }
}

/// Where libraries and context functions may lie on this machine, whether or not the directories exist.
pub(super) fn directories(libraries: &LibraryPath, context: &ContextRoot) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let directory = |entry: &LibraryEntry| match entry {
        LibraryEntry::Directory(directory) | LibraryEntry::Source { directory, .. } => {
            Some(directory.clone())
        }
        LibraryEntry::Web(_) | LibraryEntry::Embedded { .. } => None,
    };
    let contexts = match context {
        ContextRoot::Directory(root) => vec![root.clone(), root.join("context")],
        ContextRoot::Embedded(_) => Vec::new(),
    };
    (libraries.entries().iter().filter_map(directory).collect(), contexts)
}

/// How modules are built.
pub(super) fn build_setting(
    arguments: &Arguments,
    environment: &Environment,
    style: Style,
) -> build::Setting {
    let Workshop { directory, rust } = environment.build.clone();
    let style = if arguments.message_format == MessageFormat::Json { Style::Plain } else { style };
    build::Setting { directory, rust, optimize: arguments.optimize, style }
}

/// The URL of the flow. A path is taken literally, whatever it contains; dots in it are resolved.
pub(super) fn source_url(source: Option<&str>, current: &Path) -> Option<Url> {
    let text = source.unwrap_or(".");
    let as_url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https" | "file" | "lib" | "context"));
    let of_path = || {
        let url = Url::from_file_path(current.join(text)).ok()?;
        Url::parse(url.as_str()).ok()
    };
    match as_url {
        // It may be relative; then the first thing without a slash in front belongs to the path.
        Some(url) if url.scheme() == "file" => Url::from_directory_path(current).ok()?.join(text).ok(),
        Some(url) => Some(url),
        None => of_path(),
    }
}

/// Where context functions are found, and the name of the runner.
pub(super) fn context(
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
                if root.is_file() {
                    let message = format!("the context directory {} is a file", given.display());
                    let help = "name the directory that it is in".to_owned();
                    report.add(Diagnostic::new(Code::E038, message).help(help));
                    return Err(Failed);
                }
                let message = format!("the context directory {} does not exist", given.display());
                let runner = plain.and_then(|name| near_runner(name, environment));
                let help = runner.or_else(|| near_given(given, environment)).map(did_you_mean);
                report.add(Diagnostic::new(Code::E038, message).help(help));
                Err(Failed)
            }
        };
    }
    let name = arguments.runner.as_deref().unwrap_or(DEFAULT_RUNNER);
    match installed(name, environment) {
        Some(root) => Ok((root, name.to_owned())),
        None => {
            let message = format!("the runner '{name}' is not installed");
            let help = match (near_runner(name, environment), runner_directory(name, environment)) {
                (Some(near), _) => did_you_mean(near),
                (None, Some(root)) => format!(
                    "the definitions of its context functions would be in {}; -C gives another directory",
                    root.display()
                ),
                (None, None) => {
                    "-C gives the directory with the definitions of its context functions".to_owned()
                }
            };
            report.add(Diagnostic::new(Code::E038, message).help(help));
            Err(Failed)
        }
    }
}

fn did_you_mean(near: String) -> String {
    format!("did you mean '{near}'?")
}

/// The runner that was probably meant.
fn near_runner(name: &str, environment: &Environment) -> Option<String> {
    let installed = runner_directory("", environment).and_then(|runners| runners.read_dir().ok());
    let installed = installed.into_iter().flatten().flatten().take(MOST_RUNNERS);
    let mut known: Vec<String> = installed.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    known.sort();
    suggest(name, BUILT_IN.into_iter().chain(known.iter().map(String::as_str))).map(str::to_owned)
}

/// The path that was probably meant, as it would be given.
fn near_given(given: &Path, environment: &Environment) -> Option<String> {
    let near = near_path(&environment.current.join(given), "").filter(|near| near.exists())?;
    Some(near.strip_prefix(&environment.current).unwrap_or(&near).display().to_string())
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
pub(super) fn library_path(
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
) -> LibraryPath {
    let current = &environment.current;
    let mut entries: Vec<LibraryEntry> =
        arguments.libdir.iter().map(|entry| LibraryEntry::parse(entry, current)).collect();
    let variable = environment.library_path.as_deref().unwrap_or_default();
    entries.extend(LibraryPath::from_variable(variable, current));
    for entry in &entries {
        if let LibraryEntry::Directory(directory) = entry
            && !directory.is_dir()
        {
            let (what, help) = if directory.is_file() {
                ("is a file", Some("name the directory that contains the library".to_owned()))
            } else {
                ("does not exist", near_given(directory, environment).map(did_you_mean))
            };
            let message = format!("the library directory {} {what}", shown_path(directory));
            report.add(Diagnostic::new(Code::W018, message).help(help));
        }
    }
    entries.extend(environment.home.as_ref().map(|home| LibraryEntry::Directory(home.join(".flow/lib"))));
    entries.push(embedded::standard_library());
    LibraryPath::new(entries)
}

/// Everything that definitions are read from.
pub(super) fn content(libraries: LibraryPath, context: ContextRoot, environment: &Environment) -> Content {
    Content::new(libraries, context).with_web(Arc::new(Client::new(environment.web)))
}

/// The directory for results: that of a file, if a file is named.
pub(super) fn output_directory(given: &Path) -> PathBuf {
    match given.parent() {
        Some(parent) if given.is_file() => parent.to_owned(),
        _ => given.to_owned(),
    }
}

/// What a source is.
pub(super) enum SourceKind {
    /// Something to compile.
    Flow(Url),
    /// The directory of a library.
    Library(PathBuf),
    /// The directory of a runner.
    Runner(PathBuf),
}

/// Tells what a URL leads to: libraries and runners are directories with a file that marks them, and that file stands for
/// the directory.
pub(super) fn kind(root: Url) -> SourceKind {
    let Ok(path) = root.to_file_path() else { return SourceKind::Flow(root) };
    let marked_by = |name: &str| {
        if path.join(name).is_file() {
            return Some(path.components().collect());
        }
        let is_mark = path.is_file() && path.file_name().is_some_and(|last| last == name);
        path.parent().filter(|_| is_mark).map(Path::to_owned)
    };
    let library = marked_by("lib.toml").map(SourceKind::Library);
    library.or_else(|| marked_by("runner.toml").map(SourceKind::Runner)).unwrap_or(SourceKind::Flow(root))
}

/// Where something is installed: where the command line says, else in the user's directory under its own name. That is
/// the name that references have, which need not be that of the directory it comes from.
pub(super) fn install_directory(
    kind: &str,
    name: &str,
    directories: [&Path; 2],
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
) -> Result<PathBuf, Failed> {
    let [root, source] = directories;
    let output = match (&arguments.output, &environment.home) {
        (Some(output), _) => output_directory(&environment.current.join(output)),
        (None, Some(home)) => {
            if root.file_name().is_some_and(|folder| folder != name) {
                log::info!(
                    "it is installed as '{name}', the name that references have, not as its directory"
                );
            }
            home.join(".flow").join(if kind == "library" { "lib" } else { kind }).join(name)
        }
        (None, None) => {
            let message = format!("there is no place to install the {kind} '{name}' to: HOME is not set");
            report.add(Diagnostic::new(Code::E048, message).help("say where with -o".to_owned()));
            return Err(Failed);
        }
    };
    let (real_output, real_source) = (real(&output), real(source));
    if real_output.starts_with(&real_source) || real_source.starts_with(&real_output) {
        let message = format!("{} is where the source of the {kind} '{name}' is", shown_path(&output));
        let help = "say another directory with -o; nothing is written to the source".to_owned();
        report.add(Diagnostic::new(Code::E048, message).help(help));
        return Err(Failed);
    }
    Ok(output)
}

/// The path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    for above in path.ancestors() {
        if let (Ok(found), Ok(rest)) = (above.canonicalize(), path.strip_prefix(above)) {
            return if rest.as_os_str().is_empty() { found } else { found.join(rest) };
        }
    }
    path.to_owned()
}

/// Installs files and says so.
pub(super) fn install(
    what: &str,
    output: &Path,
    items: &[Item],
    obsolete: &BTreeSet<String>,
    report: &mut Report,
) -> Result<(), Failed> {
    match install::install(output, items, obsolete) {
        Ok(Installed { written, removed }) => {
            log::info!(
                "installed {what} in {}: {} files, of which {written} changed, {removed} removed",
                output.display(),
                items.len()
            );
            Ok(())
        }
        Err(error) => {
            let message = format!("{what} cannot be installed in {}: {error}", shown_path(output));
            let help = "what was installed before is as it was".to_owned();
            report.add(Diagnostic::new(Code::E047, message).help(help));
            Err(Failed)
        }
    }
}
