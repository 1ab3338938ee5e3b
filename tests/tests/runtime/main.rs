//! What the runtime does, section by section of its specification, as the installed programs do it.
//!
//! The files are named after the sections.
//! What a file does not show by tests of its own, because it has a good test already or because only the state machine
//! can show it, it says where to find.
//! There are no files for sections that describe parts or formats which only the reference has: 1 (its components), 9
//! (its sockets and messages; ours are tested in `flowrlib/src/wire` and `flowrlib/src/server`, and finding each other in
//! `dialogue.rs` and `tests/tests/faults/main.rs`), 11 (its executors; ours in `flowrlib/src/executor` and `flowrlib/src/dispatch`), 12
//! (its history) and 16 (doubts about it).

#[cfg(test)]
mod bench;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod s02_data;
#[cfg(test)]
mod s03_queues_and_values;
#[cfg(test)]
mod s04_initializers;
#[cfg(test)]
mod s05_function_states;
#[cfg(test)]
mod s06_algorithm;
#[cfg(test)]
mod s07_failures;
#[cfg(test)]
mod s08_metrics;
#[cfg(test)]
mod s10_context_functions;
#[cfg(test)]
mod s13_command_lines;
#[cfg(test)]
mod s14_traces;
#[cfg(test)]
mod s15_checks;
#[cfg(test)]
mod s15_rules;
#[cfg(test)]
mod s17_weak_points;
