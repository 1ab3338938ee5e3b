//! The flows whose jobs are counted, and how fast they run.

use flowcore::manifest::{FlowInfo, FlowManifest, FunctionInfo, InputInfo, OutputConnection};
use flowcore::{Implementation, Initializer, RUN_AGAIN, Result, RunAgain, Value};
use flowrlib::context::NoContext;
use flowrlib::executor::{NativeLibrary, Registry};
use flowrlib::program::{Order, Program};
use flowrlib::runner::{Report, RunConfig, run};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

struct CountDown;
struct Increment;
struct Range;

/// Keeps a processor busy for so many microseconds.
struct Spin(u64);

struct Kilobyte;

/// Gives back its input; the same as a module is in `modules`.
pub(crate) struct Echo;

/// Takes [`NAP`] and nothing of the machine.
struct Nap;

/// Counts down, and prints at its end the median of the times between its jobs, in nanoseconds.
struct Lap;

/// How long a [`Nap`] is.
pub(crate) const NAP: Duration = Duration::from_millis(20);

impl Implementation for CountDown {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let n = inputs.first().and_then(Value::as_i64).unwrap_or(0);
        Ok(((n > 0).then(|| Value::from(n - 1)), RUN_AGAIN))
    }
}

impl Implementation for Increment {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        Ok((inputs.first().and_then(Value::as_i64).map(|n| Value::from(n + 1)), RUN_AGAIN))
    }
}

impl Implementation for Range {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let n = inputs.first().and_then(Value::as_i64).unwrap_or(0);
        Ok((Some((0..n).collect()), RUN_AGAIN))
    }
}

impl Implementation for Spin {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_micros(self.0) {
            std::hint::spin_loop();
        }
        Ok((inputs.first().cloned(), RUN_AGAIN))
    }
}

impl Implementation for Kilobyte {
    fn run(&self, _: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        Ok((Some(Value::from("x".repeat(1024))), RUN_AGAIN))
    }
}

impl Implementation for Echo {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        Ok((inputs.first().cloned(), RUN_AGAIN))
    }
}

impl Implementation for Nap {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        thread::sleep(NAP);
        Ok((inputs.first().cloned(), RUN_AGAIN))
    }
}

impl Implementation for Lap {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        static TIMES: Mutex<Vec<Instant>> = Mutex::new(Vec::new());
        let n = inputs.first().and_then(Value::as_i64).unwrap_or(0);
        let mut times = TIMES.lock().unwrap_or_else(PoisonError::into_inner);
        times.push(Instant::now());
        if n > 0 {
            return Ok((Some(Value::from(n - 1)), RUN_AGAIN));
        }
        let laps = times.windows(2).filter_map(|two| Some(two.last()?.duration_since(*two.first()?)));
        let mut laps: Vec<Duration> = laps.collect();
        laps.sort();
        println!("{}", laps.get(laps.len() / 2).map_or(0, Duration::as_nanos));
        times.clear();
        Ok((None, RUN_AGAIN))
    }
}

/// All functions.
pub(crate) fn registry() -> Registry {
    Registry::new([NativeLibrary {
        name: "bench",
        version: "1",
        functions: &[
            ("lib://bench/count_down", &CountDown),
            ("lib://bench/echo", &Echo),
            ("lib://bench/increment", &Increment),
            ("lib://bench/kilobyte", &Kilobyte),
            ("lib://bench/lap", &Lap),
            ("lib://bench/nap", &Nap),
            ("lib://bench/range", &Range),
            ("lib://bench/spin", &Spin(20)),
            ("lib://bench/spin_briefly", &Spin(2)),
        ],
    }])
}

/// A flow of functions in a row; the last one may loop back to itself.
pub(crate) fn flow(functions: &[&str], first: i64, looped: bool) -> Program {
    let mut manifest = FlowManifest::default();
    manifest.flows.insert(0, FlowInfo::default());
    for (place, name) in functions.iter().enumerate() {
        let id = place as u64 + 1;
        let initializer = (place == 0).then(|| Initializer::Once(Value::from(first)));
        let to = |destination_id| OutputConnection {
            destination_id,
            internal: true,
            ..OutputConnection::default()
        };
        let last = place + 1 == functions.len();
        manifest.functions.insert(
            id,
            FunctionInfo {
                process_id: id,
                implementation_location: format!("lib://bench/{name}"),
                inputs: vec![InputInfo { initializer, ..InputInfo::default() }],
                output_connections: match (last, looped) {
                    (false, _) => vec![to(id + 1)],
                    (true, true) => vec![to(id)],
                    (true, false) => vec![],
                },
                ..FunctionInfo::default()
            },
        );
    }
    Program::load(&manifest, &"file:///bench/manifest.json".parse().unwrap(), &NoContext, Order::Exact)
        .unwrap()
}

/// Independent tiny jobs.
pub(crate) fn wide() -> Program {
    flow(&["range", "increment", "increment", "increment"], 300_000, false)
}

/// The median of five runs, in jobs per second.
pub(crate) fn median_rate(program: &Program, config: &RunConfig) -> f64 {
    median((0..5).map(|_| rate(program, config)))
}

/// One run, in jobs per second.
pub(crate) fn rate(program: &Program, config: &RunConfig) -> f64 {
    let report = report(program, config);
    report.counts.jobs_created as f64 / report.elapsed.as_secs_f64()
}

/// How a run went.
pub(crate) fn report(program: &Program, config: &RunConfig) -> Report {
    let report = run(program, &registry(), Arc::new(NoContext), config).expect("the flow runs");
    assert_eq!(report.counts.jobs_failed, 0, "what fails takes no time");
    report
}

/// The median.
pub(crate) fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
