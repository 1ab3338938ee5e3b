//! Runs compiled flows.
//!
//! A manifest becomes a [`Program`](program::Program), dense tables that never change. The
//! [run state](state::RunState) is a pure machine over them: outcomes of jobs in, jobs to run out.
//! [Dispatch](dispatch::Dispatch), as pure, decides which executor gets which job. The coordinator owns both and
//! performs what they decide: it sends jobs over a transport to [executors](executor), which run them the same way in
//! the runner's threads and in workers, and has effects on the outside world carried out in order.
//!
//! These assemblies of the parts are offered: [`runner::run`] runs one flow to its end; [`worker::serve`] works for
//! whichever runners it finds; [`server::serve`] runs the flows of clients, and [`client::run`] is such a client.

mod awake;
mod channel;
pub mod client;
pub mod context;
mod coordinator;
mod cost;
pub mod discovery;
pub mod dispatch;
mod distribution;
pub mod executor;
pub mod keys;
pub mod logging;
pub mod machine;
pub mod modules;
mod occupation;
pub mod program;
pub mod runner;
pub mod server;
pub mod signals;
mod silence;
#[cfg(test)]
mod simulation;
pub mod state;
mod status;
mod stop;
mod streams;
mod table;
mod terms;
mod transport;
pub mod units;
pub mod wire;
pub mod worker;

/// The most executor threads that a program can be asked for: many more than any machine has cores for.
pub const MOST_THREADS: u64 = 4096;

/// The network that runners and workers belong to where none is named.
pub const DEFAULT_NETWORK: &str = "local";
