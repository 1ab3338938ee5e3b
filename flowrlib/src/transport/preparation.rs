//! What a worker does between a runner's welcome and its first job: it gets the modules it lacks, and compiles them.

use super::waker::Waker;
use crate::executor::{CodeTable, ModuleLimits, Registry};
use crate::modules::store::{self, Store};
use crate::modules::{Choice, Digest, LARGEST_MODULE, ModuleFile, load};
use crate::program::ImplementationId;
use crate::table::Table;
use crate::wire::Announced;
use crossbeam_channel::{Receiver, bounded};
use log::{debug, warn};
use std::collections::BTreeMap;
use std::io;
use std::thread;

/// The most that is kept of fetched modules, in bytes.
const KEPT: u64 = 1 << 30;

/// A worker that gets ready for a run.
pub(super) struct Preparation {
    /// What jobs refer to by number; none where the module has not come yet.
    choices: Table<ImplementationId, Option<Choice>>,
    /// The modules that have not come yet, and what runs them.
    awaited: BTreeMap<Digest, Vec<ImplementationId>>,
    limits: ModuleLimits,
    store: Option<Store>,
    /// What comes of compiling, once that has begun.
    compiled: Option<Receiver<CodeTable>>,
}

impl Preparation {
    /// Looks for what a runner has announced: native functions here, modules in what is kept of earlier runs.
    pub(super) fn new(announced: Vec<Announced>, limits: ModuleLimits, registry: &Registry) -> Preparation {
        let mut preparation = Preparation {
            choices: Table::new(),
            awaited: BTreeMap::new(),
            limits,
            store: store::cache().and_then(|cache| Store::open(&cache, "modules", KEPT)),
            compiled: None,
        };
        for Announced { url, module } in announced {
            let choice = match &module {
                None => Some(registry.find(&url).map_or_else(Choice::Missing, Choice::Native)),
                Some(digest) => preparation.kept(digest).map(Choice::Module),
            };
            let is_awaited = choice.is_none();
            let implementation = preparation.choices.push(choice);
            if let Some(digest) = module.filter(|_| is_awaited) {
                preparation.awaited.entry(digest).or_default().push(implementation);
            }
        }
        preparation
    }

    /// The modules that have to be asked for.
    pub(super) fn wanted(&self) -> Vec<Digest> {
        self.awaited.keys().copied().collect()
    }

    /// A module that an earlier run had, if it still is what its name says.
    fn kept(&self, digest: &Digest) -> Option<ModuleFile> {
        let module = ModuleFile::new(self.store.as_ref()?.get(&digest.to_string())?);
        (module.digest == *digest).then_some(module)
    }

    /// Takes a module that the runner has sent. What was not asked for is dropped.
    pub(super) fn take(&mut self, module: ModuleFile) {
        let Some(implementations) = self.awaited.remove(&module.digest) else {
            warn!("dropped a module that was not asked for: {}", module.digest);
            return;
        };
        if let Some(store) = self.store.as_ref().filter(|_| module.bytes.len() <= LARGEST_MODULE) {
            store.put(&module.digest.to_string(), &[&module.bytes]);
        }
        for implementation in implementations {
            if let Some(choice) = self.choices.find_mut(implementation) {
                *choice = Some(Choice::Module(module.clone()));
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
