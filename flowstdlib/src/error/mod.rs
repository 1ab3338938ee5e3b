//! Errors on purpose.

#[path = "assert/assert.rs"]
pub mod assert;
