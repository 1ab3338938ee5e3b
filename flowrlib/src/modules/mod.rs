//! Modules: code that travels by content.
//!
//! A WebAssembly module is named by the [digest](Digest) of its bytes. What an implementation runs, the native function
//! or a module, is decided once for a run, by the runner ([`choose`]). An executor elsewhere says which ones it holds,
//! gets the others, verifies them, and keeps them in a [cache]. So provided functions run on any executor, and two
//! versions never collide.

mod cache;
mod choice;
mod digest;
mod source;
pub(crate) mod store;

pub(crate) use cache::ModuleCache;
pub(crate) use choice::{Choice, choose, load};
pub use digest::Digest;
pub use flowcore::guest::LARGEST_MODULE;
pub use source::{Found, ModuleFile, ModuleSource};
