//! The rule by which a path means a file.

/// What may be left out of a path.
#[derive(Clone, Copy, Debug)]
pub struct Names<'names> {
    /// The name of the file that stands for its directory, without extension: `root`.
    pub default: &'names str,
    /// The extension that need not be written: `toml`.
    pub extension: &'names str,
}

impl Names<'static> {
    /// Of process definitions: `root.toml`.
    pub const DEFINITION: Names<'static> = Names { default: "root", extension: "toml" };
    /// Of compiled flows and libraries: `manifest.json`.
    pub const MANIFEST: Names<'static> = Names { default: "manifest", extension: "json" };
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Nothing,
}

/// Finds the file that a path means, given what is at each path; paths have `/` between their segments.
///
/// * A file is meant itself.
/// * A directory means the default file in it, or the file in it that is named like the directory.
/// * Otherwise, and for a directory without such a file, the extension is replaced, or added: `my.sub` means `my.toml`
///   and failing that `my.sub.toml`.
///
/// Where nothing is found, gives what was tried.
pub(super) fn find(
    path: &str,
    names: &Names<'_>,
    kind: impl Fn(&str) -> Kind,
) -> Result<String, Vec<String>> {
    let trimmed = path.trim_end_matches('/');
    let path = if trimmed.is_empty() { path } else { trimmed };
    let mut candidates = Vec::new();
    match kind(path) {
        Kind::File => return Ok(path.to_owned()),
        Kind::Directory => {
            let last = path.rsplit('/').next().unwrap_or_default();
            candidates.push(format!("{trimmed}/{}.{}", names.default, names.extension));
            candidates.extend(beside(last, names).into_iter().map(|name| format!("{trimmed}/{name}")));
        }
        Kind::Nothing => {}
    }
    if !trimmed.is_empty() {
        candidates.extend(beside(path, names));
    }
    let found = candidates.iter().position(|candidate| kind(candidate) == Kind::File);
    match found {
        Some(position) => Ok(candidates.swap_remove(position)),
        None => Err(candidates),
    }
}

/// The path with its extension replaced, then with the extension added; once if that is the same.
fn beside(path: &str, names: &Names<'_>) -> Vec<String> {
    let appended = format!("{path}.{}", names.extension);
    let last = path.rfind('/').map_or(0, |slash| slash + 1);
    let stem = match path.rfind('.') {
        Some(dot) if dot > last => path.get(..dot),
        _ => None,
    };
    stem.map(|stem| format!("{stem}.{}", names.extension)).into_iter().chain([appended]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directories are what lies above the files, and those given with a last slash.
    fn found(path: &str, entries: &[&str]) -> Option<String> {
        let kind = |path: &str| {
            if entries.contains(&path) {
                Kind::File
            } else if entries.iter().any(|entry| entry.starts_with(&format!("{path}/"))) {
                Kind::Directory
            } else {
                Kind::Nothing
            }
        };
        find(path, &Names::DEFINITION, kind).ok()
    }

    #[test]
    fn a_path_means_a_file() {
        assert_eq!(found("/d/sub", &["/d/sub.toml"]).as_deref(), Some("/d/sub.toml"));
        assert_eq!(found("/d/sub.yaml", &["/d/sub.yaml", "/d/sub.toml"]).as_deref(), Some("/d/sub.yaml"));
        assert_eq!(found("/d/sub", &["/d/sub.yaml"]), None);
        assert_eq!(
            found("/d/sub", &["/d/sub.toml", "/d/sub/root.toml"]).as_deref(),
            Some("/d/sub/root.toml")
        );
        assert_eq!(found("/d/sub/", &["/d/sub/sub.toml"]).as_deref(), Some("/d/sub/sub.toml"));
        assert_eq!(
            found("/d/sub", &["/d/sub/sub.toml", "/d/sub/root.toml"]).as_deref(),
            Some("/d/sub/root.toml")
        );
    }

    #[test]
    fn a_directory_without_definition_means_the_file_beside_it() {
        assert_eq!(found("/d/sub", &["/d/sub.toml", "/d/sub/"]).as_deref(), Some("/d/sub.toml"));
    }

    #[test]
    fn an_extension_is_replaced_and_failing_that_added() {
        assert_eq!(found("/d/my.sub", &["/d/my.toml", "/d/my.sub.toml"]).as_deref(), Some("/d/my.toml"));
        assert_eq!(found("/d/my.sub", &["/d/my.sub.toml"]).as_deref(), Some("/d/my.sub.toml"));
        assert_eq!(found("/d/v1.2", &["/d/v1.2/v1.toml"]).as_deref(), Some("/d/v1.2/v1.toml"));
        assert_eq!(found("/d/v1.2", &["/d/v1.2/v1.2.toml"]).as_deref(), Some("/d/v1.2/v1.2.toml"));
        assert_eq!(found("/d.x/sub", &["/d.toml"]), None);
    }
}
