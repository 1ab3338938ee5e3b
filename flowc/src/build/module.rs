//! Whether a module can be run as a function: what it exports, and that it needs nothing from outside.

use flowcore::encoding::{DecodeError, Reader};

/// What every module begins with.
const HEAD: &[u8] = b"\0asm\x01\0\0\0";

/// The sections that matter here.
mod section {
    pub(super) const IMPORTS: u8 = 2;
    pub(super) const FUNCTIONS: u8 = 3;
    pub(super) const EXPORTS: u8 = 7;
    pub(super) const CODE: u8 = 10;
}

/// Kinds of what is imported and exported.
mod kind {
    pub(super) const FUNCTION: u8 = 0;
    pub(super) const TABLE: u8 = 1;
    pub(super) const MEMORY: u8 = 2;
    pub(super) const GLOBAL: u8 = 3;
    pub(super) const TAG: u8 = 4;
}

/// As many things that are wrong in the same way are named.
const NAMED: usize = 5;

/// Why a module cannot be run as a function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is something else.
    #[error("it is not a WebAssembly module")]
    NoModule,
    /// Its sections are not what they should be.
    #[error("it is a damaged WebAssembly module: {0}")]
    Damaged(#[from] DecodeError),
    /// It expects something from whoever runs it.
    #[error("it imports {}, and functions are offered nothing", .0.join(", "))]
    Imports(Vec<String>),
    /// It has none of the functions that are called.
    #[error("it exports neither `flow_run` nor `run_wasm`, so there is nothing to run")]
    NothingToRun,
    /// What is called needs something else too.
    #[error("it exports `{0}` but not `{1}`, which belongs to it")]
    Incomplete(&'static str, &'static str),
}

/// Checks that a module follows one of the conventions for functions: `flow_run` or `run_wasm`, each with `alloc` and
/// `memory`.
///
/// # Errors
///
/// Fails if it does not.
pub fn check(module: &[u8]) -> Result<(), Unfit> {
    let mut reader = Reader::new(module.strip_prefix(HEAD).ok_or(Unfit::NoModule)?);
    let (mut imports, mut functions, mut memories) = (Vec::new(), Vec::new(), Vec::new());
    let mut lacks_code = false;
    while reader.end().is_err() {
        let id = reader.byte()?;
        let length = reader.small()?;
        let mut content = Reader::new(reader.take(length)?);
        match id {
            section::IMPORTS => {
                for _ in 0..content.count()? {
                    imports.push(format!("`{}.{}`", content.text()?, content.text()?));
                    skip_import(&mut content)?;
                }
            }
            section::FUNCTIONS => lacks_code = true,
            section::CODE => lacks_code = false,
            section::EXPORTS => {
                for _ in 0..content.count()? {
                    let name = content.text()?;
                    match content.byte()? {
                        kind::FUNCTION => functions.push(name),
                        kind::MEMORY => memories.push(name),
                        _ => {}
                    }
                    content.integer()?;
                }
            }
            _ => {}
        }
    }
    if lacks_code {
        return Err(Unfit::Damaged(DecodeError::Truncated));
    }
    if !imports.is_empty() {
        imports.truncate(NAMED);
        return Err(Unfit::Imports(imports));
    }
    let run = ["flow_run", "run_wasm"].into_iter().find(|run| functions.contains(run));
    let run = run.ok_or(Unfit::NothingToRun)?;
    if !functions.contains(&"alloc") {
        return Err(Unfit::Incomplete(run, "alloc"));
    }
    if !memories.contains(&"memory") {
        return Err(Unfit::Incomplete(run, "memory"));
    }
    Ok(())
}

/// Passes over what kind of thing is imported.
fn skip_import(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    match reader.byte()? {
        kind::FUNCTION => drop(reader.integer()?),
        kind::TABLE => {
            reader.byte()?;
            skip_limits(reader)?;
        }
        kind::MEMORY => skip_limits(reader)?,
        kind::GLOBAL => drop(reader.take(2)?),
        kind::TAG => {
            reader.byte()?;
            reader.integer()?;
        }
        tag => return Err(DecodeError::UnknownTag { what: "import", tag }),
    }
    Ok(())
}

/// Passes over how large something may be.
fn skip_limits(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    const HAS_MOST: u8 = 1;
    let flags = reader.byte()?;
    reader.integer()?;
    if flags & HAS_MOST != 0 {
        reader.integer()?;
    }
    Ok(())
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
        assert_eq!(verdict(&format!("(module {MEMORY} {ALLOC} {RUN})")), Ok(()));
        let old = r#"(func (export "run_wasm") (param i32 i32) (result i32) (i32.const 0))"#;
        assert_eq!(verdict(&format!("(module {MEMORY} {ALLOC} {old})")), Ok(()));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(verdict(&format!("(module {MEMORY} {ALLOC})")), Err(Unfit::NothingToRun));
        assert_eq!(verdict("(module)"), Err(Unfit::NothingToRun));
        assert_eq!(verdict(&format!("(module {MEMORY} {RUN})")), Err(Unfit::Incomplete("flow_run", "alloc")));
        assert_eq!(verdict(&format!("(module {ALLOC} {RUN})")), Err(Unfit::Incomplete("flow_run", "memory")));
        // A memory is not enough: it has to be the one of this name.
        let other = r#"(memory (export "other") 1)"#;
        assert!(verdict(&format!("(module {other} {ALLOC} {RUN})")).is_err());
    }

    #[test]
    fn whatever_is_imported_is_named() {
        let imports = r#"(import "env" "now" (func)) (import "env" "t" (table 1 2 funcref))
            (import "env" "memory" (memory 1)) (import "env" "g" (global i32)) (import "env" "e" (tag))"#;
        let found = verdict(&format!("(module {imports})"));
        let names = ["`env.now`", "`env.t`", "`env.memory`", "`env.g`", "`env.e`"].map(str::to_owned);
        assert_eq!(found, Err(Unfit::Imports(names.to_vec())));
    }

    #[test]
    fn what_is_no_module_is_told_and_never_trusted() {
        assert_eq!(check(b""), Err(Unfit::NoModule));
        assert_eq!(check(b"\x7fELF"), Err(Unfit::NoModule));
        let whole = assemble(&format!("(module {MEMORY} {ALLOC} {RUN})")).unwrap();
        for length in HEAD.len()..whole.len() {
            assert!(check(&whole[..length]).is_err(), "{length}");
        }
        assert!(matches!(check(&[HEAD, &[7, 200]].concat()), Err(Unfit::Damaged(_))));
    }
}
