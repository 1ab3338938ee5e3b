//! Who has started the runner, and what becomes of it when that program is gone.

/// The environment variable with the process id of a compiler that has started the runner.
const STARTED_BY: &str = "FLOW_STARTED_BY";

/// Has the system end this program when the compiler that has started it is killed, as far as the system can do that.
pub(crate) fn end_with_compiler() {
    let compiler = std::env::var(STARTED_BY).ok().and_then(|id| id.parse().ok());
    if let Some(compiler) = compiler {
        end_with(compiler);
    }
}

#[cfg(target_os = "linux")]
fn end_with(compiler: i32) {
    use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
    let is_parent = || getppid().map(Pid::as_raw_nonzero).is_some_and(|parent| parent.get() == compiler);
    // The variable is inherited by whatever a flow may start; only the compiler's own child is meant.
    if !is_parent() {
        return;
    }
    if let Err(error) = set_parent_process_death_signal(Some(Signal::TERM)) {
        log::debug!("the end of the compiler cannot be noticed: {error}");
    } else if !is_parent() {
        // It was killed meanwhile, and nobody will tell.
        std::process::exit(1);
    }
}

#[cfg(not(target_os = "linux"))]
fn end_with(_: i32) {}
