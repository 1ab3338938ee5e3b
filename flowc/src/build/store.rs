//! The directory that functions are built in, `$HOME/.flow/build` unless the environment says another. It is a cache:
//! whoever removes it waits for the next build a little longer, and that is all.

use super::fingerprint::{Digest, Record};
use crate::emit::replace;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Tells programs that make copies of everything that this need not be kept.
const TAG: (&str, &str) = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# What flowc builds. It can be removed at any time.\n",
);

/// Where things are built, and what was built is kept.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The one in a directory, which is made if need be.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be written.
    pub fn open(root: &Path) -> io::Result<Store> {
        for folder in ["modules", "records"] {
            fs::create_dir_all(root.join(folder))?;
        }
        let tag = root.join(TAG.0);
        if !tag.is_file() {
            replace(&tag, TAG.1.as_bytes())?;
        }
        Ok(Store { root: root.to_owned() })
    }

    /// A place in it.
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// What is known of an earlier build.
    pub fn record(&self, key: &Digest) -> Option<Record> {
        read_record(&self.root, key)
    }

    /// Remembers a build.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be written.
    pub fn remember(&self, key: &Digest, record: &Record) -> io::Result<()> {
        replace(&record_path(&self.root, key), serde_json::to_string_pretty(record)?.as_bytes())
    }

    /// A module that was kept, if it still is, and whole.
    pub fn module(&self, digest: &Digest) -> Option<Vec<u8>> {
        let bytes = fs::read(self.module_path(digest)).ok()?;
        (Digest::of(&bytes) == *digest).then_some(bytes)
    }

    /// Keeps a module.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be written.
    pub fn keep(&self, module: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(module);
        replace(&self.module_path(&digest), module)?;
        Ok(digest)
    }

    fn module_path(&self, digest: &Digest) -> PathBuf {
        self.root.join("modules").join(format!("{digest}.wasm"))
    }

    /// Waits until nobody else holds the lock of this name, and holds it.
    ///
    /// # Errors
    ///
    /// Fails if there cannot be such a lock.
    pub fn lock(&self, name: &str) -> io::Result<File> {
        let path = self.root.join("locks").join(name);
        fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
        let file = File::create(path)?;
        if file.try_lock().is_err() {
            log::info!("waiting for another flowc that builds the same");
            file.lock()?;
        }
        Ok(file)
    }
}

fn record_path(root: &Path, key: &Digest) -> PathBuf {
    root.join("records").join(format!("{}.json", key.short()))
}

/// What is known of an earlier build in a directory that need not exist.
pub fn read_record(root: &Path, key: &Digest) -> Option<Record> {
    serde_json::from_slice(&fs::read(record_path(root, key)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::fingerprint::Digests;
    use super::*;

    #[test]
    fn what_is_kept_is_found_again_unless_it_is_damaged() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("new/build")).unwrap();
        let digest = store.keep(b"module").unwrap();
        let key = Digest::of(b"key");
        assert_eq!(store.record(&key), None);
        let (setting, tools) = (Digest::of(b"s"), Digest::of(b"t"));
        let record = Record::new(setting, tools, [store.at("x")], digest.clone(), &mut Digests::default());
        store.remember(&key, &record).unwrap();
        assert_eq!(store.record(&key), Some(record));
        assert_eq!(store.module(&digest).as_deref(), Some(&b"module"[..]));
        fs::write(store.at(format!("modules/{digest}.wasm")), "modul").unwrap();
        assert_eq!(store.module(&digest), None);
        fs::write(store.at(format!("records/{}.json", key.short())), "{").unwrap();
        assert_eq!(store.record(&key), None);
    }

    #[test]
    fn a_lock_is_held_by_one() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let first = store.lock("a").unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let other = store.clone();
        let waiting = std::thread::spawn(move || {
            tell.send("started").unwrap();
            let second = other.lock("a").unwrap();
            tell.send("locked").unwrap();
            drop(second);
        });
        assert_eq!(told.recv().unwrap(), "started");
        assert!(told.try_recv().is_err());
        drop(store.lock("b").unwrap());
        drop(first);
        assert_eq!(told.recv().unwrap(), "locked");
        waiting.join().unwrap();
    }
}
