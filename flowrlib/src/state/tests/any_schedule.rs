//! The property the project rests on: whatever the timing, a flow shows what the one-at-a-time run shows.

use crate::simulation::flows::{describe, has_last_jobs, random_flow, with_countdown};
use crate::simulation::{Choices, FlowBuilder, simulate, simulate_bounded};
use proptest::prelude::*;

pub(super) fn shows_the_same(flow: &FlowBuilder, schedule: u64) {
    let program = flow.load();
    let lines = ["1", "2", "3", "4"];
    let right = simulate(&program, &lines, Choices::FIRST);
    // Half of the runs hold back sources, and most of these nearly all the time.
    let bound = [usize::MAX, usize::MAX, usize::MAX, 1, 2, 5][usize::try_from(schedule % 6).unwrap()];
    let other = simulate_bounded(&program, &lines, Choices::seeded(schedule), bound);
    assert_eq!(other.streams, right.streams, "{}", describe(flow));
    if !has_last_jobs(flow) {
        assert_eq!(other.counts, right.counts, "{}", describe(flow));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_shows_what_the_one_at_a_time_run_shows(seed: u64, schedule: u64) {
        shows_the_same(&random_flow(seed), schedule);
    }

    #[test]
    fn also_with_loops_and_invocations(seed: u64, schedule: u64) {
        shows_the_same(&with_countdown(random_flow(seed), seed), schedule);
    }
}
