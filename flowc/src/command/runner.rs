//! Installs the definitions of a runner.

use super::Environment;
use super::places;
use super::show::deny_warnings;
use crate::arguments::Arguments;
use crate::diagnostics::{Failed, Report};
use crate::runner;
use flowcore::content::ContextRoot;
use std::collections::BTreeSet;
use std::path::Path;

/// Installs the definitions of the runner in a directory.
pub(super) fn install(
    root: &Path,
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
) -> Result<(), Failed> {
    let source = runner::source(root, report)?;
    log::info!("installing the definitions of runner '{}' in {}", source.name, root.display());
    let directories = [root, &source.directory];
    let output =
        places::install_directory("runner", &source.name, directories, arguments, environment, report)?;
    let libraries = places::library_path(arguments, environment, report);
    let context = ContextRoot::Directory(source.directory.clone());
    let content = places::content(libraries, context, environment);
    let items = runner::items(&source, &content, report)?;
    deny_warnings(arguments, report)?;
    if arguments.check {
        return Ok(());
    }
    places::install(&format!("runner '{}'", source.name), &output, &items, &BTreeSet::new(), report)
}
