//! Sources that are faster than their consumers.

use crate::program::{FunctionId, Program};
use crate::simulation::{FlowBuilder, Initialized, generic, scalar};
use crate::state::{Outcome, RunState, Ticket};
use crate::table::Id;
use flowcore::Value;

/// A source without end (all its inputs are constants) before a consumer that is in no group with it.
fn source_and_consumer() -> Program {
    let mut flow = FlowBuilder::new();
    let source = flow.function(0, "add", [scalar().always(1), scalar().always(1)]);
    let consumer = flow.function(0, "double", [scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(source, "", (consumer, 0));
    flow.internal(consumer, "", (print, 0));
    flow.load()
}

fn done(value: impl Into<Value>) -> Outcome {
    Outcome::Done { output: Some(value.into()), run_again: true }
}

fn function_of(state: &RunState<'_>, ticket: Ticket) -> usize {
    state.job(ticket).unwrap().function.index()
}

/// Runs the source as long as it is allowed to, and nothing else; tells how often it ran.
fn run_source(state: &mut RunState<'_>, others: &mut Vec<Ticket>, value: &Value) -> usize {
    let mut runs = 0;
    while let Some(ticket) = state.next_ready() {
        if function_of(state, ticket) == 0 {
            runs += 1;
            assert!(runs < 100_000, "the source is not held");
            state.finish(ticket, done(value.clone()));
        } else {
            others.push(ticket);
        }
    }
    runs
}

#[test]
fn a_source_is_held_while_a_bound_of_values_waits_and_goes_on_when_half_are_done() {
    let program = source_and_consumer();
    let mut state = RunState::new(&program).with_bound(20);
    let mut others = Vec::new();
    state.start();
    // Large enough not to be learning still.
    assert_eq!(run_source(&mut state, &mut others, &Value::from(1)), 20);
    for ticket in others.drain(..9).collect::<Vec<_>>() {
        state.finish(ticket, done(2));
    }
    assert_eq!(run_source(&mut state, &mut others, &Value::from(1)), 0);
    let ticket = others.remove(0);
    state.finish(ticket, done(2));
    assert_eq!(run_source(&mut state, &mut others, &Value::from(1)), 10);
}

#[test]
fn large_values_count_by_their_size() {
    let program = source_and_consumer();
    let mut state = RunState::new(&program);
    let mut others = Vec::new();
    state.start();
    let eight_megabytes = Value::from("x".repeat(8 << 20));
    // Before the first is seen, a value is expected to be smaller; one source job at a time is no overshoot.
    assert_eq!(run_source(&mut state, &mut others, &eight_megabytes), 8);
}

#[test]
fn without_a_bound_nothing_is_held() {
    let program = source_and_consumer();
    let mut state = RunState::new(&program).with_bound(usize::MAX);
    state.start();
    let mut made = 0;
    while made < 20_000 {
        let ticket = state.next_ready().unwrap();
        if function_of(&state, ticket) == 0 {
            made += 1;
            state.finish(ticket, done(1));
        }
    }
}

#[test]
fn a_join_that_needs_more_than_the_bound_on_one_side_gets_it() {
    let mut flow = FlowBuilder::new();
    let source = flow.function(0, "range", [scalar().once(100)]);
    let each = flow.function(0, "double", [scalar()]);
    let late = flow.function(0, "double", [scalar()]);
    let join = flow.function(0, "pair", [generic(), generic()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(source, "", (each, 0));
    flow.internal(each, "", (join, 0));
    // The other side gets something from the last element only.
    flow.internal(each, "", (late, 0));
    flow.internal(late, "", (join, 1));
    flow.internal(join, "", (print, 0));
    let program = flow.load();
    let mut state = RunState::new(&program).with_bound(3);
    state.start();
    let mut printed = 0;
    let mut seen_by_late = 0;
    while let Some(ticket) = state.next_ready() {
        let outcome = match function_of(&state, ticket) {
            0 => done((1..=100).collect::<Vec<i64>>()),
            2 => {
                seen_by_late += 1;
                let output = (seen_by_late == 100).then(|| Value::from(1));
                Outcome::Done { output, run_again: true }
            }
            4 => {
                printed += 1;
                Outcome::Done { output: None, run_again: true }
            }
            _ => done(1),
        };
        state.finish(ticket, outcome);
    }
    assert!(state.has_ended());
    assert_eq!(printed, 1);
}

/// Two sources meet in a join; one waits for its user.
#[test]
fn what_waits_for_input_at_the_other_side_of_a_join_is_waited_for() {
    let mut flow = FlowBuilder::new();
    let source = flow.function(0, "add", [scalar().always(1), scalar().always(1)]);
    let read = flow.function(0, "context://stdio/readline", [generic().always("")]);
    let join = flow.function(0, "pair", [generic(), generic()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(source, "", (join, 0));
    flow.internal(read, "", (join, 1));
    flow.internal(join, "", (print, 0));
    let program = flow.load();
    let mut state = RunState::new(&program).with_bound(5);
    state.start();
    let mut line = None;
    let mut made = 0;
    while let Some(ticket) = state.next_ready() {
        match function_of(&state, ticket) {
            0 => {
                made += 1;
                assert!(made < 100, "the source is not held");
                state.finish(ticket, done(1));
            }
            _ => line = Some(ticket),
        }
    }
    assert_eq!(made, 5);
    assert!(state.next_ready().is_none() && !state.has_ended());
    state.finish(line.unwrap(), done("text"));
    assert!(state.next_ready().is_some());
}

/// A source that feeds what does not depend on input is not held on account of a user who types nothing.
#[test]
fn what_does_not_need_the_input_goes_on_without_it() {
    let mut flow = FlowBuilder::new();
    let source = flow.function(0, "add", [scalar().always(1), scalar().always(1)]);
    let rare = flow.function(0, "double", [scalar()]);
    let join = flow.function(0, "pair", [generic(), generic()]);
    let read = flow.function(0, "context://stdio/readline", [generic().always("")]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(source, "", (join, 0));
    flow.internal(source, "", (rare, 0));
    flow.internal(rare, "", (join, 1));
    flow.internal(join, "", (print, 0));
    flow.internal(read, "", (print, 0));
    let program = flow.load();
    let mut state = RunState::new(&program).with_bound(4);
    state.start();
    let mut made = 0;
    while let Some(ticket) = state.next_ready() {
        let outcome = match function_of(&state, ticket) {
            0 => {
                made += 1;
                if made == 50 {
                    break;
                }
                done(1)
            }
            1 => Outcome::Done { output: None, run_again: true },
            _ => continue,
        };
        state.finish(ticket, outcome);
    }
    assert_eq!(made, 50);
}

#[test]
fn functions_of_one_order_group_do_not_hold_each_other() {
    let mut flow = FlowBuilder::new();
    let one = flow.function(0, "add", [scalar().always(1), scalar().always(1)]);
    let other = flow.function(0, "context://stdio/stdout", [generic()]);
    let third = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(one, "", (other, 0));
    flow.internal(one, "", (third, 0));
    let program = flow.load();
    assert!(program.functions[FunctionId::from_index(0)].placement.throttled_by.is_empty());
}
