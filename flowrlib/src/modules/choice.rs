//! What each implementation of a program runs, decided once for a run.

use super::{Found, ModuleFile};
use crate::context::ContextFunctions;
use crate::executor::{Code, CodeTable, ModuleLimits, Registry, WasmFunction};
use crate::program::{ImplementationId, ImplementationKind, Program};
use crate::table::Table;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What an implementation runs, here and elsewhere.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    /// A function that is part of the programs, or one of the runner's own.
    Native(Code),
    /// A module.
    Module(ModuleFile),
    /// Nothing, and why.
    Missing(String),
}

impl Choice {
    /// The module, if it is one.
    pub(crate) fn module(&self) -> Option<&ModuleFile> {
        match self {
            Choice::Module(module) => Some(module),
            Choice::Native(_) | Choice::Missing(_) => None,
        }
    }
}

/// Decides what each implementation runs.
pub(crate) fn choose(
    program: &Program,
    registry: &Registry,
    context: &dyn ContextFunctions,
) -> Table<ImplementationId, Choice> {
    Table::alongside(&program.implementations, |implementation| {
        let url = &implementation.url;
        let native = match implementation.kind {
            ImplementationKind::Context { .. } => context
                .implementation(url)
                .map(Code::Loaded)
                .ok_or_else(|| format!("this runner has no context function {url}")),
            kind => match registry.module(implementation) {
                Ok(Found::Module(module)) => return Choice::Module(module),
                Ok(Found::Native) if kind == ImplementationKind::Provided => {
                    Err(format!("there is no module {url}"))
                }
                Ok(Found::Native) => registry.find(url),
                Err(reason) => Err(reason),
            },
        };
        native.map_or_else(Choice::Missing, Choice::Native)
    })
}

/// The code of what was chosen.
///
/// Modules are compiled here, as many at a time as there are cores, where jobs are to be run in this process. One that
/// cannot be used is an error of its functions, and of nothing else.
pub(crate) fn load(
    choices: &Table<ImplementationId, Choice>,
    limits: &ModuleLimits,
    compile: bool,
) -> CodeTable {
    let code = |choice: &Choice| match choice {
        Choice::Native(code) => Ok(code.clone()),
        Choice::Module(module) => Ok(Code::Module(Arc::new(WasmFunction::new(module.clone(), *limits)))),
        Choice::Missing(reason) => Err(reason.clone()),
    };
    let codes: CodeTable = Table::alongside(choices, code);
    if !compile {
        return codes;
    }
    let modules: Vec<&WasmFunction> =
        codes.iter().filter_map(|(_, code)| code.as_ref().ok()?.module()).collect();
    compile_all(&modules);
    Table::alongside(&codes, |code| {
        let code = code.clone()?;
        match code.module().map(WasmFunction::prepare) {
            Some(Err(error)) => Err(error.to_string()),
            Some(Ok(())) | None => Ok(code),
        }
    })
}

/// Compiles modules in as many threads as there are cores. What comes of it is kept in them.
fn compile_all(modules: &[&WasmFunction]) {
    if let [module] = modules {
        // An error is found again by whoever asks for the code.
        module.prepare().ok();
        return;
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let compile = || {
        while let Some(module) = modules.get(next.fetch_add(1, Ordering::Relaxed)) {
            module.prepare().ok();
        }
    };
    thread::scope(|scope| {
        for _ in 1..cores.min(modules.len()) {
            scope.spawn(compile);
        }
        compile();
    });
}
