//! Where the definitions of context functions are looked for.

use super::Embedded;
use std::path::{Path, PathBuf};

/// The place of the definitions of context functions.
#[derive(Clone, Debug)]
pub enum ContextRoot {
    /// A directory that holds the modules, or holds them in a directory `context`.
    Directory(PathBuf),
    /// Definitions that the program brings along.
    Embedded(Embedded),
}

impl ContextRoot {
    /// The directory that has a module.
    pub(super) fn directory_of(root: &Path, module: &str) -> PathBuf {
        let inner = root.join("context");
        if !root.join(module).is_dir() && inner.is_dir() { inner } else { root.to_owned() }
    }
}
