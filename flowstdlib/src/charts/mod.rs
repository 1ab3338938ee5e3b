//! Values as pictures.

mod bars;

#[path = "histogram/histogram.rs"]
pub mod histogram;
#[path = "time_series/time_series.rs"]
pub mod time_series;
