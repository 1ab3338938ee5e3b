//! Runs compiled flows.
pub mod context;
pub mod program;
pub mod state;
#[cfg(test)]
mod simulation;
mod table;
