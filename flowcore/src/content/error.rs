use super::WebError;
use std::io;
use url::Url;

/// Why something was not found or not read.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// No file is where it should be.
    #[error("{url} was not found")]
    NotFound {
        /// What was looked for.
        url: Box<Url>,
        /// Which files were looked for.
        tried: Vec<String>,
        /// A file that differs only in its extension, which is not the one that may be left out.
        other: Option<String>,
        /// A file, or a directory with a definition, that was probably meant.
        near: Option<Box<Url>>,
    },
    /// No entry of the library path has the library.
    #[error("library '{library}' was not found")]
    NoLibrary {
        /// The library.
        library: String,
        /// The places that were searched.
        searched: Vec<String>,
        /// A library that was probably meant.
        near: Option<String>,
    },
    /// The library, or the set of context functions, has no such process.
    #[error("{url} was not found in {place}")]
    NotInside {
        /// What was looked for.
        url: Box<Url>,
        /// Where it was looked for.
        place: String,
        /// A reference that was probably meant.
        near: Option<String>,
    },
    /// There is no rule for such URLs.
    #[error("'{scheme}' is not a kind of place that definitions are read from: {url}")]
    Scheme {
        /// The scheme that was probably meant.
        near: Option<String>,
        /// The scheme of the URL.
        scheme: String,
        /// The whole URL.
        url: Box<Url>,
    },
    /// On the web, which this program has no way to.
    #[error("web sources are not supported yet: {url}")]
    Web {
        /// The URL.
        url: Box<Url>,
    },
    /// On the web, and nothing came from there.
    #[error("{url} cannot be had: {cause}")]
    Unreachable {
        /// What was asked for.
        url: Box<Url>,
        /// Why.
        #[source]
        cause: WebError,
    },
    /// Not the URL of a file on this machine.
    #[error("{url} is not a path on this machine")]
    NotAPath {
        /// The URL.
        url: Box<Url>,
    },
    /// A device, a pipe or a directory.
    #[error("{url} is not a file with a text in it")]
    NotAFile {
        /// What is there.
        url: Box<Url>,
    },
    /// The file is larger than what is read.
    #[error("{url} is larger than {megabytes} MiB")]
    TooLarge {
        /// The file.
        url: Box<Url>,
        /// The most that is read, in units of 2^20 bytes.
        megabytes: u64,
    },
    /// The file is there but cannot be read.
    #[error("{url} cannot be read: {cause}")]
    Io {
        /// The file.
        url: Box<Url>,
        /// Why.
        #[source]
        cause: io::Error,
    },
}

impl ContentError {
    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            ContentError::NotFound { other: Some(other), .. } => {
                Some(format!("there is {other}: name it in full"))
            }
            ContentError::NotFound { tried, .. } if !tried.is_empty() => {
                Some(format!("looked for {}", tried.join(", ")))
            }
            ContentError::NoLibrary { near: Some(near), .. } => Some(format!("did you mean '{near}'?")),
            ContentError::NoLibrary { searched, .. } => Some(format!(
                "searched {}; -L and FLOW_LIB_PATH add directories that contain libraries",
                if searched.is_empty() { "nowhere".to_owned() } else { searched.join(", ") }
            )),
            ContentError::NotInside { near: Some(near), .. } => Some(format!("did you mean '{near}'?")),
            ContentError::Scheme { near: Some(near), .. } => Some(format!("did you mean '{near}'?")),
            ContentError::Scheme { .. } => {
                Some("a source is a path, or a URL that begins with lib://, context://, file://, http:// or https://".to_owned())
            }
            ContentError::NotAFile { .. } => {
                Some("definitions are read from regular files, or links to them".to_owned())
            }
            ContentError::TooLarge { .. } => Some(
                "split it into several flows; large data can be read by the running flow instead".to_owned(),
            ),
            _ => None,
        }
    }
}
