//! Sub-flow invocations (runtime specification, sections 15.3 and 17.5).

use crate::simulation::{FlowBuilder, Initialized, generic, scalar, show};

/// The library's `sequence` flow; gives its two functions.
fn sequence(flow: &mut FlowBuilder, parent: u64, start: u64, output: (u64, usize)) -> (u64, u64) {
    let sequence = flow.flow(parent);
    let start = if start == 0 { scalar() } else { scalar().flow_always(0) };
    let switch = flow.function(sequence, "compare_switch", [scalar(), start]);
    let add = flow.function(sequence, "add", [scalar(), scalar()]);
    flow.external(switch, "/right-lte", output);
    flow.internal(switch, "/left-gt", (switch, 0));
    flow.internal(switch, "/right-lt", (add, 0));
    flow.internal(add, "#1", (add, 1));
    flow.internal(add, "", (switch, 1));
    (switch, add)
}

/// A chain of functions that pass their value on, to make it late.
fn late(flow: &mut FlowBuilder, from: u64, source: &str, hops: usize) -> u64 {
    let mut last = from;
    let mut source = source;
    for _ in 0..hops {
        let hop = flow.function(0, "add", [scalar(), scalar().always(0)]);
        flow.internal(last, source, (hop, 0));
        (last, source) = (hop, "");
    }
    last
}

#[test]
fn a_looped_constant_survives_momentary_idleness() {
    // W22: add(a, b) with a = 10 looped back; b is a stream that comes at once or line by line.
    let with_source = |at_once: bool| {
        let mut flow = FlowBuilder::new();
        let inner = flow.flow(0);
        let add = flow.function(inner, "add", [scalar(), scalar()]);
        let print = flow.function(0, "context://stdio/stdout", [generic()]);
        let ten = flow.function(0, "double", [scalar().once(5)]);
        flow.external(ten, "", (add, 0));
        flow.internal(add, "#0", (add, 0));
        flow.external(add, "", (print, 0));
        if at_once {
            let values = flow.function(0, "range", [scalar().once(3)]);
            flow.external(values, "", (add, 1));
            show(&flow.load(), &[]).output()
        } else {
            let lines = flow.function(0, "context://stdio/readline", [scalar().always("")]);
            flow.external(lines, "", (add, 1));
            show(&flow.load(), &["1", "2", "3"]).output()
        }
    };
    assert_eq!(with_source(true), "11 12 13");
    assert_eq!(with_source(false), "11 12 13");
}

#[test]
fn a_constant_that_an_initializer_loops_in_survives_too() {
    let mut flow = FlowBuilder::new();
    let inner = flow.flow(0);
    let add = flow.function(inner, "add", [scalar().flow_once(10), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let lines = flow.function(0, "context://stdio/readline", [scalar().always("")]);
    flow.internal(add, "#0", (add, 0));
    flow.external(add, "", (print, 0));
    flow.external(lines, "", (add, 1));
    assert_eq!(show(&flow.load(), &["1", "2", "3"]).output(), "11 12 13");
}

#[test]
fn a_sequence_of_sequences_starts_each_from_a_clean_state() {
    let mut flow = FlowBuilder::new();
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let (inner_switch, inner_add) = sequence(&mut flow, 0, 1, (print, 0));
    let limits = flow.function(0, "range", [scalar().once(3)]);
    flow.external(limits, "", (inner_add, 1));
    flow.external(limits, "", (inner_switch, 0));
    assert_eq!(show(&flow.load(), &[]).output(), "0 1 0 2 0 3");
}

#[test]
fn an_invocation_waits_for_its_latest_value() {
    // Section 15.3: start n, limit 3n and step n for n = 1..4, the step eight functions later than the others.
    let mut flow = FlowBuilder::new();
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let (switch, add) = sequence(&mut flow, 0, 0, (print, 0));
    let numbers = flow.function(0, "range", [scalar().once(4)]);
    let each = late(&mut flow, numbers, "", 1);
    let triple = flow.function(0, "multiply", [scalar(), scalar().always(3)]);
    flow.internal(each, "", (triple, 0));
    flow.external(each, "", (switch, 1));
    flow.external(triple, "", (switch, 0));
    let step = late(&mut flow, each, "", 8);
    flow.external(step, "", (add, 1));
    assert_eq!(show(&flow.load(), &[]).output(), "1 2 3 2 4 6 3 6 9 4 8 12");
}

#[test]
fn a_value_that_an_invocation_has_no_use_for_does_not_reach_the_next() {
    // Sequences 5..3 step 7 (empty, its step stays unused), 1..3 step 1.
    let mut flow = FlowBuilder::new();
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let (switch, add) = sequence(&mut flow, 0, 0, (print, 0));
    for (values, input) in [([5, 1], (switch, 1)), ([3, 3], (switch, 0)), ([7, 1], (add, 1))] {
        let pair = flow.function(0, "pair", [scalar().once(values[0]), scalar().once(values[1])]);
        flow.external(pair, "", input);
    }
    assert_eq!(show(&flow.load(), &[]).output(), "1 2 3");
}

#[test]
fn gradual_initializers_start_one_invocation_each() {
    let mut flow = FlowBuilder::new();
    let inner = flow.flow(0);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let limit = scalar().flow_once(vec![3, 12, 102]);
    let switch = flow.function(inner, "compare_switch", [limit, scalar().flow_once(vec![1, 10, 100])]);
    let add = flow.function(inner, "add", [scalar(), scalar().flow_once(vec![1, 1, 1])]);
    flow.external(switch, "/right-lte", (print, 0));
    flow.internal(switch, "/left-gt", (switch, 0));
    flow.internal(switch, "/right-lt", (add, 0));
    flow.internal(add, "#1", (add, 1));
    flow.internal(add, "", (switch, 1));
    assert_eq!(show(&flow.load(), &[]).output(), "1 2 3 10 11 12 100 101 102");
}

#[test]
fn a_stream_through_a_sub_flow_is_not_held_back() {
    let mut flow = FlowBuilder::new();
    let inner = flow.flow(0);
    let double = flow.function(inner, "double", [scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let numbers = flow.function(0, "range", [scalar().once(5)]);
    flow.external(numbers, "", (double, 0));
    flow.external(double, "", (print, 0));
    assert_eq!(show(&flow.load(), &[]).output(), "2 4 6 8 10");
}

#[test]
fn an_initializer_value_that_nobody_took_is_not_doubled() {
    // W23: the flow goes idle three times, its flow-level `always` is taken once.
    let mut flow = FlowBuilder::new();
    let inner = flow.flow(0);
    let pair = flow.function(inner, "pair", [scalar().flow_always(7), scalar()]);
    let other = flow.function(inner, "double", [scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let lines = flow.function(0, "context://stdio/readline", [scalar().always("")]);
    flow.external(lines, "", (other, 0));
    flow.external(pair, "", (print, 0));
    let program = flow.load();
    let shown = show(&program, &["1", "2", "3"]);
    assert_eq!(shown.output(), "");
    let mut state = crate::state::RunState::new(&program);
    state.start();
    let inner = program.functions.ids().next().unwrap();
    for _ in 0..3 {
        state.go_idle(program.functions[inner].flow);
    }
    assert_eq!(state.functions[inner].queues[0].len(), 1);
}
