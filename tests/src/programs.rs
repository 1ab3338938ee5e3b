//! The programs under test: built once for each test process, found where the running test itself was built.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Everything a user has after installing.
pub(crate) const PROGRAMS: [&str; 4] = ["flowc", "flowr", "flowrcli", "flowrex"];

/// The top folder of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate lies in the repository")
}

/// Where freshly built programs lie, and where their target directory is.
pub(crate) struct Built {
    pub(crate) programs: PathBuf,
    pub(crate) target: PathBuf,
}

/// How variables begin that cargo sets for the package whose tests it runs.
const OF_PACKAGE: [&str; 4] = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_"];

/// Builds the programs on the first call.
///
/// `cargo test` builds only the programs of crates that have integration tests of their own, so the tests ask for the
/// rest, with the profile and in the target directory they were built in themselves: mostly there is nothing to do.
pub(crate) fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(build)
}

fn build() -> Built {
    let test = std::env::current_exe().expect("a test knows its own path");
    // <target>/<profile directory>/deps/<test>
    let programs = test.ancestors().nth(2).expect("a test lies in deps/").to_path_buf();
    let target = programs.parent().expect("a profile has a target directory").to_path_buf();
    let profile = match programs.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };

    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.current_dir(repository());
    build.args(["build", "--workspace", "--bins", "--profile", profile, "--target-dir"]).arg(&target);
    // What cargo has told this test of its package is not for others: some would be compiled anew because of it.
    for (name, _) in std::env::vars_os() {
        let is_of_package = |name: &str| OF_PACKAGE.iter().any(|prefix| name.starts_with(prefix));
        if name.to_str().is_some_and(is_of_package) {
            build.env_remove(name);
        }
    }
    let output = build.output().expect("cargo can be started");
    assert!(
        output.status.success(),
        "the programs cannot be built:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Built { programs, target }
}
