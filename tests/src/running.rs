//! A program that is running.

use crate::call::Input;
use crate::capture::Capture;
use crate::outcome::{Outcome, excerpt};
use crate::terminal::Terminal;
use crate::{LINE_LIMIT, QUIET};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A program in the background. Dropping it kills it, together with what it has started.
pub struct Running {
    line: String,
    /// Also the id of its process group: all it starts can be killed with it.
    pid: Pid,
    stdin: Option<Keyboard>,
    stdout: Capture,
    stderr: Capture,
    /// Gets the exit status once, from the thread that waits for the program.
    exit: Receiver<ExitStatus>,
    exited: Option<ExitStatus>,
    threads: Vec<JoinHandle<()>>,
}

/// Where somebody types what a program reads.
struct Keyboard {
    input: Box<dyn Write + Send>,
    is_terminal: bool,
}

impl Keyboard {
    fn pipe(pipe: ChildStdin) -> Self {
        Keyboard { input: Box::new(pipe), is_terminal: false }
    }

    fn terminal(user: File) -> Self {
        Keyboard { input: Box::new(user), is_terminal: true }
    }
}

/// What a terminal takes for the end of the input, at the beginning of a line.
const END_OF_INPUT: u8 = 4;

impl Running {
    pub(crate) fn start(mut command: Command, input: Input, line: String) -> Self {
        let mut child = spawn(&mut command, &line);
        let (stdout, out) = Capture::of(child.stdout.take().expect("stdout is a pipe"));
        let (stderr, err) = Capture::of(child.stderr.take().expect("stderr is a pipe"));
        let mut threads = vec![out, err];
        let stdin = match (input, child.stdin.take()) {
            (Input::Text(text), Some(mut pipe)) => {
                // A program need not read all its input; that it did not is no failure of the test.
                threads.push(thread::spawn(move || {
                    pipe.write_all(&text).ok();
                }));
                None
            }
            (_, pipe) => pipe.map(Keyboard::pipe),
        };
        Running::follow(child, line, stdin, [stdout, stderr], threads)
    }

    /// Starts a program at a terminal, which is also where it writes.
    pub(crate) fn start_on_terminal(mut command: Command, line: String) -> Self {
        let terminal = Terminal::open();
        command.stdin(terminal.stdio()).stdout(terminal.stdio()).stderr(terminal.stdio());
        let child = spawn(&mut command, &line);
        // What is shown ends when the program's end is closed, and that is the program's alone from now on.
        drop(command);
        let keyboard = terminal.user.try_clone().expect("there are descriptors to be had");
        let (shown, out) = Capture::of(terminal.user);
        let (nothing, err) = Capture::of(std::io::empty());
        Running::follow(child, line, Some(Keyboard::terminal(keyboard)), [shown, nothing], vec![out, err])
    }

    /// Starts a program that reads from a terminal, and writes to pipes.
    pub(crate) fn start_at_keyboard(mut command: Command, line: String) -> Self {
        let terminal = Terminal::open();
        command.stdin(terminal.stdio()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(&mut command, &line);
        let (stdout, out) = Capture::of(child.stdout.take().expect("stdout is a pipe"));
        let (stderr, err) = Capture::of(child.stderr.take().expect("stderr is a pipe"));
        let keyboard = Some(Keyboard::terminal(terminal.user));
        Running::follow(child, line, keyboard, [stdout, stderr], vec![out, err])
    }

    fn follow(
        mut child: Child,
        line: String,
        stdin: Option<Keyboard>,
        [stdout, stderr]: [Capture; 2],
        mut threads: Vec<JoinHandle<()>>,
    ) -> Self {
        let pid = Pid::from_child(&child);
        let (sender, exit) = mpsc::channel();
        threads.push(thread::spawn(move || {
            if let Ok(status) = child.wait() {
                sender.send(status).ok();
            }
        }));
        Running { line, pid, stdin, stdout, stderr, exit, exited: None, threads }
    }

    /// The standard output.
    pub fn stdout(&self) -> &Capture {
        &self.stdout
    }

    /// The standard error.
    pub fn stderr(&self) -> &Capture {
        &self.stderr
    }

    /// Waits for a line on standard output.
    pub fn wait_for_stdout(&self, what: &str, look: impl FnMut(&str) -> bool) {
        self.wait_for_line(&self.stdout, what, look);
    }

    /// Waits for a line on standard error.
    pub fn wait_for_stderr(&self, what: &str, look: impl FnMut(&str) -> bool) {
        self.wait_for_line(&self.stderr, what, look);
    }

    fn wait_for_line(&self, stream: &Capture, what: &str, mut look: impl FnMut(&str) -> bool) {
        let found = stream.wait_for(LINE_LIMIT, |lines| lines.iter().any(|line| look(line)).then_some(()));
        if found.is_none() {
            self.fail(&format!("did not write {what}"));
        }
    }

    /// Types a line.
    pub fn enter(&mut self, line: &str) {
        let keyboard = self.stdin.as_mut().expect("standard input was left open");
        writeln!(keyboard.input, "{line}").expect("the program reads its input");
    }

    /// Waits until what it has written is this, also without the end of its last line.
    pub fn wait_until_written(&self, text: &str) {
        if !self.stdout.wait_for_text(LINE_LIMIT, |written| written == text) {
            self.fail(&format!("did not write {text:?}"));
        }
    }

    /// Ends standard input: closes it, or tells the terminal.
    pub fn close_stdin(&mut self) {
        match &mut self.stdin {
            Some(keyboard) if keyboard.is_terminal => {
                keyboard.input.write_all(&[END_OF_INPUT]).expect("the program reads its input");
            }
            _ => self.stdin = None,
        }
    }

    /// Its process id.
    pub fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Kills it on the spot, as `kill -9` does; it cannot say good-bye.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        if self.exit_by(Instant::now() + LINE_LIMIT).is_none() {
            self.fail("was killed and is still there");
        }
    }

    /// Interrupts it, as Ctrl-C does.
    pub fn interrupt(&mut self) {
        self.signal(Signal::INT);
    }

    /// Asks it to end, as `kill` does.
    pub fn terminate(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Asks it how it stands, which disturbs nothing.
    pub fn ask(&mut self) {
        self.signal(Signal::USR1);
    }

    /// Stops it where it is, as a machine does that goes to sleep; it stays there and answers nobody.
    pub fn freeze(&mut self) {
        self.signal(Signal::STOP);
    }

    /// Has it go on after it was frozen.
    pub fn thaw(&mut self) {
        self.signal(Signal::CONT);
    }

    /// True while the program has not ended; looked at for a moment, because ending takes one.
    pub fn goes_on(&mut self) -> bool {
        self.exit_by(Instant::now() + QUIET).is_none()
    }

    /// Waits for its end and for the end of what it writes.
    pub fn finish(mut self, limit: Duration) -> Outcome {
        let deadline = Instant::now() + limit;
        let Some(status) = self.exit_by(deadline) else {
            self.fail(&format!("did not end within {limit:?}"));
        };
        if !(self.stdout.wait_for_end(deadline) && self.stderr.wait_for_end(deadline)) {
            self.fail("has left something running that holds its output open");
        }
        Outcome::new(self.line.clone(), status, self.stdout.bytes(), self.stderr.text())
    }

    /// Ends the test, and says what the program has done so far.
    pub fn fail(&self, what: &str) -> ! {
        panic!(
            "`{}` {what}\n--- stdout\n{}\n--- stderr\n{}",
            self.line,
            excerpt(&self.stdout.text()),
            excerpt(&self.stderr.text())
        )
    }

    fn signal(&mut self, signal: Signal) {
        if self.exit_by(Instant::now()).is_none() {
            kill_process(self.pid, signal).expect("a child can be signalled");
        }
    }

    fn exit_by(&mut self, deadline: Instant) -> Option<ExitStatus> {
        if self.exited.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            self.exited = self.exit.recv_timeout(left).ok();
        }
        self.exited
    }
}

fn spawn(command: &mut Command, line: &str) -> Child {
    command.process_group(0).spawn().unwrap_or_else(|error| panic!("{line}: cannot be started: {error}"))
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stdin = None;
        let now = Instant::now();
        let all_gone =
            self.exit_by(now).is_some() && self.stdout.wait_for_end(now) && self.stderr.wait_for_end(now);
        if !all_gone {
            // The group may end by itself meanwhile; then there is nothing to kill.
            kill_process_group(self.pid, Signal::KILL).ok();
        }
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}
