//! The drawings of the examples, beside their definitions; a test of `flowc` says when they are not current.

use crate::demo::Scratch;
use crate::{Result, program, repository};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) fn draw() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // <target>/<profile directory>/xtask
    let profile = std::env::current_exe()?.parent().ok_or("xtask lies nowhere")?.to_path_buf();
    let target = profile.parent().ok_or("xtask does not lie in a target directory")?;
    let mut build = Command::new(cargo);
    build.current_dir(repository()).args(["build", "--package", "flowc", "--target-dir"]).arg(target);
    program::run("cargo build", &mut build)?;
    for entry in fs::read_dir(repository().join("examples"))? {
        let example = entry?.path();
        if !example.join("root.toml").is_file() {
            continue;
        }
        println!("> flowc -c -p -g {}", example.display());
        let scratch = Scratch::new()?;
        let mut command = Command::new(profile.join("flowc"));
        command.args(["-c", "-p", "-v", "off", "-g", "-o"]).arg(scratch.path()).arg(&example);
        // Libraries that are installed here are not those that everybody has.
        program::run("flowc", command.env("FLOW_LIB_PATH", "").env("HOME", ""))?;
        replace(&example, scratch.path())?;
    }
    Ok(())
}

/// Puts the drawings of flows in the place of those that are there. The compiled graph shows nothing new about an example.
fn replace(example: &Path, drawn: &Path) -> Result<()> {
    for path in drawings(example)? {
        fs::remove_file(path)?;
    }
    for path in drawings(drawn)? {
        if let Some(name) = path.file_name().filter(|name| !name.to_string_lossy().ends_with(".compiled.svg"))
        {
            fs::copy(&path, example.join(name))?;
        }
    }
    Ok(())
}

fn drawings(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut drawings = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "svg") {
            drawings.push(path);
        }
    }
    Ok(drawings)
}
