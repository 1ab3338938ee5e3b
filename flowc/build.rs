//! Embeds what the compiler needs without any set-up: the definitions of the context functions, the pages that explain
//! diagnostics, and the crates that functions are compiled with.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // This is run in the folder of the package. Its paths stay relative: the package may be elsewhere when what comes of
    // this is used again.
    let root = Path::new("../flowrcli/context");
    embed("context.rs", root, "toml", |file| {
        Some(file.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/"))
    })?;
    embed("pages.rs", Path::new("../docs/diagnostics"), "md", |file| {
        let name = file.file_stem()?.to_str()?;
        // The index is no page of a code.
        (name != "README").then(|| name.to_owned())
    })?;
    embed_crates(Path::new(".."))
}

/// Embeds the sources of the crates that functions are written with, with the manifests that they have here.
fn embed_crates(root: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut files = vec![root.join("Cargo.toml"), root.join("Cargo.lock")];
    for name in ["flowcore", "flowmacro", "flowsource"] {
        files.push(root.join(name).join("Cargo.toml"));
        println!("cargo::rerun-if-changed={}", root.join(name).join("src").display());
        collect(&root.join(name).join("src"), "rs", &mut files)?;
    }
    write_table("crates.rs", files, |file| {
        Some(file.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/"))
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
    write_table(table, files, name)
}

/// Writes a table of some files, each with its name, ascending.
fn write_table(
    table: &str,
    mut files: Vec<PathBuf>,
    name: impl Fn(&Path) -> Option<String>,
) -> Result<(), Box<dyn std::error::Error>> {
    files.sort();
    let mut text = String::from("&[\n");
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        if let Some(name) = name(&file) {
            let file = format!("/{}", file.display());
            writeln!(text, "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {file:?}))),")?;
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
