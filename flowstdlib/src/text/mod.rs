//! Text.

pub(crate) mod shown;

#[path = "concat/concat.rs"]
pub mod concat;
#[path = "contains/contains.rs"]
pub mod contains;
#[path = "ends_with/ends_with.rs"]
pub mod ends_with;
#[path = "format/format.rs"]
pub mod format;
#[path = "index_of/index_of.rs"]
pub mod index_of;
#[path = "join/join.rs"]
pub mod join;
#[path = "length/length.rs"]
pub mod length;
#[path = "lines/lines.rs"]
pub mod lines;
#[path = "lower/lower.rs"]
pub mod lower;
#[path = "pad/pad.rs"]
pub mod pad;
#[path = "parse_number/parse_number.rs"]
pub mod parse_number;
#[path = "repeat/repeat.rs"]
pub mod repeat;
#[path = "replace/replace.rs"]
pub mod replace;
#[path = "starts_with/starts_with.rs"]
pub mod starts_with;
#[path = "substring/substring.rs"]
pub mod substring;
#[path = "trim/trim.rs"]
pub mod trim;
#[path = "upper/upper.rs"]
pub mod upper;
