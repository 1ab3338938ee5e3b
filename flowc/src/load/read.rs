//! One file: its text, what it defines, and what it refers to. Nothing here knows of other files, so that files can be
//! read at the same time.

use super::is_on_the_web;
use flowcore::content::{ContentError, Provider};
use flowcore::definition::Definition;
use flowcore::format::{DefinitionError, Format, read_definition};
use std::string::FromUtf8Error;
use std::sync::Arc;
use url::{ParseError, Url};

/// A file after the attempt to read it.
pub(super) struct Read {
    /// Its text, if it has one.
    pub(super) text: Option<Arc<str>>,
    /// What it says.
    pub(super) definition: Result<Definition, Unread>,
    /// The URLs of the processes of a flow, in the order of its references.
    pub(super) references: Vec<Result<Url, ParseError>>,
}

/// Why a file says nothing.
pub(super) enum Unread {
    /// Its name does not tell its format.
    Format,
    /// It cannot be read.
    Content(ContentError),
    /// It is not UTF-8.
    NoText(FromUtf8Error),
    /// It is no definition of that format.
    Mistakes(Vec<DefinitionError>, Format),
}

impl Read {
    /// Reads a file.
    pub(super) fn of(url: &Url, provider: &dyn Provider) -> Read {
        let (format, text) = match text(url, provider) {
            Ok(read) => read,
            Err(unread) => return Read { text: None, definition: Err(unread), references: Vec::new() },
        };
        let definition =
            read_definition(&text, format).map_err(|mistakes| Unread::Mistakes(mistakes, format));
        let processes = match &definition {
            Ok(Definition::Flow(flow)) => flow.processes.as_slice(),
            _ => &[],
        };
        let join = |reference: &str| url.join(reference).map(without_fragment);
        let references = processes.iter().map(|reference| join(&reference.source.value)).collect();
        Read { text: Some(text), definition, references }
    }
}

fn text(url: &Url, provider: &dyn Provider) -> Result<(Format, Arc<str>), Unread> {
    let extension = url.path_segments().and_then(|mut segments| segments.next_back()?.rsplit_once('.'));
    let format =
        extension.and_then(|(_, extension)| Format::of_extension(extension)).ok_or(Unread::Format)?;
    let bytes = provider.read(url).map_err(Unread::Content)?;
    let text = String::from_utf8(bytes).map_err(Unread::NoText)?;
    Ok((format, text.strip_prefix('\u{feff}').unwrap_or(&text).into()))
}

/// What comes behind `#` means nothing for definitions, and what comes behind `?` nothing for files.
fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    if !is_on_the_web(&url) {
        url.set_query(None);
    }
    url
}
