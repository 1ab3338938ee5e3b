//! What a function fails with, under the names that sources of functions commonly use.
//!
//! ```
//! use flowcore::errors::Result;
//!
//! fn number(text: &str) -> Result<i64> {
//!     let (_, digits) = text.split_once('=').ok_or("there is no '='")?;
//!     Ok(digits.parse()?)
//! }
//!
//! assert_eq!(number("size=7").unwrap(), 7);
//! assert_eq!(number("size").unwrap_err().to_string(), "there is no '='");
//! assert_eq!(number("size=x").unwrap_err().to_string(), "invalid digit found in string");
//! ```

pub use crate::implementation::{FunctionError as Error, Result};
