//! Where the modules of a run come from.

use super::Digest;
use crate::program::ImplementationRef;
use std::fmt;
use std::sync::Arc;

/// A module: its bytes and their digest.
#[derive(Clone)]
pub struct ModuleFile {
    /// The name that it has everywhere.
    pub digest: Digest,
    /// What it is, shared by all who have it.
    pub bytes: Arc<Vec<u8>>,
}

impl ModuleFile {
    /// A module of these bytes; whether they are one is found out when it is compiled.
    pub fn new(bytes: impl Into<Arc<Vec<u8>>>) -> ModuleFile {
        let bytes = bytes.into();
        ModuleFile { digest: Digest::of(&bytes), bytes }
    }
}

impl PartialEq for ModuleFile {
    fn eq(&self, other: &ModuleFile) -> bool {
        self.digest == other.digest
    }
}

impl fmt::Debug for ModuleFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "module {} of {} bytes", self.digest, self.bytes.len())
    }
}

/// What a source has for an implementation.
#[derive(Clone, Debug)]
pub enum Found {
    /// This module.
    Module(ModuleFile),
    /// None: the native function is to be used.
    Native,
}

/// Finds the modules of provided functions and of libraries.
pub trait ModuleSource {
    /// What a library's or a provided function runs. A provided function has no native form.
    ///
    /// # Errors
    ///
    /// Says in words why there is no module where there has to be one.
    fn find(&self, implementation: &ImplementationRef) -> Result<Found, String>;
}
