//! Content as the programs use it: files, libraries and context functions.

use super::files::{self, Kind};
use super::{
    ContentError, ContextRoot, Embedded, LibraryEntry, LibraryPath, Names, Provider, Reference, Resolved,
    Web, near_path, web,
};
use crate::format::suggest;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Finds files on this machine, in libraries, in a context root, in the program itself, and on the web.
#[derive(Clone, Debug)]
pub struct Content {
    libraries: LibraryPath,
    context: ContextRoot,
    web: Option<Arc<dyn Web>>,
}

/// The schemes that sources can have, for a suggestion.
const SCHEMES: [&str; 5] = ["lib", "context", "file", "http", "https"];

/// The hosts of `embedded:` URLs; behind that of libraries comes the library's name.
const LIBRARIES: &str = "lib";
const CONTEXT: &str = "context";

impl Content {
    /// Content of these libraries and this set of context functions.
    pub fn new(libraries: LibraryPath, context: ContextRoot) -> Content {
        Content { libraries, context, web: None }
    }

    /// The same, with a way to the web.
    #[must_use]
    pub fn with_web(mut self, web: Arc<dyn Web>) -> Content {
        self.web = Some(web);
        self
    }

    /// The way to something on the web.
    fn web(&self, url: &Url) -> Result<&dyn Web, ContentError> {
        self.web.as_deref().ok_or_else(|| ContentError::Web { url: Box::new(url.clone()) })
    }

    /// What the program brings along under a host, the path below that, and the path of the tree itself.
    fn embedded<'url>(&self, url: &'url Url) -> Option<(&Embedded, &'url str, String)> {
        let path = url.path().trim_start_matches('/');
        match (url.host_str(), &self.context) {
            (Some(CONTEXT), ContextRoot::Embedded(files)) => {
                Some((files, path, format!("embedded://{CONTEXT}/")))
            }
            (Some(LIBRARIES), _) => {
                let (library, path) = path.split_once('/').unwrap_or((path, ""));
                let files = self.libraries.entries().iter().find_map(|entry| match entry {
                    LibraryEntry::Embedded { name, files } if name == library => Some(files),
                    _ => None,
                })?;
                Some((files, path, format!("embedded://{LIBRARIES}/{library}/")))
            }
            _ => None,
        }
    }

    fn resolve_library(&self, url: &Url, names: &Names<'_>) -> Result<Url, ContentError> {
        let library = url.host_str().unwrap_or_default();
        let path = url.path().trim_start_matches('/');
        let inside = |root: &Path| {
            find_file(&root.join(decode(path)), names).ok_or_else(|| ContentError::NotInside {
                url: Box::new(url.clone()),
                place: root.display().to_string(),
                near: near_inside(root, &decode(path), &format!("lib://{library}/"), names),
            })
        };
        match self.libraries.find(library) {
            Some(LibraryEntry::Directory(directory)) => inside(&directory.join(library)),
            Some(LibraryEntry::Source { directory, .. }) => inside(directory),
            Some(LibraryEntry::Embedded { name, files }) => {
                let base = format!("embedded://{LIBRARIES}/{name}/");
                find_embedded(files, path, &base, names).ok_or_else(|| ContentError::NotInside {
                    url: Box::new(url.clone()),
                    place: format!("the built-in library {name}"),
                    near: near(files, url, names),
                })
            }
            Some(LibraryEntry::Web(base)) => {
                let found = web::find(self.web(base)?, &web::below(base, path), names);
                found.map_err(|error| match error {
                    ContentError::NotFound { .. } => ContentError::NotInside {
                        url: Box::new(url.clone()),
                        place: base.to_string(),
                        near: None,
                    },
                    other => other,
                })
            }
            None => Err(ContentError::NoLibrary {
                library: library.to_owned(),
                searched: self.libraries.places(),
                near: suggest(library, self.libraries.names().iter().map(String::as_str))
                    .map(|near| format!("lib://{near}{}", url.path())),
            }),
        }
    }

    fn resolve_context(&self, url: &Url, names: &Names<'_>) -> Result<Url, ContentError> {
        let module = url.host_str().unwrap_or_default();
        let path = format!("{module}/{}", url.path().trim_start_matches('/'));
        match &self.context {
            ContextRoot::Directory(root) => {
                let root = ContextRoot::directory_of(root, module);
                find_file(&root.join(decode(&path)), names).ok_or_else(|| ContentError::NotInside {
                    url: Box::new(url.clone()),
                    place: root.display().to_string(),
                    near: near_inside(&root, &decode(&path), "context://", names),
                })
            }
            ContextRoot::Embedded(files) => {
                find_embedded(files, &path, &format!("embedded://{CONTEXT}/"), names).ok_or_else(|| {
                    ContentError::NotInside {
                        url: Box::new(url.clone()),
                        place: "the built-in context functions".to_owned(),
                        near: near(files, url, names),
                    }
                })
            }
        }
    }
}

impl Provider for Content {
    fn resolve(&self, url: &Url, names: &Names<'_>) -> Result<Resolved, ContentError> {
        let found = match url.scheme() {
            "file" => {
                let path = path_of(url)?;
                find_file(&path, names).ok_or_else(|| not_found(url, &path, names))?
            }
            "lib" => self.resolve_library(url, names)?,
            "context" => self.resolve_context(url, names)?,
            "embedded" => self
                .embedded(url)
                .and_then(|(files, path, base)| find_embedded(files, path, &base, names))
                .ok_or_else(|| nothing_embedded(url))?,
            "http" | "https" => web::find(self.web(url)?, url, names)?,
            scheme => {
                let near = suggest(scheme, SCHEMES)
                    .map(|near| format!("{near}{}", url.as_str().strip_prefix(scheme).unwrap_or_default()));
                return Err(ContentError::Scheme {
                    scheme: scheme.to_owned(),
                    url: Box::new(url.clone()),
                    near,
                });
            }
        };
        Ok(Resolved { url: found, reference: Reference::of(url) })
    }

    fn read(&self, url: &Url) -> Result<Vec<u8>, ContentError> {
        match url.scheme() {
            "embedded" => {
                let text = self.embedded(url).and_then(|(files, path, _)| files.text(path));
                let text = text.ok_or_else(|| nothing_embedded(url))?;
                Ok(text.as_bytes().to_vec())
            }
            "http" | "https" => self.web(url)?.get(url).map_err(|error| web::unreachable(url, error)),
            _ => read_file(&path_of(url)?, url),
        }
    }
}

/// The largest file that is read. People do not write larger ones, and reading takes several times its size.
const LARGEST: u64 = 64 << 20;

/// Reads a file. What is no file might never end, or never begin.
fn read_file(path: &Path, url: &Url) -> Result<Vec<u8>, ContentError> {
    let failed = |cause| ContentError::Io { url: Box::new(url.clone()), cause };
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(ContentError::NotAFile { url: Box::new(url.clone()) });
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(ContentError::TooLarge { url: Box::new(url.clone()), megabytes: LARGEST >> 20 });
    }
    Ok(bytes)
}

fn path_of(url: &Url) -> Result<PathBuf, ContentError> {
    url.to_file_path().map_err(|()| ContentError::NotAPath { url: Box::new(url.clone()) })
}

/// A path as URLs write it, as the file system does.
fn decode(path: &str) -> PathBuf {
    let absolute = Url::parse(&format!("file:///{path}")).ok().and_then(|url| url.to_file_path().ok());
    let relative = absolute.as_deref().and_then(|path| path.strip_prefix("/").ok()).map(Path::to_owned);
    relative.unwrap_or_else(|| PathBuf::from(path))
}

fn kind(path: &str) -> Kind {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Kind::Directory,
        // Pipes and devices too: whoever names one shall hear that it cannot be read, not that it is missing.
        Ok(_) => Kind::File,
        Err(_) => Kind::Nothing,
    }
}

fn find_file(path: &Path, names: &Names<'_>) -> Option<Url> {
    Url::from_file_path(files::find(&path.to_string_lossy(), names, kind).ok()?).ok()
}

fn not_found(url: &Url, path: &Path, names: &Names<'_>) -> ContentError {
    // Links in circles, endless names and closed directories are not the same as nothing.
    if let Err(cause) = std::fs::metadata(path)
        && !matches!(cause.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
    {
        return ContentError::Io { url: Box::new(url.clone()), cause };
    }
    let tried = files::find(&path.to_string_lossy(), names, kind).err().unwrap_or_default();
    let other = other_extension(&tried, names);
    let near = near_path(path, names.extension).filter(|near| find_file(near, names).is_some());
    let near = near.and_then(|near| Url::from_file_path(near).ok()).map(Box::new);
    ContentError::NotFound { url: Box::new(url.clone()), tried, other, near }
}

fn nothing_embedded(url: &Url) -> ContentError {
    ContentError::NotFound { url: Box::new(url.clone()), tried: Vec::new(), other: None, near: None }
}

/// The name of the first file that would have been found if another of the extensions of definitions could be left out.
fn other_extension(tried: &[String], names: &Names<'_>) -> Option<String> {
    let extensions = ["yaml", "yml", "json"];
    // What is beside a missing manifest is no manifest.
    if names.extension != Names::DEFINITION.extension {
        return None;
    }
    tried.iter().find_map(|candidate| {
        let stem = candidate.strip_suffix(names.extension)?;
        let mut others = extensions.iter().map(|extension| format!("{stem}{extension}"));
        let found = others.find(|path| kind(path) == Kind::File)?;
        found.rsplit('/').next().map(str::to_owned)
    })
}

fn find_embedded(files: &Embedded, path: &str, base: &str, names: &Names<'_>) -> Option<Url> {
    let found = files::find(path, names, |path| files.kind(path)).ok()?;
    Url::parse(&format!("{base}{found}")).ok()
}

/// The reference to an embedded file that is most like one that does not exist.
fn near(files: &Embedded, url: &Url, names: &Names<'_>) -> Option<String> {
    let suffix = format!(".{}", names.extension);
    let scheme = url.scheme();
    let root = if scheme == "lib" { format!("lib://{}/", url.host_str()?) } else { format!("{scheme}://") };
    let full = |path: &str| {
        Reference::of(&Url::parse(&format!("{root}{path}")).ok()?).map(|found| found.to_string())
    };
    let known: Vec<String> = files.paths().filter(|path| path.ends_with(&suffix)).filter_map(full).collect();
    let same_name = known.iter().find(|known| known.rsplit('/').next() == url.path().rsplit('/').next());
    same_name.cloned().or_else(|| suggest(url.as_str(), known.iter().map(String::as_str)).map(str::to_owned))
}

/// The reference to a file below a directory that is most like one that does not exist.
fn near_inside(root: &Path, path: &Path, prefix: &str, names: &Names<'_>) -> Option<String> {
    let near = near_path(&root.join(path), names.extension)?;
    find_file(&near, names)?;
    Some(format!("{prefix}{}", near.strip_prefix(root).ok()?.to_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn content(entries: Vec<LibraryEntry>, context: ContextRoot) -> Content {
        Content::new(LibraryPath::new(entries), context)
    }

    fn built_in() -> Content {
        let library =
            Embedded::new([("math/add/add.toml", "function = 'add'"), ("math/range.toml", "flow = 'range'")]);
        let context = Embedded::new([("stdio/stdout.toml", "function = 'stdout'")]);
        let entry = LibraryEntry::Embedded { name: "std".to_owned(), files: library };
        content(vec![entry], ContextRoot::Embedded(context))
    }

    fn resolve(content: &Content, url: &str) -> Result<Resolved, ContentError> {
        content.resolve(&Url::parse(url).unwrap(), &Names::DEFINITION)
    }

    fn write(root: &Path, path: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "text").unwrap();
    }

    #[test]
    fn embedded_definitions_are_found_by_the_same_rule_and_can_be_read() {
        let content = built_in();
        let found = resolve(&content, "lib://std/math/add").unwrap();
        assert_eq!(found.url.as_str(), "embedded://lib/std/math/add/add.toml");
        assert_eq!(found.reference, Some(Reference::Library("lib://std/math/add".to_owned())));
        assert_eq!(content.read(&found.url).unwrap(), b"function = 'add'");
        let found = resolve(&content, "context://stdio/stdout").unwrap();
        assert_eq!(content.read(&found.url).unwrap(), b"function = 'stdout'");
        // A relative reference in an embedded flow stays in the program.
        let sibling = Url::parse("embedded://lib/std/math/range.toml").unwrap().join("add").unwrap();
        assert_eq!(
            resolve(&content, sibling.as_str()).unwrap().url.as_str(),
            "embedded://lib/std/math/add/add.toml"
        );
    }

    #[test]
    fn what_is_not_in_a_library_is_said_to_be_near_what_is() {
        let content = built_in();
        let help = |url| resolve(&content, url).unwrap_err().help();
        assert_eq!(help("lib://std/math/ad").as_deref(), Some("did you mean 'lib://std/math/add'?"));
        assert_eq!(help("lib://std/maths/add").as_deref(), Some("did you mean 'lib://std/math/add'?"));
        assert_eq!(help("context://stdio/stdoot").as_deref(), Some("did you mean 'context://stdio/stdout'?"));
        assert!(resolve(&content, "lib://other/x").unwrap_err().to_string().contains("library 'other'"));
    }

    #[test]
    fn an_earlier_entry_hides_the_whole_library_in_later_ones() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(one.path(), "l/a/a.toml");
        write(other.path(), "l/b/b.toml");
        write(other.path(), "m/c/c.toml");
        let missing = one.path().join("missing");
        let entries =
            [&missing, one.path(), other.path()].map(|path: &Path| LibraryEntry::Directory(path.to_owned()));
        let content = content(entries.to_vec(), ContextRoot::Embedded(Embedded::default()));
        assert!(resolve(&content, "lib://l/a").unwrap().url.path().ends_with("/l/a/a.toml"));
        assert!(resolve(&content, "lib://l/b").is_err());
        assert!(resolve(&content, "lib://m/c").is_ok());
    }

    #[test]
    fn a_context_root_may_hold_the_modules_in_a_directory_context() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "context/stdio/stdout.toml");
        let content = content(Vec::new(), ContextRoot::Directory(root.path().to_owned()));
        assert!(resolve(&content, "context://stdio/stdout").is_ok());
        write(root.path(), "stdio/other.toml");
        assert!(resolve(&content, "context://stdio/stdout").is_err());
        assert!(resolve(&content, "context://stdio/other").is_ok());
    }

    #[test]
    fn files_with_unusual_names_are_found() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "a b#c/root.toml");
        let url = Url::from_file_path(root.path().join("a b#c")).unwrap();
        let content = built_in();
        let found = content.resolve(&url, &Names::DEFINITION).unwrap();
        assert_eq!(content.read(&found.url).unwrap(), b"text");
        let missing = Url::from_file_path(root.path().join("none")).unwrap();
        assert!(
            content.resolve(&missing, &Names::DEFINITION).unwrap_err().help().unwrap().contains("none.toml")
        );
    }

    #[test]
    fn other_places_are_refused_clearly() {
        let content = built_in();
        let error = |url| resolve(&content, url).unwrap_err().to_string();
        assert_eq!(
            error("https://example.com/f"),
            "web sources are not supported yet: https://example.com/f"
        );
        assert!(error("ftp://example.com/f").contains("'ftp'"));
    }

    #[test]
    fn the_variable_holds_entries_between_commas() {
        let entries = LibraryPath::from_variable("/a, b,,https://example.com/l,file:///c", Path::new("/now"));
        assert_eq!(LibraryPath::new(entries).places(), ["/a", "/now/b", "https://example.com/l", "/c"]);
        assert!(LibraryPath::from_variable("", Path::new("/now")).is_empty());
    }
}
