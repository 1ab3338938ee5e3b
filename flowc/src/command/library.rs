//! Builds a library and installs it.

use super::Environment;
use super::places;
use super::show::deny_warnings;
use crate::arguments::Arguments;
use crate::diagnostics::{Failed, Report, Style};
use crate::embedded;
use crate::library;
use flowcore::content::LibraryPath;
use std::path::Path;

/// Builds the library in a directory and installs it.
pub(super) fn build(
    root: &Path,
    arguments: &Arguments,
    environment: &Environment,
    style: Style,
    report: &mut Report,
) -> Result<(), Failed> {
    let source = library::source(root, report)?;
    let name = &source.metadata.name;
    log::info!("building library '{name}' in {}", root.display());
    let directories = [root, &source.directory];
    let output = places::install_directory("library", name, directories, arguments, environment, report)?;
    // Options about runners are no use here, so they do no harm either.
    let context = places::context(arguments, environment, &mut Report::default());
    let context = context.map_or_else(|Failed| embedded::context(), |(context, _)| context);
    let others = places::library_path(arguments, environment, report);
    let setting = places::build_setting(arguments, environment, style);
    let modules = Some(&setting).filter(|_| !arguments.native && !arguments.check);
    let content = |itself| {
        let entries = std::iter::once(itself).chain(others.entries().iter().cloned());
        places::content(LibraryPath::new(entries), context, environment)
    };
    let built = library::build(&source, content, modules, report)?;
    deny_warnings(arguments, report)?;
    if arguments.check {
        return Ok(());
    }
    let obsolete = library::obsolete(&built, &output);
    places::install(&format!("library '{name}'"), &output, &built.items, &obsolete, report)
}
