//! What the author of a function uses: typed arguments, and [`flow_output!`](crate::flow_output).
//!
//! `#[flow_function]` of the crate `flowmacro` turns each input value into the type of the parameter it is for. Which
//! types those may be is not built into the attribute: it is every type that is [`FromValue`]. Nor is what a function may
//! give back: it is everything that is [`IntoResult`].
//!
//! Functions may be written in values of the crate `serde_json` as well. These are copies, ours are not.

mod argument;
mod output;

pub use argument::{FromValue, InputValue, argument, wrong_count, wrong_kind};
pub use output::IntoResult;
#[doc(hidden)]
pub use output::{outputs, swaps};
