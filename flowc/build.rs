//! Embeds the definitions of the context functions and the pages that explain diagnostics, so that the compiler needs no
//! set-up to find them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = here.join("../flowrcli/context");
    embed("context.rs", &root, "toml", |file| {
        Some(file.strip_prefix(&root).ok()?.to_string_lossy().replace('\\', "/"))
    })?;
    embed("pages.rs", &here.join("../docs/diagnostics"), "md", |file| {
        let name = file.file_stem()?.to_str()?;
        // The index is no page of a code.
        (name != "README").then(|| name.to_owned())
    })
}

/// Writes a table of the files of an extension below a directory, each with its name, ascending.
fn embed(
    table: &str,
    root: &Path,
    extension: &str,
    name: impl Fn(&Path) -> Option<String>,
) -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(root, extension, &mut files)?;
    files.sort();
    let mut text = String::from("&[\n");
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        if let Some(name) = name(&file) {
            writeln!(text, "    ({name:?}, include_str!({:?})),", file.canonicalize()?)?;
        }
    }
    text.push(']');
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join(table), text)?;
    Ok(())
}

/// All files of an extension below a directory.
fn collect(directory: &Path, wanted: &str, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, wanted, files)?;
        } else if path.extension().is_some_and(|extension| extension == wanted) {
            files.push(path);
        }
    }
    Ok(())
}
