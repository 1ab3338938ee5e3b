//! Jobs that are created before it is certain that they will exist.

use crate::context::Stream;
use crate::program::Program;
use crate::simulation::flows::{describe, has_last_jobs, random_flow, random_picture, with_constants};
use crate::simulation::{
    Choices, FlowBuilder, Initialized, generic, run, scalar, show, simulate, simulate_bounded,
};
use crate::state::{Notice, Outcome, RunState, Standing, Ticket};
use flowcore::{Value, notice};
use proptest::prelude::*;

/// A function to each of whose jobs the same constant goes, round and round, with one of these numbers.
fn with_each_number(code: &str, constant: i64, numbers: i64) -> FlowBuilder {
    let mut flow = FlowBuilder::new();
    let work = flow.function(0, code, [scalar().once(constant), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let numbers = flow.function(0, "range", [scalar().once(numbers)]);
    flow.internal(work, "#0", (work, 0));
    flow.external(numbers, "", (work, 1));
    flow.internal(work, "", (print, 0));
    flow
}

/// The same without speculation.
fn one_after_another(flow: &FlowBuilder) -> Program {
    let mut program = flow.load();
    for id in program.functions.ids() {
        program.functions[id].placement.invariants.clear();
    }
    for id in program.separations.ids() {
        program.separations[id].placements.iter_mut().for_each(|(_, of_part)| of_part.invariants.clear());
    }
    program
}

/// All jobs that are ready, after the first.
fn ready_after_first(state: &mut RunState) -> Vec<Ticket> {
    state.start();
    let first = state.next_ready().unwrap();
    let numbers = run("range", state.job(first).unwrap().inputs);
    state.finish(first, numbers);
    std::iter::from_fn(|| state.next_ready()).collect()
}

fn done(result: i64) -> Outcome {
    Outcome::Done { output: Some(result.into()), run_again: true }
}

fn last(result: i64) -> Outcome {
    Outcome::Done { output: Some(result.into()), run_again: false }
}

#[test]
fn a_constant_that_goes_round_holds_up_no_job() {
    let program = with_each_number("add", 10, 5).load();
    let mut state = RunState::new(&program);
    let jobs = ready_after_first(&mut state);
    let inputs: Vec<_> = jobs.iter().map(|&job| state.job(job).unwrap().inputs.to_vec()).collect();
    assert_eq!(inputs, (1..=5).map(|number| vec![10.into(), number.into()]).collect::<Vec<_>>());
    assert_eq!(show(&program, &[]).output(), "11 12 13 14 15");
}

#[test]
fn a_job_that_fails_squashes_those_behind_it() {
    let program = with_each_number("add", 10, 5).load();
    let mut state = RunState::new(&program);
    let jobs = ready_after_first(&mut state);
    state.finish(jobs[3], done(14));
    state.finish(jobs[1], Outcome::Failed("no".into()));
    state.assert_consistent();
    assert!(state.take_squashed().is_empty(), "it is not certain that the second will exist");
    state.finish(jobs[0], done(11));
    state.assert_consistent();
    assert_eq!(state.take_squashed(), [jobs[0].lane]);
    for &job in &jobs[2..] {
        assert!(state.job(job).is_none());
        assert_eq!(state.standing(job), Standing::Answered, "an answer would come too late");
        assert!(!state.finish(job, done(0)));
    }
    let print = state.next_ready().unwrap();
    assert_eq!(state.job(print).unwrap().inputs[..], [11.into()]);
    state.finish(print, Outcome::Done { output: None, run_again: true });
    assert!(state.has_ended() && state.next_ready().is_none());
    let counts = state.counts();
    assert_eq!((counts.jobs_created, counts.jobs_failed, counts.discarded), (4, 1, 0));
    let [left] = &state.unfinished()[..] else { panic!() };
    assert_eq!(left.lacking, [0], "it has numbers, and no constant");
}

#[test]
fn what_a_function_says_about_a_job_is_told_when_that_is_released_and_never_if_it_is_squashed() {
    let program = with_each_number("add", 10, 5).load();
    let mut state = RunState::new(&program);
    let jobs = ready_after_first(&mut state);
    let text = |number: usize| format!("about {number}");
    let finish = |state: &mut RunState, number: usize, outcome| {
        let notice = notice::Notice { kind: notice::NoticeKind::Remark, text: text(number) };
        state.finish_telling(jobs[number], outcome, vec![notice]);
        state.take_notices()
    };
    assert_eq!(finish(&mut state, 3, done(14)), []);
    assert_eq!(finish(&mut state, 1, Outcome::Failed("no".into())), []);
    let told = finish(&mut state, 0, done(11));
    let texts: Vec<_> = told
        .iter()
        .filter_map(|one| if let Notice::Told { notice, .. } = one { Some(&notice.text) } else { None })
        .collect();
    assert_eq!(texts, [&text(0), &text(1)]);
    assert_eq!(told.len(), 3, "and that one has failed");
}

#[test]
fn there_is_a_limit_to_how_far_ahead_jobs_are() {
    let program = with_each_number("add", 10, 5).load();
    let mut state = RunState::new(&program).with_most_ahead(2);
    let jobs = ready_after_first(&mut state);
    assert_eq!(jobs.len(), 2);
    state.finish(jobs[1], done(12));
    assert!(state.next_ready().is_none(), "two are not released");
    state.finish(jobs[0], done(11));
    state.assert_consistent();
    let next: Vec<_> = std::iter::from_fn(|| state.next_ready()).collect();
    let of_work = |job: &&Ticket| job.lane == jobs[0].lane;
    assert_eq!(next.iter().filter(of_work).count(), 2);
}

#[test]
fn jobs_keep_nothing_of_what_was_put_back_and_it_is_known_what_is_left_of_them() {
    let program = with_each_number("add", 10, 5).load();
    let mut state = RunState::new(&program);
    let jobs = ready_after_first(&mut state);
    let inputs = state.surrender_inputs(jobs[2]).unwrap();
    assert_eq!(inputs[..], [10.into(), 3.into()]);
    assert!(state.job(jobs[2]).unwrap().inputs.is_empty());
    state.restore_inputs(jobs[2], inputs);
    assert_eq!(state.job(jobs[2]).unwrap().inputs.len(), 2);
    for &job in &jobs {
        state.surrender_inputs(job).unwrap();
    }
    state.finish(jobs[0], Outcome::Failed("no".into()));
    state.assert_consistent();
    let [left] = &state.unfinished()[..] else { panic!() };
    assert_eq!(left.lacking, [0]);
}

#[test]
fn jobs_keep_what_was_put_back_where_others_get_it_as_well() {
    let mut flow = FlowBuilder::new();
    let work = flow.function(0, "add", [scalar().once(10), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let numbers = flow.function(0, "range", [scalar().once(5)]);
    flow.internal(work, "#0", (work, 0));
    flow.internal(work, "#0", (print, 0));
    flow.external(numbers, "", (work, 1));
    let program = flow.load();
    let mut state = RunState::new(&program);
    let jobs = ready_after_first(&mut state);
    assert_eq!(jobs.len(), 5);
    state.surrender_inputs(jobs[0]).unwrap();
    assert_eq!(state.job(jobs[0]).unwrap().inputs[..], [10.into(), Value::Null]);
    assert_eq!(show(&program, &[]).output(), "10 10 10 10 10");
}

#[test]
fn a_last_job_squashes_those_behind_it() {
    let program = with_each_number("add", 10, 5).load();
    let mut state = RunState::new(&program);
    let jobs = ready_after_first(&mut state);
    state.finish(jobs[0], last(11));
    assert_eq!(state.take_squashed(), [jobs[0].lane]);
    let print = state.next_ready().unwrap();
    state.finish(print, Outcome::Done { output: None, run_again: true });
    assert!(state.has_ended());
    assert_eq!((state.counts().jobs_created, state.unfinished().len()), (3, 0));
}

#[test]
fn what_is_squashed_is_handed_out_no_more_whether_it_was_ready_or_held() {
    let program = with_each_number("add", 10, 50).load();
    let mut state = RunState::new(&program).with_bound(4);
    let jobs = ready_after_first(&mut state);
    assert!(jobs.len() < 10, "the others are held: {}", jobs.len());
    for &job in jobs.iter().rev() {
        state.finish(job, Outcome::Failed("no".into()));
        state.assert_consistent();
    }
    assert!(state.next_ready().is_none());
    assert!(state.has_ended());
    assert_eq!((state.counts().jobs_created, state.counts().jobs_failed), (2, 1));
}

#[test]
fn a_function_whose_failure_somebody_is_told_stops_as_well() {
    let mut flow = with_each_number("add_odd", 10, 5);
    let work = *flow.manifest.functions.keys().next().unwrap();
    let errors = flow.function(0, "context://stdio/stderr", [generic()]);
    flow.internal(work, "/error", (errors, 0));
    let shown = show(&flow.load(), &[]);
    assert_eq!((shown.output(), shown.streams[&Stream::Error].join(" ")), ("11".into(), "even".into()));
    assert_eq!(shown, simulate(&one_after_another(&flow), &[], Choices::FIRST));
}

/// How many jobs are there at once of the function that has as many inputs.
fn jobs_at_once(flow: &FlowBuilder) -> usize {
    let program = flow.load();
    let mut state = RunState::new(&program);
    ready_after_first(&mut state).len()
}

#[test]
fn only_what_is_certain_to_come_back_as_it_is_is_put_back() {
    assert_eq!(jobs_at_once(&with_each_number("add", 10, 5)), 5);
    let with = |change: &dyn Fn(&mut FlowBuilder, u64)| {
        let mut flow = with_each_number("add", 10, 5);
        let work = *flow.manifest.functions.keys().next().unwrap();
        change(&mut flow, work);
        flow
    };
    let other_senders = with(&|flow, work| {
        let other = flow.function(0, "double", [scalar()]);
        flow.internal(other, "", (work, 0));
    });
    assert_eq!(jobs_at_once(&other_senders), 1);
    let twice = with(&|flow, work| flow.internal(work, "#0", (work, 0)));
    assert_eq!(jobs_at_once(&twice), 1);
    let result = with(&|flow, work| {
        flow.manifest.functions.get_mut(&work).unwrap().output_connections.remove(0);
        flow.internal(work, "", (work, 0));
    });
    assert_eq!(jobs_at_once(&result), 1);
    let other_input = with(&|flow, work| {
        flow.manifest.functions.get_mut(&work).unwrap().output_connections.remove(0);
        flow.internal(work, "#1", (work, 0));
    });
    assert_eq!(jobs_at_once(&other_input), 1);
    let effect = with(&|flow, work| {
        let function = flow.manifest.functions.get_mut(&work).unwrap();
        function.implementation_location = "context://file/file_write".into();
    });
    assert_eq!(jobs_at_once(&effect), 1);
    let changing = with(&|flow, work| {
        let function = flow.manifest.functions.get_mut(&work).unwrap();
        function.inputs[0] = scalar().once("[[[7]]]".parse::<flowcore::Value>().unwrap());
    });
    assert_eq!(jobs_at_once(&changing), 1);
}

#[test]
fn nothing_but_constants_makes_one_job_at_a_time() {
    let mut flow = FlowBuilder::new();
    let count = flow.function(0, "add", [scalar().once(1), scalar().always(1)]);
    flow.internal(count, "#0", (count, 0));
    let program = flow.load();
    let mut state = RunState::new(&program);
    state.start();
    assert!(state.next_ready().is_some());
    assert!(state.next_ready().is_none());
}

#[test]
fn values_that_take_turns_keep_their_turns() {
    let mut flow = FlowBuilder::new();
    let inner = flow.flow(0);
    let work = flow.function(inner, "add", [scalar(), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let turns = flow.function(0, "range", [scalar().once(2)]);
    let numbers = flow.function(0, "range", [scalar().once(6)]);
    flow.external(turns, "", (work, 0));
    flow.external(work, "#0", (work, 0));
    flow.external(numbers, "", (work, 1));
    flow.external(work, "", (print, 0));
    assert_eq!(show(&flow.load(), &[]), simulate(&one_after_another(&flow), &[], Choices::FIRST));
}

fn shows_the_same_as_one_after_another(flow: &FlowBuilder, schedule: u64) -> Result<(), TestCaseError> {
    let lines = ["1", "2", "3", "4"];
    let bound = [usize::MAX, 1, 3][usize::try_from(schedule % 3).unwrap()];
    let right = simulate(&one_after_another(flow), &lines, Choices::FIRST);
    let other = simulate_bounded(&flow.load(), &lines, Choices::seeded(schedule), bound);
    if has_last_jobs(flow) {
        prop_assert_eq!(&other.streams, &right.streams, "{}", describe(flow));
    } else {
        prop_assert_eq!(&other, &right, "{}", describe(flow));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_flow_shows_the_same_as_if_every_job_waited_for_the_one_before(seed: u64, schedule: u64) {
        shows_the_same_as_one_after_another(&with_constants(random_flow(seed), seed), schedule)?;
    }

    #[test]
    fn also_when_its_groups_come_apart(seed: u64, schedule: u64) {
        shows_the_same_as_one_after_another(&random_picture(seed), schedule)?;
        shows_the_same_as_one_after_another(&with_constants(random_picture(seed), seed), schedule)?;
    }
}

/// What those above would say nothing about if it never happened.
#[test]
fn random_flows_do_speculate_and_squash() {
    let (mut speculated, mut squashed) = (0, 0);
    for seed in 0..400 {
        let program = with_constants(random_picture(seed), seed).load();
        let mut state = RunState::new(&program);
        state.start();
        let mut most = 0;
        let mut is_squashed = false;
        while let Some(ticket) = state.next_ready() {
            let job = state.job(ticket).unwrap();
            let url = &program.implementations[program.functions[job.function].implementation].url;
            let outcome = url.strip_prefix("lib://test/").map(|code| run(code, job.inputs));
            let function = job.function;
            state.finish(ticket, outcome.unwrap_or(Outcome::Done { output: None, run_again: false }));
            let of_function = &state.functions[function];
            if of_function.speculates {
                most = most.max(of_function.unreleased);
            }
            is_squashed |= !state.take_squashed().is_empty();
        }
        speculated += usize::from(most > 1);
        squashed += usize::from(is_squashed);
    }
    assert!(speculated > 25 && squashed > 15, "{speculated} {squashed}");
}
