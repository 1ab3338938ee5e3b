//! The end of a channel that connects.

use super::cipher::{Cipher, Handshake};
use super::parts::{Assembly, Whole, split};
use super::{Broken, Purpose, TooLarge, VERSION, kind};
use crate::keys::Key;
use std::borrow::Cow;
use std::collections::VecDeque;

/// How many openings there may be that the host has not answered, of which we would know the answer.
const MOST_OPENINGS: usize = 4;

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
    ///
    /// It has the channel that it was asked for last, so nothing can be sent before the answer to the latest opening is
    /// there. The answer to an earlier one says that the way is long, and that the host is there.
    Opening {
        /// The latest is the last.
        handshakes: VecDeque<Handshake>,
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
    /// The host is alive: a part of a message has come, or the answer to an opening, and there is more to come.
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
        let opening = guest.open();
        (guest, opening)
    }

    /// Begins anew.
    fn open(&mut self) -> Vec<u8> {
        self.open_after(VecDeque::new(), 1)
    }

    /// Opens once more, after those that were not answered.
    fn open_after(&mut self, mut handshakes: VecDeque<Handshake>, patience: u32) -> Vec<u8> {
        let mut frame = vec![kind::OPEN, VERSION, u8::from(self.key.is_some())];
        match Handshake::begin(self.key.as_ref(), self.purpose) {
            Ok((handshake, message)) => {
                frame.extend(message);
                if handshakes.len() >= MOST_OPENINGS {
                    handshakes.pop_front();
                }
                handshakes.push_back(handshake);
                self.state = State::Opening { handshakes, patience, ticks: 0 };
            }
            Err(Broken) => self.state = State::Helpless,
        }
        frame
    }

    /// Whether the host has accepted.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Whether a part of a message has come, and more is to come.
    pub(crate) fn is_receiving(&self) -> bool {
        matches!(&self.state, State::Open { assembly, .. } if assembly.is_begun())
    }

    /// To be called about once in a second: an opening that the host has not answered is repeated now and then.
    pub(crate) fn tick(&mut self) -> Option<Vec<u8>> {
        match &mut self.state {
            State::Opening { handshakes, patience, ticks } => {
                *ticks += 1;
                if *ticks < *patience {
                    return None;
                }
                // Whoever is far away is not to be asked ever anew before an answer can be there.
                let (handshakes, patience) = (std::mem::take(handshakes), patience.saturating_mul(2));
                Some(self.open_after(handshakes, patience))
            }
            State::Open { .. } => None,
            State::Helpless => Some(self.open()),
        }
    }

    /// Takes a frame from the host.
    pub(crate) fn receive(&mut self, frame: &[u8]) -> Heard<'_> {
        match (frame.split_first(), &mut self.state) {
            (Some((&kind::ACCEPT, message)), State::Opening { handshakes, ticks, .. }) => {
                if let Some(Ok(cipher)) = handshakes.back_mut().map(|latest| latest.complete(message)) {
                    self.state = State::Open { cipher, assembly: Assembly::default() };
                    return Heard::Opened;
                }
                let answered = handshakes.iter_mut().position(|earlier| earlier.complete(message).is_ok());
                let Some(answered) = answered else { return Heard::Nothing };
                // The answers to those after it are on their way.
                handshakes.drain(..=answered);
                *ticks = 0;
                Heard::Alive
            }
            // The answer to an opening that was repeated meanwhile: without keys they are all the same.
            (Some((&kind::ACCEPT, [])), State::Open { cipher: Cipher::Clear, .. }) => Heard::Nothing,
            // What belongs to an earlier handshake, or was said before the opening came.
            (_, State::Opening { .. } | State::Helpless) => Heard::Nothing,
            (Some((&kind::DATA, sealed)), State::Open { cipher, assembly }) => {
                let opened = cipher.open(sealed, &mut self.part);
                match opened.and_then(|()| assembly.take(&self.part)) {
                    Ok(None) => Heard::Alive,
                    Ok(Some(Whole::Part)) => Heard::Message(Cow::Borrowed(&self.part)),
                    Ok(Some(Whole::Assembled(message))) => Heard::Message(Cow::Owned(message)),
                    Err(Broken) => Heard::Broken(self.open()),
                }
            }
            (_, State::Open { .. }) => Heard::Broken(self.open()),
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
