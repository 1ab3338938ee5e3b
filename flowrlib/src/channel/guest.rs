//! The end of a channel that connects.

use super::cipher::{Cipher, Handshake};
use super::parts::{Assembly, Whole, split};
use super::{Broken, Purpose, TooLarge, VERSION, kind};
use crate::keys::Key;
use std::borrow::Cow;

/// The end of a channel that connects.
pub(crate) struct Guest {
    key: Option<Key>,
    purpose: Purpose,
    state: State,
    /// Where frames are put together.
    frame: Vec<u8>,
    /// Where frames are taken apart.
    part: Vec<u8>,
}

enum State {
    /// The host has not accepted yet.
    Opening {
        handshake: Handshake,
        /// After how many ticks the opening is repeated, and how many there have been.
        patience: u32,
        ticks: u32,
    },
    Open {
        cipher: Cipher,
        assembly: Assembly,
    },
    /// No handshake can be begun here: there are no random numbers.
    Helpless,
}

/// What a frame from the host means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard<'guest> {
    /// Nothing, or nothing yet.
    Nothing,
    /// The host is alive: a part of a message has come, and there is more to come.
    Alive,
    /// The channel is open: what is sent from now on arrives.
    Opened,
    /// A message.
    Message(Cow<'guest, [u8]>),
    /// What was sent before may be lost; the channel is opened anew, with this frame.
    Broken(Vec<u8>),
}

impl Guest {
    /// A channel that is not open, and the frame that opens it.
    pub(crate) fn new(key: Option<Key>, purpose: Purpose) -> (Guest, Vec<u8>) {
        let mut guest = Guest { key, purpose, state: State::Helpless, frame: Vec::new(), part: Vec::new() };
        let opening = guest.open(1);
        (guest, opening)
    }

    /// Begins anew.
    fn open(&mut self, patience: u32) -> Vec<u8> {
        let mut frame = vec![kind::OPEN, VERSION, u8::from(self.key.is_some())];
        match Handshake::begin(self.key.as_ref(), self.purpose) {
            Ok((handshake, message)) => {
                frame.extend(message);
                self.state = State::Opening { handshake, patience, ticks: 0 };
            }
            Err(Broken) => self.state = State::Helpless,
        }
        frame
    }

    /// Whether the host has accepted.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// To be called about once in a second: an opening that the host has not answered is repeated now and then.
    pub(crate) fn tick(&mut self) -> Option<Vec<u8>> {
        match &mut self.state {
            State::Opening { patience, ticks, .. } => {
                *ticks += 1;
                let patience = *patience;
                // An answer to the one before could not be understood any more, so each gets more time.
                (*ticks >= patience).then(|| self.open(patience.saturating_mul(2)))
            }
            State::Open { .. } => None,
            State::Helpless => Some(self.open(1)),
        }
    }

    /// Takes a frame from the host.
    pub(crate) fn receive(&mut self, frame: &[u8]) -> Heard<'_> {
        match (frame.split_first(), &mut self.state) {
            (Some((&kind::ACCEPT, message)), State::Opening { handshake, .. }) => {
                let Ok(cipher) = handshake.complete(message) else { return Heard::Nothing };
                self.state = State::Open { cipher, assembly: Assembly::default() };
                Heard::Opened
            }
            // What belongs to an earlier handshake, or was said before the opening came.
            (_, State::Opening { .. } | State::Helpless) => Heard::Nothing,
            (Some((&kind::DATA, sealed)), State::Open { cipher, assembly }) => {
                let opened = cipher.open(sealed, &mut self.part);
                match opened.and_then(|()| assembly.take(&self.part)) {
                    Ok(None) => Heard::Alive,
                    Ok(Some(Whole::Part)) => Heard::Message(Cow::Borrowed(&self.part)),
                    Ok(Some(Whole::Assembled(message))) => Heard::Message(Cow::Owned(message)),
                    Err(Broken) => Heard::Broken(self.open(1)),
                }
            }
            (_, State::Open { .. }) => Heard::Broken(self.open(1)),
        }
    }

    /// Calls `send` with the frames of a message. While the channel is not open there are none.
    pub(crate) fn seal<E>(
        &mut self,
        message: &[u8],
        mut send: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Result<(), E>, TooLarge> {
        let State::Open { cipher, .. } = &mut self.state else { return Ok(Ok(())) };
        let frame = &mut self.frame;
        split(message, |part| {
            frame.clear();
            frame.push(kind::DATA);
            // Numbers for frames never come to an end, and nothing else can go wrong.
            match cipher.seal(part, frame) {
                Ok(()) => send(frame),
                Err(Broken) => Ok(()),
            }
        })
    }
}
