use flowcore::span::{Place, Span};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// A file that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

/// The files that were read, with their texts.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<(Url, Arc<str>)>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, url: Url, text: Arc<str>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push((url, text));
        id
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    fn get(&self, id: SourceId) -> Option<&(Url, Arc<str>)> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// The text of a file.
    pub fn text(&self, id: SourceId) -> Arc<str> {
        self.get(id).map(|(_, text)| text.clone()).unwrap_or_default()
    }

    /// The name of a file as people know it: relative to the current directory if it is below.
    pub fn name(&self, id: SourceId) -> String {
        self.get(id).map(|(url, _)| name_of(url)).unwrap_or_default()
    }

    /// Line and column of a place.
    pub fn place(&self, id: SourceId, span: Span) -> Place {
        span.place(&self.text(id))
    }
}

/// The name of a URL as people know it.
pub(crate) fn name_of(url: &Url) -> String {
    if url.scheme() != "file" {
        return url.to_string();
    }
    let Ok(path) = url.to_file_path() else { return url.to_string() };
    let current = std::env::current_dir().ok();
    let relative = current.as_deref().and_then(|current| path.strip_prefix(current).ok());
    relative.filter(|path| *path != Path::new("")).unwrap_or(&path).display().to_string()
}
