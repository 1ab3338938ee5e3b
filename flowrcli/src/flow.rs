//! The flow that is to be run: found, read and loaded, whoever runs it then.

use crate::arguments::Arguments;
use crate::context::CommandLineContext;
use flowcore::content::{Content, ContentError, ContextRoot, Embedded, LibraryPath, Names, Provider};
use flowcore::manifest::{FlowManifest, ManifestError, Routes, read_flow_manifest};
use flowrlib::program::{LoadError, Program};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Why there is no flow to run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FlowError {
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

/// A flow that is ready to run.
pub(crate) struct Flow {
    /// Where its manifest was found.
    pub(crate) url: Url,
    /// What is to be run.
    pub(crate) manifest: FlowManifest,
    pub(crate) program: Program,
    /// What it can do to the world.
    pub(crate) context: Arc<CommandLineContext>,
}

/// Finds and loads the flow that the command line names.
pub(crate) fn load(arguments: &Arguments) -> Result<Flow, FlowError> {
    let location = Location::of(arguments.manifest.as_deref().unwrap_or("."))?;
    let content = Content::new(LibraryPath::new([]), ContextRoot::Embedded(Embedded::new::<&str, &str>([])));
    let url = content
        .resolve(&location.url, &Names::MANIFEST)
        .map_err(|source| FlowError::NotFound { location: location.text.clone(), source })?
        .url;
    if is_definition(&url) {
        return Err(FlowError::Definition { location: location.text });
    }
    let manifest = read_manifest(&content, &url)?;

    // The first argument a flow sees is the place it was asked for, not the file that was found there.
    let mut flow_arguments = vec![location.url.to_string()];
    flow_arguments.extend_from_slice(&arguments.flow_arguments);
    let context = Arc::new(CommandLineContext::new(flow_arguments));
    match Program::load(&manifest, &url, context.as_ref(), arguments.order.into()) {
        Ok(program) => Ok(Flow { url, manifest, program, context }),
        Err(source) => Err(FlowError::Load { url, source }),
    }
}

fn read_manifest(content: &Content, url: &Url) -> Result<FlowManifest, FlowError> {
    let bytes = content.read(url).map_err(|source| FlowError::Unreadable { url: url.clone(), source })?;
    let text = String::from_utf8(bytes).map_err(|_| FlowError::NotText(url.clone()))?;
    let mut manifest =
        read_flow_manifest(&text).map_err(|source| FlowError::Manifest { url: url.clone(), source })?;
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
    fn of(text: &str) -> Result<Location, FlowError> {
        let url = match Url::parse(text) {
            // One letter and a colon begin a path on some systems, and no URL on any.
            Ok(url) if url.scheme().len() > 1 => url,
            _ => {
                let current = std::env::current_dir().map_err(FlowError::CurrentFolder)?;
                let path = tidy(&current.join(text));
                Url::from_file_path(path).map_err(|()| FlowError::Location(text.to_owned()))?
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
