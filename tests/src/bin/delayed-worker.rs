//! A worker that works under [delays](flow_tests::delayed_library), for one job at a time or two: `delayed-worker SEED`.

use flow_tests::delayed_library;
use flowrlib::keys::Trust;
use flowrlib::worker::{Stop, WorkerConfig, serve};
use log::{LevelFilter, error};
use std::error::Error;
use std::process::ExitCode;

/// As many as make jobs of one worker overtake each other.
const THREADS: usize = 2;

fn main() -> ExitCode {
    flowrlib::logging::start(LevelFilter::Debug);
    match work() {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn work() -> Result<Stop, Box<dyn Error>> {
    let seed: u64 = std::env::args().nth(1).ok_or("takes a SEED")?.parse()?;
    let config = WorkerConfig {
        threads: THREADS,
        network: std::env::var("FLOW_NETWORK")?,
        name: format!("delayed worker {}", std::process::id()),
        trust: Trust::of_this_user()?,
        ..WorkerConfig::default()
    };
    Ok(serve(&config, delayed_library(seed))?)
}
