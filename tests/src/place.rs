//! A place of its own for each test.

use crate::call::Call;
use crate::example::Example;
use crate::programs::{PROGRAMS, built, repository};
use crate::server::Server;
use crate::tool_chain;
use crate::worker::Worker;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// A user's machine in small: installed programs, a home, a working directory, and a network nobody else is on.
///
/// All of it is gone when the place is dropped.
pub struct Place {
    root: TempDir,
    network: String,
}

impl Place {
    /// An empty working directory and freshly installed programs.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);

        let built = built();
        let around = built.target.join("tmp");
        fs::create_dir_all(&around).expect("the target directory can be written");
        let root = tempfile::Builder::new()
            .prefix("place-")
            .tempdir_in(around)
            .expect("the target directory can be written");
        for folder in ["bin", "home", "work"] {
            fs::create_dir(root.path().join(folder)).expect("a new directory can be written");
        }
        for name in PROGRAMS {
            install(&built.programs.join(name), &root.path().join("bin").join(name));
        }
        // Discovery reaches all of this machine, so every place is a network by name; the directory's name is unique
        // on this machine and the process id keeps apart what shares a directory tree.
        let unique = root.path().file_name().and_then(|name| name.to_str()).unwrap_or("place").to_owned();
        let network = format!("{unique}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Place { root, network }
    }

    /// Where programs are started.
    pub fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// The user's home directory.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    fn bin(&self) -> PathBuf {
        self.root.path().join("bin")
    }

    /// A call of an installed program, from the working directory.
    pub fn call(&self, program: &str) -> Call {
        self.call_of(&self.bin().join(program))
    }

    /// A line for the shell, where the installed programs are found by their names.
    pub fn shell(&self, line: &str) -> Call {
        self.call_of(Path::new("/bin/sh")).args(["-c", line])
    }

    fn call_of(&self, program: &Path) -> Call {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(self.bin()).chain(std::env::split_paths(&path)));
        let mut call = Call::new(program, &self.work());
        call.env("HOME", self.home())
            .env("FLOW_NETWORK", &self.network)
            .env("PATH", path.expect("a search path can be put together again"));
        if let Some(folder) = std::env::var_os("TMPDIR") {
            call.env("TMPDIR", folder);
        }
        for (name, value) in tool_chain::variables() {
            call.env(name, value);
        }
        call
    }

    /// A call of `flowc`.
    pub fn flowc(&self) -> Call {
        self.call("flowc")
    }

    /// A call of `flowr`.
    pub fn flowr(&self) -> Call {
        self.call("flowr")
    }

    /// A call of the runner whose jobs are delayed, which nobody installs.
    pub fn delayed_runner(&self) -> Call {
        self.call_of(&built().programs.join("delayed-runner"))
    }

    /// A call of the worker whose jobs are delayed.
    pub fn delayed_worker(&self) -> Call {
        self.call_of(&built().programs.join("delayed-worker"))
    }

    /// A call of what passes on slowly.
    pub fn relay(&self, delay: Duration, bytes_a_second: Option<u32>) -> Call {
        let relay = self.call_of(&built().programs.join("slow-line"));
        relay.args([delay.as_millis().to_string(), bytes_a_second.unwrap_or(0).to_string()])
    }

    /// Starts `flowrex -v debug`.
    pub fn start_worker(&self) -> Worker {
        Worker::start(self.call("flowrex").args(["-v", "debug"]))
    }

    /// Starts `flowrex -v debug` and returns when it waits for a runner.
    pub fn worker(&self) -> Worker {
        let mut worker = self.start_worker();
        worker.wait_until_waiting();
        worker
    }

    /// Starts `flowr -s -v info` with options, and returns when clients can find it.
    pub fn server(&self, options: &[&str]) -> Server {
        Server::start(self.flowr().args(["-s", "-v", "info"]).args(options))
    }

    /// A call of `flowr -c`.
    pub fn client(&self) -> Call {
        self.flowr().args(["-c"])
    }

    /// Copies an example here; the result is its folder as a user in the working directory would type it.
    pub fn example(&self, name: &str) -> String {
        let here = format!("examples/{name}");
        self.copy_in(&here);
        here
    }

    /// Copies an example here and compiles it; the result is its folder, or nothing where its functions cannot be built.
    ///
    /// Functions are built from where they are in the repository: for all tests the same, and so only once.
    pub fn compiled_example(&self, example: &Example) -> Option<PathBuf> {
        let here = self.example(&example.name);
        let mut call = self.flowc().args(["-c"]);
        if example.has_functions {
            if !self.builds(&format!("the example {}", example.name)) {
                return None;
            }
            call = call.args(["-o", &here]).args([repository().join("examples").join(&example.name)]);
        } else {
            call = call.args([&here]);
        }
        call.build().status(0).quietly().wrote("");
        Some(self.work().join(here))
    }

    /// Whether functions in Rust can be built here; if not, says what is left out.
    ///
    /// The first time this waits until what all functions share is compiled, which may take minutes.
    pub fn builds(&self, what: &str) -> bool {
        static SHARED: OnceLock<()> = OnceLock::new();

        if !tool_chain::is_there(what) {
            return false;
        }
        SHARED.get_or_init(|| {
            self.flowc().args(["new", "--function", "first"]).run().status(0);
            self.flowc().args(["first"]).build().status(0).quietly();
            fs::remove_dir_all(self.work().join("first")).expect("what was made can be removed");
        });
        true
    }

    /// Copies a folder of the repository to the same place under the working directory.
    pub fn copy_in(&self, folder: &str) {
        copy_folder(&repository().join(folder), &self.work().join(folder));
    }

    /// Writes a file, and the folders it lies in.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.work().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("folders can be made");
        }
        fs::write(path, content).expect("a file can be written");
    }

    /// Replaces a file as editors do that never leave half of one: writes another beside it, and renames that.
    pub fn replace(&self, path: &str, content: impl AsRef<[u8]>) {
        let beside = format!("{path}~");
        self.write(&beside, content);
        fs::rename(self.work().join(beside), self.work().join(path)).expect("a file can be replaced");
    }

    /// True if there is such a file or folder.
    pub fn has(&self, path: &str) -> bool {
        self.work().join(path).exists()
    }

    /// The content of a file.
    pub fn read(&self, path: &str) -> String {
        let path = self.work().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The value in a file of JSON.
    pub fn read_json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

/// A link is enough where it is possible: a new build replaces the file and leaves what links to it alone.
fn install(from: &Path, to: &Path) {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).unwrap_or_else(|error| panic!("installing {}: {error}", from.display()));
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made");
    let entries = fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    for entry in entries {
        let from = entry.expect("a folder can be listed").path();
        let to = to.join(from.file_name().expect("an entry has a name"));
        if from.is_dir() {
            copy_folder(&from, &to);
        } else if from.file_name().is_some_and(|name| name != "manifest.json")
            && from.extension().is_none_or(|extension| extension != "wasm")
        {
            fs::copy(&from, &to).expect("a file can be copied");
        }
    }
}
