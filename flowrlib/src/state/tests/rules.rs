//! Single rules: release order, failures, completion, constants, lost values.

use crate::context::Stream;
use crate::program::{Feed, Program};
use crate::simulation::{FlowBuilder, Initialized, generic, reasons, scalar, show};
use crate::state::{InputSet, JobId, Outcome, RunState, Ticket};
use flowcore::Value;

fn done(value: impl Into<Value>) -> Outcome {
    Outcome::Done { output: Some(value.into()), run_again: true }
}

const NOTHING: Outcome = Outcome::Done { output: None, run_again: true };

/// Takes the jobs that are ready, as (ticket, number, inputs).
fn ready(state: &mut RunState) -> Vec<(Ticket, JobId, InputSet)> {
    let mut jobs = Vec::new();
    while let Some(ticket) = state.next_ready() {
        let job = state.job(ticket).unwrap();
        jobs.push((ticket, job.id, job.inputs.clone()));
    }
    jobs
}

/// `range(n)` taken apart into `double`, printed.
fn doubled(n: i64) -> Program {
    let mut flow = FlowBuilder::new();
    let range = flow.function(0, "range", [scalar().once(n)]);
    let double = flow.function(0, "double", [scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(range, "", (double, 0));
    flow.internal(double, "", (print, 0));
    flow.load()
}

#[test]
fn results_that_come_early_are_released_in_job_order() {
    let program = doubled(3);
    let mut state = RunState::new(&program);
    state.start();
    let [(range, ..)] = &ready(&mut state)[..] else { panic!() };
    state.finish(*range, done(vec![1, 2, 3]));
    let doubles = ready(&mut state);
    assert_eq!(doubles.len(), 3);

    assert!(state.finish(doubles[2].0, done(6)));
    assert!(state.finish(doubles[1].0, done(4)));
    assert!(ready(&mut state).is_empty());
    assert!(state.finish(doubles[0].0, done(2)));
    let printed: Vec<String> = ready(&mut state).iter().map(|(_, _, inputs)| inputs[0].to_string()).collect();
    assert_eq!(printed, ["2", "4", "6"]);
}

#[test]
fn an_outcome_counts_once() {
    let program = doubled(2);
    let mut state = RunState::new(&program);
    state.start();
    let range = ready(&mut state)[0].0;
    assert!(state.finish(range, done(vec![1, 2])));
    assert!(!state.finish(range, done(vec![1, 2])), "released jobs are gone");
    let doubles = ready(&mut state);
    assert!(state.finish(doubles[1].0, done(4)));
    assert!(!state.finish(doubles[1].0, done(5)), "the first answer stands");
    assert!(!state.finish(Ticket { place: 99, ..doubles[1].0 }, done(5)), "this job never existed");
    assert_eq!(state.counts().jobs_created, 3);
}

#[test]
fn a_failed_job_is_told_and_the_flow_goes_on() {
    let mut flow = FlowBuilder::new();
    let range = flow.function(0, "range", [scalar().once(4)]);
    let odd = flow.function(0, "odd", [scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(range, "", (odd, 0));
    flow.internal(odd, "", (print, 0));
    let shown = show(&flow.load(), &[]);
    assert_eq!(shown.output(), "1 3");
    assert_eq!(shown.counts.jobs_failed, 2);
}

#[test]
fn a_reason_that_is_asked_for_is_a_value_in_the_place_of_the_result() {
    let mut flow = FlowBuilder::new();
    let range = flow.function(0, "range", [scalar().once(4)]);
    let odd = flow.function(0, "odd", [scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let aside = flow.function(0, "context://stdio/stderr", [generic()]);
    flow.internal(range, "", (odd, 0));
    flow.internal(odd, "", (print, 0));
    flow.internal(odd, "/error", (print, 0));
    flow.internal(odd, "/error", (aside, 0));
    flow.internal(odd, "/error/1", (aside, 0));
    let shown = show(&flow.load(), &[]);
    assert_eq!(shown.output(), "1 even 3 even");
    assert_eq!(shown.streams[&Stream::Error], ["even", "even"]);
    assert_eq!((shown.counts.jobs_failed, shown.counts.values_lost), (0, 0));
}

/// What nothing but itself would stop is stopped by a failure, told or not.
#[test]
fn a_function_that_told_why_it_failed_is_completed_like_any_other() {
    for source in ["", "/error"] {
        let mut flow = FlowBuilder::new();
        let readline = flow.function(0, "context://stdio/readline", [generic().always("")]);
        let print = flow.function(0, "context://stdio/stdout", [generic()]);
        flow.internal(readline, source, (print, 0));
        let program = flow.load();
        let mut state = RunState::new(&program);
        state.start();
        let [(first, ..)] = &ready(&mut state)[..] else { panic!() };
        state.finish(*first, Outcome::FailedInPassing("a pity".into()));
        let next = ready(&mut state);
        let second = next.iter().find(|(ticket, ..)| ticket.lane == first.lane).unwrap().0;
        state.finish(second, Outcome::Failed("the end".into()));
        assert!(ready(&mut state).iter().all(|(ticket, ..)| ticket.lane != first.lane), "{source}");
    }
}

#[test]
fn a_failure_names_the_job_and_nothing_else_is_told() {
    let program = doubled(1);
    let mut state = RunState::new(&program);
    state.start();
    let range = ready(&mut state)[0].0;
    state.finish(range, Outcome::Failed("out of order".into()));
    assert!(state.has_ended());
    let told = reasons(state.take_notices());
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("JobId(1)") && told[0].contains("out of order"), "{told:?}");
}

#[test]
fn a_function_that_fails_on_constants_alone_is_not_run_for_ever() {
    let mut flow = FlowBuilder::new();
    flow.function(0, "odd", [scalar().always(2)]);
    let shown = show(&flow.load(), &[]);
    assert_eq!((shown.counts.jobs_created, shown.counts.jobs_failed), (1, 1));
}

#[test]
fn a_function_that_says_so_goes_on_after_a_failure() {
    let mut flow = FlowBuilder::new();
    flow.function(0, "context://stdio/readline", [generic().always("")]);
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    let [(first, ..)] = ready(&mut state)[..] else { panic!() };
    state.finish(first, Outcome::FailedInPassing("no text".into()));
    assert_eq!((state.counts().jobs_failed, state.take_notices().len()), (1, 1));
    let [(second, ..)] = ready(&mut state)[..] else { panic!("it has a next job") };
    state.finish(second, Outcome::Failed("no input".into()));
    assert!(state.has_ended());
}

#[test]
fn completion_takes_effect_at_one_place_in_the_order() {
    let program = doubled(3);
    let mut state = RunState::new(&program);
    state.start();
    let range = ready(&mut state)[0].0;
    state.finish(range, done(vec![1, 2, 3]));
    let doubles = ready(&mut state);
    state.finish(doubles[2].0, done(6));
    state.finish(doubles[0].0, Outcome::Done { output: Some(2.into()), run_again: false });
    state.finish(doubles[1].0, done(4));
    // The results of the second and third job come after the completion and are discarded.
    let printed = ready(&mut state);
    assert_eq!(printed.len(), 1);
    assert_eq!(state.counts().discarded, 2);
    state.finish(printed[0].0, NOTHING);
    assert!(state.has_ended());
}

#[test]
fn a_constant_does_not_limit_its_function() {
    let mut flow = FlowBuilder::new();
    let range = flow.function(0, "range", [scalar().once(3)]);
    let add = flow.function(0, "add", [scalar(), scalar().always(10)]);
    flow.internal(range, "", (add, 0));
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    let range = ready(&mut state)[0].0;
    state.finish(range, done(vec![1, 2, 3]));
    assert_eq!(ready(&mut state).len(), 3, "all three run at once");
}

#[test]
fn a_constant_that_delivery_takes_apart_gives_its_elements_in_turn() {
    let mut flow = FlowBuilder::new();
    let range = flow.function(0, "range", [scalar().once(5)]);
    let add = flow.function(0, "add", [scalar(), scalar().always(vec![10, 20])]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(range, "", (add, 0));
    flow.internal(add, "", (print, 0));
    assert_eq!(show(&flow.load(), &[]).output(), "11 22 13 24 15");
}

/// Only manifests made by hand have such an input.
#[test]
fn a_refilled_input_with_a_sender_does_not_depend_on_timing() {
    let mut flow = FlowBuilder::new();
    let few = flow.function(0, "range", [scalar().once(3)]);
    let double = flow.function(0, "double", [scalar()]);
    let many = flow.function(0, "range", [scalar().once(6)]);
    let pair = flow.function(0, "pair", [scalar().always(100), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.external(few, "", (double, 0));
    flow.external(double, "", (pair, 0));
    flow.external(many, "", (pair, 1));
    flow.internal(pair, "", (print, 0));
    show(&flow.load(), &[]);
}

#[test]
fn a_constant_that_delivers_nothing_never_fills_its_input() {
    let mut flow = FlowBuilder::new();
    let empty = Value::from(Vec::<i64>::new());
    flow.function(0, "double", [scalar().always(empty)]);
    let program = flow.load();
    assert_eq!(program.functions.iter().next().unwrap().1.inputs[0].feed, Feed::Constant(vec![]));
    assert_eq!(show(&program, &[]).counts.jobs_created, 0);
}

#[test]
fn a_loop_starts_no_job_with_half_of_its_values() {
    // fibonacci: both inputs come back from the same job.
    let mut flow = FlowBuilder::new();
    let add = flow.function(0, "add", [scalar().once(0), scalar().once(1)]);
    flow.internal(add, "", (add, 1));
    flow.internal(add, "#1", (add, 0));
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    let mut seen = Vec::new();
    for _ in 0..6 {
        let jobs = ready(&mut state);
        let [(ticket, _, inputs)] = &jobs[..] else { panic!("{jobs:?}") };
        let sum = inputs[0].as_i64().unwrap() + inputs[1].as_i64().unwrap();
        seen.push(sum);
        state.finish(*ticket, done(sum));
    }
    assert_eq!(seen, [1, 2, 3, 5, 8, 13]);
}

#[test]
fn null_is_a_value_and_nothing_is_not() {
    let program = doubled(1);
    let mut state = RunState::new(&program);
    state.start();
    let range = ready(&mut state)[0].0;
    state.finish(range, done(Value::Null));
    let jobs = ready(&mut state);
    assert_eq!(jobs[0].2[0], Value::Null);
    state.finish(jobs[0].0, NOTHING);
    assert!(ready(&mut state).is_empty());
    assert!(state.has_ended());
}

#[test]
fn a_value_without_a_place_is_told_once_per_connection() {
    let mut flow = FlowBuilder::new();
    let range = flow.function(0, "range", [scalar().once(3)]);
    let deep = flow.function(0, "double", [scalar()]);
    let double = flow.function(0, "double", [scalar()]);
    flow.internal(range, "", (double, 0));
    flow.internal(double, "", (deep, 0));
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    let range = ready(&mut state)[0].0;
    state.finish(range, done(vec![1, 2, 3]));
    for (ticket, ..) in ready(&mut state) {
        state.finish(ticket, done("[[[1]]]".parse::<Value>().unwrap()));
    }
    assert_eq!(state.counts().values_lost, 3);
    assert_eq!(state.take_notices().len(), 1);
}

#[test]
fn an_initial_value_without_a_place_is_told_once_and_counted() {
    let mut flow = FlowBuilder::new();
    let deep: Value = "[[[1]]]".parse().unwrap();
    flow.function(0, "add", [scalar().always(deep.clone()), scalar()]);
    flow.function(0, "double", [generic().once(deep)]);
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    assert_eq!(state.counts().values_lost, 1);
    let told = reasons(state.take_notices());
    assert_eq!(told, ["InitialLost { function: FunctionId(0), input: 0 }"]);
}

/// Only manifests made by hand have an `always` input that is no constant.
#[test]
fn a_failed_job_leaves_its_function_what_it_needs_to_go_on() {
    let mut flow = FlowBuilder::new();
    let range = flow.function(0, "range", [scalar().once(2)]);
    let add = flow.function(0, "add", [scalar().always(100).flow_once(7), scalar()]);
    flow.internal(range, "", (add, 1));
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    let range = ready(&mut state)[0].0;
    state.finish(range, done(vec![1, 2]));
    let [(first, ..)] = ready(&mut state)[..] else {
        panic!("an input that is refilled allows one at a time")
    };
    state.finish(first, Outcome::Failed("no".into()));
    let jobs = ready(&mut state);
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].2.as_slice(), [Value::from(100), Value::from(2)]);
}

#[test]
fn functions_left_half_filled_are_reported_and_loops_and_constants_are_not() {
    let mut flow = FlowBuilder::new();
    let inner = flow.flow(0);
    let range = flow.function(inner, "range", [scalar().once(1)]);
    let half = flow.function(0, "pair", [scalar(), scalar()]);
    let looped = flow.function(0, "add", [scalar().once(0), scalar(), scalar().always(1)]);
    let source = flow.function(0, "tap", [scalar().once(1), scalar().once(false)]);
    flow.external(range, "", (half, 0));
    flow.internal(looped, "", (looped, 0));
    flow.internal(source, "", (half, 1));
    flow.internal(source, "", (looped, 1));
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    for (ticket, id, _) in ready(&mut state) {
        state.finish(ticket, if id == JobId(1) { done(1) } else { NOTHING });
    }
    assert!(state.has_ended());
    let unfinished = state.unfinished();
    let names: Vec<(u64, Vec<usize>)> = unfinished
        .iter()
        .map(|one| (program.functions[one.function].manifest_id, one.lacking.clone()))
        .collect();
    assert_eq!(names, [(half, vec![1]), (looped, vec![1])]);
}

#[test]
fn a_line_is_worked_off_before_the_next_is_looked_at() {
    // Two functions write to one stream, so the reader shares their group.
    let mut flow = FlowBuilder::new();
    let lines = flow.function(0, "context://stdio/readline", [scalar().always("")]);
    let first = flow.function(0, "context://stdio/stdout", [generic()]);
    let slow = flow.function(0, "double", [scalar()]);
    let inner = flow.flow(0);
    let second = flow.function(inner, "context://stdio/stdout", [generic()]);
    flow.internal(lines, "", (first, 0));
    flow.internal(lines, "", (slow, 0));
    flow.external(slow, "", (second, 0));
    assert_eq!(show(&flow.load(), &["1", "2", "3"]).output(), "1 2 2 4 3 6");
}

#[test]
fn order_binds_only_where_it_can_be_observed() {
    // A generator in a loop is not released behind the slow job that its last value started.
    let mut flow = FlowBuilder::new();
    let inner = flow.flow(0);
    let switch = flow.function(inner, "compare_switch", [scalar().flow_once(3), scalar().flow_once(1)]);
    let add = flow.function(inner, "add", [scalar(), scalar().always(1)]);
    flow.internal(switch, "/left-gt", (switch, 0));
    flow.internal(switch, "/right-lt", (add, 0));
    flow.internal(add, "", (switch, 1));
    let slow = flow.function(0, "double", [scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.external(switch, "/right-lte", (slow, 0));
    flow.internal(slow, "", (print, 0));
    let program = flow.load();
    let lane =
        |id: u64| program.functions.iter().find(|(_, f)| f.manifest_id == id).unwrap().1.placement.lane;
    assert_eq!(lane(switch), lane(add));
    assert_ne!(lane(add), lane(slow));
    assert_ne!(lane(slow), lane(print));

    let mut state = RunState::new(&program);
    state.start();
    let mut slow_jobs = 0;
    for _ in 0..20 {
        for (ticket, _, inputs) in ready(&mut state) {
            match (program.functions[state.job(ticket).unwrap().function].manifest_id, &inputs[..]) {
                (id, _) if id == slow => slow_jobs += 1,
                (id, inputs) if id == switch => {
                    state.finish(ticket, crate::simulation::run("compare_switch", inputs));
                }
                (_, inputs) => {
                    state.finish(ticket, crate::simulation::run("add", inputs));
                }
            }
        }
    }
    assert_eq!(slow_jobs, 3, "all slow jobs exist although none has finished");
}

#[test]
fn what_several_connections_send_is_there_for_each_of_them() {
    let mut flow = FlowBuilder::new();
    let range = flow.function(0, "range", [scalar().once(3)]);
    let print = |flow: &mut FlowBuilder| flow.function(0, "context://stdio/stdout", [generic()]);
    for source in ["", "/0", "/1", "#0", "#0"] {
        let print = print(&mut flow);
        flow.internal(range, source, (print, 0));
    }
    let program = flow.load();
    let is_last_use: Vec<bool> = program
        .functions
        .iter()
        .flat_map(|(_, function)| &function.connections)
        .map(|connection| connection.is_last_use)
        .collect();
    assert_eq!(is_last_use, [false, true, true, false, true]);
    assert_eq!(show(&program, &[]).output(), "[1,2,3] 1 2 3 3");
}

#[test]
fn a_job_that_surrenders_its_values_keeps_those_that_are_passed_on() {
    let mut flow = FlowBuilder::new();
    let first = flow.function(0, "pair", [scalar().once(7), scalar().once(8)]);
    let next = flow.function(0, "double", [scalar()]);
    flow.internal(first, "#1", (next, 0));
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    let ticket = state.next_ready().unwrap();
    let inputs = state.surrender_inputs(ticket).unwrap();
    assert_eq!(inputs.as_slice(), [Value::from(7), Value::from(8)]);
    assert_eq!(state.job(ticket).unwrap().inputs.as_slice(), [Value::Null, Value::from(8)]);
    assert!(state.finish(ticket, NOTHING));
    let ticket = state.next_ready().unwrap();
    assert_eq!(state.job(ticket).unwrap().inputs.as_slice(), [Value::from(8)]);
}
