//! The end of a channel that is connected to: one for all guests of a socket.

use super::cipher::{Cipher, Handshake};
use super::parts::{Assembly, Whole, split};
use super::{Broken, Purpose, TooLarge, VERSION, kind};
use crate::keys::Key;
use log::debug;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// How many guests may be between opening and showing that they have the key.
const MOST_OPENING: usize = 1024;

/// How many ticks they have for it.
const TIME_TO_OPEN: u32 = 5;

/// How many ticks a guest may be silent. Nobody whom we talk to is silent for so long.
const LONGEST_SILENCE: u32 = 60;

/// How many strangers are told in one tick that they are strangers.
const MOST_TOLD: usize = 1024;

/// All guests of a socket.
pub(crate) struct Host {
    key: Option<Key>,
    purpose: Purpose,
    /// Guests by the identity that the socket gave them.
    guests: HashMap<Vec<u8>, GuestState>,
    /// How many of them have not shown yet that they have the key.
    opening: usize,
    /// The strangers that were told so in this tick.
    told: HashSet<Vec<u8>>,
    /// How many frames were not genuine, in this tick.
    dropped: u64,
    frame: Vec<u8>,
    part: Vec<u8>,
}

struct GuestState {
    cipher: Cipher,
    assembly: Assembly,
    /// Whether anything has come that only somebody with the key could have sent, and only now.
    is_proven: bool,
    /// For how many ticks nothing has come.
    silent: u32,
}

/// What a frame means, and what is to be answered.
pub(crate) struct Received<'host> {
    /// The frame that goes back to who has sent it, if there is one.
    pub(crate) reply: Option<Vec<u8>>,
    pub(crate) news: News<'host>,
}

/// What a frame means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News<'host> {
    /// Nothing, or nothing yet.
    Nothing,
    /// The guest is alive: a part of a message has come, and there is more to come.
    Alive,
    /// A message of the guest.
    Message(Cow<'host, [u8]>),
    /// The guest as it was known is gone; if it comes again, it is another one.
    Parted,
}

impl<'host> Received<'host> {
    const NOTHING: Received<'static> = Received { reply: None, news: News::Nothing };

    fn message(message: Cow<'host, [u8]>) -> Received<'host> {
        Received { reply: None, news: News::Message(message) }
    }
}

impl Host {
    /// Takes guests who have that key, or any if there is none.
    pub(crate) fn new(key: Option<Key>, purpose: Purpose) -> Host {
        Host {
            key,
            purpose,
            guests: HashMap::new(),
            opening: 0,
            told: HashSet::new(),
            dropped: 0,
            frame: Vec::new(),
            part: Vec::new(),
        }
    }

    /// Takes a frame that came from that identity.
    pub(crate) fn receive(&mut self, identity: &[u8], frame: &[u8]) -> Received<'_> {
        match frame.split_first() {
            Some((&kind::OPEN, opening)) => self.accept(identity, opening),
            Some((&kind::DATA, sealed)) if self.guests.contains_key(identity) => self.take(identity, sealed),
            Some((&kind::DATA, _)) => Received { reply: self.again(identity), news: News::Nothing },
            _ => {
                self.dropped += 1;
                self.reject(identity)
            }
        }
    }

    /// A channel is opened, or opened anew.
    fn accept(&mut self, identity: &[u8], opening: &[u8]) -> Received<'_> {
        let [VERSION, is_sealed, message @ ..] = opening else {
            self.dropped += 1;
            return Received::NOTHING;
        };
        // Whoever has no key learns nothing, not even that there is one.
        let known = self.guests.get(identity);
        let is_known = known.is_some_and(|guest| guest.is_proven);
        let is_full = known.is_none_or(|guest| guest.is_proven) && self.opening >= MOST_OPENING;
        if is_full || *is_sealed != u8::from(self.key.is_some()) {
            self.dropped += 1;
            return Received::NOTHING;
        }
        let Ok((cipher, answer)) = Handshake::answer(self.key.as_ref(), self.purpose, message) else {
            self.dropped += 1;
            return self.reject(identity);
        };
        self.remove(identity);
        let guest = GuestState { cipher, assembly: Assembly::default(), is_proven: false, silent: 0 };
        self.guests.insert(identity.to_vec(), guest);
        self.opening += 1;
        let mut reply = vec![kind::ACCEPT];
        reply.extend(answer);
        let news = if is_known { News::Parted } else { News::Nothing };
        Received { reply: Some(reply), news }
    }

    /// Takes data of a guest.
    fn take(&mut self, identity: &[u8], sealed: &[u8]) -> Received<'_> {
        let Some(guest) = self.guests.get_mut(identity) else { return Received::NOTHING };
        let opened = guest.cipher.open(sealed, &mut self.part);
        if opened.is_ok() {
            guest.silent = 0;
            if !guest.is_proven {
                guest.is_proven = true;
                self.opening -= 1;
            }
        }
        match opened.and_then(|()| guest.assembly.take(&self.part)) {
            Ok(None) => Received { reply: None, news: News::Alive },
            Ok(Some(Whole::Part)) => Received::message(Cow::Borrowed(&self.part)),
            Ok(Some(Whole::Assembled(message))) => Received::message(Cow::Owned(message)),
            Err(Broken) => {
                self.dropped += 1;
                let news = if self.remove(identity) { News::Parted } else { News::Nothing };
                Received { reply: self.again(identity), news }
            }
        }
    }

    /// Forgets who has sent what it should not.
    fn reject(&mut self, identity: &[u8]) -> Received<'static> {
        let news = if self.remove(identity) { News::Parted } else { News::Nothing };
        Received { reply: None, news }
    }

    /// Forgets a guest; says whether it was one.
    fn remove(&mut self, identity: &[u8]) -> bool {
        let removed = self.guests.remove(identity);
        self.opening -= usize::from(removed.as_ref().is_some_and(|guest| !guest.is_proven));
        removed.is_some_and(|guest| guest.is_proven)
    }

    /// Tells a stranger that it has to open first, but not more often than there is a point in it.
    fn again(&mut self, identity: &[u8]) -> Option<Vec<u8>> {
        let is_told = self.told.len() < MOST_TOLD && self.told.insert(identity.to_vec());
        is_told.then(|| vec![kind::AGAIN])
    }

    /// To be called about once in a second: forgets those who have been silent for too long.
    pub(crate) fn tick(&mut self) {
        self.told.clear();
        if self.dropped > 0 {
            debug!("dropped {} frames that came from nobody who may take part", self.dropped);
            self.dropped = 0;
        }
        self.guests.retain(|_, guest| {
            guest.silent += 1;
            let is_kept = guest.silent <= if guest.is_proven { LONGEST_SILENCE } else { TIME_TO_OPEN };
            self.opening -= usize::from(!is_kept && !guest.is_proven);
            is_kept
        });
    }

    /// The guests of whose latest message only a part has come.
    pub(crate) fn talking(&self) -> impl Iterator<Item = &[u8]> {
        let talking = self.guests.iter().filter(|(_, guest)| guest.assembly.is_begun());
        talking.map(|(identity, _)| identity.as_slice())
    }

    /// Calls `send` with the frames of a message to a guest. There are none for those who are not known.
    pub(crate) fn seal<E>(
        &mut self,
        identity: &[u8],
        message: &[u8],
        mut send: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Result<(), E>, TooLarge> {
        let Some(guest) = self.guests.get_mut(identity) else { return Ok(Ok(())) };
        let frame = &mut self.frame;
        split(message, |part| {
            frame.clear();
            frame.push(kind::DATA);
            match guest.cipher.seal(part, frame) {
                Ok(()) => send(frame),
                Err(Broken) => Ok(()),
            }
        })
    }

    #[cfg(test)]
    pub(super) fn counts(&self) -> (usize, usize, u64) {
        (self.guests.len(), self.opening, self.dropped)
    }
}
