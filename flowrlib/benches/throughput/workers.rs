//! Workers in processes of their own: this program, called again.

use crate::flows::registry;
use flowrlib::keys::{Key, Trust};
use flowrlib::worker::{WorkerConfig, serve};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

/// What this program is called with to be a worker: before its network, name, number of threads, and security.
const AS_WORKER: &str = "--as-worker";

/// A worker, which is ended when this is dropped, and ends by itself with whoever has started it.
pub(crate) struct Worker {
    process: Child,
    output: BufReader<ChildStdout>,
}

/// Whom runners and workers trust.
pub(crate) fn security(is_secured: bool) -> Trust {
    if is_secured { Trust::Key(Key::new([1; 32])) } else { Trust::Anybody }
}

impl Worker {
    pub(crate) fn start(network: &str, name: &str, threads: usize, is_secured: bool) -> Worker {
        let mut process = Command::new(std::env::current_exe().expect("this program is somewhere"))
            .args([AS_WORKER, network, name, &threads.to_string(), &is_secured.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process can be started");
        let output = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Worker { process, output }
    }

    /// The next number that one of its functions prints.
    pub(crate) fn says(&mut self) -> f64 {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it is there");
        line.trim().parse().expect("it prints a number")
    }

    /// Has it stand still.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Ends it on the spot.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        // One that has ended already has been signalled before.
        kill_process(Pid::from_child(&self.process), signal).ok();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.process.kill().and_then(|()| self.process.wait()).ok();
    }
}

/// Whether this process is to be a worker; then it has been one when this returns.
pub(crate) fn was_wanted() -> bool {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [flag, network, name, threads, is_secured] = &arguments[..] else { return false };
    if flag != AS_WORKER {
        return false;
    }
    // Whoever started us has the other end.
    thread::spawn(|| {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        std::process::exit(0);
    });
    let config = WorkerConfig {
        threads: threads.parse().expect("a number of threads"),
        network: network.clone(),
        name: name.clone(),
        trust: security(is_secured == "true"),
        ..WorkerConfig::default()
    };
    serve(&config, registry()).expect("a worker can start");
    true
}
