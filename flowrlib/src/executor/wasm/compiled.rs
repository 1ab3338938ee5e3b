//! Modules, compiled: once for each machine, and from then on read from where that is kept.

use super::convention::{Convention, convention};
use super::engine::engine;
use super::error::ModuleError;
use super::instance::Host;
use super::limits::ModuleLimits;
use super::seal::Seal;
use crate::modules::store::{self, Store};
use crate::modules::{Digest, LARGEST_MODULE, ModuleFile};
use log::debug;
#[cfg(target_os = "linux")]
use rustix::fs::fstatfs;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use wasmtime::{Engine, InstancePre, Linker, Module};

/// The most that is kept of compiled modules, in bytes.
const KEPT: u64 = 1 << 30;

/// A module that instances can be made of.
pub(super) struct Compiled {
    pub(super) instances: InstancePre<Host>,
    pub(super) convention: Convention,
    /// What instances that are kept for the next job are recognized by.
    pub(super) identity: Arc<()>,
}

/// Compiles a module, or finds what it was compiled to.
///
/// # Errors
///
/// Fails if it is none that can be run; see [`ModuleError`].
pub(super) fn load(file: &ModuleFile, limits: &ModuleLimits) -> Result<Compiled, ModuleError> {
    if file.bytes.len() > LARGEST_MODULE {
        return Err(ModuleError::TooLarge { bytes: file.bytes.len() });
    }
    let engine = engine(limits.fresh)?;
    let module = match store::cache().and_then(|cache| Kept::open(&cache, engine)) {
        Some(kept) => match kept.find(engine, &file.digest) {
            Some(module) => module,
            None => {
                let module = compile(engine, file)?;
                kept.keep(&file.digest, &module);
                module
            }
        },
        None => compile(engine, file)?,
    };
    let convention = convention(&module, limits.memory)?;
    let instances = Linker::new(engine)
        .instantiate_pre(&module)
        .map_err(|error| ModuleError::Invalid(format!("{error:#}")))?;
    Ok(Compiled { instances, convention, identity: Arc::default() })
}

fn compile(engine: &Engine, file: &ModuleFile) -> Result<Module, ModuleError> {
    // Only the binary form: a module is named by its bytes, and those are what is validated.
    Module::from_binary(engine, &file.bytes).map_err(|error| ModuleError::Invalid(format!("{error:#}")))
}

/// Where compiled modules are kept.
struct Kept {
    store: Store,
    seal: Seal,
    /// What tells engines apart whose code does not go together.
    engine: u64,
}

impl Kept {
    /// None where nothing can be kept.
    fn open(cache: &Path, engine: &Engine) -> Option<Kept> {
        let seal = Seal::open(cache)
            .map_err(|error| debug!("nothing is kept in {}: {error}", cache.display()))
            .ok()?;
        let store = Store::open(cache, "compiled", KEPT)?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Some(Kept { store, seal, engine: hasher.finish() })
    }

    fn name(&self, module: &Digest) -> String {
        format!("{module}-{:016x}", self.engine)
    }

    fn find(&self, engine: &Engine, module: &Digest) -> Option<Module> {
        let file = self.store.open_file(&self.name(module))?;
        let is_mapped = can_be_mapped(&file);
        self.load(engine, module, file, is_mapped)
    }

    /// The module of a file, mapped into memory or copied there, if it was made here.
    #[expect(unsafe_code, reason = "machine code that is read back can only be trusted, not checked")]
    fn load(&self, engine: &Engine, module: &Digest, mut file: File, is_mapped: bool) -> Option<Module> {
        let length = usize::try_from(file.metadata().ok()?.len()).ok()?;
        let is_ours = |sealed: &mut dyn Read| self.seal.is_on(module, self.engine, sealed, length);
        // SAFETY: the bytes must be what `Module::serialize` gave for an engine like this one. They bear a seal made
        // with a secret that only this user can read, over these very bytes, this module and this kind of engine; and
        // seals are made in `keep` alone, over what `serialize` gave. The seal behind them is in no section. A file that
        // is mapped must not change from the check on: it is in a directory that only this user may enter, and a store
        // never changes a file that it has. Whoever acts as this user can read the secret, and need not change anything.
        let found = if is_mapped {
            is_ours(&mut file).then(|| unsafe { Module::deserialize_open_file(engine, file) })
        } else {
            let mut sealed = Vec::with_capacity(length);
            file.read_to_end(&mut sealed).ok()?;
            let code = sealed.get(..length.saturating_sub(Seal::LENGTH))?;
            is_ours(&mut sealed.as_slice()).then(|| unsafe { Module::deserialize(engine, code) })
        };
        match found {
            Some(Ok(module)) => Some(module),
            Some(Err(error)) => {
                debug!("what is kept of module {module} is of no use: {error:#}");
                None
            }
            None => {
                debug!("what is kept of module {module} was not made here");
                None
            }
        }
    }

    fn keep(&self, digest: &Digest, module: &Module) {
        match module.serialize() {
            Ok(code) => {
                let seal = self.seal.of(digest, self.engine, &code);
                self.store.put(&self.name(digest), &[&code, &seal]);
            }
            Err(error) => debug!("module {digest} cannot be kept: {error:#}"),
        }
    }
}

/// Whether a file stays readable as long as it is open. On a server it may be gone, or another machine may replace it,
/// when a page of it is wanted, and that ends the program.
#[cfg(target_os = "linux")]
fn can_be_mapped(file: &File) -> bool {
    /// As `statfs(2)` has them: btrfs, ext2 to ext4, f2fs, overlayfs, tmpfs and xfs.
    const LOCAL: [u32; 6] = [0x9123_683e, 0xef53, 0xf2f5_2010, 0x794c_7630, 0x0102_1994, 0x5846_5342];
    #[expect(clippy::cast_possible_truncation, reason = "it has 32 bits, whatever holds them")]
    fstatfs(file).is_ok_and(|system| LOCAL.contains(&(system.f_type as u32)))
}

/// Whether a file stays readable as long as it is open; who knows.
#[cfg(not(target_os = "linux"))]
fn can_be_mapped(_: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_module_is_compiled_once_and_only_what_was_compiled_here_is_run() {
        let cache = tempfile::tempdir().unwrap();
        fs::set_permissions(cache.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let engine = engine(false).unwrap();
        let file = ModuleFile::new(wat::parse_str("(module)").unwrap());
        let kept = Kept::open(cache.path(), engine).unwrap();
        assert!(kept.find(engine, &file.digest).is_none());
        kept.keep(&file.digest, &compile(engine, &file).unwrap());
        assert!(kept.find(engine, &file.digest).is_some());
        assert!(Kept::open(cache.path(), engine).unwrap().find(engine, &file.digest).is_some());

        let path = cache.path().join("compiled").join(kept.name(&file.digest));
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        for is_mapped in [true, false] {
            for (code, is_whole) in
                [(&whole[..], true), (&changed, false), (&whole[1..], false), (b"short", false)]
            {
                // A file that is mapped is not changed.
                fs::remove_file(&path).unwrap();
                fs::write(&path, code).unwrap();
                let found = kept.load(engine, &file.digest, File::open(&path).unwrap(), is_mapped);
                assert_eq!(found.is_some(), is_whole, "{} bytes, mapped: {is_mapped}", code.len());
            }
        }
    }
}
