//! Workers and runners of other versions of the protocol.

use crate::{FEW_NUMBERS, insecure_worker, long, waiting_runner};
use flow_tests::{Impostor, Insider, LINE_LIMIT, Place, RUN_LIMIT};

/// The version of the protocol that is spoken here.
const OURS: u8 = 5;

const HELLO: u8 = 1;
const WELCOME: u8 = 5;
const REFUSED: u8 = 6;

#[test]
fn a_worker_of_another_version_is_told_which_one_the_runner_speaks_and_others_do_the_jobs() {
    let place = Place::new();
    let expected = long(&place, FEW_NUMBERS);
    let (mut runner, address) = waiting_runner(place.flowr().args(["--insecure"]), FEW_NUMBERS);
    for version in [0, 1, OURS - 1, OURS + 1, 127] {
        let other = Insider::join(&address);
        // What follows the version is what that version says, and nobody else can read it.
        other.say(&[HELLO, version, 0xff, 0xff, 0xff, 7, 0]);
        let answer = other.hear();
        let reason = format!("the runner speaks version {OURS} of the protocol, not {version}");
        assert_eq!(answer.first(), Some(&REFUSED));
        assert!(String::from_utf8_lossy(&answer).ends_with(&reason), "{answer:?}");
        runner.wait_for_stderr("whom it refuses, and why", |line| {
            line.contains("refused worker") && line.ends_with(&reason)
        });
        // Who goes on all the same is a stranger.
        other.say(&[3, 7, 0]);
        assert_eq!(other.hear().first(), Some(&8));
    }
    assert!(runner.goes_on(), "nobody does its jobs");
    let _worker = insecure_worker(&place, &[]);
    runner.finish(RUN_LIMIT).status(0).wrote(expected);
}

#[test]
fn a_worker_says_which_version_a_runner_speaks_and_works_for_others() {
    let place = Place::new();
    let expected = long(&place, FEW_NUMBERS);
    let reason = format!("the runner speaks version {} of the protocol, not {OURS}", OURS + 1);
    let refusal = [&[REFUSED, u8::try_from(reason.len()).unwrap()], reason.as_bytes()].concat();
    let refuses = Impostor::in_the_clear(move |_| refusal.clone());
    // One that takes everybody, and says so in a way that is not ours.
    let welcomes = Impostor::in_the_clear(|_| vec![WELCOME, 7, 1, 0xff, 0xff, 0xff]);
    let places = ["--coordinator", refuses.address(), "--coordinator", welcomes.address()];
    let worker = insecure_worker(&place, &places);
    worker.wait_for_log("why it is not taken", |line| {
        line.starts_with("WARN") && line.contains("does not take this worker") && line.contains(&reason)
    });
    worker.wait_for_log("that it does not understand", |line| {
        line.starts_with("WARN") && line.contains("cannot understand a message")
    });
    let (runner, _) = waiting_runner(place.flowr().args(["--insecure"]), FEW_NUMBERS);
    runner.finish(RUN_LIMIT).status(0).wrote(expected);
    // It stays with that, and tries again now and then.
    let mut worker = worker;
    assert!(worker.program().goes_on());
    let refused = |lines: &[&str]| lines.iter().filter(|line| line.contains(&reason)).count();
    let again = worker.program().stderr().wait_for(LINE_LIMIT, |lines| (refused(lines) > 1).then_some(()));
    assert!(again.is_some(), "a runner of ours may come there");
}
