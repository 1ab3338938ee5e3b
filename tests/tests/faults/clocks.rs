//! Clocks that jump, and clocks that tell something else.

#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use crate::{NUMBERS, completes, long, run_on_workers, wait_for_jobs, wait_for_the_middle};
use flow_tests::{Call, Place, Running, Worker, up_for_longer};
use std::process::Command;

/// Has the time of day jump by a day for whoever is started with it, each time that a further file is there: forward
/// with the first one, back with the second. The time since the start of the machine is left alone, as it is by whoever
/// sets a clock.
const JUMPING_CLOCK: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t jump(void) {
    const char *forward = getenv("CLOCK_FORWARD"), *back = getenv("CLOCK_BACK");
    if (back && !access(back, F_OK)) return -86400;
    if (forward && !access(forward, F_OK)) return 86400;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int failed = syscall(SYS_clock_gettime, clock, time);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += jump();
    return failed;
}

int gettimeofday(struct timeval *time, void *zone) {
    struct timespec now;
    (void) zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *time) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (time) *time = now.tv_sec;
    return now.tv_sec;
}
"#;

/// Has a program be one whose clock jumps when the files `forward` and `back` come to be.
fn with_jumping_clock(place: &Place, mut call: Call) -> Call {
    let file = |name: &str| place.work().join(name);
    place.write("clock.c", JUMPING_CLOCK);
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).args([file("clock.so"), file("clock.c")]);
    let compiled = compiler.output().unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    call.env("LD_PRELOAD", file("clock.so"));
    call.env("CLOCK_FORWARD", file("forward")).env("CLOCK_BACK", file("back"));
    call
}

/// The flow is in the middle when a clock jumps, forward or back.
fn the_clock_jumps_while(run: impl Fn(&Place, &dyn Fn(Call) -> Call) -> (Worker, Running)) {
    for jump in ["forward", "back"] {
        let place = Place::new();
        let expected = long(&place, NUMBERS);
        let (worker, runner) = run(&place, &|call| with_jumping_clock(&place, call));
        wait_for_jobs(&worker);
        wait_for_the_middle(&runner);
        place.write(jump, "");
        completes(runner, &expected);
        let log = worker.log().join("\n");
        assert!(!log.contains("joining again") && !log.contains("lost runner"), "nobody was given up");
    }
}

#[test]
fn the_clock_of_a_program_does_jump() {
    let place = Place::new();
    let seconds = || {
        let outcome = with_jumping_clock(&place, place.shell("date +%s")).run().status(0);
        outcome.stdout().trim().parse::<i64>().unwrap()
    };
    let before = seconds();
    place.write("forward", "");
    let forward = seconds();
    place.write("back", "");
    let back = seconds();
    assert!(forward - before >= 86_400 && forward - back >= 2 * 86_400 - 1, "{before} {forward} {back}");
}

#[test]
fn a_worker_whose_clock_jumps_is_unharmed() {
    the_clock_jumps_while(|place, jumping| {
        let worker = Worker::start(jumping(place.call("flowrex").args(["-v", "debug"])));
        (worker, run_on_workers(place))
    });
}

#[test]
fn a_runner_whose_clock_jumps_is_unharmed() {
    the_clock_jumps_while(|place, jumping| {
        let worker = place.worker();
        (worker, jumping(place.flowr().args(["-t", "0", "flow", NUMBERS])).start())
    });
}

#[test]
fn a_worker_and_a_runner_need_not_have_been_up_for_the_same_time() {
    for is_worker in [true, false] {
        let place = Place::new();
        let expected = long(&place, NUMBERS);
        let worker = place.call("flowrex").args(["-v", "debug"]);
        let runner = place.flowr().args(["-t", "0", "flow", NUMBERS]);
        let (worker, runner) = match is_worker {
            true => (up_for_longer(worker), Some(runner)),
            false => (Some(worker), up_for_longer(runner)),
        };
        let (Some(worker), Some(runner)) = (worker, runner) else { return };
        let _worker = Worker::start(worker);
        completes(runner.start(), &expected);
    }
}
