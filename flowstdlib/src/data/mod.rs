//! Arrays, streams and text as data.

#[path = "count/count.rs"]
pub mod count;
#[path = "split/split.rs"]
pub mod split;
