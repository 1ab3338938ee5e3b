//! Patterns of paths, as shells have them, and what there is of them.

use glob::{MatchOptions, Pattern, PatternError};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// As shells match names: a dot at the beginning is meant only by who writes it.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// Why nothing was looked for, or not everything.
#[derive(Debug, thiserror::Error)]
pub(super) enum SearchError {
    #[error("the pattern is wrong: {}", .0.msg)]
    Pattern(#[from] PatternError),
    #[error("'{}' cannot be listed: {source}", folder.display())]
    Folder { folder: PathBuf, source: io::Error },
}

/// One step of a pattern.
enum Step {
    /// A name, or what leads up and to the root.
    Name(PathBuf),
    /// Names that match.
    Names(Pattern),
    /// Folders below, however deep, or none.
    Below,
}

/// All paths that match a pattern, sorted. A pattern that begins at the root finds paths that do; any other finds paths
/// relative to the current folder.
pub(super) fn find(pattern: &str) -> Result<Vec<PathBuf>, SearchError> {
    let mut found = vec![PathBuf::new()];
    for step in steps(pattern)? {
        let mut next = Vec::new();
        for path in found {
            match &step {
                Step::Name(name) => next.push(path.join(name)),
                Step::Names(names) => next.extend(matching(&path, names)?),
                Step::Below => below(path, &mut next)?,
            }
        }
        found = next;
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    found.sort();
    found.dedup();
    Ok(found)
}

fn steps(pattern: &str) -> Result<Vec<Step>, SearchError> {
    let step = |component: Component<'_>| {
        let text = component.as_os_str().to_string_lossy();
        Ok(match component {
            Component::Normal(_) if text == "**" => Step::Below,
            Component::Normal(_) if text.contains(['*', '?', '[']) => Step::Names(Pattern::new(&text)?),
            _ => Step::Name(component.as_os_str().into()),
        })
    };
    Path::new(pattern).components().map(step).collect()
}

/// The entries of a folder whose names match; none where there is no folder.
fn matching(folder: &Path, names: &Pattern) -> Result<Vec<PathBuf>, SearchError> {
    let mut found = entries(folder)?;
    found.retain(|path| {
        path.file_name().is_some_and(|name| names.matches_with(&name.to_string_lossy(), OPTIONS))
    });
    Ok(found)
}

/// Adds a folder and all folders in it, but for those whose names begin with a dot. Links are not followed, since they
/// may lead in circles.
fn below(folder: PathBuf, found: &mut Vec<PathBuf>) -> Result<(), SearchError> {
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        let is_folder = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.is_dir());
        let is_shown =
            |path: &PathBuf| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        folders.extend(entries(&folder)?.into_iter().filter(is_shown).filter(is_folder));
        found.push(folder);
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, SearchError> {
    let fail = |source| SearchError::Folder { folder: folder.to_owned(), source };
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = match here.read_dir() {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        other => other.map_err(fail)?,
    };
    entries.map(|entry| Ok(folder.join(entry.map_err(fail)?.file_name()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_pattern_finds_what_there_is_of_it() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("in/deep")).unwrap();
        fs::create_dir_all(root.path().join(".hidden")).unwrap();
        for name in
            ["b.txt", "a.txt", "ä.txt", ".c.txt", "d[1].md", "in/e.txt", "in/deep/f.txt", ".hidden/g.txt"]
        {
            fs::write(root.path().join(name), "").unwrap();
        }
        // A circle, which is not walked.
        std::os::unix::fs::symlink(root.path(), root.path().join("in/again")).unwrap();
        let found = |pattern: &str| -> String {
            let pattern = format!("{}/{pattern}", Pattern::escape(&root.path().display().to_string()));
            let paths = find(&pattern).unwrap();
            let names =
                paths.iter().map(|path| path.strip_prefix(root.path()).unwrap().display().to_string());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("*.txt"), "a.txt b.txt ä.txt");
        assert_eq!(found("?.txt"), "a.txt b.txt ä.txt");
        assert_eq!(found("[ab].txt"), "a.txt b.txt");
        assert_eq!(found("[!a].txt"), "b.txt ä.txt");
        assert_eq!(found("d[[]1].md"), "d[1].md");
        assert_eq!(found(".*.txt"), ".c.txt");
        assert_eq!(found("in/*"), "in/again in/deep in/e.txt");
        assert_eq!(found("*/*.txt"), "in/e.txt");
        assert_eq!(found("**/*.txt"), "a.txt b.txt in/deep/f.txt in/e.txt ä.txt");
        assert_eq!(found("in/**/**/f.txt"), "in/deep/f.txt");
        assert_eq!(found(".hidden/*"), ".hidden/g.txt");
        assert_eq!(found("in/../a.txt"), "in/../a.txt");
        assert_eq!(found("none/*"), "");
        assert_eq!(found("a.txt/*"), "");
        assert_eq!(found("none"), "");
        assert!(found("in/again/*.txt").starts_with("in/again/a.txt"), "a link that is named is followed");
    }

    #[test]
    fn a_pattern_that_means_nothing_is_an_error() {
        for pattern in ["[a", "a**b", "x/***"] {
            let error = find(pattern).unwrap_err().to_string();
            assert!(error.starts_with("the pattern is wrong: "), "{error}");
        }
    }
}
