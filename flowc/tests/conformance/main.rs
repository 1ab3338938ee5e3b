//! What the language says, section by section, as the compiler does it.

mod boundaries;
mod command_line;
mod manifests;
mod messages;
mod micro_cases;
mod project;
mod scale;
