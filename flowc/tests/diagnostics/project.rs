//! Definition files in a directory of their own, and what the compiler says about them.

use flowc::diagnostics::Report;
use flowc::{Options, compile, embedded};
use flowcore::content::{Content, LibraryPath};
use std::fs;
use tempfile::TempDir;
use url::Url;

/// The files of a test.
pub(crate) struct Project(TempDir);

impl Project {
    /// A project of these files, each with its name.
    pub(crate) fn new(files: &[(&str, &str)]) -> Project {
        let project = Project(tempfile::tempdir().unwrap());
        files.iter().fold(project, |project, (name, text)| project.file(name, text))
    }

    /// The same with another file.
    pub(crate) fn file(self, path: &str, text: &str) -> Project {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// What is said about the root flow.
    pub(crate) fn compile(&self) -> Report {
        self.compile_file("root.toml")
    }

    /// What is said about the flow in a file.
    pub(crate) fn compile_file(&self, name: &str) -> Report {
        let content = Content::new(LibraryPath::new([embedded::standard_library()]), embedded::context());
        let options = Options::default();
        let mut report = Report::default();
        let url = Url::from_file_path(self.0.path().join(name)).unwrap();
        // What came of it is in the report.
        compile(&url, &content, &options, &mut report).ok();
        report
    }
}
