//! What a job costs: `cargo bench -p flowrlib`, or one part of it: `cargo bench -p flowrlib -- remote`; there are `local`,
//! `cores` (a part of it), `modules`, `values`, `remote`, `crowd` and `lost`.
//!
//! Jobs per second for flows of tiny native functions, in shapes that stress different parts: a loop whose every job
//! waits for the one before, a wide graph whose jobs are independent, and functions of 20 us on as many threads as
//! there are cores, which shows how much of the machine is used. The remote figures are taken with workers that are
//! processes of their own and ZeroMQ over loopback, secured and in clear. Then what a value costs that waits at an input,
//! by how many wait there, and a job of a module in one thread that gives back its input: what it costs to get in and
//! out, and that many calls need no memory; long jobs of a module on all cores; and by how much a run takes longer of
//! whose two workers one is lost. Machines are noisy: figures are medians if nothing else is said, and ratios say more
//! than figures.

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run should say where")]

mod flows;
mod local;
mod modules;
mod remote;
mod values;
mod workers;

use std::thread;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if workers::was_wanted() {
        return;
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    if is_wanted("local") {
        local::local(cores);
    }
    // A part of `local`, which can be asked for alone.
    if wanted.iter().any(|word| word == "cores") {
        local::on_all_cores(cores);
    }
    if is_wanted("modules") {
        modules::modules();
        modules::long_jobs_of_a_module(cores);
    }
    if is_wanted("values") {
        values::values();
    }
    if is_wanted("remote") {
        remote::remote(cores);
    }
    if is_wanted("crowd") {
        remote::crowd();
    }
    if is_wanted("lost") {
        remote::lost();
    }
}
