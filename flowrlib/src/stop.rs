//! Ending a run from outside of it.

use crate::transport::Event;
use crossbeam_channel::Sender;
use std::sync::{Arc, Mutex, PoisonError};

/// Why a run was ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The user wants no more of it.
    Interrupted,
    /// Somebody else does: the system, or the server it runs in.
    Closed,
}

/// Ends a run when it is thrown, before the run starts or at any time during it; later it does nothing.
#[derive(Clone, Debug, Default)]
pub struct StopSwitch(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    #[default]
    NotThrown,
    Thrown(Stop),
    Watched(Sender<Event>),
}

impl StopSwitch {
    /// Ends the run.
    pub fn throw(&self, stop: Stop) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            // A run that is over takes no more events.
            State::Watched(events) => drop(events.send(Event::Stop(stop))),
            State::NotThrown => *state = State::Thrown(stop),
            State::Thrown(_) => {}
        }
    }

    /// Has the run be told.
    pub(crate) fn watch(&self, events: Sender<Event>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Thrown(stop) = *state {
            drop(events.send(Event::Stop(stop)));
        }
        *state = State::Watched(events);
    }
}
