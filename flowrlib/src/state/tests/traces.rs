//! The two worked traces of the runtime specification, event by event (section 14).

use crate::program::Program;
use crate::simulation::{FlowBuilder, Initialized, generic, run, scalar, show};
use crate::state::{Outcome, RunState};
use crate::table::Id;

/// Runs in job order and tells of the start and of each release the jobs it made, as `J1 subtract(3,1)`, and who is busy
/// after it.
fn trace(program: &Program) -> Vec<String> {
    let mut state = RunState::new(program);
    state.start();
    let mut events = Vec::new();
    let mut waiting = std::collections::VecDeque::new();
    loop {
        let mut created = Vec::new();
        while let Some(ticket) = state.next_ready() {
            let job = state.job(ticket).unwrap();
            let code = &program.implementations[program.functions[job.function].implementation].url;
            let code = code.rsplit('/').next().unwrap().to_owned();
            let inputs: Vec<String> = job.inputs.iter().map(ToString::to_string).collect();
            created.push(format!("J{} {code}({})", job.id.0, inputs.join(",")));
            waiting.push_back((ticket, code, job.inputs.clone()));
        }
        events.push(format!("{} | {}", created.join(" "), busy(program, &state)));
        let Some((ticket, code, inputs)) = waiting.pop_front() else { break };
        let outcome = match code.as_str() {
            "stdout" => Outcome::Done { output: None, run_again: true },
            code => run(code, &inputs),
        };
        state.finish(ticket, outcome);
    }
    assert!(state.has_ended());
    events
}

/// How many unreleased jobs there are in flows and of functions, as `id:jobs`, flows first, those without left out.
fn busy(program: &Program, state: &RunState) -> String {
    let flows = state.busy.iter().map(|(id, &jobs)| (id.index() as u64, jobs));
    let functions = state.functions.iter();
    let functions =
        functions.map(|(id, function)| (program.functions[id].manifest_id, function.unreleased as u64));
    let busy = flows.chain(functions).filter(|(_, jobs)| *jobs > 0);
    busy.map(|(id, jobs)| format!("{id}:{jobs}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_loop_that_counts_down_and_sums() {
    let mut flow = FlowBuilder::new();
    let dec = flow.function(0, "subtract", [scalar().once(3), scalar().always(1)]);
    let gt = flow.function(0, "compare", [scalar(), scalar().always(0)]);
    let keep = flow.function(0, "tap", [generic(), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    let sum = flow.function(0, "add", [scalar().once(0), scalar()]);
    flow.internal(dec, "", (gt, 0));
    flow.internal(dec, "", (keep, 0));
    flow.internal(dec, "", (sum, 1));
    flow.internal(gt, "/gt", (keep, 1));
    flow.internal(keep, "", (dec, 0));
    flow.internal(sum, "", (sum, 0));
    flow.internal(sum, "", (print, 0));
    let program = flow.load();

    assert_eq!(
        trace(&program),
        [
            "J1 subtract(3,1) | 0:1 1:1",
            "J2 compare(2,0) J3 add(0,2) | 0:2 2:1 5:1",
            "J4 tap(2,true) | 0:2 3:1 5:1",
            "J5 stdout(2) | 0:2 3:1 4:1",
            "J6 subtract(2,1) | 0:2 1:1 4:1",
            " | 0:1 1:1",
            "J7 compare(1,0) J8 add(2,1) | 0:2 2:1 5:1",
            "J9 tap(1,true) | 0:2 3:1 5:1",
            "J10 stdout(3) | 0:2 3:1 4:1",
            "J11 subtract(1,1) | 0:2 1:1 4:1",
            " | 0:1 1:1",
            "J12 compare(0,0) J13 add(3,0) | 0:2 2:1 5:1",
            "J14 tap(0,false) | 0:2 3:1 5:1",
            "J15 stdout(3) | 0:2 3:1 4:1",
            " | 0:1 4:1",
            " | ",
        ]
    );
    let shown = show(&program, &[]);
    assert_eq!(shown.output(), "2 3 3");
    assert_eq!((shown.counts.jobs_created, shown.counts.values_sent), (15, 20));
}

/// The sub-flow of section 14.2: dec, gt and keep, counting down from what comes to dec's first input.
fn down(flow: &mut FlowBuilder, dec_inputs: [flowcore::manifest::InputInfo; 2]) -> u64 {
    let down = flow.flow(0);
    let dec = flow.function(down, "subtract", dec_inputs);
    let gt = flow.function(down, "compare", [scalar(), scalar().always(0)]);
    let keep = flow.function(down, "tap", [generic(), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(dec, "", (gt, 0));
    flow.internal(dec, "", (keep, 0));
    flow.external(dec, "", (print, 0));
    flow.internal(dec, "#1", (dec, 1));
    flow.internal(gt, "/gt", (keep, 1));
    flow.internal(keep, "", (dec, 0));
    dec
}

#[test]
fn a_sub_flow_with_idle_transitions() {
    let mut flow = FlowBuilder::new();
    down(&mut flow, [scalar().flow_once(vec![2, 1]), scalar().flow_always(1)]);
    let program = flow.load();

    assert_eq!(
        trace(&program),
        [
            "J1 subtract(2,1) | 0:1 1:1 2:1",
            "J2 compare(1,0) J3 stdout(1) | 0:2 1:1 3:1 5:1",
            "J4 tap(1,true) | 0:2 1:1 4:1 5:1",
            " | 0:1 1:1 4:1",
            "J5 subtract(1,1) | 0:1 1:1 2:1",
            "J6 compare(0,0) J7 stdout(0) | 0:2 1:1 3:1 5:1",
            "J8 tap(0,false) | 0:2 1:1 4:1 5:1",
            " | 0:1 1:1 4:1",
            "J9 subtract(1,1) | 0:1 1:1 2:1",
            "J10 compare(0,0) J11 stdout(0) | 0:2 1:1 3:1 5:1",
            "J12 tap(0,false) | 0:2 1:1 4:1 5:1",
            " | 0:1 1:1 4:1",
            " | ",
        ]
    );
    let shown = show(&program, &[]);
    assert_eq!(shown.output(), "1 0 0");
    assert_eq!((shown.counts.jobs_created, shown.counts.values_sent), (12, 16));
}

#[test]
fn invocations_of_a_sub_flow_do_not_mix() {
    // W21: starts [6,40] and steps [2,10] come from outside.
    let mut flow = FlowBuilder::new();
    let dec = down(&mut flow, [scalar(), scalar()]);
    let starts = flow.function(0, "pair", [scalar().once(6), scalar().once(40)]);
    let steps = flow.function(0, "pair", [scalar().once(2), scalar().once(10)]);
    flow.external(starts, "", (dec, 0));
    flow.external(steps, "", (dec, 1));
    assert_eq!(show(&flow.load(), &[]).output(), "4 2 0 30 20 10 0");
}
