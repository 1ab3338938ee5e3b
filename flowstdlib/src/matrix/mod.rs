//! Matrices, as arrays of rows.

#[path = "blank/blank.rs"]
pub mod blank;
#[path = "compose_matrix/compose_matrix.rs"]
pub mod compose_matrix;
#[path = "duplicate_rows/duplicate_rows.rs"]
pub mod duplicate_rows;
#[path = "multiply_row/multiply_row.rs"]
pub mod multiply_row;
#[path = "transpose/transpose.rs"]
pub mod transpose;
