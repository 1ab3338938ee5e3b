//! Runs a compiled flow under [delays](flow_tests::delayed_library): `delayed-runner SEED THREADS MANIFEST [ARGUMENTS]`.
//!
//! Without threads it waits for workers. Ends as `flowr` does: with 3 if a job has failed, with 1 if there was no run.

use flow_tests::{DelayedContext, delayed_library};
use flowcore::manifest::read_flow_manifest;
use flowrcli::context::CommandLineContext;
use flowrlib::keys::Trust;
use flowrlib::program::{Order, Program};
use flowrlib::runner::{RunConfig, run};
use log::{LevelFilter, error};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use url::Url;

fn main() -> ExitCode {
    flowrlib::logging::start(LevelFilter::Error);
    match run_flow() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Says whether all jobs succeeded.
fn run_flow() -> Result<bool, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("takes SEED THREADS MANIFEST [ARGUMENTS]");
    let (seed, threads, path) = (next()?.parse()?, next()?.parse()?, next()?);
    let path = std::env::current_dir()?.join(path);
    let manifest = read_flow_manifest(&std::fs::read_to_string(&path)?)?;
    let url = Url::from_file_path(path).map_err(|()| "the manifest has no URL")?;
    let mut flow_arguments = vec![url.to_string()];
    flow_arguments.extend(arguments);
    let context = Arc::new(DelayedContext::new(CommandLineContext::new(flow_arguments), seed));
    let program = Program::load(&manifest, &url, context.as_ref(), Order::Exact)?;
    let config = RunConfig {
        threads,
        workers: threads == 0,
        network: std::env::var("FLOW_NETWORK")?,
        trust: Trust::of_this_user()?,
        ..RunConfig::default()
    };
    let report = run(&program, &delayed_library(seed), context, &config)?;
    Ok(!report.has_failures())
}
