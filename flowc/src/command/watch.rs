//! Does it again whenever a file that takes part changes, and keeps the flow running meanwhile.

use super::show::show;
use super::{Environment, Terminal, attempt, flow, print};
use crate::arguments::{Arguments, Verbosity};
use crate::diagnostics::{Code, Diagnostic, Report};
use crate::events::{Event, Events, die_of};
use crate::run::{Running, status_of};
use crate::watch::{Files, Watcher};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long nothing must have happened before files are looked at: programs write several files, or one in pieces.
const SETTLE: Duration = Duration::from_millis(50);

/// How long this may put off looking where something happens all the time.
const SETTLE_AT_MOST: Duration = Duration::from_millis(500);

/// How often files are looked at without any hint. Hints get lost, and some file systems give none.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The same where there are no hints at all.
const LOOK_WITHOUT_HINTS: Duration = Duration::from_millis(500);

/// As many changed files as are named.
const MOST_NAMED: usize = 5;

/// Compiles or checks, and runs, again and again until a signal ends it. Gives the exit status.
pub(super) fn watch(
    arguments: &Arguments,
    environment: &Environment,
    terminal: &mut Terminal<'_>,
) -> io::Result<i32> {
    let events = Events::new();
    let watcher = Watcher::new(&events);
    let mut watch = Watch { arguments, environment, terminal, events, watcher, flow: None };
    let mut files = Files::default();
    loop {
        let is_done = watch.attempt(&files)?;
        if files.is_empty() {
            if !is_done {
                return Ok(1);
            }
            let mut report = Report::default();
            let message = "there is nothing to watch: no file takes part".to_owned();
            let help = "--watch is for flows in files that can be changed".to_owned();
            report.add(Diagnostic::new(Code::E056, message).help(help));
            show(&report, 0, arguments, watch.terminal)?;
            return Ok(1);
        }
        match watch.wait(&files)? {
            Woken::Changed(paths) => {
                watch.say(&format!("{} changed", watch.names(&paths)))?;
                files = files.again();
            }
            Woken::Stop(signal) => {
                // Ends the flow before this program.
                drop(watch.flow.take());
                return Ok(die_of(signal));
            }
        }
    }
}

/// Why waiting is over.
enum Woken {
    Changed(Vec<PathBuf>),
    Stop(i32),
}

/// The flow that runs.
struct Flow {
    running: Running,
    runner: String,
}

struct Watch<'run, 'terminal> {
    arguments: &'run Arguments,
    environment: &'run Environment,
    terminal: &'run mut Terminal<'terminal>,
    events: Events,
    watcher: Watcher,
    flow: Option<Flow>,
}

impl Watch<'_, '_> {
    /// A line about what goes on.
    fn say(&mut self, text: &str) -> io::Result<()> {
        if self.arguments.verbosity == Some(Verbosity::Off) {
            return Ok(());
        }
        writeln!(self.terminal.messages, "watch: {text}")
    }

    /// Does what the command line asks for once, and tells whether that went well. The flow that runs is ended only when another can take its place.
    fn attempt(&mut self, files: &Files) -> io::Result<bool> {
        let mut report = Report::default();
        let mut text = String::new();
        let ready =
            attempt(self.arguments, self.environment, self.terminal.style, files, &mut report, &mut text);
        report.sources.urls().for_each(|url| files.add_url(url));
        self.watcher.watch(files);
        show(&report, 0, self.arguments, self.terminal)?;
        print(&text, self.terminal)?;
        let waiting = format!("waiting for changes of {}", counted(files.count()));
        let Ok(ready) = ready else {
            // Where there is nothing to wait for, the mistake is all there is to say.
            if files.is_empty() {
                return Ok(false);
            }
            let old = if self.flow.is_some() { "the flow goes on as it was; " } else { "" };
            return self.say(&format!("{old}{waiting}")).map(|()| false);
        };
        if let Some(mut old) = self.flow.take() {
            let status = old.running.end()?;
            log::info!("the flow was ended: {status}");
        }
        let shown = report.diagnostics().len();
        let started = flow::start(&ready, self.arguments, self.environment, &mut report);
        show(&report, shown, self.arguments, self.terminal)?;
        let done = match started {
            Ok(Some(running)) => {
                self.flow = Some(Flow { running, runner: ready.runner().to_owned() });
                "the flow is started"
            }
            Ok(None) if self.arguments.check => "no mistakes",
            Ok(None) => "compiled",
            Err(_) => "compiled, but not started",
        };
        self.say(&format!("{done}; {waiting}")).map(|()| true)
    }

    /// Waits until a file has changed or a signal has come.
    fn wait(&mut self, files: &Files) -> io::Result<Woken> {
        let idle = if self.watcher.gives_hints() { LOOK_AGAIN } else { LOOK_WITHOUT_HINTS };
        // Something may have happened while nobody was watching yet.
        let mut limit = Duration::ZERO;
        let mut look_by: Option<Instant> = None;
        loop {
            match self.events.next(Some(limit)) {
                Some(Event::Stop(signal)) => return Ok(Woken::Stop(signal)),
                Some(Event::Child) => self.note_end()?,
                Some(Event::Changed) => {
                    look_by = look_by.or_else(|| Instant::now().checked_add(SETTLE_AT_MOST));
                }
                None => look_by = Some(Instant::now()),
            }
            if look_by.is_some_and(|look_by| look_by <= Instant::now()) {
                // First the directories: what appears in a new one would else be missed.
                self.watcher.watch(files);
                let changed = files.changed();
                if !changed.is_empty() {
                    return Ok(Woken::Changed(changed));
                }
                self.note_end()?;
                look_by = None;
            }
            limit = if look_by.is_some() { SETTLE } else { idle };
        }
    }

    /// Says how the flow ended, if it has.
    fn note_end(&mut self) -> io::Result<()> {
        let Some(flow) = &mut self.flow else { return Ok(()) };
        let Some(status) = flow.running.ended()? else { return Ok(()) };
        let runner = self.flow.take().map(|flow| flow.runner).unwrap_or_default();
        let how = match status_of(&runner, status) {
            Ok(status) => format!("the flow ended with status {status}"),
            Err(diagnostic) => diagnostic.message,
        };
        self.say(&format!("{how}; waiting for changes"))
    }

    /// The names of some files, for a line.
    fn names(&self, paths: &[PathBuf]) -> String {
        let name = |path: &PathBuf| {
            let relative = path.strip_prefix(&self.environment.current).unwrap_or(path);
            relative.display().to_string()
        };
        let mut names: Vec<String> = paths.iter().take(MOST_NAMED).map(name).collect();
        if paths.len() > MOST_NAMED {
            names.push(format!("{} more", paths.len() - MOST_NAMED));
        }
        names.join(", ")
    }
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
