//! A project of definition files in a directory of its own, and what the compiler makes of it.

use flowc::command::{Environment, Terminal, Workshop, execute};
use flowc::diagnostics::{Code, Report, Severity, Style};
use flowc::emit::Symbols;
use flowc::web::Limits;
use flowc::{Options, arguments::Arguments, compile, embedded};
use flowcore::content::{Content, LibraryPath};
use flowcore::manifest::{FlowManifest, FunctionInfo, Source};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use url::Url;

/// The files of a test.
pub(crate) struct Project {
    directory: TempDir,
    optimize: bool,
    symbols: Symbols,
}

/// What came of compiling.
pub(crate) struct Outcome {
    /// The manifest, if there were no errors and the flow can run on its own.
    pub(crate) manifest: Option<FlowManifest>,
    /// Whether there were no errors.
    pub(crate) is_ok: bool,
    /// What was said.
    pub(crate) report: Report,
}

impl Project {
    /// A project with this root flow; what is not said is added: its name.
    pub(crate) fn new(root: &str) -> Project {
        let project = Project::empty();
        let head =
            if root.contains("flow =") || root.contains("function =") { "" } else { "flow = \"root\"\n" };
        project.file("root.toml", &format!("{head}{root}"))
    }

    /// A project without any file yet.
    pub(crate) fn empty() -> Project {
        let directory = tempfile::tempdir().unwrap();
        Project { directory, optimize: false, symbols: Symbols::Stripped }
    }

    /// The same with another file, which need not be text.
    pub(crate) fn bytes(self, path: &str, bytes: &[u8]) -> Project {
        let path = self.directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// The same with a provided function of this definition, at `NAME.toml`.
    pub(crate) fn function(self, name: &str, definition: &str) -> Project {
        let text = format!("function = \"{name}\"\nsource = \"{name}.rs\"\n{definition}");
        self.file(&format!("{name}.toml"), &text)
            .file(&format!("{name}.rs"), "")
            .file(&format!("{name}.wasm"), "")
    }

    /// The same with another flow, at `NAME.toml`.
    pub(crate) fn flow(self, name: &str, definition: &str) -> Project {
        self.file(&format!("{name}.toml"), &format!("flow = \"{name}\"\n{definition}"))
    }

    /// The same with another file.
    pub(crate) fn file(self, path: &str, text: &str) -> Project {
        let path = self.directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// The same, compiled with `-O`.
    pub(crate) fn optimized(mut self) -> Project {
        self.optimize = true;
        self
    }

    /// The same, compiled with `-d`.
    pub(crate) fn with_symbols(mut self) -> Project {
        self.symbols = Symbols::Kept;
        self
    }

    /// Where the files are.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Compiles with the built-in library and context functions only.
    pub(crate) fn compile(&self) -> Outcome {
        self.compile_at(self.path())
    }

    /// The same for another place than the directory.
    pub(crate) fn compile_at(&self, path: &Path) -> Outcome {
        compile_files(path, self.optimize, self.symbols)
    }

    /// Compiles, and gives the manifest that must come of it.
    pub(crate) fn manifest(&self) -> FlowManifest {
        let outcome = self.compile();
        outcome.manifest.unwrap_or_else(|| panic!("no manifest: {:#?}", outcome.report.diagnostics()))
    }

    /// The codes of all errors, or of all warnings if there is none.
    pub(crate) fn codes(&self) -> Vec<Code> {
        self.compile().codes()
    }

    /// Runs the whole program with these words on its command line; gives its status and what it says.
    pub(crate) fn execute(&self, words: &[&str]) -> (i32, String) {
        let environment = Environment {
            current: self.path().to_owned(),
            home: None,
            library_path: None,
            web: Limits::default(),
            build: Workshop::default(),
        };
        self.execute_in(words, &environment)
    }

    /// The same, with what is printed besides.
    pub(crate) fn execute_printing(&self, words: &[&str]) -> (i32, String, String) {
        let environment = Environment {
            current: self.path().to_owned(),
            home: None,
            library_path: None,
            web: Limits::default(),
            build: Workshop::default(),
        };
        self.execute_with(words, &environment)
    }

    /// Runs the program in another environment.
    pub(crate) fn execute_in(&self, words: &[&str], environment: &Environment) -> (i32, String) {
        let (status, messages, _) = self.execute_with(words, environment);
        (status, messages)
    }

    fn execute_with(&self, words: &[&str], environment: &Environment) -> (i32, String, String) {
        let arguments = <Arguments as clap::Parser>::try_parse_from([&["flowc"], words].concat()).unwrap();
        let (mut output, mut messages) = (Vec::new(), Vec::new());
        let mut terminal = Terminal { output: &mut output, messages: &mut messages, style: Style::Plain };
        let status = execute(&arguments, environment, &mut terminal).unwrap();
        let text =
            |bytes| String::from_utf8(bytes).unwrap().replace(&*self.path().to_string_lossy(), "<dir>");
        (status, text(messages), text(output))
    }
}

impl Outcome {
    /// `ok` and the codes of all warnings, or the codes of all errors.
    pub(crate) fn verdict(&self) -> String {
        let codes: Vec<String> = self.codes().iter().map(ToString::to_string).collect();
        if self.is_ok { [vec!["ok".to_owned()], codes].concat().join(" ") } else { codes.join(" ") }
    }
    /// The codes of all errors, or of all warnings if there is none; but for those of analyses, which are about flows as
    /// a whole and have tests of their own.
    pub(crate) fn codes(&self) -> Vec<Code> {
        const ANALYSES: [Code; 6] = [Code::W025, Code::W026, Code::W027, Code::W028, Code::W029, Code::W030];
        let of = |severity| {
            let codes = self.report.diagnostics().iter().map(|diagnostic| diagnostic.code);
            let codes = codes.filter(|code| code.severity() == severity && !ANALYSES.contains(code));
            codes.collect::<Vec<_>>()
        };
        if self.is_ok { of(Severity::Warning) } else { of(Severity::Error) }
    }
}

/// Compiles the definitions at a place with the built-in library and context functions only.
pub(crate) fn compile_files(path: &Path, optimize: bool, symbols: Symbols) -> Outcome {
    let content = Content::new(LibraryPath::new([embedded::standard_library()]), embedded::context());
    let options = Options { optimize, symbols, ..Options::default() };
    let mut report = Report::default();
    let result = compile(&Url::from_file_path(path).unwrap(), &content, &options, &mut report);
    let is_ok = result.is_ok();
    Outcome { manifest: result.ok().and_then(|compiled| compiled.manifest), is_ok, report }
}

/// A reference to a context function.
pub(crate) fn context(name: &str) -> String {
    format!("[[process]]\nsource = \"context://{name}\"\n")
}

/// A reference to `add` of the standard library.
pub(crate) const ADD: &str = "[[process]]\nsource = \"lib://flowstdlib/math/add\"\n";

/// A connection.
pub(crate) fn connect(from: &str, to: &str) -> String {
    format!("[[connection]]\nfrom = \"{from}\"\nto = \"{to}\"\n")
}

/// The function whose implementation ends like this.
pub(crate) fn function<'manifest>(
    manifest: &'manifest FlowManifest,
    ending: &str,
) -> &'manifest FunctionInfo {
    manifest.functions.values().find(|function| function.implementation_location.ends_with(ending)).unwrap()
}

/// The JSON of a manifest.
pub(crate) fn json_of(manifest: &FlowManifest) -> serde_json::Value {
    serde_json::from_str(&manifest.to_json().unwrap()).unwrap()
}

/// What arrives at the functions of an alias, in the order in which their senders are numbered: `get/json/1` for a part
/// of a result, `add<1` for a copy of an input, and a `!` behind it if the connection is internal.
pub(crate) fn arrivals(manifest: &FlowManifest, alias: &str) -> String {
    let mut arrivals = Vec::new();
    for sender in manifest.functions.values() {
        for connection in &sender.output_connections {
            let receiver = &manifest.functions[&connection.destination_id];
            assert_eq!(connection.destination_parent_id, receiver.parent_id);
            if receiver.name == alias {
                let what = match &connection.source {
                    Source::Output(pointer) => pointer.clone(),
                    Source::Input(number) => format!("<{number}"),
                };
                let internal = if connection.internal { "!" } else { "" };
                arrivals.push(format!("{}{what}{internal}", sender.name));
            }
        }
    }
    arrivals.join(" ")
}

/// The pointers of all connections of a function to outputs.
pub(crate) fn pointers(function: &FunctionInfo) -> Vec<String> {
    let pointer = |source: &Source| match source {
        Source::Output(pointer) => pointer.clone(),
        Source::Input(number) => format!("input {number}"),
    };
    function.output_connections.iter().map(|connection| pointer(&connection.source)).collect()
}
