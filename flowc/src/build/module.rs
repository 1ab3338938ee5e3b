//! Whether a module can be run as a function: that it is valid, what it exports, and that it needs nothing from outside.

use flowcore::guest::LARGEST_MODULE;
use wasmparser::types::{EntityType, TypesRef};
use wasmparser::{BinaryReaderError, CompositeInnerType, ValType, Validator, WasmFeatures};

/// What every module begins with.
const HEAD: &[u8] = b"\0asm\x01\0\0\0";

/// What modules may make use of: the same as in a runner.
const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::TAIL_CALL);

/// As many things that are wrong in the same way are named.
const NAMED: usize = 5;

/// Why a module cannot be run as a function.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unfit {
    /// It is something else.
    #[error("it is not a WebAssembly module")]
    NoModule,
    /// No runner takes it.
    #[error("it has more than the {} MiB that runners take", LARGEST_MODULE >> 20)]
    TooLarge,
    /// It is not what a module has to be.
    #[error("it is not a valid WebAssembly module: {} at byte {}", .0.message(), .0.offset())]
    Invalid(#[from] BinaryReaderError),
    /// It expects something from whoever runs it.
    #[error("it imports {}, and functions are offered nothing", .0.join(", "))]
    Imports(Vec<String>),
    /// It has none of the functions that are called.
    #[error("it exports neither `flow_run` nor `run_wasm`, so there is nothing to run")]
    NothingToRun,
    /// What is called needs something else too.
    #[error("it exports `{0}` but not `{1}`, which belongs to it")]
    Incomplete(&'static str, &'static str),
    /// What is called is called with other values than it takes, or gives something else.
    #[error("it exports `{0}`, but not as a function {1}")]
    OtherSignature(&'static str, &'static str),
}

/// What a function takes and gives.
struct Signature {
    name: &'static str,
    takes: &'static [ValType],
    gives: ValType,
    /// The same for people.
    in_words: &'static str,
}

const FLOW_RUN: Signature = Signature {
    name: "flow_run",
    takes: &[ValType::I32, ValType::I32],
    gives: ValType::I64,
    in_words: "from two i32 to an i64",
};

const RUN_WASM: Signature = Signature {
    name: "run_wasm",
    takes: &[ValType::I32, ValType::I32],
    gives: ValType::I32,
    in_words: "from two i32 to an i32",
};

const ALLOC: Signature = Signature {
    name: "alloc",
    takes: &[ValType::I32],
    gives: ValType::I32,
    in_words: "from an i32 to an i32",
};

/// Checks that a module is valid and follows one of the conventions for functions: `flow_run` or `run_wasm`, each with
/// `alloc` and `memory`.
///
/// # Errors
///
/// Fails if it does not.
pub fn check(module: &[u8]) -> Result<(), Unfit> {
    if !module.starts_with(HEAD) {
        return Err(Unfit::NoModule);
    }
    if module.len() > LARGEST_MODULE {
        return Err(Unfit::TooLarge);
    }
    let types = Validator::new_with_features(FEATURES).validate_all(module)?;
    let types = types.as_ref();
    let imports = types.core_imports().into_iter().flatten();
    let imports: Vec<String> =
        imports.map(|(module, name, _)| format!("`{module}.{name}`")).take(NAMED).collect();
    if !imports.is_empty() {
        return Err(Unfit::Imports(imports));
    }
    let run =
        [FLOW_RUN, RUN_WASM].into_iter().find(|run| run.is_exported(types)).ok_or(Unfit::NothingToRun)?;
    run.check(types)?;
    if !ALLOC.is_exported(types) {
        return Err(Unfit::Incomplete(run.name, ALLOC.name));
    }
    ALLOC.check(types)?;
    match export(types, "memory") {
        Some(EntityType::Memory(_)) => Ok(()),
        _ => Err(Unfit::Incomplete(run.name, "memory")),
    }
}

/// What a module exports under a name.
fn export(types: TypesRef<'_>, name: &str) -> Option<EntityType> {
    types.core_exports()?.find(|(exported, _)| *exported == name).map(|(_, kind)| kind)
}

impl Signature {
    /// Whether there is a function of that name.
    fn is_exported(&self, types: TypesRef<'_>) -> bool {
        matches!(export(types, self.name), Some(EntityType::Func(_)))
    }

    fn check(&self, types: TypesRef<'_>) -> Result<(), Unfit> {
        let other = Unfit::OtherSignature(self.name, self.in_words);
        let Some(EntityType::Func(id)) = export(types, self.name) else { return Err(other) };
        match types.get(id).map(|found| &found.composite_type.inner) {
            Some(CompositeInnerType::Func(function))
                if function.params() == self.takes && function.results() == [self.gives] =>
            {
                Ok(())
            }
            _ => Err(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wat::assemble;
    use super::*;

    fn verdict(text: &str) -> Result<(), Unfit> {
        check(&assemble(text).unwrap())
    }

    const ALLOC: &str = r#"(func (export "alloc") (param i32) (result i32) (i32.const 0))"#;
    const MEMORY: &str = r#"(memory (export "memory") 1)"#;
    const RUN: &str = r#"(func (export "flow_run") (param i32 i32) (result i64) (i64.const 0))"#;

    #[test]
    fn both_conventions_are_known() {
        assert!(verdict(&format!("(module {MEMORY} {ALLOC} {RUN})")).is_ok());
        let old = r#"(func (export "run_wasm") (param i32 i32) (result i32) (i32.const 0))"#;
        assert!(verdict(&format!("(module {MEMORY} {ALLOC} {old})")).is_ok());
    }

    #[test]
    fn what_is_missing_is_named() {
        let said = |text: &str| verdict(text).unwrap_err().to_string();
        assert!(matches!(verdict(&format!("(module {MEMORY} {ALLOC})")), Err(Unfit::NothingToRun)));
        assert!(matches!(verdict("(module)"), Err(Unfit::NothingToRun)));
        assert_eq!(
            said(&format!("(module {MEMORY} {RUN})")),
            "it exports `flow_run` but not `alloc`, which belongs to it"
        );
        assert_eq!(
            said(&format!("(module {ALLOC} {RUN})")),
            "it exports `flow_run` but not `memory`, which belongs to it"
        );
        // A memory is not enough: it has to be the one of this name.
        let other = r#"(memory (export "other") 1)"#;
        assert!(verdict(&format!("(module {other} {ALLOC} {RUN})")).is_err());
    }

    #[test]
    fn whatever_is_imported_is_named() {
        let imports = r#"(import "env" "now" (func)) (import "env" "t" (table 1 2 funcref))
            (import "env" "memory" (memory 1)) (import "env" "g" (global i32))"#;
        let found = verdict(&format!("(module {imports})"));
        let names = ["`env.now`", "`env.t`", "`env.memory`", "`env.g`"].map(str::to_owned);
        assert!(matches!(found, Err(Unfit::Imports(found)) if found == names));
    }

    #[test]
    fn what_is_called_with_other_values_is_told_with_those_it_should_take() {
        let wrong = [
            (r#"(func (export "flow_run") (param i32) (result i64) (i64.const 0))"#, ALLOC),
            (r#"(func (export "flow_run") (param i32 i32) (result i32) (i32.const 0))"#, ALLOC),
            (r#"(func (export "flow_run") (param i32 i32))"#, ALLOC),
            (r#"(func (export "run_wasm") (param i64 i32) (result i32) (i32.const 0))"#, ALLOC),
            (RUN, r#"(func (export "alloc") (param i64) (result i32) (i32.const 0))"#),
        ];
        for (run, alloc) in wrong {
            let found = verdict(&format!("(module {MEMORY} {alloc} {run})"));
            assert!(matches!(found, Err(Unfit::OtherSignature(..))), "{run} {alloc}: {found:?}");
        }
        // What is not a function is none of any kind.
        let global = r#"(global (export "flow_run") i32 (i32.const 0))"#;
        assert!(matches!(verdict(&format!("(module {MEMORY} {ALLOC} {global})")), Err(Unfit::NothingToRun)));
    }

    #[test]
    fn code_that_is_not_valid_is_told_with_its_place() {
        let wrong = verdict(&format!(
            "(module {MEMORY} {ALLOC} (func (export \"flow_run\") (param i32 i32) (result i64)))"
        ));
        let said = wrong.unwrap_err().to_string();
        assert!(said.starts_with("it is not a valid WebAssembly module: type mismatch"), "{said}");
        assert!(said.contains(" at byte "), "{said}");
        // No runner knows memories of 64 bits.
        assert!(matches!(verdict(r#"(module (memory (export "memory") i64 1))"#), Err(Unfit::Invalid(_))));
    }

    #[test]
    fn what_is_no_module_is_told_and_never_trusted() {
        assert!(matches!(check(b""), Err(Unfit::NoModule)));
        assert!(matches!(check(b"\x7fELF"), Err(Unfit::NoModule)));
        let whole = assemble(&format!("(module {MEMORY} {ALLOC} {RUN})")).unwrap();
        for length in HEAD.len()..whole.len() {
            assert!(check(&whole[..length]).is_err(), "{length}");
        }
        assert!(matches!(check(&[HEAD, &[7, 200]].concat()), Err(Unfit::Invalid(_))));
        let large = [HEAD, &vec![0; LARGEST_MODULE]].concat();
        assert!(matches!(check(&large), Err(Unfit::TooLarge)));
    }
}
