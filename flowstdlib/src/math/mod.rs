//! Numbers.

mod arithmetic;
pub(crate) mod order;

#[path = "add/add.rs"]
pub mod add;
#[path = "compare/compare.rs"]
pub mod compare;
#[path = "cos/cos.rs"]
pub mod cos;
#[path = "divide/divide.rs"]
pub mod divide;
#[path = "multiply/multiply.rs"]
pub mod multiply;
#[path = "range_split/range_split.rs"]
pub mod range_split;
#[path = "series_step/series_step.rs"]
pub mod series_step;
#[path = "sin/sin.rs"]
pub mod sin;
#[path = "sqrt/sqrt.rs"]
pub mod sqrt;
#[path = "subtract/subtract.rs"]
pub mod subtract;
#[path = "tan/tan.rs"]
pub mod tan;
