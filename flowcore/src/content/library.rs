//! Where libraries are looked for.

use super::{Embedded, neighbours};
use std::path::{Path, PathBuf};
use url::Url;

/// The places where libraries are looked for, in order. The first that has a library hides the whole of the same library
/// in later ones.
#[derive(Clone, Debug, Default)]
pub struct LibraryPath {
    entries: Vec<LibraryEntry>,
}

/// One place where libraries are looked for.
#[derive(Clone, Debug)]
pub enum LibraryEntry {
    /// A directory that contains libraries as directories named like them.
    Directory(PathBuf),
    /// A library on the web: the URL ends in its name.
    Web(Url),
    /// A library as its author has it, which need not lie in a directory named like it.
    Source {
        /// Its name.
        name: String,
        /// The directory with its definitions.
        directory: PathBuf,
    },
    /// A library that the program brings along.
    Embedded {
        /// Its name.
        name: String,
        /// Its definitions, below its root.
        files: Embedded,
    },
}

impl LibraryEntry {
    /// An entry as a person writes it: a web URL, a `file:` URL, or a directory, which may be relative to `current`.
    pub fn parse(text: &str, current: &Path) -> LibraryEntry {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => LibraryEntry::Web(url),
            Ok(url) if url.scheme() == "file" => match url.to_file_path() {
                Ok(path) => LibraryEntry::Directory(path),
                Err(()) => LibraryEntry::Directory(current.join(text)),
            },
            _ => LibraryEntry::Directory(current.join(text)),
        }
    }
}

impl LibraryPath {
    /// A path of these entries.
    pub fn new(entries: impl IntoIterator<Item = LibraryEntry>) -> LibraryPath {
        LibraryPath { entries: entries.into_iter().collect() }
    }

    /// The entries of `FLOW_LIB_PATH`, which stand between commas.
    pub fn from_variable(text: &str, current: &Path) -> Vec<LibraryEntry> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(|entry| LibraryEntry::parse(entry, current)).collect()
    }

    /// The entries in the order in which they are searched.
    pub fn entries(&self) -> &[LibraryEntry] {
        &self.entries
    }

    /// The first entry that has a library.
    pub(super) fn find(&self, library: &str) -> Option<&LibraryEntry> {
        self.entries.iter().find(|entry| match entry {
            LibraryEntry::Directory(directory) => !library.is_empty() && directory.join(library).is_dir(),
            LibraryEntry::Web(url) => {
                let last = url.path().trim_end_matches('/').rsplit('/').next();
                last.is_some_and(|last| !last.is_empty() && last == library)
            }
            LibraryEntry::Source { name, .. } | LibraryEntry::Embedded { name, .. } => name == library,
        })
    }

    /// The names of all libraries that are there, for a suggestion.
    pub(super) fn names(&self) -> Vec<String> {
        let names = |entry: &LibraryEntry| match entry {
            LibraryEntry::Directory(directory) => neighbours::names_in(directory),
            LibraryEntry::Web(url) => url
                .path_segments()
                .and_then(|mut all| all.next_back())
                .map(str::to_owned)
                .into_iter()
                .collect(),
            LibraryEntry::Source { name, .. } | LibraryEntry::Embedded { name, .. } => vec![name.clone()],
        };
        self.entries.iter().flat_map(names).collect()
    }

    /// The names of the places, for a message.
    pub(super) fn places(&self) -> Vec<String> {
        let place = |entry: &LibraryEntry| match entry {
            LibraryEntry::Directory(directory) => directory.display().to_string(),
            LibraryEntry::Web(url) => url.to_string(),
            LibraryEntry::Source { directory, .. } => directory.display().to_string(),
            LibraryEntry::Embedded { name, .. } => format!("the built-in library {name}"),
        };
        self.entries.iter().map(place).collect()
    }
}
