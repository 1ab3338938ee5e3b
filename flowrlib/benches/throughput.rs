//! What a job costs: `cargo bench -p flowrlib`, or one part of it: `cargo bench -p flowrlib -- remote`; there are `local`,
//! `cores` (a part of it), `modules`, `values`, `remote` and `crowd`.
//!
//! Jobs per second for flows of tiny native functions, in shapes that stress different parts: a loop whose every job
//! waits for the one before, a wide graph whose jobs are independent, and functions of 20 us on as many threads as
//! there are cores, which shows how much of the machine is used. The remote figures are taken with a worker in this
//! process and ZeroMQ over loopback, secured and in clear. Then what a value costs that waits at an input, by how many wait there, and a job of
//! a module in one thread that gives back its input: what it costs to get in and out, and that many calls need no
//! memory; and long jobs of a module on all cores. Machines are noisy: each figure is the median of five runs, and ratios
//! say more than figures.

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run should say where")]

use flowcore::manifest::{FlowInfo, FlowManifest, FunctionInfo, InputInfo, OutputConnection};
use flowcore::{Implementation, Initializer, RUN_AGAIN, Result, RunAgain, Value};
use flowrlib::context::NoContext;
use flowrlib::executor::{ModuleLimits, NativeLibrary, Registry, WasmFunction, execute};
use flowrlib::keys::{Key, Trust};
use flowrlib::modules::{Found, ModuleFile, ModuleSource};
use flowrlib::program::{ImplementationRef, Order, Program};
use flowrlib::runner::{RunConfig, run};
use flowrlib::state::{Outcome, RunState};
use flowrlib::worker::{WorkerConfig, serve};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct CountDown;
struct Increment;
struct Range;
struct Spin;
struct Kilobyte;

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
        while begun.elapsed() < Duration::from_micros(20) {
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

fn registry() -> Registry {
    Registry::new([NativeLibrary {
        name: "bench",
        version: "1",
        functions: &[
            ("lib://bench/count_down", &CountDown),
            ("lib://bench/echo", &Echo),
            ("lib://bench/increment", &Increment),
            ("lib://bench/kilobyte", &Kilobyte),
            ("lib://bench/range", &Range),
            ("lib://bench/spin", &Spin),
        ],
    }])
}

/// A flow of functions in a row; the last one may loop back to itself.
fn flow(functions: &[&str], first: i64, looped: bool) -> Program {
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

/// The median of five runs, in jobs per second.
fn jobs_per_second(program: &Program, threads: usize, workers: Option<&Trust>) -> f64 {
    let trust = workers.cloned().unwrap_or(Trust::Nobody);
    let (network, workers) = (network(&trust), workers.is_some());
    median_rate(program, &RunConfig { threads, workers, network, trust, ..RunConfig::default() })
}

fn median_rate(program: &Program, config: &RunConfig) -> f64 {
    let mut figures: Vec<f64> = (0..5)
        .map(|_| {
            let report = run(program, &registry(), Arc::new(NoContext), config).expect("the flow runs");
            assert_eq!(report.counts.jobs_failed, 0, "what fails takes no time");
            report.counts.jobs_created as f64 / report.elapsed.as_secs_f64()
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// A module that gives back its only input: a call of one input becomes its answer by changing the first byte.
const ECHO: &str = r#"(module
    (memory (export "memory") 17)
    (data (i32.const 1048576) "what a module brings along")
    (func (export "alloc") (param i32) (result i32) (i32.const 65536))
    (func (export "flow_run") (param $offset i32) (param $length i32) (result i64)
        (i32.store8 (local.get $offset) (i32.const 4))
        (i64.or
            (i64.shl (i64.extend_i32_u (local.get $offset)) (i64.const 32))
            (i64.extend_i32_u (local.get $length)))))"#;

struct Echo;

impl Implementation for Echo {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        Ok((inputs.first().cloned(), RUN_AGAIN))
    }
}

/// The median of five runs, in nanoseconds a job.
fn nanos_per_job(function: &dyn Implementation, jobs: u32) -> f64 {
    let mut figures: Vec<f64> = (0..5)
        .map(|_| {
            let begun = Instant::now();
            for number in 0..jobs {
                execute(function, &mut [Value::from(i64::from(number))]);
            }
            begun.elapsed().as_nanos() as f64 / f64::from(jobs)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

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
    let mut figures: Vec<f64> = (0..runs)
        .map(|_| {
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
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

fn modules() {
    let file = ModuleFile::new(wat::parse_str(ECHO).expect("the text is a module"));
    let function = |fresh| WasmFunction::new(file.clone(), ModuleLimits { fresh, ..ModuleLimits::default() });
    println!("modules, one job in one thread");
    let tell = |what: &str, nanos: f64| println!("{what:<58} {nanos:>9.0} ns/job");
    tell("a native function", nanos_per_job(&Echo, 1_000_000));
    tell("the same as a module, warm", nanos_per_job(&function(false), 1_000_000));
    tell("... in a fresh instance for each job", nanos_per_job(&function(true), 20_000));
    many_calls(&function(false));
}

/// Ten million calls of one function must not need memory.
fn many_calls(echo: &WasmFunction) {
    let call = |count: i64| {
        for number in 0..count {
            execute(echo, &mut [Value::from(number)]);
        }
    };
    call(1000);
    let before = resident_kib();
    call(10_000_000);
    let grown = resident_kib().saturating_sub(before);
    println!("{:<58} {grown:>9} KiB more (to hold: constant)", "ten million calls of one module");
}

/// The memory that this process has, in KiB; 0 where the system does not say.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// A module that gives back its input after some tenths of a second.
fn long() -> Vec<u8> {
    let work = "(local $left i32)
        (local.set $left (i32.const 300000000))
        (loop $more
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $more (local.get $left)))
        (i32.store8";
    wat::parse_str(ECHO.replacen("(i32.store8", work, 1)).expect("the text is a module")
}

/// The function `work` is a module, all others are native.
struct Work(ModuleFile);

impl ModuleSource for Work {
    fn find(&self, implementation: &ImplementationRef) -> std::result::Result<Found, String> {
        let is_module = implementation.url.ends_with("/work");
        Ok(if is_module { Found::Module(self.0.clone()) } else { Found::Native })
    }
}

/// Four long jobs of a module, on one thread and on all.
fn long_jobs_of_a_module(cores: usize) {
    let registry = registry().with_modules(Arc::new(Work(ModuleFile::new(long()))));
    let program = flow(&["range", "work"], 4, false);
    let seconds = |threads| {
        let mut figures: Vec<f64> = (0..5)
            .map(|_| {
                let config = RunConfig { threads, ..RunConfig::default() };
                let report = run(&program, &registry, Arc::new(NoContext), &config).unwrap();
                assert_eq!(report.counts.jobs_failed, 0);
                report.elapsed.as_secs_f64()
            })
            .collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or_default()
    };
    let (one, all) = (seconds(1), seconds(cores));
    let what = format!("four long jobs of a module, {cores} threads");
    println!("{what:<58} {:>9.3} of the time with one (to hold with 2: 0.53)", all / one);
}

/// A network for workers of that kind.
fn network(trust: &Trust) -> String {
    let kind = if matches!(trust, Trust::Key(_)) { "secured" } else { "clear" };
    format!("bench-{}-{kind}", std::process::id())
}

fn local(cores: usize) {
    let tell = |what: &str, figure: f64| println!("{what:<58} {figure:>12.0} jobs/s");
    println!("local, {cores} cores");
    let looped = flow(&["count_down"], 1_000_000, true);
    tell("one dependent loop of tiny jobs, 1 thread", jobs_per_second(&looped, 1, None));
    let wide = wide();
    tell("wide graph of tiny jobs, 1 thread", jobs_per_second(&wide, 1, None));
    tell(&format!("wide graph of tiny jobs, {cores} threads"), jobs_per_second(&wide, cores, None));
    on_all_cores(cores);
}

/// How much of the machine is used.
fn on_all_cores(cores: usize) {
    let tell = |what: &str, figure: f64| println!("{what:<58} {figure:>12.0} jobs/s");
    let busy = flow(&["range", "spin"], 20_000, false);
    let one = jobs_per_second(&busy, 1, None);
    let all = jobs_per_second(&busy, cores, None);
    tell("jobs of 20 us, 1 thread", one);
    tell(&format!("jobs of 20 us, {cores} threads ({:.2} times as fast)", all / one), all);
}

fn wide() -> Program {
    flow(&["range", "increment", "increment", "increment"], 300_000, false)
}

fn values() {
    println!(
        "values that wait at one input, taken one by one (to hold: a million cost no more each), and all at once"
    );
    for waiting in [1_000, 10_000, 100_000, 1_000_000] {
        let [one_by_one, at_once] = [false, true].map(|all| nanoseconds_for_each(waiting, all));
        println!("{:<58} {one_by_one:>6.0} ns {at_once:>6.0} ns", format!("{waiting} of them"));
    }
}

fn remote(cores: usize) {
    println!("remote, one worker with {cores} threads, ZeroMQ over loopback: secured, and in clear");
    let trusts = [Trust::Key(Key::new([1; 32])), Trust::Anybody];
    for trust in &trusts {
        let network = network(trust);
        let config =
            WorkerConfig { threads: cores, network, trust: trust.clone(), ..WorkerConfig::default() };
        thread::spawn(move || serve(&config, registry()));
        // The first run waits until worker and runner have found each other.
        jobs_per_second(&flow(&["range"], 1, false), 0, Some(trust));
    }
    let both = |program: &Program| [0, 1].map(|place| jobs_per_second(program, 0, trusts.get(place)));
    let tell = |what: &str, [secured, clear]: [f64; 2]| {
        println!(
            "{what:<38} {secured:>10.0} jobs/s {clear:>10.0} jobs/s, {:>3.0} %",
            100.0 * secured / clear
        );
    };
    tell("wide graph of tiny jobs", both(&wide()));
    let large = flow(&["range", "kilobyte", "echo", "echo"], 50_000, false);
    tell("wide graph of jobs of 1 KiB", both(&large));
    let in_turn = both(&flow(&["count_down"], 3_000, true));
    let [secured, clear] = in_turn.map(|figure| 1e6 / figure);
    tell(&format!("one job in flight ({secured:.0} and {clear:.0} us each)"), in_turn);
}

/// One runner with one worker, and with many.
fn crowd() {
    const CROWD: usize = 64;
    println!("remote, workers with one thread each on one runner, secured");
    let rate_with = |workers: usize| {
        let (network, trust) =
            (format!("bench-{}-{workers}", std::process::id()), Trust::Key(Key::new([1; 32])));
        for number in 0..workers {
            let config = WorkerConfig {
                network: network.clone(),
                name: format!("worker {number}"),
                trust: trust.clone(),
                ..WorkerConfig::default()
            };
            thread::spawn(move || serve(&config, registry()));
        }
        let config = RunConfig { threads: 0, workers: true, network, trust, ..RunConfig::default() };
        // Until they have found each other.
        median_rate(&flow(&["range", "spin"], 20_000, false), &config);
        median_rate(&flow(&["range", "increment", "increment", "increment"], 1_000_000, false), &config)
    };
    let one = rate_with(1);
    let many = rate_with(CROWD);
    let ratio = 100.0 * many / one;
    println!(
        "{:<38} {one:>10.0} jobs/s {many:>10.0} jobs/s, {ratio:>3.0} % (to hold: 90 %)",
        format!("one and {CROWD} workers")
    );
}

fn main() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    if is_wanted("local") {
        local(cores);
    }
    // A part of `local`, which can be asked for alone.
    if wanted.iter().any(|word| word == "cores") {
        on_all_cores(cores);
    }
    if is_wanted("modules") {
        modules();
        long_jobs_of_a_module(cores);
    }
    if is_wanted("values") {
        values();
    }
    if is_wanted("remote") {
        remote(cores);
    }
    if is_wanted("crowd") {
        crowd();
    }
}
