//! Finds the tool chain that compiles Rust to WebAssembly: the one that `rustc` means, if it has the target installed;
//! or one that the environment names, which may also have the sources of the standard library only, to build it with.

use super::fingerprint::Digest;
use super::programs::{newest, on_path};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What modules are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The environment variable that names a tool chain: the directory that its `bin` is in.
pub const VARIABLE: &str = "FLOW_RUST";

/// A tool chain that can build modules.
#[derive(Clone, Debug)]
pub struct ToolChain {
    /// What builds packages.
    pub cargo: PathBuf,
    /// The compiler.
    pub rustc: PathBuf,
    /// Where the standard library comes from.
    pub library: StandardLibrary,
    /// What links modules, where the tool chain does not bring it along.
    pub linker: Option<PathBuf>,
}

/// Where the standard library for modules comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandardLibrary {
    /// It is installed.
    Installed,
    /// It is built from its sources, which is a feature of cargo that has to be asked for.
    FromSources,
}

/// Why there is no tool chain.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// There is no compiler at all.
    #[error("Rust is not installed")]
    Rust,
    /// The tool chain that the environment names is none.
    #[error("{VARIABLE} names {}, and there is no {} in it", .directory.display(), .program)]
    Named {
        /// The directory.
        directory: PathBuf,
        /// What is not there.
        program: &'static str,
    },
    /// The compiler does not work.
    #[error("{} does not work: {cause}", .rustc.display())]
    Broken {
        /// The compiler.
        rustc: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It compiles for this machine only.
    #[error("Rust is installed, but not for WebAssembly")]
    Target,
    /// The named tool chain has neither the library nor its sources.
    #[error("the Rust in {} has no standard library for WebAssembly, nor its sources", .0.display())]
    Library(PathBuf),
    /// Nothing links modules.
    #[error("the Rust in {} needs a linker for WebAssembly, such as wasm-ld", .0.display())]
    Linker(PathBuf),
}

impl Missing {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Missing::Rust => format!(
                "install it from https://rustup.rs, then run: rustup target add {TARGET}; \
                 or name a tool chain in the variable {VARIABLE}"
            ),
            Missing::Target => format!(
                "run: rustup target add {TARGET}; or name another tool chain in the variable {VARIABLE}"
            ),
            Missing::Named { .. } | Missing::Broken { .. } => {
                format!("{VARIABLE} is the directory that contains bin/cargo and bin/rustc, such as /usr")
            }
            Missing::Library(_) => {
                format!("install the target {TARGET} or the sources of the standard library (rust-src)")
            }
            Missing::Linker(_) => "install the linker of LLVM, lld, so that wasm-ld is on PATH".to_owned(),
        }
    }
}

/// The compiler of a tool chain, by its name; what it is called to find out about it is not known yet.
#[derive(Clone, Debug)]
pub struct Compiler {
    /// The directory that the environment names, if it does.
    named: Option<PathBuf>,
    rustc: PathBuf,
    cargo: PathBuf,
    /// What it says about its version.
    version: String,
}

impl Compiler {
    /// Looks for it.
    ///
    /// # Errors
    ///
    /// Fails if there is none, or none that can be started.
    pub fn find(named: Option<&Path>) -> Result<Compiler, Missing> {
        let find = |program: &'static str| match named {
            None => on_path(program).ok_or(Missing::Rust),
            Some(directory) => {
                let path =
                    directory.join("bin").join(program).with_extension(std::env::consts::EXE_EXTENSION);
                let missing = || Missing::Named { directory: directory.to_owned(), program };
                path.is_file().then_some(path).ok_or_else(missing)
            }
        };
        let (rustc, cargo) = (find("rustc")?, find("cargo")?);
        let version = ask(&rustc, &["--version", "--verbose"])
            .map_err(|cause| Missing::Broken { rustc: rustc.clone(), cause })?;
        Ok(Compiler { named: named.map(Path::to_owned), rustc, cargo, version })
    }

    /// Tells it from others.
    pub fn digest(&self) -> Digest {
        Digest::of_texts([self.version.as_str()])
    }

    /// The tool chain that it belongs to.
    ///
    /// # Errors
    ///
    /// Fails if that cannot build modules.
    pub fn tool_chain(self) -> Result<ToolChain, Missing> {
        let Compiler { named, rustc, cargo, version } = self;
        let told = ask(&rustc, &["--print", "sysroot", "--print", "target-libdir", "--target", TARGET]);
        let told = told.map_err(|cause| Missing::Broken { rustc: rustc.clone(), cause })?;
        let mut lines = told.lines().map(PathBuf::from);
        let (root, libraries) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let library = if has_standard_library(&libraries) {
            StandardLibrary::Installed
        } else {
            match named {
                None => return Err(Missing::Target),
                Some(_) if root.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file() => {
                    StandardLibrary::FromSources
                }
                Some(directory) => return Err(Missing::Library(directory)),
            }
        };
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let own = root.join("lib/rustlib").join(host).join("bin");
        let own = own.join("rust-lld").with_extension(std::env::consts::EXE_EXTENSION);
        let linker = if own.is_file() || on_path("rust-lld").is_some() {
            None
        } else {
            Some(newest("wasm-ld").ok_or(Missing::Linker(root))?)
        };
        Ok(ToolChain { cargo, rustc, library, linker })
    }
}

/// What a compiler answers.
fn ask(rustc: &Path, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(rustc).args(arguments).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

fn has_standard_library(directory: &Path) -> bool {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

impl ToolChain {
    /// A call of cargo. What would change results behind our back is taken out of its environment.
    pub fn cargo(&self, directory: &Path) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(directory).env("RUSTC", &self.rustc);
        // Flags for the programs of this machine, such as those that measure coverage, break modules.
        for flags in ["RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS"] {
            command.env_remove(flags);
        }
        if self.library == StandardLibrary::FromSources {
            // In every call, for build scripts look at it and would run again and again.
            command.env("RUSTC_BOOTSTRAP", "1");
        }
        command
    }

    /// Makes a call of cargo build modules.
    pub fn for_modules(&self, command: &mut Command) {
        // An empty list is one too: it is taken in place of what configuration files say.
        command.args(["--target", TARGET]).env("CARGO_ENCODED_RUSTFLAGS", "");
        if self.library == StandardLibrary::FromSources {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        if let Some(linker) = &self.linker {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[cfg(unix)]
    fn tool_chain(directory: &Path, libraries: &str) -> Result<ToolChain, Missing> {
        use std::os::unix::fs::PermissionsExt;
        let bin = directory.join("bin");
        fs::create_dir_all(&bin).unwrap();
        let root = directory.display();
        let script = format!(
            "#!/bin/sh\ncase \"$1\" in --version) echo 'rustc 1.99.0'; echo 'host: here';; *) echo '{root}'; echo '{root}/{libraries}';; esac\n"
        );
        for name in ["rustc", "cargo"] {
            fs::write(bin.join(name), &script).unwrap();
            fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        Compiler::find(Some(directory))?.tool_chain()
    }

    #[cfg(unix)]
    #[test]
    fn a_named_tool_chain_has_the_library_or_its_sources() {
        let directory = tempfile::tempdir().unwrap();
        let linker = directory.path().join("lib/rustlib/here/bin");
        fs::create_dir_all(&linker).unwrap();
        fs::write(linker.join("rust-lld"), "").unwrap();
        let missing = tool_chain(directory.path(), "libraries").unwrap_err();
        assert!(matches!(missing, Missing::Library(_)), "{missing}");
        let sources = directory.path().join("lib/rustlib/src/rust/library/std");
        fs::create_dir_all(&sources).unwrap();
        fs::write(sources.join("Cargo.toml"), "").unwrap();
        let found = tool_chain(directory.path(), "libraries").unwrap();
        assert_eq!((found.library, found.linker.clone()), (StandardLibrary::FromSources, None));
        let libraries = directory.path().join("libraries");
        fs::create_dir_all(&libraries).unwrap();
        fs::write(libraries.join("libstd-0123.rlib"), "").unwrap();
        let found = tool_chain(directory.path(), "libraries").unwrap();
        assert_eq!(found.library, StandardLibrary::Installed);
    }

    #[test]
    fn what_is_named_and_not_there_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let missing = Compiler::find(Some(directory.path())).unwrap_err();
        let expected = format!("FLOW_RUST names {}, and there is no rustc in it", directory.path().display());
        assert_eq!(missing.to_string(), expected);
    }
}
