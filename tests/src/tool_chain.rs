//! What functions are built with, which not every machine has. Tests that need it say so and do nothing where it is
//! missing; where `FLOW_TESTS_NEED_TOOL_CHAIN` is set that is a failure.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether Rust can be compiled to modules here; if not, says that something is left out.
pub fn is_there(what: &str) -> bool {
    is_rust_there() || left_out(what, "Rust for wasm32-unknown-unknown (rustup target add, or FLOW_RUST)")
}

/// Whether C can be compiled to modules here; if not, says that something is left out.
pub fn is_clang_there(what: &str) -> bool {
    let found = std::env::var_os("PATH").is_some_and(|path| {
        let in_path = |name: &str| std::env::split_paths(&path).any(|directory| has(&directory, name));
        in_path("clang") && in_path("wasm-ld")
    });
    found || left_out(what, "clang and wasm-ld")
}

/// Whether a directory has a program, or a version of it such as `name-19`.
fn has(directory: &Path, name: &str) -> bool {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let file = entry.file_name();
        let rest = file.to_str().and_then(|file| file.strip_prefix(name));
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix('-').is_some_and(|version| version.parse::<u32>().is_ok())
        })
    })
}

fn is_rust_there() -> bool {
    // The compiler says what is wrong with a tool chain that somebody names.
    if std::env::var_os("FLOW_RUST").is_some() {
        return true;
    }
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", "wasm32-unknown-unknown"]).stderr(Stdio::null());
    let told = rustc.output().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    told.is_ok_and(|directory| !directory.is_empty() && Path::new(&directory).is_dir())
}

/// Says it even where the output of tests that pass is not shown.
fn left_out(what: &str, missing: &str) -> bool {
    assert!(
        std::env::var_os("FLOW_TESTS_NEED_TOOL_CHAIN").is_none(),
        "{what} needs what is not installed: {missing}"
    );
    writeln!(std::io::stderr(), "left out: {what}, since there is no {missing}").ok();
    false
}

/// The directory that all tests build in, so that what does not change is compiled once.
pub fn build_directory() -> PathBuf {
    let test = std::env::current_exe().unwrap_or_default();
    // <target>/<profile directory>/deps/<test>
    let target = test.ancestors().nth(3).unwrap_or(Path::new("target"));
    target.join("tmp/flow-build")
}

/// What a program that builds has to know of this machine besides: its variables, with the values to set.
pub fn variables() -> Vec<(&'static str, PathBuf)> {
    let given = |name: &'static str| std::env::var_os(name).map(|value| (name, PathBuf::from(value)));
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let below_home = |name, folder| given(name).or_else(|| Some((name, home.as_ref()?.join(folder))));
    let found = [
        given("FLOW_RUST"),
        given("RUSTUP_TOOLCHAIN"),
        below_home("CARGO_HOME", ".cargo"),
        below_home("RUSTUP_HOME", ".rustup"),
        Some(("FLOW_BUILD_DIR", build_directory())),
    ];
    found.into_iter().flatten().collect()
}
