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
use std::hash::{DefaultHasher, Hash, Hasher};
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

    #[expect(unsafe_code, reason = "machine code that is read back can only be trusted, not checked")]
    fn find(&self, engine: &Engine, module: &Digest) -> Option<Module> {
        let file = self.store.open_file(&self.name(module))?;
        if !self.seal.is_on(module, self.engine, &file) {
            debug!("what is kept of module {module} was not made here");
            return None;
        }
        // SAFETY: the bytes must be what `Module::serialize` gave for an engine like this one. They bear a seal made
        // with a secret that only this user can read, over these very bytes, this module and this kind of engine; and
        // seals are made in `keep` alone, over what `serialize` gave. The seal behind them is in no section. The file,
        // which is mapped, must not change from the check on: it is in a directory that only this user may enter, and a
        // store never changes a file that it has. Whoever acts as this user can change our memory just as well.
        let module = unsafe { Module::deserialize_open_file(engine, file) };
        module.map_err(|error| debug!("what is kept of a module is of no use: {error:#}")).ok()
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
        let mut code = fs::read(&path).unwrap();
        *code.last_mut().unwrap() ^= 1;
        fs::write(&path, code).unwrap();
        assert!(kept.find(engine, &file.digest).is_none(), "it was changed");
    }
}
