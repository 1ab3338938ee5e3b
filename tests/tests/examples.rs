//! Every example, on every set of executors, ten times: the same bytes each time.

use flow_tests::{Example, Place, RUN_LIMIT};

/// Compiles an example with no more options than needed and runs it ten times in the same place.
fn ten_runs(name: &str, threads: &str, workers: usize) {
    let place = Place::new();
    let example = Example::named(name);
    let Some(folder) = place.compiled_example(&example) else { return };
    let _workers: Vec<_> = (0..workers).map(|_| place.worker()).collect();
    for _ in 0..10 {
        place
            .flowr()
            .within(&folder)
            .args(["-t", threads, "manifest.json"])
            .with(&example)
            .run()
            .status(0)
            .quietly()
            .wrote(example.stdout_in(&folder));
        example.take_files_in(&folder);
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
            fn on_two_threads() {
                ten_runs($name, "2", 0);
            }

            #[test]
            fn on_eight_threads() {
                ten_runs($name, "8", 0);
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
    args = "args"
    arrays = "arrays"
    concurrent_io = "concurrent-io"
    double_connection = "double-connection"
    factorial = "factorial"
    fft = "fft"
    fibonacci = "fibonacci"
    game_of_life = "game-of-life"
    gcd = "gcd"
    hamming = "hamming"
    hello_world = "hello-world"
    image_analysis = "image-analysis"
    json_indexing = "json-indexing"
    line_echo = "line-echo"
    loopback_race = "loopback-race"
    mandlebrot = "mandlebrot"
    matrix_mult = "matrix-mult"
    pipeline = "pipeline"
    prime = "prime"
    primitives = "primitives"
    reverse_echo = "reverse-echo"
    router = "router"
    running_average = "running-average"
    sequence = "sequence"
    sequence_of_sequences = "sequence-of-sequences"
    statistics = "statistics"
    tokenizer = "tokenizer"
    weather_report = "weather-report"
    weather_station = "weather-station"
    word_count = "word-count"
}

#[test]
fn every_example_runs_with_the_executors_of_the_machine() {
    let place = Place::new();
    for name in Example::names() {
        let example = Example::named(&name);
        if example.has_functions && !place.builds(&format!("the example {name}")) {
            continue;
        }
        let folder = place.work().join(place.example(&name));
        let call = place.flowc().within(&folder).args(["."]).with(&example);
        call.build().status(0).quietly().wrote(example.stdout_in(&folder));
        example.take_files_in(&folder);
    }
}

#[test]
fn concurrent_io_writes_its_line_before_any_input_is_given() {
    let place = Place::new();
    let folder = place.work().join(place.example("concurrent-io"));
    place.flowc().within(&folder).args(["-c", "."]).run().status(0).quietly();
    let wanted = Example::named("concurrent-io").stdout_in(&folder);
    for threads in ["1", "2", "8"] {
        let call = place.flowr().within(&folder).args(["-t", threads, "manifest.json"]).open_stdin();
        let mut running = call.start();
        running.wait_for_stdout("the address of the flow", |line| line == wanted.trim_end());
        running.enter("here is your line");
        running.wait_for_stderr("the line that was entered", |line| line == "here is your line");
        let outcome = running.finish(RUN_LIMIT).status(0).wrote(&wanted);
        assert_eq!(outcome.stderr(), "here is your line\n");
    }
}
