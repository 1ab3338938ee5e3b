//! Runners that are killed, or stand still for longer than anybody waits for them, at every step of what their workers do.

use crate::{BACK_TO_WAITING, phases};
use flow_tests::{Place, RUN_LIMIT, Running, Worker};
use std::thread;
use std::time::Duration;

fn start(place: &Place) -> Running {
    place.flowr().args(["-t", "0", "flow"]).start()
}

/// For every step a place of its own, all at once: a worker, which has not fetched anything before, has come to the step
/// when something happens to its runner.
fn at_every_step(happens: impl Fn(&Place, Running, &mut Worker) + Sync) {
    let at_step = |step: &str| {
        let place = phases::place();
        let mut worker = place.worker();
        let runner = start(&place);
        worker.wait_for_log(step, |line| line.contains(step));
        happens(&place, runner, &mut worker);
    };
    thread::scope(|scope| {
        let at_step = &at_step;
        for step in phases::STEPS {
            scope.spawn(move || at_step(step));
        }
    });
}

#[test]
fn a_runner_may_be_killed_at_any_step_of_its_worker_which_serves_the_next() {
    at_every_step(|place, mut runner, worker| {
        runner.kill();
        worker.wait_until_waiting_for(BACK_TO_WAITING);
        start(place).finish(RUN_LIMIT).status(0).quietly().wrote(phases::shown());
        worker.wait_until_idle();
    });
}

#[test]
fn a_runner_that_stands_still_at_any_step_of_its_worker_goes_on_and_ends_well() {
    at_every_step(|_, mut runner, worker| {
        runner.freeze();
        // Longer than its leases, and longer than the patience of its worker.
        thread::sleep(Duration::from_secs(10));
        runner.thaw();
        runner.finish(RUN_LIMIT).status(0).wrote(phases::shown());
        worker.wait_until_idle();
    });
}
