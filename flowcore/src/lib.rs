//! The vocabulary of flow, shared by the compiler, the runtime and every function.
//!
//! From the ground up:
//!
//! * [`value`] is the data that travels: JSON values whose text, arrays and objects are shared, not copied.
//! * [`initializer`] says how an input gets values that no connection brings.
//! * [`manifest`] is the compiled form of a flow and of a library: the contract between compiler and runtime.
//! * [`implementation`] is the trait that every function fulfils, wherever it runs; [`authoring`] is what those who
//!   write functions use.
//!
//! Nothing in this crate runs a flow, opens a socket or starts a thread.

pub mod authoring;
pub mod implementation;
pub mod initializer;
pub mod manifest;
pub mod value;

pub use implementation::{DONT_RUN_AGAIN, FunctionError, Implementation, RUN_AGAIN, Result, RunAgain};
pub use initializer::Initializer;
pub use value::{Number, Object, Value};
