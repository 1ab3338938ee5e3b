//! Values and what is made of them as bytes: what travels between processes, and between a program and the modules it
//! runs.
//!
//! Integers are LEB128, text and arrays carry their length, and each value begins with a tag. "No output" is encoded
//! apart from null. Everything that is read is checked: bytes that are cut short, go on too long, nest too deeply or
//! carry an unknown tag are a [`DecodeError`], never a panic, and never make room for more than they bring.

mod bytes;
pub mod call;
pub mod json;
mod outcome;
mod value;

pub use bytes::{DecodeError, Reader, put_integer, put_length, put_text};
pub use outcome::{put_notices, put_outcome, read_notices, read_outcome};
pub(crate) use value::nests_deeper;
pub use value::{DEEPEST, TOO_DEEP, nests_too_deeply, put_value, read_value};
