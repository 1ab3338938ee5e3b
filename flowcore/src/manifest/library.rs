//! The manifest of a built library: `manifest.json` in its root.

use super::Metadata;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// A built library: what it offers, and where in it that is.
///
/// Written with 2-space indent and without a last newline; keys ascend. Reading ignores unknown keys.
///
/// ```
/// use flowcore::manifest::read_library_manifest;
///
/// let manifest = read_library_manifest(
///     r#"{ "lib_url": "lib://mylib", "metadata": { "name": "mylib" },
///          "locators": { "lib://mylib/geo/area": "geo/area/area.wasm", "lib://mylib/square": "geo/square.toml" } }"#,
/// )?;
/// assert_eq!(manifest.name(), "mylib");
/// assert_eq!(manifest.locate("lib://mylib/geo/area"), Some("geo/area/area.wasm"));
/// // Some builders name flows without the directories they are in.
/// assert_eq!(manifest.locate("lib://mylib/geo/square"), Some("geo/square.toml"));
/// # Ok::<(), flowcore::manifest::LibraryManifestError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryManifest {
    /// `lib://name`.
    pub lib_url: String,
    /// What the library says about itself.
    pub metadata: Metadata,
    /// For each function the place of its module, for each flow that of its definition: URL references relative to the
    /// manifest, by what flows call them.
    pub locators: BTreeMap<String, String>,
    /// What the files of the library were made from, by their paths below its root; for people, and for the next build,
    /// which removes those that are not made any more.
    #[serde(default)]
    pub source_urls: BTreeMap<String, String>,
}

/// Text that is not the manifest of a library, or one that contradicts itself.
#[derive(Debug, thiserror::Error)]
pub enum LibraryManifestError {
    /// Not JSON, or not of the form of a manifest; says where and why.
    #[error(transparent)]
    Form(#[from] serde_json::Error),
    /// JSON, but no object.
    #[error("it is not a JSON object")]
    NoObject,
    /// The URL of the library is none of a library.
    #[error("'{url}' is not the URL of a library, which is lib:// and a name")]
    NotALibrary {
        /// What stands there.
        url: String,
    },
    /// A locator is for something outside the library.
    #[error("'{key}' is listed but does not belong to {library}")]
    Foreign {
        /// The key.
        key: String,
        /// The URL of the library.
        library: String,
    },
    /// A locator leads out of the library.
    #[error("'{key}' is said to be at '{location}', which is no place inside the library")]
    Outside {
        /// The key.
        key: String,
        /// What stands there.
        location: String,
    },
}

/// Reads the manifest of a library and checks that everything in it is inside the library.
///
/// # Errors
///
/// See [`LibraryManifestError`].
pub fn read_library_manifest(json: &str) -> Result<LibraryManifest, LibraryManifestError> {
    if !json.trim_start().starts_with('{') {
        // Serde would take the members of a manifest from a list, by position.
        serde_json::from_str::<serde::de::IgnoredAny>(json)?;
        return Err(LibraryManifestError::NoObject);
    }
    let manifest: LibraryManifest = serde_json::from_str(json)?;
    manifest.check()?;
    Ok(manifest)
}

impl LibraryManifest {
    /// The JSON text, as it stands in `manifest.json`.
    ///
    /// # Errors
    ///
    /// Fails only where serde_json does, which for this type it has no reason to.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// The name of the library.
    pub fn name(&self) -> &str {
        self.lib_url.strip_prefix("lib://").unwrap_or(&self.lib_url)
    }

    /// Where something is that flows refer to: a URL reference relative to the manifest.
    pub fn locate(&self, reference: &str) -> Option<&str> {
        if let Some(location) = self.locators.get(reference) {
            return Some(location);
        }
        let path = reference.strip_prefix(self.lib_url.as_str())?.strip_prefix('/')?;
        let (_, stem) = path.rsplit_once('/')?;
        let location = self.locators.get(&format!("{}/{stem}", self.lib_url))?;
        let (without_extension, _) = location.rsplit_once('.')?;
        (without_extension == path).then_some(location)
    }

    fn check(&self) -> Result<(), LibraryManifestError> {
        let url = Url::parse(&self.lib_url).ok().filter(|url| {
            let is_plain = url.query().is_none() && url.fragment().is_none() && url.path().is_empty();
            url.scheme() == "lib" && is_plain && url.host_str().is_some_and(|name| !name.is_empty())
        });
        if url.is_none() {
            return Err(LibraryManifestError::NotALibrary { url: self.lib_url.clone() });
        }
        let root = format!("{}/", self.lib_url);
        for (key, location) in &self.locators {
            if !key.strip_prefix(&root).is_some_and(|path| !path.is_empty() && Url::parse(key).is_ok()) {
                return Err(LibraryManifestError::Foreign {
                    key: key.clone(),
                    library: self.lib_url.clone(),
                });
            }
            if !is_inside(location) {
                return Err(LibraryManifestError::Outside { key: key.clone(), location: location.clone() });
            }
        }
        Ok(())
    }
}

/// Whether a URL reference that starts from a directory stays below it.
fn is_inside(location: &str) -> bool {
    let Ok(root) = Url::parse("file:///library/manifest.json") else { return false };
    let below = |url: Url| {
        let path = url.as_str().strip_prefix("file:///library/");
        path.is_some_and(|path| !path.is_empty()) && url.path() != root.path()
    };
    Url::parse(location).is_err() && root.join(location).is_ok_and(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, key: &str, location: &str) -> Result<LibraryManifest, LibraryManifestError> {
        read_library_manifest(&format!(
            r#"{{"lib_url": "{url}", "metadata": {{}}, "locators": {{"{key}": "{location}"}}, "more": 1}}"#
        ))
    }

    #[test]
    fn what_was_written_is_read() {
        let manifest = LibraryManifest {
            lib_url: "lib://l".to_owned(),
            metadata: Metadata { name: "l".to_owned(), authors: vec!["A".to_owned()], ..Metadata::default() },
            locators: BTreeMap::from([
                ("lib://l/b".to_owned(), "b.toml".to_owned()),
                ("lib://l/a".to_owned(), "a/a%20b.wasm".to_owned()),
            ]),
            source_urls: BTreeMap::from([("b.toml".to_owned(), "lib://l/b.toml".to_owned())]),
        };
        let text = manifest.to_json().unwrap();
        assert!(text.starts_with("{\n  \"lib_url\": \"lib://l\",\n  \"metadata\": {"), "{text}");
        assert!(text.find("lib://l/a").unwrap() < text.find("lib://l/b").unwrap(), "{text}");
        assert!(text.ends_with('}'));
        assert_eq!(read_library_manifest(&text).unwrap(), manifest);
    }

    #[test]
    fn a_flow_may_be_listed_by_its_bare_name() {
        let manifest = read("lib://l", "lib://l/square", "geo/square.toml").unwrap();
        assert_eq!(manifest.locate("lib://l/geo/square"), Some("geo/square.toml"));
        assert_eq!(manifest.locate("lib://l/square"), Some("geo/square.toml"));
        for other in ["lib://l/other/square", "lib://l/geo/circle", "lib://m/geo/square", "square"] {
            assert_eq!(manifest.locate(other), None, "{other}");
        }
    }

    #[test]
    fn the_url_of_a_library_is_its_name_alone() {
        assert_eq!(read("lib://l", "lib://l/f", "f.wasm").unwrap().name(), "l");
        for url in ["lib://", "l", "https://l", "lib://l/", "lib://l/f", "lib://l?q"] {
            assert!(
                matches!(read(url, "x", "y"), Err(LibraryManifestError::NotALibrary { .. })),
                "{url} should be refused"
            );
        }
    }

    #[test]
    fn nothing_outside_the_library_can_be_listed() {
        for key in ["lib://m/f", "lib://l", "lib://l/", "f", "lib://lib/f"] {
            assert!(
                matches!(read("lib://l", key, "f.wasm"), Err(LibraryManifestError::Foreign { .. })),
                "{key}"
            );
        }
        for location in
            ["", "#f", "../f.wasm", "/f.wasm", "a/../../f.wasm", "file:///f.wasm", "//host/f", "https:f"]
        {
            assert!(
                matches!(read("lib://l", "lib://l/f", location), Err(LibraryManifestError::Outside { .. })),
                "{location}"
            );
        }
    }

    #[test]
    fn other_texts_are_errors() {
        for (json, expected) in [
            ("[]", "it is not a JSON object"),
            ("", "EOF"),
            ("{", "EOF"),
            ("{}", "lib_url"),
            (r#"{"lib_url": "lib://l", "metadata": {}}"#, "locators"),
            (r#"{"lib_url": "lib://l", "metadata": {}, "locators": {"lib://l/f": {}}}"#, "string"),
        ] {
            let error = read_library_manifest(json).unwrap_err().to_string();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
