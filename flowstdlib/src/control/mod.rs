//! Where values go, and when.

#[path = "compare_switch/compare_switch.rs"]
pub mod compare_switch;
#[path = "index/index.rs"]
pub mod index;
#[path = "join/join.rs"]
pub mod join;
#[path = "route/route.rs"]
pub mod route;
#[path = "select/select.rs"]
pub mod select;
#[path = "tap/tap.rs"]
pub mod tap;
