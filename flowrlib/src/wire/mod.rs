//! What travels between processes: messages as bytes.
//!
//! The encoding is our own, versioned in the handshake ([`PROTOCOL`]). Integers are LEB128, text and arrays carry their
//! length, "no output" is encoded apart from null. Everything received is checked: a frame that is cut short, too long,
//! nests too deeply or carries an unknown tag is a [`WireError`], never a panic, and never makes room for more than it
//! brings.

mod bytes;
mod message;
mod value;

pub use bytes::WireError;
pub use message::{FromWorker, Hello, PROTOCOL, ToWorker};
pub(crate) use value::{DEEPEST, TOO_DEEP, nests_too_deeply};
