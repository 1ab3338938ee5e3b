//! Values that are kept.

#[path = "buffer/buffer.rs"]
pub mod buffer;
#[path = "constant/constant.rs"]
pub mod constant;
#[path = "delay_step/delay_step.rs"]
pub mod delay_step;
#[path = "once_step/once_step.rs"]
pub mod once_step;
