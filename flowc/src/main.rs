//! The compiler's command line: everything it does is in the library.

use clap::Parser;
use flowc::arguments::{Arguments, Verbosity};
use flowc::command::{Environment, Terminal, execute, execute_new};
use flowc::diagnostics::Style;
use flowc::new::{self, NewArguments};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    // Behind `new` stands something else than behind the name of a flow.
    let new =
        new::words(&words).map(|words| NewArguments::parse_from([&[OsString::from("new")], words].concat()));
    let arguments = if new.is_some() { Arguments::default() } else { Arguments::parse_from(words) };
    env_logger::Builder::new()
        .filter_level(Verbosity::Error.filter())
        .parse_filters(&filters(arguments.verbosity))
        .format(|line, record| writeln!(line, "{:<8}- {}", record.level(), record.args()))
        .init();
    // Not locked: the log of other threads goes the same way.
    let (mut output, mut messages) = (io::stdout(), io::stderr());
    let style = if messages.is_terminal() { Style::Coloured } else { Style::Plain };
    let mut terminal = Terminal { output: &mut output, messages: &mut messages, style };
    let status = Environment::of_process().and_then(|environment| match &new {
        Some(new) => execute_new(new, &environment, &mut terminal),
        None => execute(&arguments, &environment, &mut terminal),
    });
    match status {
        // Systems with wider statuses exist; a runner that uses one has failed.
        Ok(status) => ExitCode::from(u8::try_from(status).unwrap_or(1)),
        Err(error) => {
            log::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The option decides; without it the variable; without that only errors are logged.
fn filters(verbosity: Option<Verbosity>) -> String {
    match verbosity {
        Some(verbosity) => verbosity.as_str().to_owned(),
        None => std::env::var("RUST_LOG").unwrap_or_default(),
    }
}
