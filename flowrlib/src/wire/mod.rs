//! What travels between processes: messages as bytes.
//!
//! Runners and workers speak one protocol ([`FromWorker`], [`ToWorker`]), servers and clients another ([`FromClient`],
//! [`ToClient`]). The encoding is our own, versioned in the first message ([`PROTOCOL`], [`SUBMISSION_PROTOCOL`]). Integers are LEB128, text and arrays carry their
//! length, "no output" is encoded apart from null. Everything received is checked: a frame that is cut short, too long,
//! nests too deeply or carries an unknown tag is a [`WireError`], never a panic, and never makes room for more than it
//! brings.

mod bytes;
mod message;
mod report;
mod submission;
mod value;

pub use bytes::WireError;
pub use message::{FromWorker, Hello, PROTOCOL, ToWorker};
pub use submission::{Cover, FromClient, SUBMISSION_PROTOCOL, Submission, ToClient};
pub(crate) use value::{DEEPEST, TOO_DEEP, nests_too_deeply};
