//! How jobs get to executors and results back. Nothing above knows which way is in use.
//!
//! To the coordinator an executor is a [`Link`]; whatever executors say comes to it as [`Event`]s. There are two ways:
//! in memory to the runner's own threads ([`local`]), and over ZeroMQ to workers ([`service`] is the runner's end,
//! [`session`] the worker's, and what they say travels in [channels](crate::channel)).

pub(crate) mod claims;
pub(crate) mod events;
pub(crate) mod leaving;
pub(crate) mod local;
mod preparation;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod socket;
#[cfg(test)]
mod tests;
pub(crate) mod waker;

use crate::dispatch::{Attempt, ExecutorId};
use crate::distribution::Returned;
use crate::executor::{JobOrder, JobResult};
use crate::stop::Stop;
use crate::table::Id;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The runner's end of the way to one executor.
pub(crate) trait Link: Send {
    /// Sends jobs. Never blocks: how many there are is bounded by the executor's window.
    fn send(&mut self, orders: Vec<JobOrder>);

    /// Asks jobs back that have not begun. Those that come back are told by an event.
    fn recall(&mut self, jobs: Vec<Attempt>);

    /// Calls jobs off. Those that will not be answered are told by an event.
    fn cancel(&mut self, jobs: Vec<Attempt>);

    /// Looks after what could be stuck behind a long job, where nobody else does.
    fn spread(&mut self) {}

    /// Says whether executors that share its processors are to leave one to the coordinator.
    fn leave_room(&mut self, _: bool) {}

    /// What was sent and received so far.
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}

/// Does a call of ZeroMQ again that a signal has interrupted: a message must not be lost for that.
pub(crate) fn uninterrupted<T>(mut call: impl FnMut() -> Result<T, zmq::Error>) -> Result<T, zmq::Error> {
    loop {
        match call() {
            Err(zmq::Error::EINTR) => {}
            result => return result,
        }
    }
}

/// What reaches the coordinator from outside of it.
pub(crate) enum Event {
    /// An executor wants to work.
    Joined(Joined),
    /// Jobs were done.
    Results {
        executor: ExecutorId,
        /// How many unfinished jobs the executor wants to have, where it says so.
        window: Option<usize>,
        results: Vec<JobResult>,
    },
    /// Jobs come back that were asked back or called off.
    Returned { executor: ExecutorId, jobs: Vec<Returned> },
    /// Answers came that belong to another run.
    Foreign(u64),
    /// Somebody wants to know how the run stands.
    StatusWanted,
    /// Jobs of context functions were done.
    ContextResults(Vec<JobResult>),
    /// An executor is alive.
    Heard(ExecutorId),
    /// An executor that was given up is there again.
    IsBack(ExecutorId),
    /// An executor said goodbye.
    Left(ExecutorId),
    /// The run is to end.
    Stop(Stop),
    /// Workers can join here.
    ServiceOpened(SocketAddr),
    /// Workers cannot join.
    ServiceFailed(String),
}

/// An executor that joins a run.
pub(crate) struct Joined {
    pub(crate) executor: ExecutorId,
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) slots: usize,
    pub(crate) window: usize,
    /// Whether it was given up before, and was only slow.
    pub(crate) is_slow: bool,
    pub(crate) link: Box<dyn Link>,
}

/// How much went to an executor and came from it, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// To the executor.
    pub sent: u64,
    /// From the executor.
    pub received: u64,
}

/// Where an executor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the runner's process.
    Runner,
    /// In a worker's process, here or on another machine.
    Worker,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Place::Runner => "runner",
            Place::Worker => "worker",
        })
    }
}

/// Gives each executor of a run an id that no other ever had.
#[derive(Debug, Default)]
pub(crate) struct ExecutorIds(AtomicUsize);

impl ExecutorIds {
    pub(crate) fn next(&self) -> ExecutorId {
        ExecutorId::from_index(self.0.fetch_add(1, Ordering::Relaxed))
    }
}
