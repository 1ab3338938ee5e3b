//! A runner: everything that runs one flow in this process, and with workers that join it.

use crate::context::ContextFunctions;
use crate::coordinator::{Coordinator, Opening};
use crate::discovery::About;
use crate::dispatch::Dispatch;
use crate::distribution::Distribution;
use crate::executor::{CodeTable, Pool, Registry, STACK, window};
use crate::modules::{Choice, choose, load};
use crate::occupation::Occupation;
use crate::program::{ImplementationId, ImplementationKind, Program};
use crate::state::RunState;
use crate::streams::{Here, Stage, Streams};
use crate::table::Table;
use crate::transport::events::{EventSender, events};
use crate::transport::local::LocalLink;
use crate::transport::service::ServiceConfig;
use crate::transport::{Event, ExecutorIds, Joined};
use crate::wire::Announced;
use log::{info, warn};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

pub use crate::distribution::Dropped;
pub use crate::status::StatusBell;
pub use crate::stop::{Stop, StopSwitch};
pub use crate::terms::{ExecutorReport, FlowTerms, Report, RunConfig, RunError};
pub use crate::transport::socket::Listen;
pub use crate::transport::{Place, Traffic};

/// A run this short is over before a worker could have helped.
const TIME_TO_OURSELVES: Duration = Duration::from_millis(50);

/// Runs a flow to its end.
///
/// Jobs that fail do not stop it; [`Report::counts`] tells how many did.
///
/// # Errors
///
/// Fails for reasons outside the flow only; see [`RunError`].
pub fn run(
    program: &Program,
    registry: &Registry,
    context: Arc<dyn ContextFunctions>,
    config: &RunConfig,
) -> Result<Report, RunError> {
    let stage = Arc::new(Here(Arc::clone(&context)));
    run_with(program, registry, context.as_ref(), config, stage, None)
}

/// The same with effects on a stage of their own, and on threads that others use, too, where there are any. Who shares
/// threads calls from one that has as much stack as they have.
pub(crate) fn run_with(
    program: &Program,
    registry: &Registry,
    context: &dyn ContextFunctions,
    config: &RunConfig,
    stage: Arc<dyn Stage>,
    shared_pool: Option<&Arc<Pool>>,
) -> Result<Report, RunError> {
    let started = Instant::now();
    let choices = choose(program, registry, context);
    let codes = Arc::new(load(&choices, &config.modules, config.threads > 0));
    if report_missing(program, &codes) && config.refuse_missing {
        return Err(RunError::Missing);
    }
    let travels = |kind| matches!(kind, ImplementationKind::Library | ImplementationKind::Provided);
    let needs_executors = program
        .implementations
        .iter()
        .any(|(id, one)| travels(one.kind) && codes.find(id).is_some_and(Result::is_ok));

    if needs_executors && config.threads == 0 && !config.workers {
        return Err(RunError::Nobody);
    }

    let ids = Arc::new(ExecutorIds::default());
    let (sender, events) = events();
    // A run that is over takes no more events.
    let events_of = |sender: &EventSender| {
        let sender = sender.clone();
        move |event| sender.send(event).is_ok()
    };
    let (stopped, performed, asked) = (events_of(&sender), events_of(&sender), events_of(&sender));
    let _watched = config.status.watch(move || asked(Event::StatusWanted));
    config.stop.watch(move |stop| {
        stopped(Event::Stop(stop));
    });
    let opening = if needs_executors && config.workers {
        let time = if config.threads == 0 { started } else { started + TIME_TO_OURSELVES };
        Opening::At(time, Box::new(service_config(program, registry, &choices, config)?))
    } else {
        Opening::Settled
    };
    let mut coordinator = Coordinator {
        work: Distribution::new(
            program,
            RunState::new(program).with_bound(config.most_waiting.unwrap_or(usize::MAX)),
            Dispatch::new(config.most_attempts),
        ),
        config,
        codes: Arc::clone(&codes),
        streams: Streams::new(stage, move |_, results| performed(Event::ContextResults(results))),
        executors: BTreeMap::new(),
        ids: Arc::clone(&ids),
        events,
        sender: sender.clone(),
        opening,
        service: None,
        at_hand: Table::alongside(&program.implementations, |one| context.at_hand(&one.url)),
        held: VecDeque::new(),
        in_streams: 0,
        context_jobs: 0,
        most_parallel: 0,
        started,
        waiting_since: None,
        stopped: None,
        noted: BTreeMap::new(),
        next_look: started,
        occupation: Occupation::new(started),
    };
    if needs_executors && config.threads > 0 {
        let executor = ids.next();
        let pool = match shared_pool {
            Some(pool) => Arc::clone(pool),
            None => Arc::new(Pool::start(config.threads).map_err(RunError::Thread)?),
        };
        coordinator.attach(Joined {
            executor,
            name: match config.threads {
                1 => "1 executor thread".to_owned(),
                threads => format!("{threads} executor threads"),
            },
            place: Place::Runner,
            slots: config.threads,
            window: window(config.threads, u64::MAX, Duration::ZERO),
            is_slow: false,
            link: Box::new(LocalLink::new(executor, pool, codes, config.job_limit, sender)),
        });
    }
    let has_modules = choices.iter().any(|(_, choice)| choice.module().is_some());
    if has_modules && config.threads > 0 && shared_pool.is_none() && !has_deep_stack() {
        return on_deep_stack(|| coordinator.run());
    }
    coordinator.run()
}

/// Whether this is the first thread of its program, and may have as much stack as an executor's. Such a one has not gone
/// deep when it runs a flow, and another thread would take a tenth of a millisecond to start.
#[cfg(target_os = "linux")]
fn has_deep_stack() -> bool {
    use rustix::process::{Resource, getpid, getrlimit};
    let is_first = rustix::thread::gettid() == getpid();
    is_first && getrlimit(Resource::Stack).current.is_none_or(|most| most >= STACK as u64)
}

/// Whether it is known that there is as much stack as an executor's.
#[cfg(not(target_os = "linux"))]
fn has_deep_stack() -> bool {
    false
}

/// Runs a coordinator that runs tiny jobs of modules itself, where nobody knows how much stack our caller has left.
fn on_deep_stack(run: impl FnOnce() -> Result<Report, RunError> + Send) -> Result<Report, RunError> {
    thread::scope(|scope| {
        let coordinator = thread::Builder::new().name("coordinator".to_owned()).stack_size(STACK);
        let coordinator = coordinator.spawn_scoped(scope, run).map_err(RunError::Thread)?;
        coordinator.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Says before the start which functions cannot be run. The flow starts all the same: they may never be needed.
fn report_missing(program: &Program, codes: &CodeTable) -> bool {
    let mut any = false;
    for (_, function) in program.functions.iter() {
        if let Some(Err(reason)) = codes.find(function.implementation) {
            warn!("{} cannot be run: {reason}", function.display_name(program));
            any = true;
        }
    }
    any
}

fn service_config(
    program: &Program,
    registry: &Registry,
    choices: &Table<ImplementationId, Choice>,
    config: &RunConfig,
) -> Result<ServiceConfig, RunError> {
    let run = getrandom::u64().map_err(|error| RunError::Random(error.to_string()))?;
    if config.threads == 0 {
        info!("Run {run:016x} is done by workers");
    }
    // Who lacks a library, or has another version of it, can help all the same if nothing of it runs as native code.
    let native: BTreeSet<&str> = program
        .implementations
        .iter()
        .zip(choices.iter())
        .filter(|(_, (_, choice))| choice.module().is_none())
        .filter_map(|((_, one), _)| one.url.strip_prefix("lib://")?.split('/').next())
        .collect();
    Ok(ServiceConfig {
        run,
        listen: config.listen,
        trust: config.trust.clone(),
        about: About::new(&config.name, config.threads, &config.labels),
        network: config.network.clone(),
        implementations: program
            .implementations
            .iter()
            .zip(choices.iter())
            .map(|((_, implementation), (_, choice))| Announced {
                url: implementation.url.clone(),
                module: choice.module().map(|module| module.digest),
            })
            .collect(),
        modules: choices.iter().filter_map(|(_, choice)| choice.module()).cloned().collect(),
        libraries: registry
            .libraries()
            .filter(|(name, _)| native.contains(name))
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .collect(),
        limit: config.job_limit,
        module_limits: config.modules,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::NoContext;
    use crate::executor::NativeLibrary;
    use crate::executor::wasm::tests::slow_echo;
    use crate::modules::{Found, ModuleFile, ModuleSource};
    use crate::program::ImplementationRef;
    use crate::simulation::{FlowBuilder, Initialized, generic, scalar};
    use flowcore::{Implementation, RUN_AGAIN, RunAgain, Value};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Condvar, Mutex};

    struct Double;

    impl Implementation for Double {
        fn run(&self, inputs: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            Ok((inputs.first().and_then(Value::as_i64).map(|number| Value::from(number * 2)), RUN_AGAIN))
        }
    }

    struct Fragile;

    impl Implementation for Fragile {
        fn run(&self, inputs: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            assert_ne!(inputs.first(), Some(&Value::from(2)), "two is too much");
            Ok((None, RUN_AGAIN))
        }
    }

    /// Adds an element to an array until there are a thousand, and counts how often that took a copy.
    struct Grow;

    static COPIES: AtomicUsize = AtomicUsize::new(0);

    impl Implementation for Grow {
        fn run(&self, inputs: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            self.run_owned(&mut inputs.to_vec())
        }

        fn run_owned(&self, inputs: &mut [Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            let [Value::Array(array)] = inputs else { return Err("takes one array".into()) };
            if Arc::get_mut(array).is_none() {
                COPIES.fetch_add(1, Ordering::Relaxed);
            }
            let mut array = std::mem::take(array);
            Arc::make_mut(&mut array).push(Value::Null);
            Ok(((array.len() < 1000).then_some(Value::Array(array)), RUN_AGAIN))
        }
    }

    struct Pass;

    impl Implementation for Pass {
        fn run(&self, inputs: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            Ok((inputs.first().cloned(), RUN_AGAIN))
        }
    }

    /// Takes no time for what is small, and for what is large until another one runs.
    struct Meet;

    static MEETING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

    impl Implementation for Meet {
        fn run(&self, inputs: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            if inputs.first().and_then(Value::as_i64) > Some(1000) {
                let (present, changed) = &MEETING;
                let mut present = present.lock().unwrap();
                *present += 1;
                changed.notify_all();
                let met =
                    changed.wait_timeout_while(present, Duration::from_secs(20), |present| *present < 2);
                if met.unwrap().1.timed_out() {
                    return Err("nobody else came".into());
                }
            }
            Ok((None, RUN_AGAIN))
        }
    }

    static FUNCTIONS: [(&str, &dyn Implementation); 5] = [
        ("lib://test/double", &Double),
        ("lib://test/fragile", &Fragile),
        ("lib://test/grow", &Grow),
        ("lib://test/meet", &Meet),
        ("lib://test/pass", &Pass),
    ];

    /// Jobs that are short as a rule are run one after another by whoever is at hand, but one that may be long is not.
    #[test]
    fn long_jobs_among_many_short_ones_run_side_by_side() {
        let mut flow = FlowBuilder::new();
        let mut values = vec![1; 5000];
        values.extend([5000, 5000]);
        values.extend(vec![1; 5000]);
        let source = flow.function(0, "pass", [generic().once(values)]);
        let meet = flow.function(0, "meet", [scalar()]);
        flow.internal(source, "", (meet, 0));
        let registry = Registry::new([NativeLibrary { name: "test", version: "1", functions: &FUNCTIONS }]);
        let config = RunConfig { threads: 2, ..RunConfig::default() };
        let report = run(&flow.load(), &registry, Arc::new(NoContext), &config).unwrap();
        assert_eq!((report.counts.jobs_created, report.counts.jobs_failed), (10_003, 0));
    }

    /// Every library function is this module.
    struct Everywhere(ModuleFile);

    impl ModuleSource for Everywhere {
        fn find(&self, _: &ImplementationRef) -> Result<Found, String> {
            Ok(Found::Module(self.0.clone()))
        }
    }

    /// The coordinator runs tiny jobs itself, and leaves those to others that prove not to be tiny.
    #[test]
    fn a_module_that_takes_long_now_and_then_is_run_to_its_end() {
        let mut flow = FlowBuilder::new();
        let mut values = vec![20; 3000];
        values.insert(2000, 120);
        let echo = flow.function(0, "echo", [scalar().once(values)]);
        let next = flow.function(0, "echo", [scalar()]);
        flow.internal(echo, "", (next, 0));
        let modules = Everywhere(ModuleFile::new(slow_echo()));
        let registry = Registry::new([]).with_modules(Arc::new(modules));
        for threads in [1, 2] {
            let config = RunConfig { threads, ..RunConfig::default() };
            let report = run(&flow.load(), &registry, Arc::new(NoContext), &config).unwrap();
            assert_eq!((report.counts.jobs_created, report.counts.jobs_failed), (6002, 0));
        }
    }

    #[test]
    fn an_array_that_loops_back_is_changed_in_place() {
        let mut flow = FlowBuilder::new();
        let grow = flow.function(0, "grow", [generic().once(Vec::<Value>::new())]);
        flow.internal(grow, "", (grow, 0));
        let registry = Registry::new([NativeLibrary { name: "test", version: "1", functions: &FUNCTIONS }]);
        let config = RunConfig { threads: 2, ..RunConfig::default() };
        let report = run(&flow.load(), &registry, Arc::new(NoContext), &config).unwrap();
        assert_eq!((report.counts.jobs_created, report.counts.jobs_failed), (1000, 0));
        // The first array is that of the manifest, which keeps it.
        assert_eq!(COPIES.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_panic_costs_its_own_job_and_ends_no_run() {
        let mut flow = FlowBuilder::new();
        flow.function(0, "fragile", [scalar().once(vec![1, 2, 3])]);
        let registry = Registry::new([NativeLibrary { name: "test", version: "1", functions: &FUNCTIONS }]);
        let config = RunConfig { threads: 2, ..RunConfig::default() };
        let report = run(&flow.load(), &registry, Arc::new(NoContext), &config).unwrap();
        assert_eq!((report.counts.jobs_created, report.counts.jobs_failed), (3, 1));
    }

    #[test]
    fn a_run_that_nobody_could_do_is_refused_and_does_not_open_its_door() {
        let mut flow = FlowBuilder::new();
        flow.function(0, "double", [scalar().once(1)]);
        let registry = Registry::new([NativeLibrary { name: "test", version: "1", functions: &FUNCTIONS }]);
        let mut config = RunConfig { threads: 0, ..RunConfig::default() };
        let result = run(&flow.load(), &registry, Arc::new(NoContext), &config);
        assert!(matches!(result, Err(RunError::Nobody)));
        config.threads = 1;
        let report = run(&flow.load(), &registry, Arc::new(NoContext), &config).unwrap();
        assert_eq!(report.counts.jobs_created, 1);
    }
}
