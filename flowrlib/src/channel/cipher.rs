//! What makes frames unreadable to others: the Noise protocol, or nothing where there is no key.

use super::{Broken, LARGEST_PART, PATTERN, Purpose, VERSION};
use crate::keys::Key;
use snow::{Builder, HandshakeState, TransportState};

/// The longest message of a handshake, in bytes.
const LONGEST_HANDSHAKE: usize = 128;

/// After how many frames in one direction a key is replaced by the next one: much less is said with each than AES with
/// its tags is good for. Tests say less.
const FRAMES_OF_A_KEY: u64 = if cfg!(test) { 5 } else { 1 << 20 };

/// A handshake that is under way.
pub(super) enum Handshake {
    Clear,
    Sealed(Box<HandshakeState>),
}

/// What goes to and fro when both ends have the same keys.
pub(super) enum Cipher {
    Clear,
    Sealed(Box<TransportState>),
}

impl From<snow::Error> for Broken {
    /// Why something is not genuine is of interest to those only who have tried.
    fn from(_: snow::Error) -> Broken {
        Broken
    }
}

fn sealed(
    key: &Key,
    purpose: Purpose,
    build: impl FnOnce(Builder<'_>) -> Result<HandshakeState, snow::Error>,
) -> Result<Handshake, snow::Error> {
    let secret = key.for_channels();
    let purpose = match purpose {
        Purpose::Jobs => "jobs",
        Purpose::Submissions => "submissions",
    };
    let prologue = format!("flow channel {VERSION} for {purpose}");
    let builder = Builder::new(PATTERN.parse()?).psk(0, &secret)?.prologue(prologue.as_bytes())?;
    Ok(Handshake::Sealed(Box::new(build(builder)?)))
}

impl Handshake {
    /// Begins a handshake; gives its first message, too.
    pub(super) fn begin(key: Option<&Key>, purpose: Purpose) -> Result<(Handshake, Vec<u8>), Broken> {
        let mut handshake = match key {
            None => Handshake::Clear,
            Some(key) => sealed(key, purpose, |builder| builder.build_initiator())?,
        };
        let message = handshake.write()?;
        Ok((handshake, message))
    }

    /// Answers the first message of a handshake with the second, which is all there is to it.
    pub(super) fn answer(
        key: Option<&Key>,
        purpose: Purpose,
        message: &[u8],
    ) -> Result<(Cipher, Vec<u8>), Broken> {
        let mut handshake = match key {
            None => Handshake::Clear,
            Some(key) => sealed(key, purpose, |builder| builder.build_responder())?,
        };
        handshake.read(message)?;
        let answer = handshake.write()?;
        Ok((handshake.end()?, answer))
    }

    /// Takes the second message of a handshake, with which it is complete.
    ///
    /// The handshake is left as it was if the message is not genuine: the genuine one may still come.
    pub(super) fn complete(&mut self, message: &[u8]) -> Result<Cipher, Broken> {
        self.read(message)?;
        std::mem::replace(self, Handshake::Clear).end()
    }

    fn write(&mut self) -> Result<Vec<u8>, Broken> {
        match self {
            Handshake::Clear => Ok(Vec::new()),
            Handshake::Sealed(state) => {
                let mut message = vec![0; LONGEST_HANDSHAKE];
                let length = state.write_message(&[], &mut message)?;
                message.truncate(length);
                Ok(message)
            }
        }
    }

    /// A handshake carries nothing but itself.
    fn read(&mut self, message: &[u8]) -> Result<(), Broken> {
        match self {
            Handshake::Clear => message.is_empty().then_some(()).ok_or(Broken),
            Handshake::Sealed(state) if message.len() <= LONGEST_HANDSHAKE => {
                let length = state.read_message(message, &mut [0; LONGEST_HANDSHAKE])?;
                (length == 0).then_some(()).ok_or(Broken)
            }
            Handshake::Sealed(_) => Err(Broken),
        }
    }

    fn end(self) -> Result<Cipher, Broken> {
        match self {
            Handshake::Clear => Ok(Cipher::Clear),
            Handshake::Sealed(state) => Ok(Cipher::Sealed(Box::new(state.into_transport_mode()?))),
        }
    }
}

impl Cipher {
    /// Puts a part into a frame, behind what the frame has already.
    pub(super) fn seal(&mut self, part: &[u8], frame: &mut Vec<u8>) -> Result<(), Broken> {
        match self {
            Cipher::Clear => frame.extend_from_slice(part),
            Cipher::Sealed(state) => {
                let begin = frame.len();
                frame.resize(begin + part.len() + TAG, 0);
                let place = frame.get_mut(begin..).ok_or(Broken)?;
                state.write_message(part, place)?;
                if state.sending_nonce().is_multiple_of(FRAMES_OF_A_KEY) {
                    state.rekey_outgoing();
                }
            }
        }
        Ok(())
    }

    /// Takes a part out of a frame; `part` holds nothing else afterwards.
    pub(super) fn open(&mut self, sealed: &[u8], part: &mut Vec<u8>) -> Result<(), Broken> {
        part.clear();
        match self {
            Cipher::Clear if sealed.len() <= LARGEST_PART => part.extend_from_slice(sealed),
            Cipher::Clear => return Err(Broken),
            Cipher::Sealed(state) => {
                part.resize(sealed.len(), 0);
                let length = state.read_message(sealed, part)?;
                part.truncate(length);
                if state.receiving_nonce().is_multiple_of(FRAMES_OF_A_KEY) {
                    state.rekey_incoming();
                }
            }
        }
        Ok(())
    }
}

/// How much longer a sealed part is.
const TAG: usize = 16;
