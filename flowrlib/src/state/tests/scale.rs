//! Many values cost no more each than a few.

use crate::simulation::{FlowBuilder, Initialized, generic, scalar};
use crate::state::{Outcome, RunState};
use flowcore::Value;
use std::time::Instant;

/// What it takes, for each value, to have so many values wait, half of them before the other half that was there first,
/// and to work them off.
fn nanos_each(count: i64) -> u128 {
    let mut flow = FlowBuilder::new();
    let first = flow.function(0, "range", [scalar().once(count)]);
    let second = flow.function(0, "range", [scalar().once(count)]);
    let late = flow.function(0, "range", [scalar().once(2 * count)]);
    let pair = flow.function(0, "pair", [scalar(), scalar()]);
    flow.external(first, "", (pair, 0));
    flow.internal(second, "", (pair, 0));
    flow.internal(late, "", (pair, 1));
    let program = flow.load();
    let mut state = RunState::new(&program).with_bound(usize::MAX);
    let values = |count: i64| Outcome::Done { output: Some((0..count).collect::<Value>()), run_again: true };
    state.start();

    let begun = Instant::now();
    for many in [count, count, 2 * count] {
        let ticket = state.next_ready().unwrap();
        state.finish(ticket, values(many));
    }
    let mut taken = 0;
    while let Some(ticket) = state.next_ready() {
        state.finish(ticket, Outcome::Done { output: None, run_again: true });
        taken += 1;
    }
    assert!(state.has_ended());
    assert_eq!(taken, 2 * count);
    begun.elapsed().as_nanos() / count.unsigned_abs() as u128
}

/// A queue from whose head values are moved away, or into whose middle they are moved, would be some thousand times
/// as slow. What memory beyond the caches costs is far less than the margin.
#[test]
fn of_a_million_values_each_costs_no_more_than_of_a_thousand() {
    let of_few = (0..20).map(|_| nanos_each(1_000)).min().unwrap();
    let of_many = nanos_each(1_000_000);
    assert!(of_many < 100 * of_few, "{of_few} ns each for a thousand, {of_many} ns each for a million");
}

/// Values that go to many functions are shared, however large they are.
#[test]
fn a_value_that_goes_to_many_exists_once() {
    let mut flow = FlowBuilder::new();
    let source = flow.function(0, "range", [scalar().once(1)]);
    for _ in 0..100 {
        let taker = flow.function(0, "tap", [generic(), scalar().always(true)]);
        flow.internal(source, "", (taker, 0));
    }
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    let ticket = state.next_ready().unwrap();
    state.finish(ticket, Outcome::Done { output: Some((0..1000).collect()), run_again: true });
    let mut places = Vec::new();
    while let Some(ticket) = state.next_ready() {
        let Value::Array(elements) = &state.job(ticket).unwrap().inputs[0] else { panic!() };
        places.push(elements.as_ptr());
    }
    places.dedup();
    assert_eq!(places.len(), 1);
}
