//! The rule by which a URL on the web means a file.
//!
//! This crate opens no socket: whoever wants definitions from the web brings a [`Web`].

use super::{ContentError, Names};
use std::fmt;
use url::Url;

/// A way to get files from the web.
pub trait Web: fmt::Debug + Send + Sync {
    /// Asks whether there is something at a URL, without reading it. Gives where it was found in the end, which is
    /// another URL if the server says that it has moved.
    ///
    /// # Errors
    ///
    /// Fails if there is no answer, or none that can be believed; that there is nothing is no error.
    fn head(&self, url: &Url) -> Result<Option<Url>, WebError>;

    /// Reads what is at a URL.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be read whole.
    fn get(&self, url: &Url) -> Result<Vec<u8>, WebError>;
}

/// Why nothing came from the web.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct WebError {
    /// In words that follow the URL.
    pub reason: String,
}

/// The extensions of formats that definitions are in.
const DEFINITIONS: [&str; 4] = ["toml", "yaml", "yml", "json"];

/// Finds the file that a URL means: what is there itself, else with the extension added, else the default file below it,
/// else the one below it that is named like it. What has moved is where it has moved to.
///
/// A server may answer for anything, as many do with the page of a directory. So only an answer for a file counts: it has
/// an extension that names a format.
pub(super) fn find(web: &dyn Web, url: &Url, names: &Names<'_>) -> Result<Url, ContentError> {
    let candidates = candidates(url, names);
    for candidate in &candidates {
        let answer = web.head(candidate).map_err(|error| unreachable(candidate, error))?;
        let Some(found) = answer else { continue };
        if names_a_format(&found, names) {
            return Ok(found);
        }
        // Where it has moved to may have no telling name, but then the one that was asked for must have.
        if names_a_format(candidate, names) {
            return Ok(candidate.clone());
        }
    }
    let tried = candidates.iter().map(Url::to_string).collect();
    Err(ContentError::NotFound { url: Box::new(url.clone()), tried, other: None, near: None })
}

/// An error with the URL it happened at.
pub(super) fn unreachable(url: &Url, error: WebError) -> ContentError {
    ContentError::Unreachable { url: Box::new(url.clone()), cause: error }
}

/// A URL below another, from what comes behind the name of a library.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let path = path.trim_start_matches('/');
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

fn candidates(url: &Url, names: &Names<'_>) -> Vec<Url> {
    let path = url.path().trim_end_matches('/');
    let Names { default, extension } = names;
    let last = path.rsplit('/').next().unwrap_or_default();
    let mut paths = Vec::new();
    if !last.is_empty() {
        paths.push(format!("{path}.{extension}"));
    }
    paths.push(format!("{path}/{default}.{extension}"));
    if !last.is_empty() {
        paths.push(format!("{path}/{last}.{extension}"));
    }
    let with = |path: String| {
        let mut url = url.clone();
        url.set_path(&path);
        url
    };
    std::iter::once(url.clone()).chain(paths.into_iter().map(with)).collect()
}

fn names_a_format(url: &Url, names: &Names<'_>) -> bool {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    last.rsplit_once('.').is_some_and(|(stem, extension)| {
        let is_known = extension == names.extension
            || (names.extension == Names::DEFINITION.extension && DEFINITIONS.contains(&extension));
        is_known && !stem.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    /// A web of files, and of URLs that have moved; everything else is not there.
    #[derive(Debug, Default)]
    struct Plain {
        files: Vec<&'static str>,
        moved: BTreeMap<&'static str, &'static str>,
        broken: Option<&'static str>,
        asked: Mutex<Vec<String>>,
    }

    impl Web for Plain {
        fn head(&self, url: &Url) -> Result<Option<Url>, WebError> {
            self.asked.lock().unwrap().push(url.to_string());
            if self.broken == Some(url.as_str()) {
                return Err(WebError { reason: "is broken".to_owned() });
            }
            let found = self.moved.get(url.as_str()).copied().unwrap_or(url.as_str());
            Ok(self.files.contains(&found).then(|| Url::parse(found).unwrap()))
        }

        fn get(&self, _: &Url) -> Result<Vec<u8>, WebError> {
            Err(WebError { reason: "is only looked for".to_owned() })
        }
    }

    fn found(web: &Plain, url: &str) -> Option<String> {
        find(web, &Url::parse(url).unwrap(), &Names::DEFINITION).ok().map(String::from)
    }

    fn of(files: &[&'static str]) -> Plain {
        Plain { files: files.to_vec(), ..Plain::default() }
    }

    #[test]
    fn a_url_means_a_file() {
        let cases = [
            ("http://h/d/sub.toml", vec!["http://h/d/sub.toml"]),
            ("http://h/d/sub.yaml", vec!["http://h/d/sub.yaml", "http://h/d/sub.yaml.toml"]),
            ("http://h/d/sub", vec!["http://h/d/sub.toml", "http://h/d/sub/root.toml"]),
            ("http://h/d/v1.2", vec!["http://h/d/v1.2.toml"]),
            ("http://h/d/sub", vec!["http://h/d/sub/root.toml", "http://h/d/sub/sub.toml"]),
            ("http://h/d/sub/", vec!["http://h/d/sub/sub.toml"]),
            ("http://h", vec!["http://h/root.toml"]),
            ("http://h/d/a%20b", vec!["http://h/d/a%20b/a%20b.toml"]),
            ("http://h/d/sub?key=1", vec!["http://h/d/sub.toml?key=1"]),
        ];
        for (url, files) in cases {
            assert_eq!(found(&of(&files), url).as_deref(), files.first().copied(), "{url}");
        }
    }

    #[test]
    fn what_is_not_there_was_looked_for_in_four_places() {
        let web = of(&[]);
        let error = find(&web, &Url::parse("http://h/d/sub").unwrap(), &Names::DEFINITION).unwrap_err();
        let expected =
            ["http://h/d/sub", "http://h/d/sub.toml", "http://h/d/sub/root.toml", "http://h/d/sub/sub.toml"];
        assert_eq!(*web.asked.lock().unwrap(), expected);
        assert_eq!(error.help().unwrap(), format!("looked for {}", expected.join(", ")));
    }

    #[test]
    fn the_page_of_a_directory_is_not_taken_for_a_definition() {
        let web =
            of(&["http://h/d/sub", "http://h/d/sub.html", "http://h/d/sub/root.toml", "http://h/.toml"]);
        assert_eq!(found(&web, "http://h/d/sub").as_deref(), Some("http://h/d/sub/root.toml"));
        assert_eq!(found(&web, "http://h/d/sub.html"), None);
        assert_eq!(found(&web, "http://h/.toml"), None);
    }

    #[test]
    fn what_has_moved_is_where_it_has_moved_to() {
        let mut web = of(&["http://h/new/f.toml", "https://store/abc123"]);
        web.moved = BTreeMap::from([
            ("http://h/f", "http://h/new/f.toml"),
            ("http://h/g.toml", "https://store/abc123"),
            ("http://h/e", "https://store/abc123"),
        ]);
        assert_eq!(found(&web, "http://h/f").as_deref(), Some("http://h/new/f.toml"));
        assert_eq!(found(&web, "http://h/g").as_deref(), Some("http://h/g.toml"));
        assert_eq!(found(&web, "http://h/e"), None);
    }

    #[test]
    fn a_server_that_fails_is_not_asked_again() {
        let mut web = of(&["http://h/f/root.toml"]);
        web.broken = Some("http://h/f.toml");
        let error = find(&web, &Url::parse("http://h/f").unwrap(), &Names::DEFINITION).unwrap_err();
        assert_eq!(error.to_string(), "http://h/f.toml cannot be had: is broken");
        assert_eq!(web.asked.lock().unwrap().len(), 2);
    }

    #[test]
    fn manifests_are_found_by_their_own_names() {
        let web = of(&["http://h/flow/manifest.json", "http://h/flow.toml"]);
        let found = find(&web, &Url::parse("http://h/flow").unwrap(), &Names::MANIFEST).unwrap();
        assert_eq!(found.as_str(), "http://h/flow/manifest.json");
        assert!(find(&web, &Url::parse("http://h/flow.toml").unwrap(), &Names::MANIFEST).is_err());
    }

    #[test]
    fn what_is_in_a_library_is_below_its_url() {
        let url = |base: &str, path| below(&Url::parse(base).unwrap(), path).to_string();
        assert_eq!(url("https://h/lib", "math/add"), "https://h/lib/math/add");
        assert_eq!(url("https://h/lib/", "/math/add"), "https://h/lib/math/add");
    }
}
