use super::text::Text;
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
    /// Files that took part but are not quoted.
    others: Vec<Url>,
}

#[derive(Debug)]
struct Source {
    url: Url,
    text: Text,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, url: Url, text: Arc<str>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { url, text: Text::new(text) });
        id
    }

    /// Notes a file that takes part, or would if it were there, without being a definition.
    pub fn note(&mut self, url: Url) {
        self.others.push(url);
    }

    /// All files that took part, or were missed.
    pub fn urls(&self) -> impl Iterator<Item = &Url> {
        self.files.iter().map(|file| &file.url).chain(&self.others)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// The text of a file.
    pub(super) fn text(&self, id: SourceId) -> Option<&Text> {
        self.get(id).map(|source| &source.text)
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
        self.places(id, span).0
    }

    /// Line and column of the first character of a place, and of the one behind it.
    pub fn places(&self, id: SourceId, span: Span) -> (Place, Place) {
        let place = |offset| self.text(id).map_or(Place { line: 1, column: 1 }, |text| text.place(offset));
        (place(span.start), place(span.end))
    }

    /// A line, counted from 1, without its end.
    pub fn line(&self, id: SourceId, line: usize) -> &str {
        self.text(id).map_or("", |text| text.line(line))
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
