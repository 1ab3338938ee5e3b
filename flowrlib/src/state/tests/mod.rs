//! The rules of the run state, each shown with plain values.

mod any_schedule;
mod invocations;
mod rules;
mod throttling;
mod traces;
