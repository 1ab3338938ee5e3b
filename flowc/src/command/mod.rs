//! Does what the command line asks for.

mod flow;
mod library;
mod look;
mod places;
mod runner;
mod show;
mod watch;

pub use places::{Environment, Workshop};

use crate::arguments::{Arguments, Emit};
use crate::diagnostics::{Code, Diagnostic, Failed, Report, Style, page};
use crate::new::{self, NewArguments};
use crate::watch::Files;
use flow::Ready;
use places::SourceKind;
use show::show;
use std::io::{self, Write};

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
    if let Some(code) = arguments.explain {
        match code {
            Some(code) => write!(terminal.output, "{}", page(code).unwrap_or(code.meaning()))?,
            None => {
                for code in Code::ALL {
                    writeln!(terminal.output, "{code}  {}", code.meaning().trim_end_matches('.'))?;
                }
            }
        }
        return Ok(0);
    }
    if arguments.watch {
        return watch::watch(arguments, environment, terminal);
    }
    let mut report = Report::default();
    let mut text = String::new();
    let style = terminal.style;
    let ready = attempt(arguments, environment, style, &Files::default(), &mut report, &mut text);
    show(&report, 0, arguments, terminal)?;
    print(&text, terminal)?;
    if arguments.timings {
        // A stage that ended with an error has taken its time too.
        report.timings.end();
        write!(terminal.messages, "{}", report.timings)?;
    }
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

/// Makes a new folder. Gives the exit status.
///
/// # Errors
///
/// Fails if the terminal cannot be written to.
pub fn execute_new(
    arguments: &NewArguments,
    environment: &Environment,
    terminal: &mut Terminal<'_>,
) -> io::Result<i32> {
    let mut report = Report::default();
    let made = new::make(arguments, &environment.current, &mut report);
    show(&report, 0, &Arguments::default(), terminal)?;
    match made {
        Ok(text) => print(&text, terminal).map(|()| 0),
        Err(Failed) => Ok(1),
    }
}

/// Does everything but running. What is to be printed is added to the text.
fn attempt(
    arguments: &Arguments,
    environment: &Environment,
    style: Style,
    files: &Files,
    report: &mut Report,
    text: &mut String,
) -> Result<Ready, Failed> {
    let Some(root) = places::source_url(arguments.source.as_deref(), &environment.current) else {
        let message =
            format!("{} is no directory that sources can be relative to", environment.current.display());
        report.add(Diagnostic::new(Code::E038, message));
        return Err(Failed);
    };
    let root = match places::kind(root) {
        SourceKind::Flow(root) => root,
        SourceKind::Library(_) | SourceKind::Runner(_) if arguments.watch => {
            let message = "only flows and functions can be watched, not libraries and runners";
            let help = "a flow that uses the library or the runner can be watched".to_owned();
            report.add(Diagnostic::new(Code::E056, message).help(help));
            return Err(Failed);
        }
        SourceKind::Library(root) => {
            return library::build(&root, arguments, environment, style, report).map(|()| Ready::nothing());
        }
        SourceKind::Runner(root) => {
            return runner::install(&root, arguments, environment, report).map(|()| Ready::nothing());
        }
    };
    if let Some(route) = &arguments.explain_connection {
        look::explain_connection(&root, route, arguments, environment, report, text)
            .map(|()| Ready::nothing())
    } else if let Some(Emit::Tables) = arguments.emit {
        look::emit_tables(&root, arguments, environment, report, text).map(|()| Ready::nothing())
    } else if arguments.check {
        flow::check(&root, arguments, environment, files, report)
    } else {
        flow::prepare(&root, arguments, environment, style, files, report)
    }
}

/// Prints what was asked for. Who has closed the output has read enough.
fn print(text: &str, terminal: &mut Terminal<'_>) -> io::Result<()> {
    let printed = terminal.output.write_all(text.as_bytes()).and_then(|()| terminal.output.flush());
    match printed {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}
