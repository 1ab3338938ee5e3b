//! A `flowr -s` in the background.

use crate::LINE_LIMIT;
use crate::call::Call;
use crate::running::Running;

/// A server that logs what it does.
pub struct Server {
    running: Running,
    address: String,
}

impl Server {
    /// Starts a server and waits until it can be found and reached.
    pub(crate) fn start(call: Call) -> Self {
        let running = call.start();
        running.wait_for_stdout("that it is ready", |line| line == "ready");
        let address = running.stderr().wait_for(LINE_LIMIT, |lines| {
            lines.iter().find_map(|line| line.split("Serving clients at ").nth(1).map(str::to_owned))
        });
        match address {
            Some(address) => Server { running, address },
            None => running.fail("did not say where it is"),
        }
    }

    /// Where it receives clients.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The program itself.
    pub fn program(&mut self) -> &mut Running {
        &mut self.running
    }

    /// Waits for a line in its log.
    pub fn wait_for_log(&self, what: &str, look: impl FnMut(&str) -> bool) {
        self.running.wait_for_stderr(what, look);
    }

    /// What it answers to a message, if it is one that takes part in the clear.
    pub fn answer(&self, message: &[u8]) -> Vec<u8> {
        let insider = crate::Insider::join(&self.address);
        insider.say(message);
        insider.hear()
    }

    /// A socket of the right kind, connected to it.
    pub fn stranger(&self) -> zmq::Socket {
        crate::stranger(&self.address)
    }

    /// Ends it as its user does, and checks that it takes this for a good end.
    pub fn end(mut self) {
        self.running.interrupt();
        self.running.finish(LINE_LIMIT).status(0).wrote("ready\n");
    }
}
