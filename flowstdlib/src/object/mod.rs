//! Objects: named values.

pub(crate) mod path;

#[path = "entries/entries.rs"]
pub mod entries;
#[path = "from_entries/from_entries.rs"]
pub mod from_entries;
#[path = "get/get.rs"]
pub mod get;
#[path = "get_or/get_or.rs"]
pub mod get_or;
#[path = "keys/keys.rs"]
pub mod keys;
#[path = "make/make.rs"]
pub mod make;
#[path = "merge/merge.rs"]
pub mod merge;
#[path = "remove/remove.rs"]
pub mod remove;
#[path = "set/set.rs"]
pub mod set;
#[path = "values/values.rs"]
pub mod values;
