//! The drawings of the examples, beside their definitions; a test of `flowc` says when they are not current.

use crate::{Result, repository};
use std::fs;
use std::path::Path;
use std::process::Command;

pub(crate) fn draw() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for entry in fs::read_dir(repository().join("examples"))? {
        let example = entry?.path();
        if !example.join("root.toml").is_file() {
            continue;
        }
        println!("> flowc -c -g {}", example.display());
        let scratch = repository().join("target/drawings").join(example.file_name().unwrap_or_default());
        if scratch.exists() {
            fs::remove_dir_all(&scratch)?;
        }
        fs::create_dir_all(&scratch)?;
        let mut command = Command::new(&cargo);
        command.current_dir(repository()).args(["run", "-q", "-p", "flowc", "--", "-c", "-g", "-o"]);
        // Libraries that are installed here are not those that everybody has.
        command.arg(&scratch).arg(&example).env("FLOW_LIB_PATH", "").env("HOME", &scratch);
        if let Some(home) = home_of_cargo() {
            command.env("CARGO_HOME", home);
        }
        if !command.status()?.success() {
            return Err(format!("{} cannot be drawn", example.display()).into());
        }
        replace(&example, &scratch)?;
    }
    Ok(())
}

fn home_of_cargo() -> Option<std::path::PathBuf> {
    let given = std::env::var_os("CARGO_HOME").map(Into::into);
    given.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")))
}

/// Puts the drawings of flows in the place of those that are there. The compiled graph shows nothing new about an example.
fn replace(example: &Path, drawn: &Path) -> Result<()> {
    for path in drawings(example)? {
        fs::remove_file(path)?;
    }
    for path in drawings(drawn)? {
        if let Some(name) = path.file_name().filter(|name| !name.to_string_lossy().ends_with(".compiled.svg")) {
            fs::copy(&path, example.join(name))?;
        }
    }
    Ok(())
}

fn drawings(directory: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut drawings = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "svg") {
            drawings.push(path);
        }
    }
    Ok(drawings)
}
