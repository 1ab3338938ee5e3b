//! Channels: messages of any size, between two ends that have the same key, as frames that stand alone.
//!
//! The socket between the two ends is one of ZeroMQ, which carries frames and knows nothing of keys. A channel has a
//! [`Guest`] at the end that connects and a [`Host`] at the end that is connected to, which has one for each guest. Both
//! are plain state: frames in, frames and messages out; neither knows of sockets or clocks.
//!
//! A guest opens, the host accepts, and from then on both send data. What is said in which frame:
//!
//! | first byte | from | then |
//! |---|---|---|
//! | `0x81` open | guest | the version of channels, 1 if it is secured or else 0, the first message of the handshake |
//! | `0x82` accept | host | the second message of the handshake |
//! | `0x83` data | both | a part of a message |
//! | `0x84` again | host | nothing: the host does not know the guest, which has to open anew |
//!
//! With a key the handshake and the encryption are those of the Noise protocol framework ([`PATTERN`]): fresh keys for
//! every channel, which only those can find out who have the shared key, and a number for every frame, so that nothing
//! can be changed, left out, repeated or brought from another channel. A host that has accepted believes in the guest
//! when its first data come: an opening alone may be a recorded one. Without a key the frames are the same in clear.
//!
//! A message is one part, unless it is too large for a frame or begins with a zero: then a part comes first that has a
//! zero and the length of the message, and the message follows in as many parts as it takes. So nobody can have us
//! gather anything who has not shown that he has the key.
//!
//! What cannot be understood ends the channel that it came on, and no other.

#[cfg(test)]
pub(crate) mod by_hand;
mod cipher;
mod guest;
mod host;
mod parts;
#[cfg(test)]
mod tests;

pub(crate) use guest::{Guest, Heard};
pub(crate) use host::{Host, News};

/// The version of channels. Ends of different versions do not hear each other.
const VERSION: u8 = 1;

/// What a channel is secured with. AES is twice as fast as ChaCha where processors help with it, which is nearly everywhere.
const PATTERN: &str = "Noise_NNpsk0_25519_AESGCM_SHA256";

/// The most bytes of a message that one frame carries.
const LARGEST_PART: usize = 65535 - 16;

/// The largest frame there can be. Sockets receive none that are larger.
pub(crate) const LARGEST_FRAME: i64 = 1 + 65535;

/// The largest message there can be.
pub(crate) const LARGEST_MESSAGE: usize = 1 << 30;

/// What a channel is for. Ends of channels for different purposes do not understand each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A runner has a worker do jobs.
    Jobs,
    /// A client has a server run flows.
    Submissions,
}

mod kind {
    pub(super) const OPEN: u8 = 0x81;
    pub(super) const ACCEPT: u8 = 0x82;
    pub(super) const DATA: u8 = 0x83;
    pub(super) const AGAIN: u8 = 0x84;
}

/// A message is not sent: it is larger than any that would be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} bytes are more than a message can have")]
pub(crate) struct TooLarge(pub(crate) usize);

/// What came is not what the other end of the channel has sent, or it is not as we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broken;
