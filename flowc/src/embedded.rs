//! The definitions that the compiler brings along, so that it works without any set-up.

use flowcore::content::{ContextRoot, Embedded, LibraryEntry};

/// Pairs of a path below `context/` and the definition there.
const CONTEXT: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/context.rs"));

/// The context functions of the default runner.
pub fn context() -> ContextRoot {
    ContextRoot::Embedded(Embedded::new(CONTEXT.iter().copied()))
}

/// The standard library.
pub fn standard_library() -> LibraryEntry {
    LibraryEntry::Embedded {
        name: "flowstdlib".to_owned(),
        files: Embedded::new(flowstdlib::DEFINITIONS.iter().copied()),
    }
}
