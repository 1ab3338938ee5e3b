//! A project of definition files in a directory of its own, and what the compiler makes of it.

use flowc::command::{Environment, Terminal, execute};
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
        let directory = tempfile::tempdir().unwrap();
        let project = Project { directory, optimize: false, symbols: Symbols::Stripped };
        let head =
            if root.contains("flow =") || root.contains("function =") { "" } else { "flow = \"root\"\n" };
        project.file("root.toml", &format!("{head}{root}"))
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
        let content = Content::new(LibraryPath::new([embedded::standard_library()]), embedded::context());
        let options = Options { output: None, optimize: self.optimize, symbols: self.symbols };
        let mut report = Report::default();
        let result = compile(&Url::from_file_path(path).unwrap(), &content, &options, &mut report);
        let is_ok = result.is_ok();
        Outcome { manifest: result.ok().and_then(|compiled| compiled.manifest), is_ok, report }
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
        };
        self.execute_in(words, &environment)
    }

    /// The same in another environment.
    pub(crate) fn execute_in(&self, words: &[&str], environment: &Environment) -> (i32, String) {
        let arguments = <Arguments as clap::Parser>::try_parse_from([&["flowc"], words].concat()).unwrap();
        let (mut output, mut messages) = (Vec::new(), Vec::new());
        let mut terminal = Terminal { output: &mut output, messages: &mut messages, style: Style::Plain };
        let status = execute(&arguments, environment, &mut terminal).unwrap();
        (status, String::from_utf8(messages).unwrap().replace(&*self.path().to_string_lossy(), "<dir>"))
    }
}

impl Outcome {
    /// The codes of all errors, or of all warnings if there is none.
    pub(crate) fn codes(&self) -> Vec<Code> {
        let of = |severity| {
            let codes = self.report.diagnostics().iter().map(|diagnostic| diagnostic.code);
            codes.filter(|code| code.severity() == severity).collect::<Vec<_>>()
        };
        if self.is_ok { of(Severity::Warning) } else { of(Severity::Error) }
    }
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

/// The pointers of all connections of a function to outputs.
pub(crate) fn pointers(function: &FunctionInfo) -> Vec<String> {
    let pointer = |source: &Source| match source {
        Source::Output(pointer) => pointer.clone(),
        Source::Input(number) => format!("input {number}"),
    };
    function.output_connections.iter().map(|connection| pointer(&connection.source)).collect()
}
