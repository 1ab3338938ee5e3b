//! The vocabulary of flow, shared by the compiler, the runtime and every function.
//!
//! From the ground up:
//!
//! * [`value`] is the data that travels: JSON values whose text, arrays and objects are shared, not copied.
//! * [`initializer`] says how an input gets values that no connection brings.
//! * [`span`], [`route`] and [`datatype`] are places in files, places in the hierarchy, and what fits together.
//! * [`definition`] is what a definition file says, and [`format`](mod@format) reads it from TOML, YAML or JSON.
//! * [`content`] finds definitions and other files: on disk, in libraries, embedded in a program.
//! * [`manifest`] is the compiled form of a flow and of a library: the contract between compiler and runtime.
//! * [`implementation`] is the trait that every function fulfils, wherever it runs; [`authoring`] is what those who
//!   write functions use, and [`notice`] how a function that did its work still tells a person something.
//! * [`Outcome`] is what came of a job, and [`encoding`] makes bytes of it and of values, for other processes and for
//!   modules.
//! * [`guest`] is what a function compiled to a module runs in.
//! * [`visible`](mod@visible) makes text from anywhere fit to stand in a message.
//!
//! Functions need values, the trait and what goes with it, bytes and the guest: the feature `toolchain`, which is on unless
//! it is switched off, brings the rest.
//!
//! Nothing in this crate runs a flow, opens a socket or starts a thread.

pub mod authoring;
#[cfg(feature = "toolchain")]
pub mod content;
#[cfg(feature = "toolchain")]
pub mod datatype;
#[cfg(feature = "toolchain")]
pub mod definition;
pub mod encoding;
pub mod errors;
#[cfg(feature = "toolchain")]
pub mod format;
pub mod guest;
pub mod implementation;
#[cfg(feature = "toolchain")]
pub mod initializer;
#[cfg(feature = "toolchain")]
pub mod manifest;
pub mod notice;
mod outcome;
#[cfg(feature = "toolchain")]
pub mod route;
#[cfg(feature = "toolchain")]
pub mod span;
pub mod value;
#[cfg(feature = "toolchain")]
pub mod visible;

pub use implementation::{DONT_RUN_AGAIN, FunctionError, Implementation, RUN_AGAIN, Result, RunAgain};
#[cfg(feature = "toolchain")]
pub use initializer::Initializer;
pub use outcome::Outcome;
pub use value::{Elements, Number, Object, Value};
