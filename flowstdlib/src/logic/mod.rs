//! Truth values, and whether values are the same.

#[path = "and/and.rs"]
pub mod and;
#[path = "equal/equal.rs"]
pub mod equal;
#[path = "not/not.rs"]
pub mod not;
#[path = "not_equal/not_equal.rs"]
pub mod not_equal;
#[path = "or/or.rs"]
pub mod or;
#[path = "xor/xor.rs"]
pub mod xor;
