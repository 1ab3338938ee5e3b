//! Seals what modules were compiled to, so that nothing compiled elsewhere is ever run.
//!
//! Machine code that is read back is trusted like a part of this program. So it is kept under a seal made with a secret
//! of this user on this machine, which is made on first use and which nobody else can read. What was changed, put there
//! by others or copied from another machine has no such seal, and is compiled anew.

use crate::modules::Digest;
use crate::modules::store::{private_directory, require_private};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// A secret to seal with.
pub(super) struct Seal([u8; Seal::LENGTH]);

impl Seal {
    /// How many bytes a seal has, and the secret.
    pub(super) const LENGTH: usize = 32;

    /// The secret in that cache, made if there is none yet.
    pub(super) fn open(cache: &Path) -> io::Result<Seal> {
        private_directory(cache)?;
        let path = cache.join("seal");
        match File::open(&path) {
            Ok(file) => Seal::read(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut secret = [0; Seal::LENGTH];
                getrandom::fill(&mut secret).map_err(io::Error::other)?;
                // Temporary files are for our eyes only.
                let mut file = NamedTempFile::new_in(cache)?;
                file.write_all(&secret)?;
                // Half a secret would be found again and again.
                file.as_file().sync_all()?;
                // Another process may have been faster; its secret is as good.
                match file.persist_noclobber(&path) {
                    Ok(_) => Ok(Seal(secret)),
                    Err(_) => Seal::read(File::open(&path)?),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn read(mut file: File) -> io::Result<Seal> {
        require_private(&file.metadata()?)?;
        let mut secret = [0; Seal::LENGTH];
        file.read_exact(&mut secret)?;
        Ok(Seal(secret))
    }

    /// The seal of some code: it belongs to that module, and to no other engine than the one with that number.
    pub(super) fn of(&self, module: &Digest, engine: u64, code: &[u8]) -> [u8; Seal::LENGTH] {
        self.hasher(module, engine).update(code).finalize().into()
    }

    fn hasher(&self, module: &Digest, engine: u64) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(module.as_bytes()).update(&engine.to_le_bytes());
        hasher
    }

    /// Whether so many bytes end with a seal of ours, over all that is before it.
    pub(super) fn is_on(&self, module: &Digest, engine: u64, mut sealed: impl Read, length: usize) -> bool {
        let mut is_ours = || {
            let code = length.saturating_sub(Seal::LENGTH);
            let mut hasher = self.hasher(module, engine);
            hasher.update_reader(sealed.by_ref().take(code as u64))?;
            let mut seal = [0; Seal::LENGTH];
            sealed.read_exact(&mut seal)?;
            // Compared in constant time.
            Ok::<bool, io::Error>(blake3::Hash::from(seal) == hasher.finalize())
        };
        is_ours().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn sealed(seal: &Seal, module: &Digest, engine: u64, code: &[u8]) -> Vec<u8> {
        [code, &seal.of(module, engine, code)].concat()
    }

    fn is_on(seal: &Seal, module: &Digest, engine: u64, bytes: &[u8]) -> bool {
        seal.is_on(module, engine, bytes, bytes.len())
    }

    #[test]
    fn only_what_was_sealed_here_has_its_seal() {
        let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let [here, elsewhere] = [here.path(), elsewhere.path()].map(|cache| {
            fs::set_permissions(cache, fs::Permissions::from_mode(0o700)).unwrap();
            Seal::open(cache).unwrap()
        });
        let (module, other) = (Digest::of(b"module"), Digest::of(b"other"));
        let code = sealed(&here, &module, 1, b"code");
        assert!(is_on(&here, &module, 1, &code));
        assert!(!is_on(&here, &module, 2, &code), "of another engine");
        assert!(!is_on(&here, &other, 1, &code), "of another module");
        assert!(!is_on(&elsewhere, &module, 1, &code), "of another machine");
        for place in 0..code.len() {
            let mut changed = code.clone();
            changed[place] ^= 1;
            assert!(!is_on(&here, &module, 1, &changed), "changed at {place}");
        }
        for cut in 1..=code.len() {
            assert!(!is_on(&here, &module, 1, &code[..code.len() - cut]), "cut off by {cut}");
        }
    }

    #[test]
    fn the_secret_stays_and_must_be_ours_alone() {
        let cache = tempfile::tempdir().unwrap();
        fs::set_permissions(cache.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let first = Seal::open(cache.path()).unwrap();
        let again = Seal::open(cache.path()).unwrap();
        assert_eq!(first.0, again.0);
        fs::set_permissions(cache.path().join("seal"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Seal::open(cache.path()).is_err());
    }
}
