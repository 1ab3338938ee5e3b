//! A command line, before it is run.

use crate::outcome::Outcome;
use crate::running::Running;
use crate::{Example, RUN_LIMIT};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

/// What the program finds on its standard input.
pub(crate) enum Input {
    Nothing,
    Text(Vec<u8>),
    Open,
}

/// A command line that is being put together.
pub struct Call {
    program: OsString,
    command: Command,
    input: Input,
}

impl Call {
    pub(crate) fn new(program: &Path, directory: &Path) -> Self {
        let mut command = Command::new(program);
        command.current_dir(directory).env_clear();
        let program = program.file_name().unwrap_or(program.as_os_str()).to_owned();
        Call { program, command, input: Input::Nothing }
    }

    /// Adds arguments.
    pub fn args<I, S>(mut self, args: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    pub fn env(&mut self, name: &str, value: impl AsRef<OsStr>) -> &mut Self {
        self.command.env(name, value);
        self
    }

    /// Starts the program in another directory.
    pub fn within(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Pipes this to the program and then closes its standard input.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Text(text.into());
        self
    }

    /// Leaves standard input open, for [`Running::enter`].
    pub fn open_stdin(mut self) -> Self {
        self.input = Input::Open;
        self
    }

    /// Adds the arguments and the standard input an example is tested with.
    pub fn with(mut self, example: &Example) -> Self {
        self.command.args(&example.args);
        if let Some(stdin) = &example.stdin {
            self.input = Input::Text(stdin.clone());
        }
        self
    }

    /// Starts the program and leaves it running.
    pub fn start(mut self) -> Running {
        let line = self.line();
        self.command
            .stdin(if matches!(self.input, Input::Nothing) { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Running::start(self.command, self.input, line)
    }

    /// Runs the program to its end.
    pub fn run(self) -> Outcome {
        self.start().finish(RUN_LIMIT)
    }

    /// The command line as one would type it.
    fn line(&self) -> String {
        let mut line = self.program.to_string_lossy().into_owned();
        for arg in self.command.get_args() {
            line.push(' ');
            line.push_str(&arg.to_string_lossy());
        }
        line
    }
}
