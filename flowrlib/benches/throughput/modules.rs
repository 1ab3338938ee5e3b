//! Jobs of modules.

use crate::flows::{Echo, flow, median, registry};
use flowcore::{Implementation, Value};
use flowrlib::context::NoContext;
use flowrlib::executor::{ModuleLimits, WasmFunction, execute};
use flowrlib::modules::{Found, ModuleFile, ModuleSource};
use flowrlib::program::ImplementationRef;
use flowrlib::runner::{RunConfig, run};
use std::sync::Arc;
use std::time::Instant;

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

/// The median of five runs, in nanoseconds a job.
fn nanos_per_job(function: &dyn Implementation, jobs: u32) -> f64 {
    median((0..5).map(|_| {
        let begun = Instant::now();
        for number in 0..jobs {
            execute(function, &mut [Value::from(i64::from(number))]);
        }
        begun.elapsed().as_nanos() as f64 / f64::from(jobs)
    }))
}

/// What it costs to get in and out.
pub(crate) fn modules() {
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
pub(crate) fn long_jobs_of_a_module(cores: usize) {
    let registry = registry().with_modules(Arc::new(Work(ModuleFile::new(long()))));
    let program = flow(&["range", "work"], 4, false);
    let seconds = |threads| {
        median((0..5).map(|_| {
            let config = RunConfig { threads, ..RunConfig::default() };
            let report = run(&program, &registry, Arc::new(NoContext), &config).unwrap();
            assert_eq!(report.counts.jobs_failed, 0);
            report.elapsed.as_secs_f64()
        }))
    };
    let (one, all) = (seconds(1), seconds(cores));
    let what = format!("four long jobs of a module, {cores} threads");
    println!("{what:<58} {:>9.3} of the time with one (to hold with 2: 0.53)", all / one);
}
