//! Puts files into a directory: all of them, or none.
//!
//! The files are first written to a directory of their own inside the one they are for, where running out of space or of
//! rights does no harm. Then each is put into its place by renaming. Should that fail half-way, what was done is undone,
//! so a library that is in use is as it was before.

use crate::diagnostics::shown_path;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A file to be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its place, relative to the directory that is installed to, with `/` between names.
    pub path: String,
    /// What is in it.
    pub content: ItemContent,
}

/// What is in a file to be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemContent {
    /// The same as in this file.
    Copy(PathBuf),
    /// This text.
    Text(String),
    /// These bytes.
    Bytes(Vec<u8>),
}

/// What installing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Files that are new or different now.
    pub written: usize,
    /// Files that are gone.
    pub removed: usize,
}

/// Why nothing was installed.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", shown_path(path))]
pub struct InstallError {
    /// The file or directory it failed at.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub cause: io::Error,
}

/// Names the path that an operation failed at.
fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, InstallError> {
    result.map_err(|cause| InstallError { path: path.to_owned(), cause })
}

/// Whether a path stays below the directory it starts from.
fn is_inside(path: &Path) -> bool {
    path.components().next().is_some()
        && path.components().all(|component| matches!(component, Component::Normal(_)))
}

/// Installs files into a directory, which is made if need be, in their order, and removes those that are obsolete.
/// Everything else in the directory stays.
///
/// # Errors
///
/// Fails where the file system does, or if a file has no place inside the directory; then nothing has changed.
pub fn install(
    directory: &Path,
    items: &[Item],
    obsolete: &BTreeSet<String>,
) -> Result<Installed, InstallError> {
    let mut change = Change { directory, steps: Vec::new() };
    let done = change.make(items, obsolete);
    if done.is_err() {
        change.undo_to(0);
    }
    done
}

/// What was done so far, so that it can be undone.
struct Change<'run> {
    directory: &'run Path,
    steps: Vec<Step>,
}

enum Step {
    /// This directory is new.
    Made(PathBuf),
    /// What was at the first path is at the second.
    Moved(PathBuf, PathBuf),
}

impl Change<'_> {
    fn make(&mut self, items: &[Item], obsolete: &BTreeSet<String>) -> Result<Installed, InstallError> {
        self.make_directory(self.directory)?;
        let stage = tempfile::Builder::new().prefix(".flowc-").tempdir_in(self.directory);
        let stage = at(self.directory, stage)?;
        let before = self.steps.len();
        let result = self.make_with(stage.path(), items, obsolete);
        if result.is_err() {
            // Now, while the old files are in the stage.
            self.undo_to(before);
        }
        result
    }

    fn make_with(
        &mut self,
        stage: &Path,
        items: &[Item],
        obsolete: &BTreeSet<String>,
    ) -> Result<Installed, InstallError> {
        let mut staged = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let target = self.target(&item.path)?;
            let (new, old) = (stage.join(format!("new-{number}")), stage.join(format!("old-{number}")));
            match &item.content {
                ItemContent::Copy(from) if is_same(&fs::read(from), &target) => continue,
                ItemContent::Copy(from) => at(from, fs::copy(from, &new).map(drop))?,
                ItemContent::Text(text) if is_same(&Ok(text.as_bytes()), &target) => continue,
                ItemContent::Text(text) => at(&new, fs::write(&new, text))?,
                ItemContent::Bytes(bytes) if is_same(&Ok(bytes), &target) => continue,
                ItemContent::Bytes(bytes) => at(&new, fs::write(&new, bytes))?,
            }
            staged.push((new, target, old));
        }
        let written = staged.len();
        for (new, target, old) in staged {
            if let Some(parent) = target.parent() {
                self.make_directory(parent)?;
            }
            self.set_aside(&target, old)?;
            self.rename(new, target)?;
        }
        let mut removed = 0;
        for (number, path) in obsolete.iter().enumerate() {
            let target = self.target(path).ok().filter(|target| !target.is_dir());
            let Some(target) = target else { continue };
            removed += usize::from(self.set_aside(&target, stage.join(format!("gone-{number}")))?);
        }
        for path in obsolete {
            self.remove_empty_above(path);
        }
        Ok(Installed { written, removed })
    }

    fn target(&self, path: &str) -> Result<PathBuf, InstallError> {
        let is_inside = is_inside(Path::new(path));
        let target = self.directory.join(path);
        if is_inside {
            return Ok(target);
        }
        Err(InstallError { path: target, cause: io::Error::from(io::ErrorKind::InvalidFilename) })
    }

    /// Makes a directory and all above it that are missing.
    fn make_directory(&mut self, path: &Path) -> Result<(), InstallError> {
        let missing: Vec<&Path> = path.ancestors().take_while(|above| !above.is_dir()).collect();
        for above in missing.into_iter().rev().filter(|above| !above.as_os_str().is_empty()) {
            at(above, fs::create_dir(above))?;
            self.steps.push(Step::Made(above.to_owned()));
        }
        Ok(())
    }

    /// Moves a file out of the way, if there is one.
    fn set_aside(&mut self, target: &Path, aside: PathBuf) -> Result<bool, InstallError> {
        match fs::symlink_metadata(target) {
            Ok(found) if found.is_dir() => {
                at(target, Err(io::Error::from(io::ErrorKind::IsADirectory))).map(|()| false)
            }
            Ok(_) => self.rename(target.to_owned(), aside).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    fn rename(&mut self, from: PathBuf, to: PathBuf) -> Result<(), InstallError> {
        at(&to, fs::rename(&from, &to))?;
        self.steps.push(Step::Moved(from, to));
        Ok(())
    }

    /// Directories of removed files that have nothing in them any more.
    fn remove_empty_above(&self, path: &str) {
        for above in Path::new(path).ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
            // One that still has something in it cannot be removed, and that is right.
            if fs::remove_dir(self.directory.join(above)).is_err() {
                return;
            }
        }
    }

    /// Undoes the steps behind the first few, the last one first.
    fn undo_to(&mut self, first: usize) {
        for step in self.steps.drain(first.min(self.steps.len())..).rev() {
            let undone = match &step {
                Step::Made(path) => fs::remove_dir(path),
                Step::Moved(from, to) => fs::rename(to, from),
            };
            if let Err(error) = undone {
                log::debug!("cannot be undone: {error}");
            }
        }
    }
}

fn is_same<T: AsRef<[u8]>>(content: &io::Result<T>, target: &Path) -> bool {
    let is_file = fs::symlink_metadata(target).is_ok_and(|found| found.is_file());
    match (content, fs::read(target)) {
        (Ok(content), Ok(old)) => is_file && content.as_ref() == old,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn text(path: &str, text: &str) -> Item {
        Item { path: path.to_owned(), content: ItemContent::Text(text.to_owned()) }
    }

    fn obsolete(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    /// Everything below a directory; directories have no text.
    fn tree(root: &Path) -> BTreeMap<String, Option<String>> {
        let mut found = BTreeMap::new();
        let mut waiting = vec![root.to_owned()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read_to_string(&path).ok());
                if path.is_dir() {
                    waiting.push(path);
                }
            }
        }
        found
    }

    #[test]
    fn files_are_put_into_their_places_and_the_rest_stays() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("new/lib");
        let first = [text("a/b.toml", "1"), text("c.md", "2")];
        let installed = install(&directory, &first, &obsolete(&[])).unwrap();
        assert_eq!(installed, Installed { written: 2, removed: 0 });
        fs::write(directory.join("a/mine"), "").unwrap();
        fs::write(root.path().join("source"), "3").unwrap();
        let copy = Item { path: "d".to_owned(), content: ItemContent::Copy(root.path().join("source")) };
        let installed =
            install(&directory, &[text("c.md", "2"), copy], &obsolete(&["a/b.toml", "gone"])).unwrap();
        assert_eq!(installed, Installed { written: 1, removed: 1 });
        let some = |text: &str| Some(text.to_owned());
        let expected = [("a", None), ("a/mine", some("")), ("c.md", some("2")), ("d", some("3"))];
        assert_eq!(tree(&directory), expected.map(|(name, text)| (name.to_owned(), text)).into());
    }

    #[test]
    fn directories_that_become_empty_are_removed() {
        let root = tempfile::tempdir().unwrap();
        install(root.path(), &[text("a/b/c", "1"), text("a/d", "1")], &obsolete(&[])).unwrap();
        install(root.path(), &[], &obsolete(&["a/b/c"])).unwrap();
        assert_eq!(tree(root.path()).keys().collect::<Vec<_>>(), ["a", "a/d"]);
    }

    #[test]
    fn if_one_file_cannot_be_put_into_its_place_nothing_has_changed() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("lib");
        install(&directory, &[text("a", "old"), text("z/inside", "old")], &obsolete(&[])).unwrap();
        let before = tree(&directory);
        let new = [text("a", "new"), text("b/c/d", "new"), text("z", "in the way is a directory")];
        let error = install(&directory, &new, &obsolete(&["z/inside"])).unwrap_err();
        assert_eq!(error.path, directory.join("z"));
        assert_eq!(tree(&directory), before);
    }

    #[test]
    fn if_a_file_to_copy_is_missing_nothing_is_left_behind() {
        let root = tempfile::tempdir().unwrap();
        let copy = Item { path: "f".to_owned(), content: ItemContent::Copy(root.path().join("missing")) };
        assert!(install(&root.path().join("a/b"), &[text("e", ""), copy], &obsolete(&[])).is_err());
        assert_eq!(tree(root.path()), BTreeMap::new());
    }

    #[test]
    fn nothing_is_written_or_removed_outside_of_the_directory() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("mine"), "").unwrap();
        let directory = root.path().join("lib");
        for path in ["../mine", "/mine", "", "a/../../mine"] {
            assert!(install(&directory, &[text(path, "x")], &obsolete(&[])).is_err(), "{path}");
        }
        install(&directory, &[], &obsolete(&["../mine", "", ".", "a/.."])).unwrap();
        assert_eq!(fs::read_to_string(root.path().join("mine")).unwrap(), "");
    }
}
