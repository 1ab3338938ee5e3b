//! Every example, on every set of executors, ten times: the same bytes each time.

use flow_tests::{Example, Place};

/// Compiles an example with no more options than needed and runs it ten times in the same place.
fn ten_runs(name: &str, threads: &str, workers: usize) {
    let place = Place::new();
    let example = Example::named(name);
    let folder = place.example(name);
    place.flowc().args(["-c", &folder]).run().status(0).quietly().wrote("");
    let _workers: Vec<_> = (0..workers).map(|_| place.worker()).collect();
    for _ in 0..10 {
        place
            .flowr()
            .args(["-t", threads, &folder])
            .with(&example)
            .run()
            .status(0)
            .quietly()
            .wrote(&example.expected);
    }
}

macro_rules! examples {
    ($($module:ident = $name:literal)+) => {
        $(mod $module {
            use super::ten_runs;

            #[test]
            fn on_one_thread() {
                ten_runs($name, "1", 0);
            }

            #[test]
            fn on_four_threads() {
                ten_runs($name, "4", 0);
            }

            #[test]
            fn on_a_worker() {
                ten_runs($name, "0", 1);
            }

            #[test]
            fn on_two_workers() {
                ten_runs($name, "0", 2);
            }
        })+

        #[test]
        fn no_example_is_forgotten() {
            let mut tested = vec![$($name),+];
            tested.sort_unstable();
            assert_eq!(Example::names(), tested);
        }
    };
}

examples! {
    factorial = "factorial"
    fibonacci = "fibonacci"
    gcd = "gcd"
    hello_world = "hello-world"
    running_average = "running-average"
    sequence_of_sequences = "sequence-of-sequences"
    word_count = "word-count"
}

#[test]
fn every_example_runs_with_the_executors_of_the_machine() {
    let place = Place::new();
    for name in Example::names() {
        let example = Example::named(&name);
        let folder = place.example(&name);
        place.flowc().args([&folder]).with(&example).run().status(0).quietly().wrote(&example.expected);
    }
}
