//! Files that save work: modules that came from runners, and what modules were compiled to.
//!
//! They lie below `$HOME/.flow/cache`, in directories that nobody else may enter. A store that is not there, or not
//! ours alone, is done without: it only saves time. What has not been used for longest goes first when it is full.

use log::debug;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::NamedTempFile;

/// A directory with files of at most so many bytes in all.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    bound: u64,
}

/// Where programs of this user keep what only saves work.
pub(crate) fn cache() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty())?;
    Some(Path::new(&home).join(".flow/cache"))
}

impl Store {
    /// The store of that name in a cache, which is made if need be.
    pub(crate) fn open(cache: &Path, name: &str, bound: u64) -> Option<Store> {
        let directory = cache.join(name);
        match private_directory(&directory) {
            Ok(()) => Some(Store { directory, bound }),
            Err(error) => {
                debug!("nothing is kept in {}: {error}", directory.display());
                None
            }
        }
    }

    /// A file, and a mark that it was used. It never changes: another file takes its place.
    pub(crate) fn open_file(&self, name: &str) -> Option<File> {
        let file = File::open(self.directory.join(name)).ok()?;
        // What is larger than the store was not put there by us.
        if file.metadata().ok()?.len() > self.bound {
            return None;
        }
        // A file that cannot be marked is removed a little too early.
        file.set_modified(SystemTime::now()).ok();
        Some(file)
    }

    /// The content of a file, and a mark that it was used.
    pub(crate) fn get(&self, name: &str) -> Option<Vec<u8>> {
        let mut file = self.open_file(name)?;
        let mut bytes = Vec::with_capacity(usize::try_from(file.metadata().ok()?.len()).ok()?);
        file.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// The names of its files, that used last first; none if they cannot be listed.
    pub(crate) fn names(&self) -> Vec<OsString> {
        let files = self.files().unwrap_or_else(|error| {
            debug!("{} cannot be listed: {error}", self.directory.display());
            Vec::new()
        });
        files.into_iter().rev().map(|(_, _, name)| name).collect()
    }

    /// Its files: when each was used last, how large it is, and its name. That not used for longest comes first.
    fn files(&self) -> io::Result<Vec<(SystemTime, u64, OsString)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            // Another process may be removing it.
            if let Ok(metadata) = entry.metadata() {
                files.push((metadata.modified()?, metadata.len(), entry.file_name()));
            }
        }
        files.sort();
        Ok(files)
    }

    /// Keeps a file, whole or not at all, in the place of one of the same name.
    pub(crate) fn put(&self, name: &str, parts: &[&[u8]]) {
        if let Err(error) = self.try_put(name, parts) {
            debug!("{} is not kept in {}: {error}", name, self.directory.display());
        }
    }

    fn try_put(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let size: u64 = parts.iter().map(|part| part.len() as u64).sum();
        if size > self.bound {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.make_room(size)?;
        let mut file = NamedTempFile::new_in(&self.directory)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        file.persist(self.directory.join(name)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes what has not been used for longest, until there is room.
    fn make_room(&self, size: u64) -> io::Result<()> {
        let files = self.files()?;
        let mut total: u64 = size + files.iter().map(|(_, length, _)| length).sum::<u64>();
        for (_, length, name) in files {
            if total <= self.bound {
                break;
            }
            match fs::remove_file(self.directory.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => total -= length,
            }
        }
        Ok(())
    }
}

/// Sees to it that a directory exists that belongs to us and that nobody else may enter.
pub(crate) fn private_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    require_private(&fs::symlink_metadata(directory)?)
}

/// Whether something belongs to us and nobody else may do anything with it.
pub(crate) fn require_private(metadata: &fs::Metadata) -> io::Result<()> {
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    if is_ours && metadata.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "others may read or change it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    fn store(bound: u64) -> (tempfile::TempDir, Store) {
        let cache = tempfile::tempdir().unwrap();
        let store = Store::open(cache.path(), "modules", bound).unwrap();
        (cache, store)
    }

    /// Makes a file look as if it had been used last so many seconds ago.
    fn age(store: &Store, name: &str, seconds: u64) {
        let file = File::options().write(true).open(store.directory.join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
    }

    #[test]
    fn what_is_kept_is_found_again() {
        let (cache, store) = store(100);
        assert_eq!(store.get("a"), None);
        store.put("a", &[b"one", b"two"]);
        store.put("a", &[b"three"]);
        let again = Store::open(cache.path(), "modules", 100).unwrap();
        assert_eq!(again.get("a").as_deref(), Some(&b"three"[..]));
    }

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let (_cache, store) = store(10);
        for (name, seconds) in [("a", 30), ("b", 20), ("c", 10)] {
            store.put(name, &[b"xyz"]);
            age(&store, name, seconds);
        }
        assert!(store.get("a").is_some(), "and is so used again");
        store.put("d", &[b"xyzw"]);
        let kept: Vec<bool> = ["a", "b", "c", "d"].map(|name| store.get(name).is_some()).into();
        assert_eq!(kept, [true, false, true, true]);
        age(&store, "d", 60);
        assert_eq!(store.names().last().map(OsString::as_os_str), Some("d".as_ref()));
        assert_eq!(store.names().len(), 3);
    }

    #[test]
    fn what_is_larger_than_the_store_is_not_kept() {
        let (_cache, store) = store(10);
        store.put("small", &[b"x"]);
        store.put("large", &[&[0; 11]]);
        assert_eq!(store.get("large"), None);
        assert!(store.get("small").is_some());
    }

    #[test]
    fn a_directory_that_others_may_enter_is_not_used() {
        let (cache, store) = store(10);
        fs::set_permissions(&store.directory, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Store::open(cache.path(), "modules", 10).is_none());
    }
}
