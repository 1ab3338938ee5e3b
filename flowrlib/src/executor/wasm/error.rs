//! Why a module cannot be used.

use crate::modules::LARGEST_MODULE;

/// Why the functions of a module cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModuleError {
    /// More bytes than any code that a person had compiled.
    #[error("the module has {bytes} bytes, more than the {LARGEST_MODULE} that are taken")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// Not WebAssembly, or not a kind that is run; in words.
    #[error("it is not a module that can be run: {0}")]
    Invalid(String),
    /// It wants something from its host.
    #[error("the module imports '{module}.{name}', and modules get nothing but the inputs of their jobs")]
    Imports {
        /// The module it imports from.
        module: String,
        /// What it imports.
        name: String,
    },
    /// It follows neither of the two conventions.
    #[error("the module does not export {0}")]
    Missing(&'static str),
    /// It needs more memory to start than a job may have.
    #[error("the module starts with {needed} bytes of memory, and a job may have {allowed}")]
    Memory {
        /// What it starts with.
        needed: u64,
        /// What a job may have.
        allowed: u64,
    },
    /// The machine does not let us run modules; in words.
    #[error("modules cannot be run here: {0}")]
    Engine(String),
}
