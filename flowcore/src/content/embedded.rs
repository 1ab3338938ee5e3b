//! Files that a program brings along.

use super::files::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// A tree of text files in memory.
#[derive(Clone, Debug, Default)]
pub struct Embedded {
    files: BTreeMap<String, String>,
    directories: BTreeSet<String>,
}

impl Embedded {
    /// A tree of these files; each is the path below the root, such as `math/add/add.toml`, and its text.
    pub fn new<P: Into<String>, T: Into<String>>(files: impl IntoIterator<Item = (P, T)>) -> Embedded {
        let files: BTreeMap<String, String> =
            files.into_iter().map(|(path, text)| (path.into(), text.into())).collect();
        let mut directories = BTreeSet::from([String::new()]);
        for path in files.keys() {
            directories.extend(
                path.match_indices('/').filter_map(|(slash, _)| path.get(..slash)).map(str::to_owned),
            );
        }
        Embedded { files, directories }
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The paths of all files, ascending.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    pub(super) fn kind(&self, path: &str) -> Kind {
        if self.files.contains_key(path) {
            Kind::File
        } else if self.directories.contains(path) {
            Kind::Directory
        } else {
            Kind::Nothing
        }
    }
}
