//! Values as pictures.

#[path = "histogram/histogram.rs"]
pub mod histogram;
