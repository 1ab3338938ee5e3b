//! Values that wait at inputs.

use crate::flows::{median, registry};
use flowcore::manifest::{FlowInfo, FlowManifest, FunctionInfo, InputInfo, OutputConnection};
use flowcore::{Initializer, Value};
use flowrlib::context::NoContext;
use flowrlib::program::{Order, Program};
use flowrlib::state::{Outcome, RunState};
use std::time::Instant;

/// So many numbers out of one array, which wait at one input of a function until the other has values: from a loop, one by
/// one, or from a second array, all at once.
fn meeting(numbers: i64, all_at_once: bool) -> Program {
    let mut manifest = FlowManifest::default();
    manifest.flows.insert(0, FlowInfo::default());
    let to = |destination_id, destination_io_number| OutputConnection {
        destination_id,
        destination_io_number,
        internal: true,
        ..OutputConnection::default()
    };
    let mut function = |id: u64, name: &str, inputs, output_connections| {
        let function = FunctionInfo {
            process_id: id,
            implementation_location: format!("lib://bench/{name}"),
            inputs,
            output_connections,
            ..FunctionInfo::default()
        };
        manifest.functions.insert(id, function);
    };
    let initializer = Some(Initializer::Once(Value::from(numbers)));
    let first = || vec![InputInfo { initializer: initializer.clone(), ..InputInfo::default() }];
    function(1, "range", first(), vec![to(3, 0)]);
    if all_at_once {
        function(2, "range", first(), vec![to(3, 1)]);
    } else {
        function(2, "count_down", first(), vec![to(3, 1), to(2, 0)]);
    }
    function(3, "increment", vec![InputInfo::default(), InputInfo::default()], vec![]);
    Program::load(&manifest, &"file:///bench/manifest.json".parse().unwrap(), &NoContext, Order::Exact)
        .unwrap()
}

/// What a value costs in the run state, from its delivery to the release of its job, where so many wait: the median of
/// some runs, in nanoseconds.
fn nanoseconds_for_each(waiting: i64, all_at_once: bool) -> f64 {
    let program = meeting(waiting, all_at_once);
    let registry = registry();
    let runs = (3_000_000 / waiting).clamp(5, 1000);
    median((0..runs).map(|_| {
        let begun = Instant::now();
        let mut state = RunState::new(&program).with_bound(usize::MAX);
        state.start();
        let mut met = 0;
        while let Some(ticket) = state.next_ready() {
            let job = state.job(ticket).expect("a ready job exists");
            met += i64::from(job.inputs.len() == 2);
            let url = &program.implementations[program.functions[job.function].implementation].url;
            let code = registry.find(url).expect("the functions exist");
            let (output, run_again) = code.run(job.inputs).expect("the functions never fail");
            state.finish(ticket, Outcome::Done { output, run_again });
        }
        assert_eq!(met, waiting, "all values have met");
        begun.elapsed().as_nanos() as f64 / waiting as f64
    }))
}

/// What a value costs, by how many wait.
pub(crate) fn values() {
    println!(
        "values that wait at one input, taken one by one (to hold: a million cost no more each), and all at once"
    );
    for waiting in [1_000, 10_000, 100_000, 1_000_000] {
        let [one_by_one, at_once] = [false, true].map(|all| nanoseconds_for_each(waiting, all));
        println!("{:<58} {one_by_one:>6.0} ns {at_once:>6.0} ns", format!("{waiting} of them"));
    }
}
