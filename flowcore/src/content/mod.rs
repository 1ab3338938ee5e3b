//! Finds definitions and other files, and gives their bytes.
//!
//! What a flow refers to is a URL. A [`Provider`] turns it into the URL of an existing file, by the rules of its scheme:
//!
//! | scheme | where | rule |
//! |---|---|---|
//! | `file` | the file system | [`Names`] |
//! | `lib` | the [`LibraryPath`]: directories, then what the program brings along | the same, below the library |
//! | `context` | the [`ContextRoot`]: a directory, or what the program brings along | the same, below the root |
//! | `embedded` | the program itself; only found through the two above | the same |
//! | `http`, `https` | what a [`Web`] reaches, if the program has one | a similar one, see [`Web`] |

mod context;
mod embedded;
mod error;
mod files;
mod library;
mod neighbours;
mod reference;
mod standard;
mod web;

pub use context::ContextRoot;
pub use embedded::Embedded;
pub use error::ContentError;
pub use files::Names;
pub use library::{LibraryEntry, LibraryPath};
pub use neighbours::near_path;
pub use reference::Reference;
pub use standard::Content;
pub use web::{Web, WebError};

use url::Url;

/// Something that finds files by URL and reads them; several threads may ask at the same time.
pub trait Provider: Sync {
    /// Finds the file that a URL means.
    ///
    /// # Errors
    ///
    /// Fails where there is no such file, or no way to look for it.
    fn resolve(&self, url: &Url, names: &Names<'_>) -> Result<Resolved, ContentError>;

    /// The bytes of a file that [`Provider::resolve`] has found.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be read any more.
    fn read(&self, url: &Url) -> Result<Vec<u8>, ContentError>;
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Where it is.
    pub url: Url,
    /// What manifests call it, if it was found through `lib://` or `context://`.
    pub reference: Option<Reference>,
}
