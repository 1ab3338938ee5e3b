//! Streams of values: their ends, and the way to arrays and back.

#[path = "batch_step/batch_step.rs"]
pub mod batch_step;
#[path = "default/default.rs"]
pub mod default;
#[path = "drop_null/drop_null.rs"]
pub mod drop_null;
#[path = "end_on/end_on.rs"]
pub mod end_on;
#[path = "flush_step/flush_step.rs"]
pub mod flush_step;
#[path = "gather_step/gather_step.rs"]
pub mod gather_step;
#[path = "is_null/is_null.rs"]
pub mod is_null;
#[path = "tag/tag.rs"]
pub mod tag;
#[path = "untag/untag.rs"]
pub mod untag;
#[path = "window_step/window_step.rs"]
pub mod window_step;
