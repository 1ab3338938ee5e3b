//! Builds the modules of functions: from source to the bytes that executors run.
//!
//! | room | what is in it |
//! |---|---|
//! | [`kind`] | what a source is, and so who builds it |
//! | [`rust`] | Rust, with cargo: all functions of a flow in one call, in a [`workspace`] of [`package`]s that is written for it |
//! | [`c`] | C, with clang |
//! | [`wat`] | WebAssembly text, without anything else |
//! | [`module`] | whether what came of it can be run as a function |
//! | [`shrink`] | what `-O` does to modules besides |
//! | [`toolchain`], [`programs`] | where that is found which builds |
//! | [`store`], [`prune`] | the directory that everything is built in, and what is kept there |
//! | [`fingerprint`] | whether a module is still what would be built |
//! | [`support`] | the crates that functions are compiled with |
//! | [`cargo`] | calls of cargo, and what it says |
//!
//! Nothing is written where the sources are, and nobody's clock is trusted. What is built is handed over as bytes;
//! whoever asked for it puts it into its place.

pub mod c;
pub mod cargo;
pub mod fingerprint;
pub mod kind;
pub mod module;
pub mod package;
pub mod programs;
pub mod prune;
pub mod rust;
pub mod shrink;
pub mod store;
pub mod support;
pub mod toolchain;
pub mod wat;
pub mod workspace;

use crate::diagnostics::{Code, Diagnostic, Failed, Report, SourceId, Style, shown_path};
use fingerprint::{Digest, Digests};
use flowcore::guest::LARGEST_MODULE;
use flowcore::span::Span;
use kind::Kind;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;
use url::Url;

/// A function whose module is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The file that defines it.
    pub definition: PathBuf,
    /// What it is built from.
    pub source: PathBuf,
    /// How.
    pub kind: Kind,
    /// Where the definition names the source.
    pub place: (SourceId, Span),
}

/// What the functions that are built together belong to.
#[derive(Clone, Debug)]
pub struct Project {
    /// The directory of the flow or library.
    pub root: PathBuf,
    /// The crate of the library, if it is one that has its functions in it.
    pub library: Option<LibraryCrate>,
}

/// A crate with the code of many functions.
#[derive(Clone, Debug)]
pub struct LibraryCrate {
    /// Its manifest.
    pub manifest: PathBuf,
    /// The directory with its sources.
    pub sources: PathBuf,
    /// The first of them.
    pub source: PathBuf,
}

/// How to build.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// The directory of the store; none if there is no place for it.
    pub directory: Option<PathBuf>,
    /// The tool chain that the environment names.
    pub rust: Option<PathBuf>,
    /// Whether to spend time to make modules smaller.
    pub optimize: bool,
    /// How messages look. On a terminal it is also told what is being built.
    pub style: Style,
}

/// The variable that names the directory of the store.
pub const DIRECTORY: &str = "FLOW_BUILD_DIR";

/// What is at the place of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The module.
    Current,
    /// A module that was built from something else.
    OutOfDate,
    /// Nothing.
    Missing,
}

/// Builds modules, in the order in which they are wanted. Those that are still what would be built are not built again.
///
/// # Errors
///
/// Fails if the report has an error; those of all functions are reported.
pub fn build(
    wanted: &[Wanted],
    project: &Project,
    setting: &Setting,
    report: &mut Report,
) -> Result<Vec<Vec<u8>>, Failed> {
    let mut modules: Vec<Option<Vec<u8>>> = vec![None; wanted.len()];
    let mut rust = Vec::new();
    for (place, (one, module)) in wanted.iter().zip(&mut modules).enumerate() {
        match one.kind {
            Kind::Rust => rust.push((place, one)),
            Kind::C => *module = c::build(one, setting, report),
            Kind::Text => *module = assemble(one, setting, report),
            Kind::Module => *module = prebuilt(one, report),
        }
    }
    let functions: Vec<&Wanted> = rust.iter().map(|(_, one)| *one).collect();
    let built = rust::build(&functions, project, setting, report);
    for ((place, _), built) in rust.into_iter().zip(built) {
        if let Some(module) = modules.get_mut(place) {
            *module = built;
        }
    }
    report.end_stage(())?;
    modules.into_iter().collect::<Option<Vec<_>>>().ok_or(Failed)
}

/// What is at the place of a module, as far as that can be told without building.
pub fn state(definition: &Path, source: &Path, module: &Path, setting: &Setting) -> State {
    let Ok(bytes) = std::fs::read(module) else { return State::Missing };
    let key = key(definition, source, setting);
    let record = setting.directory.as_deref().and_then(|store| store::read_record(store, &key));
    let is_current = match record {
        Some(record) => {
            record.module == Digest::of(&bytes) && record.has_current_files(&mut Digests::default())
        }
        // Nobody knows what it was built from.
        None => is_younger(module, source),
    };
    if is_current { State::Current } else { State::OutOfDate }
}

fn is_younger(module: &Path, source: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|found| found.modified()).ok();
    time(module) >= time(source)
}

/// What the record of a module is filed under.
fn key(definition: &Path, source: &Path, setting: &Setting) -> Digest {
    let optimize = if setting.optimize { "-O" } else { "" };
    Digest::of_texts([&*definition.to_string_lossy(), &*source.to_string_lossy(), optimize])
}

impl Wanted {
    /// An error about this function.
    fn error(&self, code: Code, message: String) -> Diagnostic {
        Diagnostic::new(code, message).at(self.place.0, self.place.1, "")
    }

    /// Its name as messages have it.
    fn quoted_name(&self) -> String {
        format!("'{}'", self.name)
    }
}

/// The module of a function in WebAssembly text.
fn assemble(wanted: &Wanted, setting: &Setting, report: &mut Report) -> Option<Vec<u8>> {
    let text = match std::fs::read_to_string(&wanted.source) {
        Ok(text) => text,
        Err(error) => {
            report.add(unreadable(wanted, &error));
            return None;
        }
    };
    let module = match wat::assemble(&text) {
        Ok(module) => module,
        Err(wrong) => {
            let message =
                format!("the function {} cannot be compiled: {}", wanted.quoted_name(), wrong.message);
            let diagnostic = Diagnostic::new(Code::E060, message);
            let source =
                Url::from_file_path(&wanted.source).map(|url| report.sources.add(url, Arc::from(text)));
            let (source, span) = source.map_or(wanted.place, |source| (source, wrong.span));
            report.add(diagnostic.at(source, span, ""));
            return None;
        }
    };
    let module = fit(wanted, module, report)?;
    if !setting.optimize {
        return Some(module);
    }
    shrink::shrink(&module).map_err(|failed| report.add(failed.about(wanted))).ok()
}

/// A module that somebody else has built.
fn prebuilt(wanted: &Wanted, report: &mut Report) -> Option<Vec<u8>> {
    // No more than it takes to see that it is too large.
    let read = || {
        let mut module = Vec::new();
        File::open(&wanted.source)?.take(LARGEST_MODULE as u64 + 1).read_to_end(&mut module)?;
        Ok(module)
    };
    match read() {
        Ok(module) => fit(wanted, module, report),
        Err(error) => {
            report.add(unreadable(wanted, &error));
            None
        }
    }
}

fn unreadable(wanted: &Wanted, error: &io::Error) -> Diagnostic {
    let message = format!("the source of function {} cannot be read: {error}", wanted.quoted_name());
    wanted.error(Code::E060, message)
}

/// The same module, if it can be run.
fn fit(wanted: &Wanted, module: Vec<u8>, report: &mut Report) -> Option<Vec<u8>> {
    let Err(unfit) = module::check(&module) else { return Some(module) };
    let message = format!("the module of {} cannot be run as a function: {unfit}", wanted.quoted_name());
    let help = match (&unfit, wanted.kind) {
        (module::Unfit::NothingToRun, Kind::Rust) => {
            Some("mark the function that does the work with #[flow_function]".to_owned())
        }
        _ => None,
    };
    report.add(wanted.error(Code::E064, message).help(help));
    None
}

/// Opens the store, or says why that cannot be.
fn open_store(wanted: &Wanted, setting: &Setting, report: &mut Report) -> Option<Store> {
    let Some(directory) = &setting.directory else {
        let message = format!("there is no place to build {} in: HOME is not set", wanted.quoted_name());
        let help = format!("name a directory in the variable {DIRECTORY}");
        report.add(wanted.error(Code::E066, message).help(help));
        return None;
    };
    Store::open(directory).map_err(|error| report.add(unusable_store(wanted, directory, &error))).ok()
}

fn unusable_store(wanted: &Wanted, directory: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("{} cannot be built in {}: {error}", wanted.quoted_name(), shown_path(directory));
    wanted.error(Code::E066, message).help(format!("the variable {DIRECTORY} names another directory"))
}

/// Notes files that a module depends on, for whoever waits for changes.
fn note(digests: &Digests, report: &mut Report) {
    let urls = digests.paths().filter_map(|path| Url::from_file_path(path).ok());
    urls.for_each(|url| report.sources.note(url));
}

/// Names of functions, for a line.
fn named(functions: &[&Wanted]) -> String {
    const NAMED: usize = 4;
    let rest = functions.len().saturating_sub(NAMED);
    let mut names: Vec<String> = functions.iter().take(NAMED).map(|one| one.quoted_name()).collect();
    if rest > 0 {
        names.push(format!("{rest} more"));
    }
    names.join(", ")
}

/// Tells people what takes so long.
fn tell(setting: &Setting, what: &str) {
    log::info!("{what}");
    if setting.style == Style::Coloured {
        // Nothing depends on it.
        writeln!(io::stderr(), "{what}").ok();
    }
}
