//! `flowrex` executes jobs for runners that it finds on the network.

use clap::Parser;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use flowrlib::MOST_THREADS;
use flowrlib::executor::{NativeLibrary, Registry};
use flowrlib::logging::LEVELS;
use flowrlib::worker::{WorkerConfig, serve};
use log::{LevelFilter, error};
use std::process::ExitCode;
use std::thread::available_parallelism;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Execute jobs for runners found on the network, until ended.
#[derive(Debug, Parser)]
#[command(version, after_help = "FLOW_NETWORK names the network whose runners are served (default: local).")]
struct Arguments {
    /// How many executor threads to use, at least 1 (default: one for each core)
    #[arg(short, long, value_name = "THREADS", value_parser = RangedU64ValueParser::<usize>::new().range(1..=MOST_THREADS))]
    threads: Option<usize>,

    /// What to log: off, error, warn, info, debug or trace
    #[arg(
        short,
        long,
        value_name = "LEVEL",
        default_value = "error",
        hide_possible_values = true,
        ignore_case = true,
        value_parser = PossibleValuesParser::new(LEVELS).map(|word| word.parse().unwrap_or(LevelFilter::Error))
    )]
    verbosity: LevelFilter,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    flowrlib::logging::start(arguments.verbosity);
    let config = WorkerConfig {
        threads: arguments.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from)),
        network: std::env::var("FLOW_NETWORK").unwrap_or_else(|_| flowrlib::DEFAULT_NETWORK.to_owned()),
        name: format!("flowrex {} on {}", std::process::id(), gethostname::gethostname().to_string_lossy()),
    };
    let registry = Registry::new([NativeLibrary {
        name: flowstdlib::NAME,
        version: flowstdlib::VERSION,
        functions: flowstdlib::implementations(),
    }]);
    match serve(&config, registry) {
        Ok(never) => match never {},
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    }
}
