//! The queue in which everything comes to the coordinator.
//!
//! Whoever waits for it falls asleep at once. The channel that it is made of would first yield to others for a while, and
//! in a machine that has far too much to do that takes many times as long as being woken.

use super::Event;
use crossbeam_channel::{Receiver, SendError, Sender, TryRecvError, unbounded};
use crossbeam_utils::sync::{Parker, Unparker};
use std::time::Instant;

/// The end that sends; whoever has something to say to the coordinator has a copy.
#[derive(Clone)]
pub(crate) struct EventSender {
    sender: Sender<Event>,
    unparker: Unparker,
}

/// The coordinator's end.
pub(crate) struct Events {
    receiver: Receiver<Event>,
    parker: Parker,
}

/// A queue.
pub(crate) fn events() -> (EventSender, Events) {
    let (sender, receiver) = unbounded();
    let parker = Parker::new();
    let unparker = parker.unparker().clone();
    (EventSender { sender, unparker }, Events { receiver, parker })
}

impl EventSender {
    /// Adds an event. It comes back where nobody listens any more.
    pub(crate) fn send(&self, event: Event) -> Result<(), SendError<Event>> {
        self.sender.send(event)?;
        self.unparker.unpark();
        Ok(())
    }
}

impl Events {
    /// The next event, if it is there.
    pub(crate) fn try_next(&self) -> Option<Event> {
        self.receiver.try_recv().ok()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }

    /// Waits for the next event; none if there is none by then, or nobody was left who could send one. Who waits without
    /// end sees to it that somebody is.
    pub(crate) fn next_by(&self, deadline: Option<Instant>) -> Option<Event> {
        loop {
            match self.receiver.try_recv() {
                Ok(event) => return Some(event),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => {}
            }
            match deadline {
                None => self.parker.park(),
                Some(deadline) if Instant::now() < deadline => self.parker.park_deadline(deadline),
                Some(_) => return None,
            }
        }
    }
}
