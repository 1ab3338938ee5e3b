//! Ending a run from outside of it.

use std::fmt;
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

#[derive(Default)]
enum State {
    #[default]
    NotThrown,
    Thrown(Stop),
    Watched(Box<dyn Fn(Stop) + Send>),
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            State::NotThrown => "NotThrown",
            State::Thrown(_) => "Thrown",
            State::Watched(_) => "Watched",
        })
    }
}

impl StopSwitch {
    /// Ends the run.
    pub fn throw(&self, stop: Stop) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Watched(tell) => tell(stop),
            State::NotThrown => *state = State::Thrown(stop),
            State::Thrown(_) => {}
        }
    }

    /// Has whoever runs the flow be told.
    pub(crate) fn watch(&self, tell: impl Fn(Stop) + Send + 'static) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Thrown(stop) = *state {
            tell(stop);
        }
        *state = State::Watched(Box::new(tell));
    }
}
