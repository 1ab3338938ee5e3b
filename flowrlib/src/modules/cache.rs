//! The modules that a worker was sent and keeps for later runs.

use super::store::{self, Store};
use super::{Digest, LARGEST_MODULE, ModuleFile};

/// The most that is kept, in bytes.
const KEPT: u64 = 1 << 30;

/// Modules by their digests, on disk. Where nothing can be kept, it is empty and stays so.
#[derive(Debug, Default)]
pub(crate) struct ModuleCache(Option<Store>);

impl ModuleCache {
    /// That of this user.
    pub(crate) fn open() -> ModuleCache {
        ModuleCache(store::cache().and_then(|cache| Store::open(&cache, "modules", KEPT)))
    }

    /// One in a directory.
    #[cfg(test)]
    pub(crate) fn in_directory(cache: &std::path::Path) -> ModuleCache {
        ModuleCache(Store::open(cache, "modules", KEPT))
    }

    /// What is in it, as far as names tell: those that were used last, `most` of them.
    pub(crate) fn held(&self, most: usize) -> Vec<Digest> {
        let names = self.0.as_ref().map(Store::names).unwrap_or_default();
        names.iter().filter_map(|name| Digest::parse(name.to_str()?)).take(most).collect()
    }

    /// A module, if what is kept still is what its name says.
    pub(crate) fn get(&self, digest: &Digest) -> Option<ModuleFile> {
        let module = ModuleFile::new(self.0.as_ref()?.get(&digest.to_string())?);
        (module.digest == *digest).then_some(module)
    }

    /// Keeps a module, unless it is larger than any that could be run.
    pub(crate) fn put(&self, module: &ModuleFile) {
        if let Some(store) = self.0.as_ref().filter(|_| module.bytes.len() <= LARGEST_MODULE) {
            store.put(&module.digest.to_string(), &[&module.bytes]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_held_is_told_by_digests_and_nothing_else_is() {
        let directory = tempfile::tempdir().unwrap();
        let cache = ModuleCache::in_directory(directory.path());
        assert_eq!(cache.held(9), []);
        let modules = [&b"one"[..], b"two", b"three"].map(|bytes| ModuleFile::new(bytes.to_vec()));
        modules.iter().for_each(|module| cache.put(module));
        fs::write(directory.path().join("modules/notes.txt"), "no digest").unwrap();
        let mut held = cache.held(9);
        held.sort();
        let mut digests = modules.map(|module| module.digest);
        digests.sort();
        assert_eq!(held, digests);
        assert_eq!(cache.held(2).len(), 2, "no more than asked for");
        assert_eq!(ModuleCache::default().held(9), []);
    }
}
