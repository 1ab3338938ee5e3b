//! Values as text and back.

#[path = "to_string/to_string.rs"]
pub mod to_string;
