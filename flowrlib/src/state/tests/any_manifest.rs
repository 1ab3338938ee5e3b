//! Whatever stands in the place of any part of a manifest: it is refused, or it runs and everything adds up.

use crate::program::{Order, Program};
use crate::simulation::{Choices, TestContext};
use crate::state::{Outcome, RunState};
use flowcore::Value;
use flowcore::manifest::read_flow_manifest;
use proptest::prelude::*;
use std::ops::Range;

/// Two flows, a loop, constants, and every kind of initializer and connection.
const GOOD: &str = r#"{
  "functions": {
    "2": {"process_id": 2, "parent_id": 1, "implementation_location": "lib://test/subtract",
      "inputs": [{"array_order": 0, "flow_initializer": {"once": [2, 1]}}, {"initializer": {"always": 1}}],
      "output_connections": [
        {"destination_id": 3, "destination_io_number": 0, "destination_parent_id": 1, "internal": true},
        {"source": {"Input": 0}, "destination_id": 2, "destination_io_number": 0, "destination_parent_id": 1,
          "internal": true},
        {"source": {"Output": "/gt"}, "destination_id": 4, "destination_io_number": 0, "destination_parent_id": 0}]},
    "3": {"process_id": 3, "parent_id": 1, "implementation_location": "lib://test/tap",
      "inputs": [{"generic": true}, {"initializer": {"once": true}, "flow_initializer": {"always": false}}],
      "output_connections": [
        {"destination_id": 4, "destination_io_number": 0, "destination_parent_id": 0, "internal": false}]},
    "4": {"process_id": 4, "parent_id": 0, "implementation_location": "context://stdio/stdout",
      "inputs": [{"generic": false, "array_order": 1}]}
  },
  "flows": {
    "0": {"process_id": 0, "parent_id": null, "sub_flow_ids": [1]},
    "1": {"process_id": 1, "parent_id": 0, "sub_flow_ids": []}
  }
}"#;

/// What may stand instead.
const OTHERS: [&str; 22] = [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "-1",
    "0.5",
    "4294967295",
    "18446744073709551615",
    "1e300",
    "null",
    "true",
    "false",
    "\"\"",
    "\"4\"",
    "\"context://stdio/readline\"",
    "[]",
    "[[[[1]]], 2]",
    "{}",
    "{\"once\": null}",
    "{\"always\": [[1], 2]}",
];

/// Where numbers, texts and words stand, and perhaps the names of members.
fn tokens(json: &str, with_names: bool) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut place = 0;
    while let Some(rest) = json.get(place..).filter(|rest| !rest.is_empty()) {
        let length = match rest.strip_prefix('"') {
            Some(text) => 2 + text.find('"').unwrap(),
            None => rest.find(|character: char| !character.is_ascii_alphanumeric()).unwrap(),
        };
        let is_name = rest.get(length..).is_some_and(|after| after.starts_with(':'));
        if length > 0 && (with_names || !is_name) {
            tokens.push(place..place + length);
        }
        place += length.max(1);
    }
    tokens
}

/// The good manifest with a few parts replaced.
fn spoiled(choices: &mut Choices) -> String {
    let mut text = GOOD.to_owned();
    for _ in 0..=choices.below(3) {
        let tokens = tokens(&text, choices.below(10) == 0);
        text.replace_range(tokens[choices.below(tokens.len())].clone(), OTHERS[choices.below(OTHERS.len())]);
    }
    text
}

/// Some outcome of a job.
fn outcome(choices: &mut Choices, inputs: &[Value]) -> Outcome {
    let output = match choices.below(6) {
        0 => return Outcome::Failed("no".into()),
        1 => None,
        2 => Some(Value::object([("gt", Value::from(true))])),
        3 => Some("[[1], [[2]], 3]".parse().unwrap()),
        _ => inputs.first().cloned(),
    };
    Outcome::Done { output, run_again: choices.below(10) != 0 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_manifest_says_it_is_refused_or_runs(seed: u64) {
        let mut choices = Choices::seeded(seed);
        let Ok(manifest) = read_flow_manifest(&spoiled(&mut choices)) else { return Ok(()) };
        let url = "file:///flow/manifest.json".parse().unwrap();
        let order = [Order::Exact, Order::Relaxed][choices.below(2)];
        let Ok(program) = Program::load(&manifest, &url, &TestContext, order) else { return Ok(()) };
        let mut state = RunState::new(&program).with_bound(1 + choices.below(5));
        let mut jobs = Vec::new();
        state.start();
        for _ in 0..60 {
            state.assert_consistent();
            jobs.extend(std::iter::from_fn(|| state.next_ready()).take(10));
            if jobs.is_empty() {
                break;
            }
            let ticket = jobs.swap_remove(choices.below(jobs.len()));
            let inputs = state.job(ticket).unwrap().inputs.clone();
            prop_assert!(state.finish(ticket, outcome(&mut choices, &inputs)));
        }
        state.take_notices();
        state.unfinished();
    }
}

/// Else the test above would show little.
#[test]
fn a_good_part_of_the_manifests_runs() {
    let runs = (0..1000).filter(|&seed| read_flow_manifest(&spoiled(&mut Choices::seeded(seed))).is_ok());
    assert!(runs.count() > 100);
}
