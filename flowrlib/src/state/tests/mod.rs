//! The rules of the run state, each shown with plain values.

mod any_manifest;
mod any_schedule;
mod consistency;
mod invocations;
mod rules;
mod scale;
mod separation;
mod speculation;
mod throttling;
mod traces;
