//! What the language says, section by section, as the compiler does it.

mod micro_cases;
mod project;
