//! Loads a flow, runs it, and says how it went.

use crate::arguments::Arguments;
use crate::context::{CommandLineContext, unless_closed};
use crate::metrics;
use crate::signals;
use crate::status::Status;
use flowcore::content::{Content, ContentError, ContextRoot, Embedded, LibraryPath, Names, Provider};
use flowcore::manifest::{FlowManifest, ManifestError, Routes, read_flow_manifest};
use flowrlib::executor::{NativeLibrary, Registry};
use flowrlib::program::{LoadError, Program};
use flowrlib::runner::{Report, RunConfig, RunError, Stop, StopSwitch};
use log::error;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use url::Url;

/// Why a flow was not run to its end.
#[derive(Debug, thiserror::Error)]
enum ClientError {
    #[error("{0} is not supported yet")]
    Unsupported(&'static str),
    #[error("the current folder cannot be found: {0}")]
    CurrentFolder(io::Error),
    #[error("'{0}' is not the path or URL of a flow")]
    Location(String),
    #[error("no compiled flow at '{location}'{}; compile it with 'flowc -c {location}'", because(source))]
    NotFound { location: String, source: ContentError },
    #[error("'{location}' is a definition, not a compiled flow; compile it with 'flowc -c {location}'")]
    Definition { location: String },
    #[error("the manifest {} cannot be read: {source}", shown(url))]
    Unreadable { url: Url, source: ContentError },
    #[error("the manifest {} is not text in UTF-8", shown(.0))]
    NotText(Url),
    #[error("the manifest {} is not valid: {source}", shown(url))]
    Manifest { url: Url, source: ManifestError },
    #[error("the manifest {} is not valid: {source}", shown(url))]
    Load { url: Url, source: LoadError },
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("metrics cannot be printed: {0}")]
    Metrics(io::Error),
}

/// A place as people write it.
fn shown(url: &Url) -> String {
    url.to_file_path().map_or_else(|()| url.to_string(), |path| path.display().to_string())
}

/// Why nothing was found, as far as it helps.
fn because(error: &ContentError) -> String {
    match error {
        ContentError::NotFound { .. } => error.help().map_or_else(String::new, |help| format!(": {help}")),
        other => format!(": {other}"),
    }
}

/// Whether a file's name says that it is a definition. A JSON file may be either.
fn is_definition(url: &Url) -> bool {
    [".toml", ".yaml", ".yml"].iter().any(|extension| url.path().ends_with(extension))
}

/// Does what the command line asks for.
pub(crate) fn run(arguments: &Arguments) -> Status {
    flowrlib::logging::start(arguments.verbosity);
    match run_flow(arguments) {
        Ok(Report { stopped: Some(Stop::Interrupted), .. }) => Status::Interrupted,
        Ok(Report { stopped: Some(Stop::Closed), .. }) => Status::Stopped,
        Ok(report) if report.has_failures() => Status::JobsFailed,
        Ok(report) if arguments.strict && !report.is_complete() => Status::Incomplete,
        Ok(_) => Status::Ended,
        Err(error) => {
            error!("{error}");
            Status::NotRun
        }
    }
}

fn run_flow(arguments: &Arguments) -> Result<Report, ClientError> {
    if let Some(option) = arguments.unsupported() {
        return Err(ClientError::Unsupported(option));
    }
    let location = Location::of(arguments.manifest.as_deref().unwrap_or("."))?;
    let content = Content::new(LibraryPath::new([]), ContextRoot::Embedded(Embedded::new::<&str, &str>([])));
    let url = content
        .resolve(&location.url, &Names::MANIFEST)
        .map_err(|source| ClientError::NotFound { location: location.text.clone(), source })?
        .url;
    if is_definition(&url) {
        return Err(ClientError::Definition { location: location.text });
    }
    let manifest = read_manifest(&content, &url)?;

    // The first argument a flow sees is the place it was asked for, not the file that was found there.
    let mut flow_arguments = vec![location.url.to_string()];
    flow_arguments.extend_from_slice(&arguments.flow_arguments);
    let context = Arc::new(CommandLineContext::new(flow_arguments));
    let program = Program::load(&manifest, &url, context.as_ref(), arguments.order.into())
        .map_err(|source| ClientError::Load { url, source })?;
    let report = flowrlib::runner::run(&program, &registry(), context, &run_config(arguments))?;
    if arguments.metrics {
        let mut output = io::stdout().lock();
        let printed =
            metrics::print(&report, arguments.metrics_format, &mut output).and_then(|()| output.flush());
        printed.or_else(unless_closed).map_err(ClientError::Metrics)?;
    }
    Ok(report)
}

fn read_manifest(content: &Content, url: &Url) -> Result<FlowManifest, ClientError> {
    let bytes = content.read(url).map_err(|source| ClientError::Unreadable { url: url.clone(), source })?;
    let text = String::from_utf8(bytes).map_err(|_| ClientError::NotText(url.clone()))?;
    let mut manifest =
        read_flow_manifest(&text).map_err(|source| ClientError::Manifest { url: url.clone(), source })?;
    // Routes are for messages; where they are missing, messages name functions by their numbers.
    let name = url.path().rsplit('/').next().unwrap_or_default();
    if let Ok(beside) = url.join(&Routes::file_name(name))
        && let Ok(bytes) = content.read(&beside)
        && let Some(routes) = Routes::read(&String::from_utf8_lossy(&bytes), &text)
    {
        manifest.add_routes(routes);
    }
    Ok(manifest)
}

/// Where the user says the flow is.
struct Location {
    text: String,
    url: Url,
}

impl Location {
    /// A URL is taken as it is; anything else is a path, relative to the current folder.
    fn of(text: &str) -> Result<Location, ClientError> {
        let url = match Url::parse(text) {
            // One letter and a colon begin a path on some systems, and no URL on any.
            Ok(url) if url.scheme().len() > 1 => url,
            _ => {
                let current = std::env::current_dir().map_err(ClientError::CurrentFolder)?;
                let path = tidy(&current.join(text));
                Url::from_file_path(path).map_err(|()| ClientError::Location(text.to_owned()))?
            }
        };
        Ok(Location { text: text.to_owned(), url })
    }
}

/// The path without `.` and `..`, as URLs have it.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}

fn run_config(arguments: &Arguments) -> RunConfig {
    let stop = StopSwitch::default();
    signals::throw(stop.clone());
    RunConfig {
        threads: arguments.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from)),
        most_jobs: arguments.jobs.filter(|&jobs| jobs > 0),
        workers: !arguments.no_workers,
        network: std::env::var("FLOW_NETWORK").unwrap_or_else(|_| flowrlib::DEFAULT_NETWORK.to_owned()),
        listen: arguments.listen,
        hold_input: io::stdin().is_terminal(),
        most_waiting: Some(arguments.max_waiting).filter(|&values| values > 0),
        job_limit: arguments.job_timeout.filter(|limit| !limit.is_zero()),
        fail_fast: arguments.fail_fast,
        refuse_missing: arguments.strict,
        stop,
    }
}

fn registry() -> Registry {
    Registry::new([NativeLibrary {
        name: flowstdlib::NAME,
        version: flowstdlib::VERSION,
        functions: flowstdlib::implementations(),
    }])
}
