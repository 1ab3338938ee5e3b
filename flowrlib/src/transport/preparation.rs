//! What a worker does between a runner's welcome and its first job: it gets the modules it lacks, and compiles them.

use super::waker::Waker;
use crate::executor::{CodeTable, ModuleLimits, Registry};
use crate::modules::{Choice, Digest, ModuleCache, ModuleFile, load};
use crate::program::ImplementationId;
use crate::table::Table;
use crate::wire::Announced;
use crossbeam_channel::{Receiver, bounded};
use log::debug;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread;

/// A worker that gets ready for a run.
pub(super) struct Preparation<'worker> {
    /// What jobs refer to by number; none where the module has not come yet.
    choices: Table<ImplementationId, Option<Choice>>,
    /// The modules that have not come yet, and what runs them.
    awaited: BTreeMap<Digest, Vec<ImplementationId>>,
    limits: ModuleLimits,
    cache: &'worker ModuleCache,
    /// What comes of compiling, once that has begun.
    compiled: Option<Receiver<CodeTable>>,
}

impl<'worker> Preparation<'worker> {
    /// Looks for what a runner has announced: native functions here, modules in what is kept of earlier runs.
    pub(super) fn new(
        announced: Vec<Announced>,
        limits: ModuleLimits,
        registry: &Registry,
        cache: &'worker ModuleCache,
    ) -> Preparation<'worker> {
        let mut preparation =
            Preparation { choices: Table::new(), awaited: BTreeMap::new(), limits, cache, compiled: None };
        for Announced { url, module } in announced {
            let choice = match &module {
                None => Some(registry.find(&url).map_or_else(Choice::Missing, Choice::Native)),
                Some(digest) => cache.get(digest).map(Choice::Module),
            };
            let is_awaited = choice.is_none();
            let implementation = preparation.choices.push(choice);
            if let Some(digest) = module.filter(|_| is_awaited) {
                preparation.awaited.entry(digest).or_default().push(implementation);
            }
        }
        preparation
    }

    /// The modules that have not come yet.
    pub(super) fn awaited(&self) -> impl Iterator<Item = &Digest> {
        self.awaited.keys()
    }

    /// Takes a module that the runner has sent. What is not awaited is dropped; what is another than it is sent as is an
    /// error of its functions.
    pub(super) fn take(&mut self, name: &Digest, bytes: Arc<Vec<u8>>) {
        let Some(implementations) = self.awaited.remove(name) else {
            debug!("dropped a module that is here: {name}");
            return;
        };
        let module = ModuleFile::new(bytes);
        let sent = if module.digest == *name {
            self.cache.put(&module);
            Choice::Module(module)
        } else if module.bytes.is_empty() {
            Choice::Missing(format!("the runner does not have its module {name}"))
        } else {
            Choice::Missing(format!("what the runner has sent is not its module {name}"))
        };
        for implementation in implementations {
            if let Some(choice) = self.choices.find_mut(implementation) {
                *choice = Some(sent.clone());
            }
        }
    }

    /// Begins to compile once all modules are there, in a thread of its own: heartbeats go on meanwhile.
    pub(super) fn compile(&mut self, waker: &Waker) -> io::Result<()> {
        if self.compiled.is_some() || !self.awaited.is_empty() {
            return Ok(());
        }
        let choices = std::mem::take(&mut self.choices);
        let choices = Table::alongside(&choices, |choice| {
            choice.clone().unwrap_or_else(|| Choice::Missing("its module never came".to_owned()))
        });
        let (sender, compiled) = bounded(1);
        self.compiled = Some(compiled);
        let (limits, waker) = (self.limits, waker.clone());
        if choices.iter().all(|(_, choice)| choice.module().is_none()) {
            // Nothing that would take any time.
            sender.send(load(&choices, &limits, true)).ok();
            return Ok(());
        }
        let compile = move || {
            // A session that is over needs it no more.
            sender.send(load(&choices, &limits, true)).ok();
            waker.wake();
            debug!("The modules of the run are compiled");
        };
        thread::Builder::new().name("compile modules".to_owned()).spawn(compile).map(drop)
    }

    /// Whether compiling is over.
    pub(super) fn is_done(&self) -> bool {
        self.compiled.as_ref().is_some_and(|compiled| !compiled.is_empty())
    }

    /// What jobs refer to by number, once all of it is there.
    pub(super) fn finished(&mut self) -> Option<CodeTable> {
        self.compiled.as_ref()?.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::waker::waker;
    use std::fs;
    use std::time::{Duration, Instant};
    use tempfile::TempDir;

    const MODULE: &str = r#"(module
        (memory (export "memory") 1)
        (func (export "alloc") (param i32) (result i32) (i32.const 1024))
        (func (export "flow_run") (param i32 i32) (result i64) (i64.const 0)))"#;

    fn bytes() -> Arc<Vec<u8>> {
        wat::parse_str(MODULE).unwrap().into()
    }

    /// A worker that was told of that module, with what it has kept in a directory.
    fn told_of(module: Digest, cache: &ModuleCache) -> Preparation<'_> {
        let announced = vec![Announced { url: "file:///f.wasm".into(), module: Some(module) }];
        Preparation::new(announced, ModuleLimits::default(), &Registry::default(), cache)
    }

    fn awaited(preparation: &Preparation<'_>) -> Vec<Digest> {
        preparation.awaited().copied().collect()
    }

    fn cache() -> (TempDir, ModuleCache) {
        let directory = tempfile::tempdir().unwrap();
        let cache = ModuleCache::in_directory(directory.path());
        (directory, cache)
    }

    /// Why the function cannot be run, once all is there.
    fn reason(mut preparation: Preparation<'_>) -> Option<String> {
        let (_sleeper, waker) = waker().unwrap();
        let begun = Instant::now();
        loop {
            preparation.compile(&waker).unwrap();
            if let Some(codes) = preparation.finished() {
                return codes.iter().next().unwrap().1.as_ref().err().cloned();
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "it is never ready");
            thread::yield_now();
        }
    }

    #[test]
    fn a_module_is_awaited_once_and_kept() {
        let (_directory, cache) = cache();
        let digest = Digest::of(&bytes());
        let mut preparation = told_of(digest, &cache);
        assert_eq!(awaited(&preparation), [digest]);
        preparation.take(&Digest::of(b"another"), bytes());
        assert_eq!(awaited(&preparation), [digest], "what is not awaited is dropped");
        preparation.take(&digest, bytes());
        assert_eq!(reason(preparation), None);
        assert_eq!(reason(told_of(digest, &cache)), None, "it is not awaited again");
    }

    #[test]
    fn what_is_another_module_than_its_digest_says_is_an_error_and_not_kept() {
        let (_directory, cache) = cache();
        let digest = Digest::of(b"the module that is meant");
        for (sent, cause) in [(bytes(), "is not its module"), (Arc::default(), "does not have its module")] {
            let mut preparation = told_of(digest, &cache);
            preparation.take(&digest, sent);
            let reason = reason(preparation).unwrap();
            assert!(reason.contains(cause) && reason.contains(&digest.to_string()), "{reason}");
            assert_eq!(awaited(&told_of(digest, &cache)), [digest]);
        }
    }

    #[test]
    fn what_was_kept_and_is_damaged_is_awaited_again() {
        let (directory, cache) = cache();
        let digest = Digest::of(&bytes());
        told_of(digest, &cache).take(&digest, bytes());
        assert_eq!(awaited(&told_of(digest, &cache)), []);
        let kept = directory.path().join("modules").join(digest.to_string());
        fs::write(&kept, "damaged").unwrap();
        assert_eq!(awaited(&told_of(digest, &cache)), [digest]);
    }
}
