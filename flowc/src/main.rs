//! The compiler's command line: everything it does is in the library.

use clap::Parser;
use flowc::arguments::{Arguments, Verbosity};
use flowc::command::{Environment, Terminal, execute};
use flowc::diagnostics::Style;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    env_logger::Builder::new()
        .filter_level(arguments.verbosity.unwrap_or(Verbosity::Error).filter())
        .format(|line, record| writeln!(line, "{:<8}- {}", record.level(), record.args()))
        .init();
    let (mut output, mut messages) = (io::stdout().lock(), io::stderr().lock());
    let style = if messages.is_terminal() { Style::Coloured } else { Style::Plain };
    let mut terminal = Terminal { output: &mut output, messages: &mut messages, style };
    let status =
        Environment::of_process().and_then(|environment| execute(&arguments, &environment, &mut terminal));
    match status {
        // Systems with wider statuses exist; a runner that uses one has failed.
        Ok(status) => ExitCode::from(u8::try_from(status).unwrap_or(1)),
        Err(error) => {
            log::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
