//! A directory of its own for a test, and the program run in it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// The address space of the program, in units of 1024 bytes: several times what the largest of these inputs needs.
const MEMORY: u32 = 4_000_000;

/// Whoever has not ended by then hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// The files of a test.
pub(crate) struct Place(TempDir);

/// What became of the program.
pub(crate) struct Outcome {
    /// None if a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) messages: String,
}

/// A flow that can run, so that only what a test adds can be wrong.
pub(crate) const GOOD: &str =
    "[[process]]\nsource = \"context://stdio/stdout\"\ninput.default = { once = 1 }\n";

impl Place {
    pub(crate) fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    /// A place with a root flow.
    pub(crate) fn with(name: &str, text: impl AsRef<[u8]>) -> Place {
        Place::new().file(name, text)
    }

    /// The same with another file.
    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Place {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.path().join("manifest.json")
    }

    /// The program with these words, after a preparation in the shell.
    pub(crate) fn command(&self, preparation: &str, words: &[&str]) -> Command {
        let mut command = Command::new("sh");
        let script = format!("ulimit -v {MEMORY}; {preparation} exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_flowc")]).args(words);
        command.current_dir(self.path()).env_remove("HOME").env_remove("FLOW_LIB_PATH");
        command.env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run_after(&self, preparation: &str, words: &[&str]) -> Outcome {
        let mut child = self.command(preparation, words).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).unwrap();
            sender.send(bytes)
        });
        let Ok(messages) = messages.recv_timeout(PATIENCE) else {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the program hangs");
        };
        let status = child.wait().unwrap().code();
        Outcome { status, messages: String::from_utf8_lossy(&messages).into_owned() }
    }

    /// Compiles a source.
    pub(crate) fn compile(&self, source: &str) -> Outcome {
        self.run_after("", &["-c", source])
    }

    /// Compiles the root flow, which must be refused with a code and these words, in a few lines.
    pub(crate) fn is_refused(&self, source: &str, words: &[&str]) -> String {
        let Outcome { status, messages } = self.compile(source);
        assert_eq!(status, Some(1), "{}", head(&messages));
        for word in words {
            assert!(messages.contains(word), "{word} is not in {}", head(&messages));
        }
        assert!(messages.len() < 20_000, "{} bytes: {}", messages.len(), head(&messages));
        let is_harmless = |one: char| one == '\n' || one == '\t' || !one.is_control();
        assert!(messages.chars().all(is_harmless), "{:?}", head(&messages));
        assert!(!self.manifest().exists());
        messages
    }

    /// Compiles the root flow, of which a manifest must come.
    pub(crate) fn compiles(&self, source: &str) -> String {
        let Outcome { status, messages } = self.compile(source);
        assert_eq!(status, Some(0), "{}", head(&messages));
        let text = fs::read_to_string(self.manifest()).unwrap();
        flowcore::manifest::read_flow_manifest(&text).unwrap();
        text
    }
}

fn head(text: &str) -> String {
    text.chars().take(2000).collect()
}

/// The names in a directory, sorted.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
