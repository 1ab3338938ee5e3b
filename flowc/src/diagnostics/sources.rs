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
    files: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    url: Url,
    text: Arc<str>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, url: Url, text: Arc<str>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { url, text });
        id
    }

    fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// The text of a file.
    pub fn text(&self, id: SourceId) -> Arc<str> {
        self.get(id).map(|source| source.text.clone()).unwrap_or_default()
    }

    /// Where a file is.
    pub fn url(&self, id: SourceId) -> Option<&Url> {
        self.get(id).map(|source| &source.url)
    }

    /// The name of a file as people know it: relative to the current directory if it is below.
    pub fn name(&self, id: SourceId) -> String {
        self.url(id).map(name_of).unwrap_or_default()
    }

    /// Line and column of a place.
    pub fn place(&self, id: SourceId, span: Span) -> Place {
        span.place(&self.text(id))
    }

    /// Line and column of the first character of a place, and of the one behind it.
    pub fn places(&self, id: SourceId, span: Span) -> (Place, Place) {
        (self.place(id, span), self.place(id, Span::new(span.end, span.end)))
    }

    /// A line, counted from 1, without its end.
    pub fn line(&self, id: SourceId, line: usize) -> String {
        self.text(id).lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned()
    }
}

/// The name of a URL as people know it.
pub(crate) fn name_of(url: &Url) -> String {
    match url.scheme() {
        "file" => match url.to_file_path() {
            Ok(path) => shown_path(&path),
            Err(()) => url.to_string(),
        },
        // What the program brings along is referred to by these.
        "embedded" => match url.host_str() {
            Some("lib") => format!("lib:/{}", url.path()),
            _ => format!("context:/{}", url.path()),
        },
        _ => url.to_string(),
    }
}

/// A path as people know it: relative to the current directory if it is below.
pub(crate) fn shown_path(path: &Path) -> String {
    let current = std::env::current_dir().ok();
    let relative = current.as_deref().and_then(|current| path.strip_prefix(current).ok());
    relative.filter(|path| *path != Path::new("")).unwrap_or(path).display().to_string()
}
