//! Takes the definitions of a runner's context functions from its source tree to where flows are compiled against them.
//!
//! The source of a runner is a directory with a `runner.toml` that tells its name, and definitions in `context`.

use crate::diagnostics::{Code, Diagnostic, Failed, Report, shown_path};
use crate::install::{Item, ItemContent};
use crate::library::{quoted, understand};
use crate::load::explain;
use crate::tree::Tree;
use flowcore::content::Content;
use flowcore::format::{Format, read_runner_name};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// What a runner says about itself, and where its definitions are.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// The directory with the definitions.
    pub directory: PathBuf,
}

/// Reads what the runner in a directory says about itself.
///
/// # Errors
///
/// Fails if it has no `context`, or no readable `runner.toml` with a name that can be the name of a directory.
pub fn source(root: &Path, report: &mut Report) -> Result<Source, Failed> {
    let directory = root.join("context");
    if !directory.is_dir() {
        let message = format!("the runner {} has no directory 'context'", shown_path(root));
        let help = "that is where the definitions of its functions are".to_owned();
        report.add(Diagnostic::new(Code::E045, message).help(help));
    }
    let name = name(&root.join("runner.toml"), report);
    let name = report.end_stage(name)?.ok_or(Failed)?;
    Ok(Source { name, directory })
}

fn name(path: &Path, report: &mut Report) -> Option<String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            report.add(Diagnostic::new(Code::E045, format!("{} cannot be read: {error}", shown_path(path))));
            return None;
        }
    };
    let source = report.sources.add(Url::from_file_path(path).ok()?, Arc::from(text.as_str()));
    match read_runner_name(&text) {
        Ok(name) if is_name(&name) => Some(name),
        Ok(name) => {
            let message = format!("'{name}' cannot be the name of a runner");
            let help = "it is the name of the runner's program, without directories".to_owned();
            report.add(Diagnostic::new(Code::E046, message).at(source, quoted(&text, &name), "").help(help));
            None
        }
        Err(errors) => {
            errors.iter().for_each(|error| report.add(explain(error, Format::Toml, source)));
            None
        }
    }
}

/// Whether a text can be the name of a runner, which names a directory and a program.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

/// The files that are installed of a runner, all definitions among them read and found good; `content` is what they may
/// refer to.
///
/// # Errors
///
/// Fails if the report has an error; the mistakes of all files are reported.
pub fn items(source: &Source, content: &Content, report: &mut Report) -> Result<Vec<Item>, Failed> {
    let tree = Tree::below(&source.directory, report)?;
    let urls = tree.urls();
    if !urls.is_empty() {
        understand(&urls, content, report)?;
    }
    let item = |path: &String| Item { path: path.clone(), content: ItemContent::Copy(tree.file(path)) };
    report.end_stage(tree.definitions.iter().chain(&tree.pages).map(item).collect())
}
