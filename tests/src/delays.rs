//! Delays injected into executors: the code of every job waits a little before it does what it does.
//!
//! Results then come back in other orders than they would by themselves, and values arrive at other moments. Nothing of
//! it may be seen in what a flow shows. How long each job waits follows from a seed and from how many jobs the program has
//! had, so that a seed that showed something can be tried again.

use flowcore::{Implementation, Result, RunAgain, Value};
use flowrlib::context::{ContextFunctions, ContextTraits, Stream};
use flowrlib::executor::{NativeLibrary, Registry};
use flowrlib::modules::{Found, ModuleFile, ModuleSource};
use flowrlib::program::{ImplementationKind, ImplementationRef};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use url::Url;

/// The longest delay: long before what most jobs take, and before what a message takes on its way.
const LONGEST: Duration = Duration::from_millis(2);

/// Shorter delays are waited for without giving the processor away.
const SHORT: Duration = Duration::from_micros(50);

/// When delays have come to this much, only one job in [`SELDOM`] has one.
const ENOUGH: Duration = Duration::from_millis(100);

const SELDOM: u64 = 64;

/// The delays of one program.
struct Delays {
    seed: u64,
    /// How many jobs there were.
    jobs: AtomicU64,
    /// What their delays come to, in nanoseconds.
    waited: AtomicU64,
}

impl Delays {
    fn new(seed: u64) -> Self {
        Delays { seed, jobs: AtomicU64::new(0), waited: AtomicU64::new(0) }
    }

    /// Waits as long as the next job has to.
    fn wait(&self) {
        let job = self.jobs.fetch_add(1, Ordering::Relaxed);
        let enough =
            self.waited.load(Ordering::Relaxed) > u64::try_from(ENOUGH.as_nanos()).unwrap_or(u64::MAX);
        if enough && !job.is_multiple_of(SELDOM) {
            return;
        }
        let delay = delay(self.seed, job);
        self.waited.fetch_add(u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        if delay > SHORT {
            thread::sleep(delay);
        } else {
            let begun = Instant::now();
            while begun.elapsed() < delay {
                std::hint::spin_loop();
            }
        }
    }
}

/// A delay up to the longest: one in four jobs has none, and each further halving of the longest is as likely as the
/// others.
fn delay(seed: u64, job: u64) -> Duration {
    let random = scrambled(seed ^ scrambled(job));
    if random.is_multiple_of(4) {
        return Duration::ZERO;
    }
    let halvings = u32::try_from((random >> 8) % 12).unwrap_or_default();
    LONGEST / (1 << halvings)
}

/// A number that has nothing to do with the one it comes from, by the steps of splitmix64.
fn scrambled(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// A function that waits before each job.
struct Delayed<Code> {
    code: Code,
    delays: Arc<Delays>,
}

impl Implementation for Delayed<&'static dyn Implementation> {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        self.delays.wait();
        self.code.run(inputs)
    }

    fn run_owned(&self, inputs: &mut [Value]) -> Result<(Option<Value>, RunAgain)> {
        self.delays.wait();
        self.code.run_owned(inputs)
    }
}

impl Implementation for Delayed<Arc<dyn Implementation>> {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        self.delays.wait();
        self.code.run(inputs)
    }
}

/// Modules that lie where the manifest says; their functions are not delayed.
struct Files;

impl ModuleSource for Files {
    fn find(&self, implementation: &ImplementationRef) -> std::result::Result<Found, String> {
        if implementation.kind != ImplementationKind::Provided {
            return Ok(Found::Native);
        }
        let url = &implementation.url;
        let path = Url::parse(url).ok().and_then(|url| url.to_file_path().ok()).ok_or("no file")?;
        let bytes = std::fs::read(path).map_err(|error| format!("{url}: {error}"))?;
        Ok(Found::Module(ModuleFile::new(bytes)))
    }
}

/// The standard library with delays, and the modules of flows.
pub fn delayed_library(seed: u64) -> Registry {
    let delays = Arc::new(Delays::new(seed));
    let delayed = |&(url, code): &(&'static str, &'static dyn Implementation)| {
        // A library lives as long as its program.
        let code: &'static dyn Implementation =
            Box::leak(Box::new(Delayed { code, delays: Arc::clone(&delays) }));
        (url, code)
    };
    let functions: Vec<(&str, &dyn Implementation)> =
        flowstdlib::implementations().iter().map(delayed).collect();
    Registry::new([NativeLibrary {
        name: flowstdlib::NAME,
        version: flowstdlib::VERSION,
        functions: Vec::leak(functions),
    }])
    .with_modules(Arc::new(Files))
}

/// Context functions with delays.
pub struct DelayedContext<Functions> {
    functions: Functions,
    delays: Arc<Delays>,
}

impl<Functions> DelayedContext<Functions> {
    /// The same functions, each of whose jobs waits.
    pub fn new(functions: Functions, seed: u64) -> Self {
        DelayedContext { functions, delays: Arc::new(Delays::new(!seed)) }
    }
}

impl<Functions: ContextFunctions> ContextFunctions for DelayedContext<Functions> {
    fn traits(&self, url: &str) -> Option<ContextTraits> {
        self.functions.traits(url)
    }

    fn implementation(&self, url: &str) -> Option<Arc<dyn Implementation>> {
        let code = self.functions.implementation(url)?;
        Some(Arc::new(Delayed { code, delays: Arc::clone(&self.delays) }))
    }

    fn at_hand(&self, url: &str) -> Option<Arc<AtomicBool>> {
        self.functions.at_hand(url)
    }

    fn flush(&self, stream: Stream) -> io::Result<()> {
        self.functions.flush(stream)
    }

    fn finish(&self) -> Vec<String> {
        self.functions.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_differ_and_follow_from_the_seed() {
        let delays = |seed| (0..1000).map(|job| delay(seed, job)).collect::<Vec<_>>();
        assert_eq!(delays(7), delays(7));
        assert_ne!(delays(7), delays(8));
        let none = delays(7).iter().filter(|delay| delay.is_zero()).count();
        assert!((150..350).contains(&none), "{none} of 1000 jobs have no delay");
        assert_eq!(delays(7).into_iter().max(), Some(LONGEST));
    }
}
