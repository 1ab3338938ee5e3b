//! Makes modules smaller with tools that happen to be installed: only with `-O`, and nobody needs them.

use super::Wanted;
use super::fingerprint::Digest;
use super::programs::on_path;
use crate::diagnostics::{Code, Diagnostic};
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The tools in their order, each with what stands between the module and the option for the result. Names are gone
/// from modules that are built here, so nothing is left to do for tools that go by names, such as wasm-snip.
const TOOLS: [(&str, &[&str]); 2] = [
    ("wasm-strip", &[]),
    (
        "wasm-opt",
        &[
            "-O4",
            "--dce",
            "--enable-bulk-memory",
            "--enable-nontrapping-float-to-int",
            // What compilers have come to use by themselves, and the tool does not allow by itself.
            "--enable-sign-ext",
            "--enable-mutable-globals",
            "--enable-multivalue",
            "--enable-reference-types",
        ],
    ),
];

/// A tool that did not do its work.
#[derive(Debug)]
pub struct ToolFailed {
    tool: &'static str,
    said: String,
}

impl ToolFailed {
    /// What there is to say about it.
    pub(super) fn about(self, wanted: &Wanted) -> Diagnostic {
        let message = format!("{} fails on the module of {}", self.tool, wanted.quoted_name());
        let help = "it is called because of -O and because it is installed".to_owned();
        wanted.error(Code::E060, message).help(help).quoting(self.said)
    }
}

fn installed() -> Vec<(&'static str, PathBuf, &'static [&'static str])> {
    TOOLS.iter().filter_map(|(name, arguments)| Some((*name, on_path(name)?, *arguments))).collect()
}

/// Tells the tools that are installed from others.
pub fn digest() -> Digest {
    let version = |(name, path, _): (&str, PathBuf, _)| {
        let output = Command::new(path).arg("--version").stdin(Stdio::null()).output();
        let version = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        format!("{name} {}", version.unwrap_or_default())
    };
    Digest::of_texts(installed().into_iter().map(version))
}

/// The module as the tools leave it.
///
/// # Errors
///
/// Fails if one of them does.
pub fn shrink(module: &[u8]) -> Result<Vec<u8>, ToolFailed> {
    let mut module = module.to_vec();
    for (tool, path, arguments) in installed() {
        module = run(tool, &path, arguments, &module)
            .map_err(|error| ToolFailed { tool, said: error.to_string() })?;
    }
    Ok(module)
}

fn run(tool: &str, path: &PathBuf, arguments: &[&str], module: &[u8]) -> io::Result<Vec<u8>> {
    let directory = tempfile::Builder::new().prefix("flowc-").tempdir()?;
    let [before, after] = ["before.wasm", "after.wasm"].map(|name| directory.path().join(name));
    std::fs::write(&before, module)?;
    let mut command = Command::new(path);
    command.arg(&before).args(arguments).arg("-o").arg(&after).stdin(Stdio::null());
    log::debug!("calling {command:?}");
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!("{tool} ended with {}\n{said}", output.status)));
    }
    std::fs::read(&after)
}
