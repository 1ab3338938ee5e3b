//! The tests of the tests: what drives the programs never hangs and never looks away.

use flow_tests::{Place, QUIET, RUN_LIMIT, Table, is_waiting_line};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// The message of a check that must fail.
fn complaint(check: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(check)).err();
    assert!(payload.is_some(), "the check should have failed");
    payload.and_then(|payload| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[test]
fn streams_and_status_are_kept_apart() {
    let place = Place::new();
    let outcome = place.shell("cat; echo problem >&2; exit 7").stdin("text\n").run();
    outcome.status(7).wrote("text\n").complained_of("Problem");
}

#[test]
fn a_program_that_hangs_is_killed_with_all_it_has_started() {
    let place = Place::new();
    let before = Instant::now();
    let message = complaint(|| {
        place.shell("echo so far; sleep 1000 & sleep 1000").start().finish(Duration::from_millis(200));
    });
    assert!(message.contains("did not end") && message.contains("so far"), "{message}");
    assert!(before.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_program_that_leaves_something_running_is_found_out() {
    let place = Place::new();
    let message = complaint(|| {
        place.shell("sleep 1000 &").start().finish(Duration::from_millis(200));
    });
    assert!(message.contains("left something running"), "{message}");
}

#[test]
fn what_is_wrong_is_shown_with_all_the_program_wrote() {
    let place = Place::new();
    for check in [
        complaint(|| drop(place.shell("echo out; echo err >&2").run().status(1))),
        complaint(|| drop(place.shell("echo out; echo err >&2").run().wrote("other"))),
        complaint(|| drop(place.shell("echo out; echo err >&2").run().quietly())),
        complaint(|| drop(place.shell("echo out; echo err >&2").run().complained_of("nothing"))),
    ] {
        assert!(check.contains("out\n") && check.contains("err\n") && check.contains("status 0"), "{check}");
    }
}

#[test]
fn a_killed_program_has_no_status() {
    let place = Place::new();
    let message = complaint(|| drop(place.shell("kill -9 $$").run().status(0)));
    assert!(message.contains("signal 9"), "{message}");
}

#[test]
fn a_line_is_waited_for() {
    let place = Place::new();
    let mut running = place.shell("read line; echo \"got $line\"; read line").open_stdin().start();
    running.enter("it");
    running.wait_for_stdout("an answer", |line| line == "got it");
    assert!(running.goes_on());
    running.close_stdin();
    assert!(!running.goes_on());
}

#[test]
fn a_terminal_is_one_and_can_be_typed_at() {
    let place = Place::new();
    let script = "test -t 0 && echo yes; while read line; do echo \"got $line\"; done; echo end";
    let mut running = place.shell(script).terminal().start();
    running.enter("it");
    running.wait_for_stdout("an answer", |line| line == "got it");
    running.close_stdin();
    running.finish(RUN_LIMIT).status(0).wrote("yes\ngot it\nend\n");
    place.shell("test -t 0").open_stdin().run().status(1);
}

#[test]
fn a_table_names_the_rows_that_fail() {
    let message = complaint(|| {
        let mut table = Table::default();
        table.row("good", 1, 1);
        table.row("bad", 1, 2);
        table.end();
    });
    assert!(message.contains("1 of 2 rows fail:\nbad\n      found: 1\n   expected: 2"), "{message}");
    assert!(complaint(|| Table::default().end()).contains("no row"));
}

#[cfg(target_os = "linux")]
#[test]
fn who_spins_is_told_from_who_waits() {
    let place = Place::new();
    place.shell("read line").open_stdin().start().comes_to_rest();
    let mut spinning = place.shell("while :; do :; done").start();
    let message = complaint(|| spinning.comes_to_rest_within(QUIET));
    assert!(message.contains("does not come to rest"), "{message}");
    assert!(spinning.processor_time() > QUIET / 10);
    assert!(spinning.peak_memory() > 1 << 16);
    assert_eq!(spinning.network_sockets(), 0);
}

#[test]
fn a_place_is_gone_after_use() {
    let place = Place::new();
    let work = place.work();
    assert!(work.exists());
    drop(place);
    assert!(!work.exists());
}

#[test]
fn the_waiting_line_is_known_with_any_padding() {
    for line in [
        "INFO    - Waiting for beacon matching 'jobs._flowr._tcp.local'",
        "INFO - Waiting for beacon matching 'jobs._flowr._tcp.local'",
    ] {
        assert!(is_waiting_line(line), "{line}");
    }
    for line in [
        "DEBUG   - Waiting for beacon matching 'jobs._flowr._tcp.local'",
        "INFO- Waiting for beacon matching 'jobs._flowr._tcp.local'",
        "INFO    - Waiting for beacon matching 'jobs._flowr._tcp.local' again",
        "INFO    - Waiting for beacon matching 'debug._flowr._tcp.local'",
    ] {
        assert!(!is_waiting_line(line), "{line}");
    }
}
