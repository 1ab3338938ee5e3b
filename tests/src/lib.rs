//! Drives the installed programs the way a person does: with command lines, pipes and signals.
//!
//! A test gets a [`Place`] of its own: programs, home directory, working directory and a name on the network, so tests
//! run side by side and leave nothing behind.
//! There it starts programs with a [`Call`], which either runs to the end and gives an [`Outcome`], or stays in the
//! background as [`Running`], of which a [`Worker`] and a [`Server`] are special cases.
//!
//! Nothing here waits without a limit, and nothing sleeps: whoever waits is woken by what it waits for.
//! Whatever goes wrong panics, with everything the program wrote so far in the message.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "this is test code: a surprise ends the test, with a message that says what was expected"
)]

mod call;
mod capture;
mod clock;
mod delays;
mod example;
pub mod graph;
mod insider;
mod network;
mod outcome;
mod place;
#[cfg(target_os = "linux")]
mod process;
mod programs;
mod running;
mod server;
mod table;
mod terminal;
pub mod tool_chain;
mod worker;

pub use call::Call;
pub use capture::Capture;
pub use clock::up_for_longer;
pub use delays::{DelayedContext, delayed_library};
pub use example::Example;
pub use insider::{Impostor, Insider};
pub use network::{Network, slow_line};
pub use outcome::Outcome;
pub use place::Place;
pub use programs::repository;
pub use running::Running;
pub use server::Server;
pub use table::Table;
pub use worker::{Worker, is_waiting_line};

use std::time::Duration;

/// A socket of the kind that workers and clients have, connected to somewhere by somebody who may not know more.
pub fn stranger(address: &str) -> zmq::Socket {
    let socket = zmq::Context::new().socket(zmq::DEALER).expect("a socket can be made");
    let limit = i32::try_from(LINE_LIMIT.as_millis()).expect("the limit is short");
    socket.set_linger(0).and_then(|()| socket.set_rcvtimeo(limit)).expect("a socket can be set up");
    socket.connect(&format!("tcp://{address}")).expect("the address is one");
    socket
}

/// How long a program may take that is expected to end: generous, because the machine may be busy with other things.
pub const RUN_LIMIT: Duration = Duration::from_secs(120);

/// How long the first build of a function may take, in which the standard library may have to be compiled.
pub const BUILD_LIMIT: Duration = Duration::from_secs(1200);

/// How long a program may take to say something it is expected to say.
pub const LINE_LIMIT: Duration = Duration::from_secs(20);

/// How long to watch for something that must not happen.
pub const QUIET: Duration = Duration::from_millis(300);
