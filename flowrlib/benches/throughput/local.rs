//! Jobs in the runner's own threads.

use crate::flows::{flow, median_rate, wide};
use flowrlib::program::Program;
use flowrlib::runner::RunConfig;

fn jobs_per_second(program: &Program, threads: usize) -> f64 {
    median_rate(program, &RunConfig { threads, workers: false, ..RunConfig::default() })
}

pub(crate) fn local(cores: usize) {
    let tell = |what: &str, figure: f64| println!("{what:<58} {figure:>12.0} jobs/s");
    println!("local, {cores} cores");
    let looped = flow(&["count_down"], 1_000_000, true);
    tell("one dependent loop of tiny jobs, 1 thread", jobs_per_second(&looped, 1));
    let wide = wide();
    tell("wide graph of tiny jobs, 1 thread", jobs_per_second(&wide, 1));
    tell(&format!("wide graph of tiny jobs, {cores} threads"), jobs_per_second(&wide, cores));
    on_all_cores(cores);
}

/// How much of the machine is used.
pub(crate) fn on_all_cores(cores: usize) {
    let tell = |what: &str, figure: f64| println!("{what:<58} {figure:>12.0} jobs/s");
    let busy = flow(&["range", "spin"], 20_000, false);
    let one = jobs_per_second(&busy, 1);
    let all = jobs_per_second(&busy, cores);
    tell("jobs of 20 us, 1 thread", one);
    tell(&format!("jobs of 20 us, {cores} threads ({:.2} times as fast)", all / one), all);
    let brief = jobs_per_second(&flow(&["range", "spin_briefly"], 200_000, false), cores);
    let used = 100.0 * brief * 2e-6 / cores as f64;
    tell(&format!("jobs of 2 us, {cores} threads ({used:.0} % of the cores)"), brief);
}
