//! What a user would notice if it became slow.

use flow_tests::{Example, Place};
use std::time::{Duration, Instant};

/// The best of twenty, because the machine may be busy with other things; nothing but the program can make all slow.
#[test]
fn a_small_flow_starts_and_ends_at_once() {
    let place = Place::new();
    let folder = place.example("hello-world");
    place.flowc().args(["-c", &folder]).run().status(0);
    let expected = Example::named("hello-world").expected;
    let best = (0..20)
        .map(|_| {
            let before = Instant::now();
            place.flowr().args([&folder]).run().status(0).quietly().wrote(&expected);
            before.elapsed()
        })
        .min();
    assert!(best < Some(Duration::from_millis(50)), "{best:?}");
}
