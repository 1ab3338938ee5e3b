//! Matrices, as arrays of rows.

#[path = "blank/blank.rs"]
pub mod blank;
#[path = "compose/compose.rs"]
pub mod compose;
#[path = "compose_matrix/compose_matrix.rs"]
pub mod compose_matrix;
#[path = "duplicate_rows/duplicate_rows.rs"]
pub mod duplicate_rows;
#[path = "multiply_pair/multiply_pair.rs"]
pub mod multiply_pair;
#[path = "multiply_row/multiply_row.rs"]
pub mod multiply_row;
#[path = "pairs/pairs.rs"]
pub mod pairs;
#[path = "transpose/transpose.rs"]
pub mod transpose;
