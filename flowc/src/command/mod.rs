//! Does what the command line asks for.

mod flow;
mod library;
mod places;
mod runner;
mod show;

pub use places::Environment;

use crate::arguments::Arguments;
use crate::diagnostics::{Code, Diagnostic, Failed, Report, Style};
use flow::Ready;
use places::SourceKind;
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
        Some(root) => refuse_unsupported(arguments, &mut report)
            .and_then(|()| prepare(root, arguments, environment, &mut report)),
        None => {
            let message =
                format!("{} is no directory that sources can be relative to", environment.current.display());
            report.add(Diagnostic::new(Code::E038, message));
            Err(Failed)
        }
    };
    show(&report, 0, arguments, terminal)?;
    let shown = report.diagnostics().len();
    let ready = match ready {
        Ok(Some(ready)) => ready,
        Ok(None) => return Ok(0),
        Err(Failed) => return Ok(1),
    };
    match flow::run(&ready, arguments, environment, &mut report) {
        Ok(status) => Ok(status),
        Err(Failed) => {
            show(&report, shown, arguments, terminal)?;
            Ok(1)
        }
    }
}

/// Compiles the flow at a URL, or builds the library or installs the runner that is there: after those nothing is left to
/// be run.
fn prepare(
    root: Url,
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
) -> Result<Option<Ready>, Failed> {
    match places::kind(root) {
        SourceKind::Flow(root) => flow::prepare(&root, arguments, environment, report).map(Some),
        SourceKind::Library(root) => library::build(&root, arguments, environment, report).map(|()| None),
        SourceKind::Runner(root) => runner::install(&root, arguments, environment, report).map(|()| None),
    }
}

/// What the command line can ask for but this version cannot do.
fn refuse_unsupported(arguments: &Arguments, report: &mut Report) -> Result<(), Failed> {
    let mut refuse = |message: &str| report.add(Diagnostic::new(Code::E035, message));
    if arguments.tables {
        refuse("writing the compiler's tables (-t, --tables) is not supported yet");
    }
    if arguments.graphs {
        report.add(Diagnostic::new(
            Code::W019,
            "drawings (-g, --graphs) are not supported yet: none is written",
        ));
    }
    report.end_stage(())
}
