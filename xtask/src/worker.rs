//! The worker as one file that runs anywhere: static, stripped, for this machine or for ARM.

use crate::{Result, program, repository};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The largest that a worker may be, in bytes.
const LARGEST: usize = 15_000_000;

/// Where other tool chains are looked for than the one that runs this.
const ELSEWHERE: &str = "/usr";

/// `cargo xtask worker [TARGET]`
pub(crate) fn worker() -> Result<()> {
    let target = match std::env::args().nth(2) {
        Some(target) => target,
        None => program::host()?,
    };
    build(&target).map(|_| ())
}

/// Builds the worker for a machine of that kind; gives where it is, if it is as small as it should be and needs nothing.
pub(crate) fn build(target: &str) -> Result<PathBuf> {
    let folder = folder()?;
    let mut cargo = tool_chain(target)?;
    cargo.current_dir(repository());
    cargo.args(["build", "--profile", "dist", "--package", "flowrex", "--target", target, "--target-dir"]);
    cargo.arg(&folder);
    // Nothing of the machine that it is built on is needed where it runs.
    cargo.env("RUSTFLAGS", "-Ctarget-feature=+crt-static");
    program::run("the build of the worker", &mut cargo)?;
    let worker = folder.join(target).join("dist/flowrex");
    let file = fs::read(&worker)?;
    println!("{} for {target}: {:.1} MB", worker.display(), file.len() as f64 / 1e6);
    if file.len() > LARGEST {
        return Err(format!("a worker may have {:.1} MB", LARGEST as f64 / 1e6).into());
    }
    match burden(&file) {
        Some(burden) => Err(format!("the worker {burden}").into()),
        None => Ok(worker),
    }
}

/// A cargo that can build for a kind of machine: ours, if its compiler has what that takes, or the system's.
fn tool_chain(target: &str) -> Result<Command> {
    let ours = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let libraries = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output()?;
    let libraries = String::from_utf8(libraries.stdout)?;
    let elsewhere = Path::new(ELSEWHERE);
    let mut cargo = if Path::new(libraries.trim()).is_dir() {
        Command::new(ours)
    } else if elsewhere.join("lib/rustlib").join(target).join("lib").is_dir() {
        let mut cargo = Command::new(elsewhere.join("bin/cargo"));
        cargo.env("RUSTC", elsewhere.join("bin/rustc"));
        // Said by the one that runs this, and meant for it.
        cargo.env_remove("RUSTUP_TOOLCHAIN");
        cargo
    } else {
        return Err(format!(
            "nothing here compiles for {target}: try 'rustup target add {target}', \
             or on Debian the package libstd-rust-web-dev of that architecture with rustc-web and cargo-web"
        )
        .into());
    };
    if target != program::host()? {
        let compiler = format!("{}-gcc", target.replace("-unknown", ""));
        let variable = target.replace('-', "_");
        cargo.env(format!("CC_{variable}"), &compiler);
        cargo.env(format!("CXX_{variable}"), compiler.replace("gcc", "g++"));
        cargo.env(format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()), compiler);
    }
    Ok(cargo)
}

/// Beside what else is built, since nothing of it can be used for this.
fn folder() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let target = this.ancestors().nth(2).ok_or("xtask does not lie in a target directory")?;
    Ok(target.join("worker"))
}

/// What a file of machine code brings along or asks for that it should not: by the headers of ELF, 64 bits, little end
/// first. None if there is nothing.
fn burden(file: &[u8]) -> Option<&'static str> {
    /// The kind of segment that names a dynamic linker.
    const INTERPRETER: u32 = 3;
    /// The kind of section that has names for whoever debugs it.
    const SYMBOLS: u32 = 2;

    let short = |at: usize| Some(usize::from(u16::from_le_bytes(file.get(at..)?.first_chunk().copied()?)));
    let word = |at: usize| Some(u32::from_le_bytes(file.get(at..)?.first_chunk().copied()?));
    let long = |at: usize| usize::try_from(u64::from_le_bytes(file.get(at..)?.first_chunk().copied()?)).ok();
    // A table's offset, the size and number of its entries, and where in an entry its kind is.
    let kinds = |offset, size, count, kind: usize| {
        let (offset, size, count) = (long(offset)?, short(size)?, short(count)?);
        (0..count).map(|entry| word(offset.saturating_add(entry * size + kind))).collect::<Option<Vec<u32>>>()
    };
    let (Some(segments), Some(sections)) = (kinds(0x20, 0x36, 0x38, 0), kinds(0x28, 0x3a, 0x3c, 4)) else {
        return Some("is not in a format that is known");
    };
    if segments.contains(&INTERPRETER) {
        return Some("is not static: it needs libraries of the system");
    }
    sections.contains(&SYMBOLS).then_some("is not stripped")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_static_or_not_stripped_is_found() {
        let this = fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(burden(&this), Some("is not static: it needs libraries of the system"));
        assert_eq!(burden(b"#!/bin/sh"), Some("is not in a format that is known"));

        // One segment and one section behind the header, of these kinds.
        let made_of = |segment: u32, section: u32| {
            let mut file = vec![0; 0x40];
            file[0x20] = 0x40;
            file[0x28] = 0x48;
            (file[0x36], file[0x38], file[0x3a], file[0x3c]) = (8, 1, 8, 1);
            file.extend(segment.to_le_bytes());
            file.extend([0; 8]);
            file.extend(section.to_le_bytes());
            file
        };
        assert_eq!(burden(&made_of(1, 1)), None);
        assert_eq!(burden(&made_of(3, 1)), Some("is not static: it needs libraries of the system"));
        assert_eq!(burden(&made_of(1, 2)), Some("is not stripped"));
    }
}
