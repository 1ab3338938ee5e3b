//! Where code comes from.

use super::WasmFunction;
use crate::modules::{Found, ModuleSource};
use crate::program::ImplementationRef;
use flowcore::{Implementation, Value};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A function's code, ready to run.
#[derive(Clone)]
pub enum Code {
    /// Part of this program.
    Native(&'static dyn Implementation),
    /// Made at run time.
    Loaded(Arc<dyn Implementation>),
    /// A WebAssembly module. Unlike other code it ends by itself when it overruns its limits.
    Module(Arc<WasmFunction>),
}

impl Code {
    /// The module, if it is one.
    pub(crate) fn module(&self) -> Option<&WasmFunction> {
        match self {
            Code::Module(module) => Some(module),
            Code::Native(_) | Code::Loaded(_) => None,
        }
    }
}

impl Deref for Code {
    type Target = dyn Implementation;

    fn deref(&self) -> &(dyn Implementation + 'static) {
        match self {
            Code::Native(code) => *code,
            Code::Loaded(code) => code.as_ref(),
            Code::Module(code) => code.as_ref(),
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Code")
    }
}

/// The code must be callable from all executor threads at once.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Code>();
    shared::<Value>();
};

/// A library that is part of this program.
#[derive(Clone, Copy)]
pub struct NativeLibrary {
    /// Its name, the host of its `lib://` URLs.
    pub name: &'static str,
    /// Its version. Runner and worker only share work if theirs are equal.
    pub version: &'static str,
    /// Its functions by URL, in ascending order.
    pub functions: &'static [(&'static str, &'static dyn Implementation)],
}

/// The code this process has.
#[derive(Clone, Default)]
pub struct Registry {
    libraries: Vec<NativeLibrary>,
    modules: Option<Arc<dyn ModuleSource + Send + Sync>>,
}

impl Registry {
    /// A registry of these libraries.
    pub fn new(libraries: impl Into<Vec<NativeLibrary>>) -> Registry {
        Registry { libraries: libraries.into(), modules: None }
    }

    /// The same with modules, which go before native functions where both are to be had.
    #[must_use]
    pub fn with_modules(mut self, modules: Arc<dyn ModuleSource + Send + Sync>) -> Registry {
        self.modules = Some(modules);
        self
    }

    /// What a library's or a provided function runs; see [`ModuleSource::find`].
    pub(crate) fn module(&self, implementation: &ImplementationRef) -> Result<Found, String> {
        self.modules.as_ref().map_or(Ok(Found::Native), |modules| modules.find(implementation))
    }

    /// The libraries, by name and version.
    pub fn libraries(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.libraries.iter().map(|library| (library.name, library.version))
    }

    /// The code of a library function.
    ///
    /// # Errors
    ///
    /// Says in words what is missing: the library, or the function in it.
    pub fn find(&self, url: &str) -> Result<Code, String> {
        let name = url.strip_prefix("lib://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let library = self
            .libraries
            .iter()
            .find(|library| library.name == name)
            .ok_or_else(|| format!("there is no library '{name}' for {url}"))?;
        match library.functions.binary_search_by(|(known, _)| (*known).cmp(url)) {
            Ok(place) => library.functions.get(place).map(|(_, code)| Code::Native(*code)),
            Err(_) => None,
        }
        .ok_or_else(|| format!("library '{name}' {} has no function {url}", library.version))
    }
}
