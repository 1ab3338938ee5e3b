//! Values as text and back.

#[path = "reverse/reverse.rs"]
pub mod reverse;
#[path = "to_json/to_json.rs"]
pub mod to_json;
#[path = "to_string/to_string.rs"]
pub mod to_string;
