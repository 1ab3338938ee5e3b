//! Which files a compile depended on, and whether they have changed since.
//!
//! A [`Recorder`] notes every file that is looked for, found or not. Directories are watched for a hint that something
//! has changed; whether it has is told by looking at the files themselves. So it does not matter how an editor replaces
//! a file, what else happens in a directory, or whether the system gives any hints.

use crate::events::Events;
use flowcore::content::{ContentError, Names, Provider, Resolved};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use url::Url;

/// The state of a path, as far as compiling can depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stamp {
    Nothing,
    /// What is in it has paths of its own.
    Directory,
    File {
        length: u64,
        modified: Option<SystemTime>,
        identity: Identity,
    },
}

/// What tells a file from another that has taken its place.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {
    Identity::default()
}

impl Stamp {
    fn of(path: &Path) -> Stamp {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Stamp::Directory,
            Ok(metadata) => Stamp::File {
                length: metadata.len(),
                modified: metadata.modified().ok(),
                identity: identity(&metadata),
            },
            Err(_) => Stamp::Nothing,
        }
    }
}

/// The paths that a compile has looked at, each with its state when that happened first.
#[derive(Debug, Default)]
pub struct Files(Mutex<BTreeMap<PathBuf, Stamp>>);

impl Files {
    /// For the next compile: the same paths as last time are expected to matter, so what changes while it goes on is
    /// noticed even where it looks later.
    #[must_use]
    pub fn again(&self) -> Files {
        let paths: Vec<PathBuf> = self.lock().keys().cloned().collect();
        Files(Mutex::new(paths.into_iter().map(|path| (path.clone(), Stamp::of(&path))).collect()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<PathBuf, Stamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a path.
    pub fn add(&self, path: PathBuf) {
        self.lock().entry(path).or_insert_with_key(|path| Stamp::of(path));
    }

    /// Notes the path of a URL, if it is one of a file.
    pub fn add_url(&self, url: &Url) {
        if url.scheme() == "file"
            && let Ok(path) = url.to_file_path()
        {
            self.add(path);
        }
    }

    /// Notes a path that need not be written in full.
    fn add_reference(&self, path: &Path) {
        let last = path.file_name().unwrap_or_default().to_string_lossy();
        let appended = path.with_file_name(format!("{last}.toml"));
        for candidate in
            [path.join("root.toml"), path.join(format!("{last}.toml")), path.with_extension("toml"), appended]
        {
            self.add(candidate);
        }
        self.add(path.to_owned());
    }

    /// Whether no path was looked at.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// How many files were there, or else how many were looked for.
    pub fn count(&self) -> usize {
        let files = self.lock();
        let there = files.values().filter(|stamp| matches!(stamp, Stamp::File { .. })).count();
        if there > 0 { there } else { files.len() }
    }

    /// The paths that are not what they were.
    pub fn changed(&self) -> Vec<PathBuf> {
        let files = self.lock();
        files
            .iter()
            .filter(|(path, stamp)| Stamp::of(path) != **stamp)
            .map(|(path, _)| path.clone())
            .collect()
    }

    /// The directories in which changes would show: of each path the nearest that exists, and the one that a link leads
    /// to.
    fn directories(&self) -> BTreeSet<PathBuf> {
        let mut directories = BTreeSet::new();
        for path in self.lock().keys() {
            directories.extend(path.ancestors().skip(1).find(|path| path.is_dir()).map(Path::to_owned));
            if path.is_symlink() {
                let target = path.canonicalize().ok();
                directories.extend(target.as_deref().and_then(Path::parent).map(Path::to_owned));
            }
        }
        directories
    }
}

/// A provider that notes what is looked for.
pub struct Recorder<'run, P> {
    provider: P,
    files: &'run Files,
    /// The directories with libraries, and those with context functions.
    libraries: Vec<PathBuf>,
    contexts: Vec<PathBuf>,
}

impl<'run, P: Provider> Recorder<'run, P> {
    /// Notes what is looked for in a provider that looks in these directories for libraries and context functions.
    pub fn new(provider: P, libraries: Vec<PathBuf>, contexts: Vec<PathBuf>, files: &'run Files) -> Self {
        Recorder { provider, files, libraries, contexts }
    }

    fn note(&self, url: &Url) {
        let host = url.host_str().unwrap_or_default();
        let below = url.path().trim_matches('/');
        match url.scheme() {
            "file" => {
                if let Ok(path) = url.to_file_path() {
                    self.files.add_reference(&path);
                }
            }
            "lib" => {
                for directory in &self.libraries {
                    let library = directory.join(host);
                    self.files.add_reference(&library.join(below));
                    self.files.add(library);
                }
            }
            "context" => {
                for directory in &self.contexts {
                    self.files.add_reference(&directory.join(host).join(below));
                }
            }
            _ => {}
        }
    }
}

impl<P: Provider> Provider for Recorder<'_, P> {
    fn resolve(&self, url: &Url, names: &Names<'_>) -> Result<Resolved, ContentError> {
        self.note(url);
        let resolved = self.provider.resolve(url, names)?;
        self.files.add_url(&resolved.url);
        Ok(resolved)
    }

    fn read(&self, url: &Url) -> Result<Vec<u8>, ContentError> {
        self.files.add_url(url);
        self.provider.read(url)
    }
}

/// Gives hints that files may have changed, as far as the system does.
pub struct Watcher {
    /// None where there are no hints.
    watcher: Option<RecommendedWatcher>,
    /// The directories, each with its identity: another one may take its place.
    watched: BTreeMap<PathBuf, Option<Identity>>,
}

impl Watcher {
    /// Watches nothing yet.
    pub fn new(events: &Events) -> Watcher {
        let on_change = events.on_change();
        let handler = move |event: notify::Result<notify::Event>| {
            if event.map_or(true, |event| may_change(event.kind)) {
                on_change();
            }
        };
        let watcher = notify::recommended_watcher(handler);
        if let Err(error) = &watcher {
            log::info!(
                "the system does not tell of changes, so files are looked at again and again: {error}"
            );
        }
        Watcher { watcher: watcher.ok(), watched: BTreeMap::new() }
    }

    /// Whether changes are told at once.
    pub fn gives_hints(&self) -> bool {
        self.watcher.is_some()
    }

    /// Watches for changes of these files, and of no others.
    pub fn watch(&mut self, files: &Files) {
        let Some(watcher) = &mut self.watcher else { return };
        let current = |path: &Path| std::fs::metadata(path).ok().map(|metadata| identity(&metadata));
        let wanted: BTreeMap<PathBuf, Option<Identity>> =
            files.directories().into_iter().map(|path| (path.clone(), current(&path))).collect();
        for (path, _) in self.watched.iter().filter(|(path, identity)| wanted.get(*path) != Some(identity)) {
            // A directory that has gone is not watched any more, and that is no mistake.
            watcher.unwatch(path).ok();
        }
        for (path, _) in wanted.iter().filter(|(path, identity)| self.watched.get(*path) != Some(identity)) {
            if let Err(error) = watcher.watch(path, RecursiveMode::NonRecursive) {
                // There is a limit to how much can be watched; looking again and again has none.
                log::info!("{} cannot be watched: {error}", path.display());
                self.watcher = None;
                self.watched.clear();
                return;
            }
        }
        self.watched = wanted;
    }
}

/// Reading a file changes nothing.
fn may_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(event::AccessKind::Close(event::AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::slice::from_ref;

    fn files(paths: &[PathBuf]) -> Files {
        let files = Files::default();
        paths.iter().for_each(|path| files.add(path.clone()));
        files
    }

    #[test]
    fn a_file_that_is_written_replaced_or_removed_has_changed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.toml");
        fs::write(&path, "1").unwrap();
        let noted = files(from_ref(&path));
        assert!(noted.changed().is_empty());
        fs::write(&path, "12").unwrap();
        assert_eq!(noted.changed(), *from_ref(&path));
        // What an editor does that saves beside the file and renames.
        let noted = noted.again();
        let beside = directory.path().join("f.toml~");
        fs::write(&beside, "34").unwrap();
        assert!(noted.changed().is_empty());
        fs::rename(&beside, &path).unwrap();
        assert_eq!(noted.changed(), *from_ref(&path));
        let noted = noted.again();
        fs::remove_file(&path).unwrap();
        assert_eq!(noted.changed(), [path]);
    }

    #[test]
    fn what_happens_beside_files_and_in_directories_is_no_change() {
        let directory = tempfile::tempdir().unwrap();
        let noted = files(&[directory.path().to_owned(), directory.path().join("missing")]);
        fs::write(directory.path().join("manifest.json"), "{}").unwrap();
        assert!(noted.changed().is_empty());
        fs::create_dir(directory.path().join("missing")).unwrap();
        assert_eq!(noted.changed(), [directory.path().join("missing")]);
    }

    #[test]
    fn a_missing_file_shows_in_the_nearest_directory_that_exists() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("no/such/file");
        assert_eq!(files(from_ref(&missing)).directories(), BTreeSet::from([directory.path().to_owned()]));
        fs::create_dir(directory.path().join("no")).unwrap();
        assert_eq!(files(&[missing]).directories(), BTreeSet::from([directory.path().join("no")]));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_shows_where_it_leads_to() {
        let directory = tempfile::tempdir().unwrap();
        let (there, here) = (directory.path().join("there"), directory.path().join("here"));
        fs::create_dir(&there).unwrap();
        fs::create_dir(&here).unwrap();
        fs::write(there.join("f.toml"), "1").unwrap();
        std::os::unix::fs::symlink(there.join("f.toml"), here.join("f.toml")).unwrap();
        let noted = files(&[here.join("f.toml")]);
        assert_eq!(noted.directories(), BTreeSet::from([here, there.canonicalize().unwrap()]));
        fs::write(there.join("f.toml"), "12").unwrap();
        assert_eq!(noted.changed().len(), 1);
    }
}
