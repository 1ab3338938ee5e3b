//! Does what the command line asks for.

mod flow;
mod places;
mod show;

pub use places::Environment;

use crate::arguments::Arguments;
use crate::diagnostics::{Code, Diagnostic, Failed, Report, Style};
use show::show;
use std::io::{self, Write};
use url::Url;

/// Where the compiler writes to.
pub struct Terminal<'run> {
    /// What was asked for; it belongs to the flow otherwise.
    pub output: &'run mut dyn Write,
    /// Everything that is said about definitions.
    pub messages: &'run mut dyn Write,
    /// How messages look.
    pub style: Style,
}

/// Does what the command line asks for. Gives the exit status.
///
/// # Errors
///
/// Fails if the terminal cannot be written to.
pub fn execute(
    arguments: &Arguments,
    environment: &Environment,
    terminal: &mut Terminal<'_>,
) -> io::Result<i32> {
    let mut report = Report::default();
    let root = places::source_url(arguments.source.as_deref(), &environment.current);
    let ready = match root {
        Some(root) => refuse_unsupported(arguments, &root, &mut report)
            .and_then(|()| flow::prepare(&root, arguments, environment, &mut report)),
        None => {
            let message =
                format!("{} is no directory that sources can be relative to", environment.current.display());
            report.add(Diagnostic::new(Code::E038, message));
            Err(Failed)
        }
    };
    show(&report, 0, arguments, terminal)?;
    let shown = report.diagnostics().len();
    let Ok(ready) = ready else { return Ok(1) };
    match flow::run(&ready, arguments, environment, &mut report) {
        Ok(status) => Ok(status),
        Err(Failed) => {
            show(&report, shown, arguments, terminal)?;
            Ok(1)
        }
    }
}

/// What the command line can ask for but this version cannot do.
fn refuse_unsupported(arguments: &Arguments, root: &Url, report: &mut Report) -> Result<(), Failed> {
    let mut refuse = |message: &str| report.add(Diagnostic::new(Code::E035, message));
    if arguments.tables {
        refuse("writing the compiler's tables (-t, --tables) is not supported yet");
    }
    let path = root.to_file_path().unwrap_or_default();
    let is_marked =
        |name: &str| path.join(name).is_file() || path.file_name().is_some_and(|last| last == name);
    if is_marked("lib.toml") {
        refuse("building a library is not supported yet");
    } else if is_marked("runner.toml") {
        refuse("installing the definitions of a runner is not supported yet");
    }
    report.end_stage(())
}
