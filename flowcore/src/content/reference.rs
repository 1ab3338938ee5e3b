use std::fmt;
use url::Url;

/// What manifests call a function that a library or the runner supplies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reference {
    /// `lib://library/path`.
    Library(String),
    /// `context://module/function`.
    Context(String),
}

impl Reference {
    /// The reference for a URL of scheme `lib` or `context`.
    ///
    /// Runners look functions up by exact text, so spellings that lead to the same definition become one: a last slash,
    /// the extension, and the name of the file in a directory that is named like it are dropped.
    pub fn of(url: &Url) -> Option<Reference> {
        let path = url.path().trim_matches('/');
        let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let stem = segments.last().and_then(|last| {
            ["toml", "yaml", "yml", "json"]
                .iter()
                .find_map(|extension| last.strip_suffix(extension)?.strip_suffix('.'))
        });
        if let Some(stem) = stem {
            segments.pop();
            if stem != "root" && segments.last() != Some(&stem) {
                segments.push(stem);
            }
        }
        let host = url.host_str().unwrap_or_default();
        let text = format!("{}://{host}/{}", url.scheme(), segments.join("/"));
        match url.scheme() {
            "lib" => Some(Reference::Library(text)),
            "context" => Some(Reference::Context(text)),
            _ => None,
        }
    }

    /// The text that stands in manifests.
    pub fn as_str(&self) -> &str {
        match self {
            Reference::Library(text) | Reference::Context(text) => text,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_function_become_one_reference() {
        let reference = |text| Reference::of(&Url::parse(text).unwrap()).unwrap().to_string();
        for text in
            ["lib://flowstdlib/math/add", "lib://flowstdlib/math/add/", "lib://flowstdlib/math/add/add.toml"]
        {
            assert_eq!(reference(text), "lib://flowstdlib/math/add");
        }
        assert_eq!(reference("lib://flowstdlib/math/range.toml"), "lib://flowstdlib/math/range");
        assert_eq!(reference("context://stdio/stdout.toml"), "context://stdio/stdout");
        assert_eq!(reference("lib://Big/a/a"), "lib://Big/a/a");
        assert_eq!(Reference::of(&Url::parse("file:///a/b.toml").unwrap()), None);
    }
}
