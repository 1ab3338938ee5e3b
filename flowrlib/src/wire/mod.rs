//! What travels between processes: messages as bytes.
//!
//! Runners and workers speak one protocol ([`FromWorker`], [`ToWorker`]), servers and clients another ([`FromClient`],
//! [`ToClient`]). The messages are our own, versioned in the first ([`PROTOCOL`], [`SUBMISSION_PROTOCOL`]), and made of what
//! [`flowcore::encoding`] has. Everything received is checked: whatever bytes arrive, they are a message or an error.

mod fields;
mod message;
#[cfg(test)]
mod page;
mod report;
mod sequence;
mod submission;

pub use message::{Announced, FromWorker, Hello, PROTOCOL, ToWorker};
pub use sequence::{Arrival, Sequence};
pub use submission::{Cover, FromClient, SUBMISSION_PROTOCOL, Submission, ToClient};
