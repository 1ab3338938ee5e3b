//! Order groups that come apart once nothing more enters their loops.

use crate::program::{Lane, Program};
use crate::simulation::flows::{describe, random_picture};
use crate::simulation::{
    Choices, FlowBuilder, Initialized, generic, run, scalar, show, simulate, simulate_bounded,
};
use crate::state::{Outcome, RunState, Ticket};
use crate::table::Table;
use proptest::prelude::*;

/// A picture: the sizes that come, one after another, go round in the flow that works on its pixels, and a slow function
/// stands between that and the printer.
fn picture(sizes: &[i64], pixels: i64) -> FlowBuilder {
    let mut flow = FlowBuilder::new();
    let render = flow.flow(0);
    let place = flow.function(render, "add", [scalar(), scalar()]);
    let slow = flow.function(render, "double", [scalar()]);
    let print = flow.function(render, "context://stdio/stdout", [generic(), generic()]);
    flow.internal(place, "#0", (place, 0));
    flow.internal(place, "", (slow, 0));
    flow.internal(slow, "", (print, 0));
    flow.internal(print, "#1", (print, 1));
    let pixels = flow.function(0, "range", [scalar().once(pixels)]);
    flow.external(pixels, "", (place, 1));
    // Through a function that does not know itself when it has had its last value.
    let first = flow.function(0, "pair", [generic().once(sizes.len() as i64), generic().once(0)]);
    let sizes = flow.function(0, "range", [scalar()]);
    flow.internal(first, "/0", (sizes, 0));
    flow.external(sizes, "", (place, 0));
    flow.external(sizes, "", (print, 1));
    flow
}

/// Does all jobs but those of the function that is slow, of which it does the first, and tells how many of these are
/// under way in the end.
fn slow_jobs_under_way(program: &Program, bound: usize) -> usize {
    let mut state = RunState::new(program).with_bound(bound);
    let mut slow = 0;
    state.start();
    while let Some(ticket) = state.next_ready() {
        let is_slow = code(program, &state, ticket) == "double";
        slow += usize::from(is_slow);
        if !is_slow || slow == 1 {
            finish(program, &mut state, ticket);
        }
        state.assert_consistent();
    }
    slow - 1
}

fn code<'program>(program: &'program Program, state: &RunState, ticket: Ticket) -> &'program str {
    let function = &program.functions[state.job(ticket).unwrap().function];
    program.implementations[function.implementation].url.strip_prefix("lib://test/").unwrap_or("print")
}

fn finish(program: &Program, state: &mut RunState, ticket: Ticket) {
    let code = code(program, state, ticket);
    let inputs = state.job(ticket).unwrap().inputs.clone();
    // What is printed ends there: nothing comes of it.
    state.finish(ticket, if code == "print" { run("tap", &[]) } else { run(code, &inputs) });
}

#[test]
fn pixels_are_worked_on_side_by_side_once_the_size_of_the_picture_is_known() {
    let program = picture(&[1], 20).load();
    assert_eq!(slow_jobs_under_way(&program, usize::MAX), 19, "all but the one that is done");
    let lines = (1..=20).map(|pixel| (2 * (1 + pixel)).to_string()).collect::<Vec<_>>().join(" ");
    assert_eq!(show(&program, &[]).output(), lines);
}

#[test]
fn while_another_size_may_come_they_wait_for_each_other() {
    let program = picture(&[1, 2], 20).load();
    assert!(slow_jobs_under_way(&program, usize::MAX) <= 2);
    // What the second size is for, nobody says: all pixels come while the first is in use, or after the first are done.
    show(&program, &[]);
}

#[test]
fn a_group_that_has_come_apart_throttles_its_sources() {
    let program = picture(&[1], 200).load();
    let under_way = slow_jobs_under_way(&program, 10);
    assert!((10..=12).contains(&under_way), "{under_way}");
}

#[test]
fn what_is_still_to_come_from_the_whole_is_released_before_what_comes_from_its_parts() {
    let mut flow = FlowBuilder::new();
    let sum = |flow: &mut FlowBuilder, a, b| flow.function(0, "add", [a, b]);
    let one = sum(&mut flow, scalar().once(0), scalar().once(1));
    let sizes = flow.function(0, "range", [scalar().once(1)]);
    let two = sum(&mut flow, scalar().once(1), scalar().once(1));
    let [size, pixels] = ["tap", "range"].map(|code| flow.function(0, code, [generic()]));
    flow.manifest.functions.get_mut(&size).unwrap().inputs.push(scalar().always(true));
    let render = flow.flow(0);
    let place = flow.function(render, "add", [scalar(), scalar()]);
    let slow = flow.function(render, "double", [scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    // One job of the slow function is there before it is known that there is one size, and two come after.
    flow.internal(one, "", (pixels, 0));
    flow.internal(sizes, "", (size, 0));
    flow.internal(two, "", (pixels, 0));
    flow.external(size, "", (place, 0));
    flow.external(pixels, "", (slow, 0));
    flow.external(pixels, "", (place, 1));
    flow.internal(place, "#0", (place, 0));
    flow.external(slow, "", (print, 0));
    let program = flow.load();
    let mut state = RunState::new(&program);
    let ready = |state: &mut RunState| std::iter::from_fn(|| state.next_ready()).collect::<Vec<_>>();
    let ready_of = |state: &mut RunState, name: &str| {
        let (jobs, others): (Vec<_>, Vec<_>) =
            ready(state).into_iter().partition(|&ticket| code(&program, state, ticket) == name);
        others.into_iter().for_each(|ticket| finish(&program, state, ticket));
        jobs
    };

    state.start();
    assert!(ready_of(&mut state, "none").is_empty());
    let [first_pixels, size, other_pixels] = ready(&mut state)[..] else { panic!() };
    finish(&program, &mut state, first_pixels);
    assert!(!state.separations.are_over());
    finish(&program, &mut state, size);
    assert!(state.separations.are_over(), "there is a size, and no other will come");
    finish(&program, &mut state, other_pixels);
    let [of_whole, of_part, last] = ready_of(&mut state, "double")[..] else { panic!() };
    assert_ne!(of_whole.lane, of_part.lane);
    assert!(ready_of(&mut state, "print").is_empty());
    let done = |result: i64| Outcome::Done { output: Some(result.into()), run_again: true };
    state.finish(last, done(30));
    state.finish(of_part, done(20));
    assert!(ready_of(&mut state, "print").is_empty(), "something of the whole is left");
    state.finish(of_whole, done(10));
    let printed = ready_of(&mut state, "print");
    let printed: Vec<_> =
        printed.iter().map(|&ticket| state.job(ticket).unwrap().inputs[0].clone()).collect();
    assert_eq!(printed, [10.into(), 20.into(), 30.into()]);
}

/// What is sent from inside is taken before what waits from outside, if it comes in time.
#[test]
fn a_last_value_that_something_else_may_come_before_binds_what_could() {
    let mut flow = FlowBuilder::new();
    let inner = flow.flow(0);
    let pairs = flow.function(inner, "pair", [generic(), scalar()]);
    let within = flow.function(inner, "double", [scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let outside = flow.function(0, "double", [scalar().once(5)]);
    let [early, later, latest] =
        [scalar().once(1), scalar(), scalar()].map(|input| flow.function(0, "double", [input]));
    let numbers = flow.function(0, "range", [scalar()]);
    flow.external(outside, "", (pairs, 0));
    flow.internal(within, "", (pairs, 0));
    flow.external(early, "", (within, 0));
    flow.internal(early, "", (later, 0));
    flow.internal(later, "", (latest, 0));
    flow.internal(latest, "", (numbers, 0));
    flow.external(numbers, "", (pairs, 1));
    flow.external(pairs, "", (print, 0));
    assert_eq!(show(&flow.load(), &[]).output(), "[4,1] [10,2]");
}

#[test]
fn the_value_of_the_next_invocation_is_not_the_last() {
    let mut flow = FlowBuilder::new();
    let sizes = flow.function(0, "range", [scalar().once(2)]);
    let pixels = flow.function(0, "range", [scalar().once(1)]);
    let render = flow.flow(0);
    let place = flow.function(render, "add_odd", [scalar(), scalar()]);
    let other = flow.function(render, "double", [scalar()]);
    flow.external(sizes, "", (place, 0));
    flow.internal(place, "#0", (place, 0));
    flow.external(pixels, "", (place, 1));
    flow.external(pixels, "", (other, 0));
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    let mut next = |name: &str| {
        let ticket = state.next_ready().unwrap();
        assert_eq!(code(&program, &state, ticket), name);
        finish(&program, &mut state, ticket);
        state.separations.are_over()
    };
    assert!(!next("range") && !next("range"));
    assert!(!next("add_odd"), "the first size is lost with its job, and the flow still has something to do");
    assert!(!next("double"), "now it is the second's turn, but there is no pixel");
}

/// What comes back from inside is taken before what comes back by way of the flow around, even if it comes later.
#[test]
fn an_input_to_which_its_function_loops_back_in_two_ways_binds_what_is_before_it() {
    let mut flow = FlowBuilder::new();
    let inner = flow.flow(0);
    let sum = flow.function(inner, "add", [scalar(), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let size = flow.function(0, "double", [scalar().once(5)]);
    let early = flow.function(0, "double", [scalar().once(1)]);
    let late = flow.function(0, "range", [scalar().once(2)]);
    let [later, latest, source] = [0; 3].map(|_| flow.function(0, "double", [scalar()]));
    flow.external(size, "", (sum, 0));
    flow.internal(sum, "#0", (sum, 0));
    flow.external(sum, "", (sum, 0));
    flow.external(sum, "", (print, 0));
    flow.internal(early, "", (source, 0));
    flow.internal(late, "", (later, 0));
    flow.internal(later, "", (latest, 0));
    flow.internal(latest, "", (source, 0));
    flow.external(source, "", (sum, 1));
    assert_eq!(show(&flow.load(), &[]).output(), "14 18 30");
}

#[test]
fn a_group_stays_together_where_something_else_binds_it() {
    let loops = |flow: &mut FlowBuilder, input| {
        let inner = flow.flow(0);
        let add = flow.function(inner, "add", [input, scalar().always(1)]);
        flow.internal(add, "#0", (add, 0));
        add
    };
    // Values that come one by one, whenever the flow is idle.
    let mut gradual = FlowBuilder::new();
    loops(&mut gradual, scalar().flow_once(vec![1, 2]));
    // A line of input, which is looked at when nothing else is left to do.
    let mut lines = FlowBuilder::new();
    let readline = lines.function(0, "context://stdio/readline", [generic().always("")]);
    let add = loops(&mut lines, scalar());
    lines.external(readline, "", (add, 0));
    // A stream that two functions write to.
    let mut writers = FlowBuilder::new();
    let add = loops(&mut writers, scalar().flow_once(1));
    for _ in 0..2 {
        let print = writers.function(0, "context://stdio/stdout", [generic()]);
        writers.external(add, "", (print, 0));
    }
    for flow in [gradual, lines, writers] {
        assert_eq!(flow.load().separations.len(), 0, "{}", describe(&flow));
    }
    assert_eq!(picture(&[1], 1).load().separations.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_goes_round_a_flow_shows_what_the_one_at_a_time_run_shows(seed: u64, schedule: u64) {
        super::any_schedule::shows_the_same(&random_picture(seed), schedule);
    }

    #[test]
    fn a_flow_shows_the_same_whether_its_groups_come_apart_or_not(seed: u64, schedule: u64) {
        let flow = random_picture(seed);
        let (apart, mut together) = (flow.load(), flow.load());
        together.separations = Table::new();
        for id in together.functions.ids() {
            together.functions[id].inputs.iter_mut().for_each(|input| input.separation = None);
        }
        together.lanes = together.lanes.iter().map(|(_, &lane)| Lane { separation: None, ..lane }).collect();
        let lines = ["1", "2", "3", "4"];
        let bound = [usize::MAX, 1, 3][usize::try_from(schedule % 3).unwrap()];
        let apart = simulate_bounded(&apart, &lines, Choices::seeded(schedule), bound).streams;
        prop_assert_eq!(apart, simulate(&together, &lines, Choices::FIRST).streams, "{}", describe(&flow));
    }
}

/// What the one above would say nothing about if it never happened.
#[test]
fn random_flows_do_come_apart() {
    let comes_apart = |seed: &u64| {
        let program = random_picture(*seed).load();
        let mut state = RunState::new(&program);
        let mut jobs_of_parts = 0;
        state.start();
        while let Some(ticket) = state.next_ready() {
            jobs_of_parts += usize::from(program.lanes[ticket.lane].after.is_some());
            finish(&program, &mut state, ticket);
        }
        jobs_of_parts > 1
    };
    let apart = (0..400).filter(comes_apart).count();
    assert!(apart > 50, "{apart}");
}
