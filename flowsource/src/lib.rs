//! What the Rust source of a function says about its definition.
//!
//! A function is written twice: its inputs are in a definition file, for the compiler of flows, and in a signature, for
//! Rust. Here the two are compared, and the first is drafted from the second. `#[flow_function]` does so for the function
//! it is on, and the compiler of flows for the text of a file; neither could call the other, which is why this is a crate.
//!
//! ```
//! let source = flowsource::Source::read(
//!     "/// Makes a number larger.
//!      #[flow_function]
//!      fn scale(value: f64, factor: f64) -> Result<(Option<Value>, RunAgain)> {
//!          flow_output!(value * factor)
//!      }",
//! ).unwrap();
//!
//! let definition = source.draft().unwrap().text("scale.rs", None);
//! assert!(definition.starts_with("function = \"scale\"\nsource = \"scale.rs\"\n"));
//! assert!(definition.contains("[[input]]\nname = \"factor\"\ntype = \"number\"\n"));
//!
//! let inputs = [("value", "number"), ("unit", "string")].map(|(name, is)| flowsource::Input {
//!     name: name.to_owned(),
//!     types: vec![is.to_owned()],
//! });
//! let problems = source.check(&inputs, "scale.toml").unwrap_err();
//! assert!(problems[0].message.starts_with("must be called `unit`"));
//! ```

mod agreement;
mod draft;
mod kind;
mod names;
mod signature;
mod source;

pub use agreement::{Input, check};
pub use draft::Draft;
pub use names::type_name;
pub use signature::{Parameter, Parameters, parameters};
pub use source::{Problem, Source};
