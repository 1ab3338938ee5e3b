//! Starts the runner on a manifest, waits for it, and ends it.

use crate::arguments::Arguments;
use crate::diagnostics::{Code, Diagnostic, shown_path};
use crate::events::{Event, Events, die_of};
use flowcore::content::near_path;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a runner that was asked to end may take before it is ended.
const GRACE: Duration = Duration::from_secs(2);

/// How often a runner that was asked to end is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// The environment variable that tells a runner the process id of this program.
const STARTED_BY: &str = "FLOW_STARTED_BY";

/// Runs the flow of a manifest with a runner; gives the runner's exit status. Relative paths start from `current`. Who
/// ends this program ends the runner too.
///
/// # Errors
///
/// Fails if the runner is not found or does not start, if the file for its input is not there, and if a signal ends it.
pub fn run(
    runner: &str,
    manifest: &Path,
    arguments: &Arguments,
    current: &Path,
) -> Result<i32, Box<Diagnostic>> {
    // Before the runner is there: no signal is missed.
    let events = Events::new();
    let mut running = start(runner, manifest, arguments, current)?;
    let (status, stop) =
        running.wait(&events, arguments.debug).map_err(|error| Box::new(lost(runner, &error)))?;
    match (stop, status.code()) {
        (Some(signal), None) => Ok(die_of(signal)),
        _ => status_of(runner, status),
    }
}

/// Starts a runner on a manifest.
///
/// # Errors
///
/// Fails if the runner is not found or does not start, and if the file for its input is not there.
pub fn start(
    runner: &str,
    manifest: &Path,
    arguments: &Arguments,
    current: &Path,
) -> Result<Running, Box<Diagnostic>> {
    let program = program(runner);
    let mut command = Command::new(&program);
    command.args(runner_arguments(manifest, arguments));
    if let Some(path) = &arguments.stdin {
        let file = File::open(current.join(path)).map_err(|error| {
            let near = near_path(&current.join(path), "").filter(|near| near.is_file());
            let help = near.map(|near| format!("did you mean '{}'?", shown_path(&near)));
            let message = format!("{} cannot be read: {error}", path.display());
            Box::new(Diagnostic::new(Code::E038, message).help(help))
        })?;
        command.stdin(Stdio::from(file));
    }
    log::info!("starting {command:?}");
    // A runner that knows who has started it can end when that one is gone without having said so.
    command.env(STARTED_BY, std::process::id().to_string());
    let child = command.spawn().map_err(|error| Box::new(not_started(runner, &program, &error)))?;
    Ok(Running { child })
}

/// The status to pass on for a runner that has ended.
///
/// # Errors
///
/// Fails if a signal ended it.
pub fn status_of(runner: &str, status: ExitStatus) -> Result<i32, Box<Diagnostic>> {
    let ended = || Diagnostic::new(Code::E036, format!("the runner '{runner}' was ended by {status}"));
    status.code().ok_or_else(|| Box::new(ended()))
}

/// A runner that was started. Dropping it ends it.
#[derive(Debug)]
pub struct Running {
    child: Child,
}

impl Running {
    /// How it ended, if it has.
    ///
    /// # Errors
    ///
    /// Fails where the system does.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits for its end. A signal to this program is passed on, and what does not obey is ended. Interrupts belong to
    /// the debugger where there is one.
    fn wait(&mut self, events: &Events, debugger: bool) -> io::Result<(ExitStatus, Option<i32>)> {
        let mut stop = None;
        let mut deadline: Option<Instant> = None;
        loop {
            if let Some(status) = self.ended()? {
                return Ok((status, stop));
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                self.child.kill()?;
                return Ok((self.child.wait()?, stop));
            }
            if let Some(Event::Stop(signal)) = events.next(left) {
                self.pass_on(signal)?;
                stop = stop.or(Some(signal));
                if !(debugger && is_interrupt(signal)) {
                    deadline = deadline.or_else(|| Instant::now().checked_add(GRACE));
                }
            }
        }
    }

    /// Ends it: asks first, and does not ask for long.
    ///
    /// # Errors
    ///
    /// Fails where the system does.
    pub fn end(&mut self) -> io::Result<ExitStatus> {
        self.ask()?;
        let begun = Instant::now();
        while begun.elapsed() < GRACE {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            std::thread::sleep(LOOK);
        }
        self.child.kill()?;
        self.child.wait()
    }

    #[cfg(unix)]
    fn ask(&mut self) -> io::Result<()> {
        self.pass_on(rustix::process::Signal::TERM.as_raw())
    }

    #[cfg(not(unix))]
    fn ask(&mut self) -> io::Result<()> {
        self.child.kill()
    }

    /// Sends it a signal. It is a child that nobody has waited for, so its id cannot belong to anybody else.
    #[cfg(unix)]
    fn pass_on(&mut self, signal: i32) -> io::Result<()> {
        use rustix::process::{Pid, Signal, kill_process};
        if self.ended()?.is_some() {
            return Ok(());
        }
        match Signal::from_named_raw(signal) {
            Some(signal) => Ok(kill_process(Pid::from_child(&self.child), signal)?),
            None => Ok(()),
        }
    }

    #[cfg(not(unix))]
    fn pass_on(&mut self, _: i32) -> io::Result<()> {
        self.child.kill()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.ended(), Ok(None))
            && let Err(error) = self.end()
        {
            log::debug!("the runner cannot be ended: {error}");
        }
    }
}

#[cfg(unix)]
fn is_interrupt(signal: i32) -> bool {
    signal == signal_hook::consts::SIGINT
}

#[cfg(not(unix))]
fn is_interrupt(_: i32) -> bool {
    false
}

fn lost(runner: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::new(Code::E036, format!("the runner '{runner}' cannot be waited for: {error}"))
}

fn not_started(runner: &str, program: &Path, error: &io::Error) -> Diagnostic {
    if error.kind() == io::ErrorKind::NotFound {
        return Diagnostic::new(Code::E036, format!("the runner '{runner}' was not found"))
            .help("it is looked for beside flowc and on PATH; -c compiles without running".to_owned());
    }
    Diagnostic::new(Code::E036, format!("the runner '{}' cannot be started: {error}", program.display()))
}

/// The runner beside this program; else its name, for the system to look for.
fn program(runner: &str) -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|exe| {
        let path = exe.parent()?.join(format!("{runner}{}", std::env::consts::EXE_SUFFIX));
        path.is_file().then_some(path)
    });
    beside.unwrap_or_else(|| PathBuf::from(runner))
}

/// The options of the runner, the manifest, and the arguments of the flow. Those that begin like an option, such as `-5`,
/// stand behind `--`: the runner would take them for options of its own. Where the first one does not, the runner itself
/// stops looking for options at it.
fn runner_arguments(manifest: &Path, arguments: &Arguments) -> Vec<OsString> {
    let mut words: Vec<OsString> = Vec::new();
    if let Some(verbosity) = arguments.verbosity {
        words.extend(["-v".into(), verbosity.as_str().into()]);
    }
    if arguments.metrics {
        words.push("-m".into());
    }
    if arguments.debug {
        words.push("-d".into());
    }
    words.push(if arguments.wasm { "-w" } else { "-n" }.into());
    for entry in &arguments.libdir {
        words.extend(["-L".into(), entry.into()]);
    }
    words.push(manifest.into());
    let first = arguments.flow_arguments.first();
    if first.is_some_and(|first| first.as_encoded_bytes().starts_with(b"-")) {
        words.push("--".into());
    }
    words.extend(arguments.flow_arguments.iter().cloned());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runner_gets_its_options_the_manifest_and_the_flows_arguments() {
        let words = |arguments: &Arguments| {
            let words = runner_arguments(Path::new("/f/manifest.json"), arguments);
            words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(&Arguments::default()), "-n /f/manifest.json");
        let all = Arguments {
            verbosity: Some(crate::arguments::Verbosity::Info),
            metrics: true,
            debug: true,
            wasm: true,
            libdir: vec!["a".to_owned(), "b".to_owned()],
            flow_arguments: vec!["x".into(), "-y".into()],
            ..Arguments::default()
        };
        assert_eq!(words(&all), "-v info -m -d -w -L a -L b /f/manifest.json x -y");
        let negative = Arguments { flow_arguments: vec!["-5".into(), "x".into()], ..Arguments::default() };
        assert_eq!(words(&negative), "-n /f/manifest.json -- -5 x");
    }
}
