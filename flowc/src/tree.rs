//! The files below a directory that are installed from there: definitions and pages.

use crate::diagnostics::{Code, Diagnostic, Failed, Report, shown_path};
use flowcore::format::{Format, Problem, read_definition};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Files in TOML that define no process, whatever is in them.
const NO_DEFINITIONS: [&str; 4] = ["function.toml", "Cargo.toml", "lib.toml", "runner.toml"];

/// A directory and what was found below it.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// The directory.
    pub(crate) root: PathBuf,
    /// Files with definitions, by their paths below the root, ascending.
    pub(crate) definitions: Vec<String>,
    /// Files in Markdown, the same way.
    pub(crate) pages: Vec<String>,
}

impl Tree {
    /// Looks for definitions and pages. Hidden files are left out, and directories that are hidden, that cargo builds in,
    /// or that are links: those might lead in a circle.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be read.
    pub(crate) fn below(root: &Path, report: &mut Report) -> Result<Tree, Failed> {
        let mut tree = Tree { root: root.to_owned(), ..Tree::default() };
        let mut waiting = vec![String::new()];
        while let Some(folder) = waiting.pop() {
            if let Err(error) = tree.look_into(&folder, &mut waiting, report) {
                let place = root.join(&folder);
                let message = format!("the directory {} cannot be read: {error}", shown_path(&place));
                report.add(Diagnostic::new(Code::E002, message));
            }
        }
        tree.definitions.sort();
        tree.pages.sort();
        report.end_stage(tree)
    }

    fn look_into(&mut self, folder: &str, waiting: &mut Vec<String>, report: &mut Report) -> io::Result<()> {
        for entry in std::fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                let message = format!("the name of {} is not text", shown_path(&entry.path()));
                report.add(Diagnostic::new(Code::E002, message));
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{folder}{name}");
            if entry.file_type()?.is_dir() {
                if !entry.path().join("CACHEDIR.TAG").is_file() {
                    waiting.push(format!("{path}/"));
                }
            } else if name.ends_with(".md") && entry.path().is_file() {
                self.pages.push(path);
            } else if name.ends_with(".toml")
                && !NO_DEFINITIONS.contains(&name.as_str())
                && entry.path().is_file()
                && defines_something(&entry.path(), report)
            {
                self.definitions.push(path);
            }
        }
        Ok(())
    }

    /// Where a file is.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The URLs of all definitions.
    pub(crate) fn urls(&self) -> Vec<Url> {
        let url = |path: &String| Url::from_file_path(self.file(path)).ok();
        self.definitions.iter().filter_map(url).collect()
    }

    /// The path below the root of the file at a URL; none for other places.
    pub(crate) fn path_of(&self, url: &Url) -> Option<String> {
        let path = url.to_file_path().ok()?;
        let below = path.strip_prefix(&self.root).ok()?;
        let names: Option<Vec<&str>> = below.iter().map(|name| name.to_str()).collect();
        Some(names?.join("/"))
    }
}

/// Whether a file is for somebody else: it has neither of the keys that say what is defined, nor one that could have been
/// meant as one of them. Whatever else is wrong with it is said where it is loaded.
fn defines_something(path: &Path, report: &mut Report) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return true };
    let Err(errors) = read_definition(text.strip_prefix('\u{feff}').unwrap_or(&text), Format::Toml) else {
        return true;
    };
    let [error] = errors.as_slice() else { return true };
    if !matches!(error.problem, Problem::NoKind { near: None }) {
        return true;
    }
    let message = "this file defines neither a flow nor a function, so it is left out".to_owned();
    let diagnostic = match Url::from_file_path(path) {
        Ok(url) => {
            let source = report.sources.add(url, Arc::from(text));
            Diagnostic::new(Code::W023, message).at(source, error.span, "")
        }
        Err(()) => Diagnostic::new(Code::W023, format!("{}: {message}", path.display())),
    };
    report.add(diagnostic.help("files that define nothing are better kept elsewhere".to_owned()));
    false
}
