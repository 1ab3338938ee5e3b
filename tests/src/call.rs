//! A command line, before it is run.

use crate::outcome::Outcome;
use crate::running::Running;
use crate::{BUILD_LIMIT, Example, RUN_LIMIT};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// What the program finds on its standard input.
pub(crate) enum Input {
    Nothing,
    Text(Vec<u8>),
    Open,
    /// A terminal, which is only read from.
    Keyboard,
    /// A terminal, which is also written to.
    Terminal,
}

/// A command line that is being put together.
pub struct Call {
    /// The command line as one would type it.
    line: String,
    command: Command,
    input: Input,
}

impl Call {
    pub(crate) fn new(program: &Path, directory: &Path) -> Self {
        let mut command = interruptible(program);
        command.current_dir(directory).env_clear();
        let line = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
        Call { line, command, input: Input::Nothing }
    }

    /// Adds arguments.
    pub fn args<I, S>(mut self, args: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        for arg in args {
            self.line.push(' ');
            self.line.push_str(&arg.as_ref().to_string_lossy());
            self.command.arg(arg);
        }
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

    /// Has another program start it, which takes its place.
    pub(crate) fn through(self, program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).arg(self.command.get_program()).args(self.command.get_args()).env_clear();
        for (name, value) in self.command.get_envs() {
            command.envs(value.map(|value| (name, value)));
        }
        if let Some(directory) = self.command.get_current_dir() {
            command.current_dir(directory);
        }
        Call { command, ..self }
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

    /// Makes standard input a terminal, for [`Running::enter`].
    pub fn terminal(mut self) -> Self {
        self.input = Input::Keyboard;
        self
    }

    /// Has it run at a terminal, which is also where it writes: what is typed and what it writes is all on its
    /// [standard output](Running::stdout).
    pub fn on_terminal(mut self) -> Self {
        self.input = Input::Terminal;
        self
    }

    /// Adds the arguments and the standard input an example is tested with.
    pub fn with(self, example: &Example) -> Self {
        let call = self.args(&example.args);
        match &example.stdin {
            Some(stdin) => call.stdin(stdin.clone()),
            None => call,
        }
    }

    /// Starts the program and leaves it running.
    pub fn start(mut self) -> Running {
        match self.input {
            Input::Terminal => Running::start_on_terminal(self.command, self.line),
            Input::Keyboard => Running::start_at_keyboard(self.command, self.line),
            Input::Nothing | Input::Text(_) | Input::Open => {
                let is_fed = !matches!(self.input, Input::Nothing);
                self.command.stdin(if is_fed { Stdio::piped() } else { Stdio::null() });
                self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
                Running::start(self.command, self.input, self.line)
            }
        }
    }

    /// Runs the program to its end; it may have to wait for others that build, or for much to be built.
    pub fn build(self) -> Outcome {
        self.start().finish(BUILD_LIMIT)
    }

    /// Runs the program to its end.
    pub fn run(self) -> Outcome {
        self.start().finish(RUN_LIMIT)
    }
}

/// A command whose program an interrupt ends, even where interrupts are ignored.
///
/// A script that starts the tests with `&` has them ignore interrupts, and a program inherits what is ignored.
/// `env` sets that right and then becomes the program, so the process id stays.
fn interruptible(program: &Path) -> Command {
    static IGNORED: LazyLock<bool> = LazyLock::new(|| {
        // Systems without this file are taken to be as usual, for not every `env` has the option.
        std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_interrupts(&status))
    });
    if !*IGNORED {
        return Command::new(program);
    }
    let mut command = Command::new("/usr/bin/env");
    command.arg("--default-signal=INT").arg(program);
    command
}

/// Looks for SIGINT, signal 2, in the set of ignored signals, where signal 1 is the lowest bit.
fn ignores_interrupts(status: &str) -> bool {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).is_some_and(|set| set & 0b10 != 0)
}

#[cfg(test)]
mod tests {
    use super::ignores_interrupts;

    #[test]
    fn an_ignored_interrupt_is_found_among_the_ignored_signals() {
        assert!(ignores_interrupts("Name:\tcargo\nSigIgn:\t0000000000001006\nSigCgt:\t0\n"));
        assert!(!ignores_interrupts("SigBlk:\t2\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000000002\n"));
        assert!(!ignores_interrupts(""));
    }
}
