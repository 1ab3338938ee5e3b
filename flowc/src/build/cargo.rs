//! Calls cargo, and takes apart what it says.

use super::toolchain::ToolChain;
use crate::diagnostics::Style;
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What came of a call.
#[derive(Debug, Default)]
pub struct Called {
    /// Whether everything was built.
    pub is_done: bool,
    /// What was built.
    pub artifacts: Vec<Artifact>,
    /// What the compiler said.
    pub messages: Vec<Said>,
    /// What cargo said itself.
    pub said: String,
}

/// Something that was built.
#[derive(Debug)]
pub struct Artifact {
    /// The manifest of its package.
    pub manifest: PathBuf,
    /// The files.
    pub files: Vec<PathBuf>,
    /// The one among them that can be run.
    pub program: Option<PathBuf>,
}

/// Something that the compiler said about a package.
#[derive(Debug)]
pub struct Said {
    /// The manifest of the package.
    pub manifest: PathBuf,
    /// What it said, in lines.
    pub text: String,
    /// Whether it is an error.
    pub is_error: bool,
}

/// A line that cargo writes for programs.
#[derive(Deserialize)]
struct Line {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    executable: Option<PathBuf>,
    message: Option<Message>,
    #[serde(default)]
    success: bool,
}

#[derive(Deserialize)]
struct Message {
    rendered: Option<String>,
    #[serde(default)]
    level: String,
}

/// Builds packages of the workspace in a directory: first with what is on this machine already, and if that is not
/// enough, with what has to be fetched.
///
/// # Errors
///
/// Fails if cargo cannot be started. That something cannot be built is no error here.
pub fn call(
    tool_chain: &ToolChain,
    directory: &Path,
    style: Style,
    prepare: impl Fn(&mut Command),
) -> io::Result<Called> {
    for offline in [true, false] {
        let mut command = tool_chain.cargo(directory);
        prepare(&mut command);
        command.args(["--message-format", messages(style), "--color", colour(style)]);
        if offline {
            command.arg("--offline");
        }
        log::debug!("calling {command:?}");
        let output = command.stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        log::debug!("cargo said:\n{said}");
        let (called, is_begun) = read(&output.stdout, said, output.status.success());
        // Where building has begun, nothing is missing.
        if called.is_done || is_begun || !offline {
            return Ok(called);
        }
    }
    Ok(Called::default())
}

fn messages(style: Style) -> &'static str {
    match style {
        Style::Plain => "json",
        Style::Coloured => "json-diagnostic-rendered-ansi",
    }
}

/// The word of cargo and of test programs for a style.
pub fn colour(style: Style) -> &'static str {
    match style {
        Style::Plain => "never",
        Style::Coloured => "always",
    }
}

/// What cargo has written, and whether it got as far as building.
fn read(output: &[u8], said: String, is_done: bool) -> (Called, bool) {
    let mut called = Called { is_done, said, ..Called::default() };
    let mut is_begun = false;
    for line in output.split(|byte| *byte == b'\n') {
        // Build scripts may write here too.
        let Ok(line) = serde_json::from_slice::<Line>(line) else { continue };
        match (line.reason.as_str(), line.message) {
            ("compiler-artifact", _) => called.artifacts.push(Artifact {
                manifest: line.manifest_path,
                files: line.filenames,
                program: line.executable,
            }),
            ("compiler-message", Some(Message { rendered: Some(text), level })) => {
                let is_error = level.starts_with("error");
                called.messages.push(Said { manifest: line.manifest_path, text, is_error });
            }
            ("build-finished", _) => {
                is_begun = true;
                called.is_done &= line.success;
            }
            _ => {}
        }
    }
    (called, is_begun)
}

impl Called {
    /// The module that was built of a package.
    pub fn module(&self, manifest: &Path) -> Option<&Path> {
        let files = self.of(manifest).flat_map(|artifact| &artifact.files);
        files.map(PathBuf::as_path).find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
    }

    /// The program that was built of a package.
    pub fn program(&self, manifest: &Path) -> Option<&Path> {
        self.of(manifest).find_map(|artifact| artifact.program.as_deref())
    }

    fn of(&self, manifest: &Path) -> impl Iterator<Item = &Artifact> {
        self.artifacts.iter().filter(move |artifact| artifact.manifest == manifest)
    }

    /// The errors in a package.
    pub fn errors(&self, manifest: &Path) -> String {
        self.errors_where(|of| of == manifest)
    }

    /// The errors in packages for which something holds.
    pub fn errors_where(&self, holds: impl Fn(&Path) -> bool) -> String {
        let errors = self.messages.iter().filter(|said| said.is_error && holds(&said.manifest));
        errors.map(|said| said.text.as_str()).collect()
    }
}

/// The files that the file beside an artifact says it depends on: `target: file file`, with `\ ` for blanks in names.
/// Relative ones start from `directory`.
pub fn dependencies(text: &str, directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, names)) = line.split_once(": ") else { continue };
        let mut name = String::new();
        let mut characters = names.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\\' if characters.peek() == Some(&' ') => name.extend(characters.next()),
                ' ' => files.extend(Some(std::mem::take(&mut name)).filter(|name| !name.is_empty())),
                other => name.push(other),
            }
        }
        files.extend(Some(name).filter(|name| !name.is_empty()));
    }
    files.into_iter().map(|name| directory.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_writes_is_taken_apart() {
        let lines = br#"{"reason":"compiler-message","manifest_path":"/m/one/Cargo.toml","message":{"rendered":"warning: w\n","level":"warning"}}
noise of a build script
{"reason":"compiler-message","manifest_path":"/m/one/Cargo.toml","message":{"rendered":"error: e\n","level":"error"}}
{"reason":"compiler-artifact","manifest_path":"/m/two/Cargo.toml","filenames":["/t/two.wasm"],"executable":null}
{"reason":"build-finished","success":false}
"#;
        let (called, is_begun) = read(lines, String::new(), false);
        assert!(is_begun && !called.is_done);
        assert_eq!(called.errors(Path::new("/m/one/Cargo.toml")), "error: e\n");
        assert_eq!(called.errors(Path::new("/m/two/Cargo.toml")), "");
        let two = Path::new("/m/two/Cargo.toml");
        assert_eq!(called.module(two), Some(Path::new("/t/two.wasm")));
        assert_eq!(called.program(two), None);
    }

    #[test]
    fn where_nothing_was_resolved_nothing_has_begun() {
        let (called, is_begun) = read(b"", "error: no matching package".to_owned(), false);
        assert!(!is_begun && !called.is_done);
    }

    #[test]
    fn names_of_files_may_have_blanks() {
        let text = "/t/f.wasm: /a/f.rs /a/my\\ file.rs relative.rs\n\n/a/f.rs:\n# env-dep:X\n";
        let expected = ["/a/f.rs", "/a/my file.rs", "/w/relative.rs"].map(PathBuf::from);
        assert_eq!(dependencies(text, Path::new("/w")), expected);
    }
}
