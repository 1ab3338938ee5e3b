//! The two conventions that modules may follow: what they export, and how they are called.

use super::error::ModuleError;
use wasmtime::{ExternType, FuncType, Module, ValType};

/// How a module is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Convention {
    /// Ours: encoded values in, an encoded answer out, as [`flowcore::encoding::call`] describes.
    Values,
    /// The one that published modules follow: JSON text in, JSON text out, in the same place.
    Json,
}

/// The entry of the value convention.
pub(super) const FLOW_RUN: &str = "flow_run";
/// The entry of the JSON convention.
pub(super) const RUN_WASM: &str = "run_wasm";
pub(super) const MEMORY: &str = "memory";
pub(super) const ALLOC: &str = "alloc";
pub(super) const DEALLOC: &str = "dealloc";
pub(super) const FLOW_PANIC: &str = "flow_panic";

/// Finds out which convention a module follows.
///
/// # Errors
///
/// Fails if it follows neither, wants something from its host, or starts with more memory than it may have.
pub(super) fn convention(module: &Module, memory_limit: u64) -> Result<Convention, ModuleError> {
    if let Some(import) = module.imports().next() {
        let (module, name) = (import.module().to_owned(), import.name().to_owned());
        return Err(ModuleError::Imports { module, name });
    }
    match module.get_export(MEMORY) {
        Some(ExternType::Memory(memory)) => {
            let needed = memory.minimum().saturating_mul(memory.page_size());
            if needed > memory_limit {
                return Err(ModuleError::Memory { needed, allowed: memory_limit });
            }
        }
        _ => return Err(ModuleError::Missing("a memory called 'memory'")),
    }
    let exports = |name, parameters: &[ValType], result: Option<ValType>| {
        let is = |function: &FuncType| {
            function.params().len() == parameters.len()
                && function.params().zip(parameters).all(|(is, wanted)| is.matches(wanted))
                && function.results().len() == usize::from(result.is_some())
                && function.results().zip(&result).all(|(is, wanted)| is.matches(wanted))
        };
        matches!(module.get_export(name), Some(ExternType::Func(function)) if is(&function))
    };
    if !exports(ALLOC, &[ValType::I32], Some(ValType::I32)) {
        return Err(ModuleError::Missing("a function 'alloc' from i32 to i32"));
    }
    if exports(FLOW_RUN, &[ValType::I32, ValType::I32], Some(ValType::I64)) {
        Ok(Convention::Values)
    } else if exports(RUN_WASM, &[ValType::I32, ValType::I32], Some(ValType::I32)) {
        Ok(Convention::Json)
    } else {
        Err(ModuleError::Missing(
            "a function 'flow_run' from two i32 to i64, or 'run_wasm' from two i32 to i32",
        ))
    }
}
