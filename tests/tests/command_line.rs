//! Options, arguments and exit statuses of the three programs.

use flow_tests::{Example, Place, RUN_LIMIT, is_waiting_line, repository};

/// Prints its arguments, one a line.
const ECHO: &str = r#"flow = "echo"

[[process]]
source = "context://args/get"

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "get/string/1"
to = "stdout"

[[connection]]
from = "get/string/2"
to = "stdout"

[[connection]]
from = "get/string/3"
to = "stdout"
"#;

fn with_echo() -> Place {
    let place = Place::new();
    place.write("echo/root.toml", ECHO);
    place.flowc().args(["-c", "echo"]).run().status(0).quietly();
    place
}

fn with_fibonacci() -> Place {
    let place = Place::new();
    place.example("fibonacci");
    place.flowc().args(["-c", "examples/fibonacci"]).run().status(0).quietly();
    place
}

fn fibonacci() -> Vec<u8> {
    Example::named("fibonacci").expected
}

#[test]
fn the_service_file_is_understood() {
    let place = Place::new();
    let file = repository().join("flowrex/service/flowrex.service");
    // What it starts must be where it says. Only machines with systemd can check the rest.
    let script = format!(
        "sed \"s|/usr/local/bin/flowrex|$(command -v flowrex)|\" '{}' > flowrex.service; \
         grep -q \"^ExecStart=$(command -v flowrex)\" flowrex.service || exit 1; \
         if command -v systemd-analyze >/dev/null; then systemd-analyze verify ./flowrex.service; fi",
        file.display()
    );
    place.shell(&script).run().status(0).wrote("");
}

#[test]
fn every_program_explains_itself() {
    let place = Place::new();
    for program in ["flowc", "flowr", "flowrcli", "flowrex"] {
        for option in ["-h", "--help"] {
            place
                .call(program)
                .args([option])
                .run()
                .status(0)
                .quietly()
                .mentioned("Usage")
                .mentioned("--verbosity");
        }
    }
}

#[test]
fn every_program_tells_its_version() {
    let place = Place::new();
    let version = env!("CARGO_PKG_VERSION");
    for (program, name) in
        [("flowc", "flowc"), ("flowrcli", "flowr"), ("flowr", "flowr"), ("flowrex", "flowrex")]
    {
        for option in ["-V", "--version"] {
            let line = format!("{version}\n");
            let outcome = place.call(program).args([option]).run().status(0).quietly();
            let text = outcome.stdout();
            if !(text.starts_with(name) && text.ends_with(&line)) {
                outcome.fail(&format!("should have named {name} and {version}"));
            }
        }
    }
}

#[test]
fn an_unknown_option_is_refused() {
    let place = Place::new();
    for program in ["flowc", "flowr", "flowrcli", "flowrex"] {
        place
            .call(program)
            .args(["--no-such-option"])
            .run()
            .status(2)
            .wrote("")
            .complained_of("--no-such-option");
    }
}

#[test]
fn an_unknown_verbosity_is_refused_and_the_known_ones_are_listed() {
    let place = Place::new();
    for program in ["flowc", "flowr", "flowrcli", "flowrex"] {
        let outcome = place.call(program).args(["-v", "nonsense"]).run().status(2).wrote("");
        ["nonsense", "off", "error", "warn", "info", "debug", "trace"]
            .into_iter()
            .fold(outcome, |outcome, word| outcome.complained_of(word));
    }
}

#[test]
fn verbosity_is_read_in_any_case() {
    let place = with_fibonacci();
    place.flowr().args(["-v", "Error", "examples/fibonacci"]).run().status(0).quietly().wrote(fibonacci());
}

#[test]
fn a_missing_value_is_refused() {
    let place = Place::new();
    for (program, option) in [("flowc", "-o"), ("flowr", "-t"), ("flowrex", "-t"), ("flowrex", "-v")] {
        place.call(program).args([option]).run().status(2).wrote("");
    }
}

#[test]
fn options_that_exclude_each_other_are_refused() {
    let place = Place::new();
    place.flowc().args(["-c", "-m", "anything"]).run().status(2).wrote("");
    place.flowc().args(["-c", "-w", "anything"]).run().status(2).wrote("");
    place.flowr().args(["-c", "-n", "anything"]).run().status(2).wrote("");
    place.flowr().args(["-c", "-s", "anything"]).run().status(2).wrote("");
}

#[test]
fn a_worker_without_threads_is_refused() {
    let place = Place::new();
    place.call("flowrex").args(["-t", "0"]).run().status(2).wrote("");
}

#[test]
fn a_worker_logs_nothing_unless_asked() {
    let place = Place::new();
    let mut worker = place.call("flowrex").start();
    assert!(worker.goes_on());
    assert_eq!(worker.stderr().text(), "");
    assert_eq!(worker.stdout().text(), "");
}

#[test]
fn a_worker_can_be_interrupted_while_it_waits() {
    let place = Place::new();
    let mut worker = place.call("flowrex").args(["-v", "info"]).start();
    worker.wait_for_stderr("that it waits", is_waiting_line);
    worker.interrupt();
    worker.finish(RUN_LIMIT).interrupted().wrote("");
}

#[test]
fn a_compiled_flow_is_found_by_folder_and_by_file() {
    let place = with_fibonacci();
    let manifest = place.work().join("examples/fibonacci/manifest.json");
    let url = format!("file://{}", manifest.display());
    for name in
        ["examples/fibonacci", "examples/fibonacci/", "examples/fibonacci/manifest.json", url.as_str()]
    {
        place.flowr().args([name]).run().status(0).quietly().wrote(fibonacci());
    }
    let folder = manifest.parent().unwrap().to_path_buf();
    place.flowr().within(&folder).run().status(0).quietly().wrote(fibonacci());
    place.flowr().within(&folder).args(["."]).run().status(0).quietly().wrote(fibonacci());
}

#[test]
fn the_runner_has_two_names() {
    let place = with_fibonacci();
    for program in ["flowr", "flowrcli"] {
        place
            .call(program)
            .args(["-t", "1", "examples/fibonacci"])
            .run()
            .status(0)
            .quietly()
            .wrote(fibonacci());
    }
}

#[test]
fn arguments_reach_the_flow_as_they_are() {
    let place = with_echo();
    place
        .flowr()
        .args(["echo", "one", "two words", ""])
        .run()
        .status(0)
        .quietly()
        .wrote("one\ntwo words\n\n");
    place.flowr().args(["echo", "a", "-t", "--help"]).run().status(0).quietly().wrote("a\n-t\n--help\n");
    place.flowr().args(["echo", "--", "-a", "b", "c"]).run().status(0).quietly().wrote("-a\nb\nc\n");
    place.flowc().args(["echo", "a", "-c", "b"]).run().status(0).quietly().wrote("a\n-c\nb\n");
}

#[test]
fn an_argument_that_is_not_given_is_not_sent() {
    let place = with_echo();
    place.flowr().args(["echo", "only"]).run().status(0).quietly().wrote("only\n");
}

#[test]
fn a_flow_is_compiled_and_run_without_options() {
    let place = Place::new();
    let folder = place.example("fibonacci");
    place.flowc().args([&folder]).run().status(0).quietly().wrote(fibonacci());
    assert!(place.has("examples/fibonacci/manifest.json"));
}

#[test]
fn standard_input_reaches_the_flow_through_the_compiler() {
    let place = Place::new();
    let example = Example::named("word-count");
    let folder = place.example(&example.name);
    place.flowc().args([&folder]).with(&example).run().status(0).quietly().wrote(&example.expected);
    let input = format!("{folder}/test.stdin");
    place.flowc().args(["-i", &input, &folder]).run().status(0).quietly().wrote(&example.expected);
}

#[test]
fn the_result_can_be_put_elsewhere() {
    let place = Place::new();
    let folder = place.example("fibonacci");
    place.flowc().args(["-c", "-o", "new/place", &folder]).run().status(0).quietly().wrote("");
    assert!(!place.has("examples/fibonacci/manifest.json"));
    place.flowr().args(["new/place"]).run().status(0).quietly().wrote(fibonacci());
}

#[test]
fn a_definition_can_be_named_by_its_file() {
    let place = Place::new();
    place.example("fibonacci");
    place.flowc().args(["examples/fibonacci/root.toml"]).run().status(0).quietly().wrote(fibonacci());
}

#[test]
fn compiling_twice_gives_the_same_bytes() {
    let place = with_fibonacci();
    let first = place.read("examples/fibonacci/manifest.json");
    place.flowc().args(["-c", "examples/fibonacci"]).run().status(0).quietly();
    assert_eq!(place.read("examples/fibonacci/manifest.json"), first);
}

/// All ways to say which runner a flow is for: none, its name in either option, and its folder.
#[test]
fn the_runner_of_a_flow_is_named_or_not() {
    let place = Place::new();
    place.example("fibonacci");
    let options: [&[&str]; 5] =
        [&[], &["-C", "flowrcli"], &["-r", "flowrcli"], &["-r", "flowr"], &["--context_root", "flowrcli"]];
    let mut manifests: Vec<String> = options
        .into_iter()
        .map(|options| {
            place.flowc().args(["-c"]).args(options).args(["examples/fibonacci"]).run().status(0).quietly();
            place.read("examples/fibonacci/manifest.json")
        })
        .collect();
    place.copy_in("flowrcli");
    place.flowc().args(["-c", "-C", "flowrcli", "examples/fibonacci"]).run().status(0).quietly();
    manifests.push(place.read("examples/fibonacci/manifest.json"));
    manifests.dedup();
    assert_eq!(manifests.len(), 1, "every way gives the same manifest: {manifests:#?}");
}

#[test]
fn a_runner_that_is_not_there_is_refused() {
    let place = Place::new();
    let folder = place.example("fibonacci");
    place.flowc().args(["-c", "-C", "nowhere", &folder]).run().status(1).complained_of("nowhere");
    place.flowc().args(["-c", "-r", "nobody", &folder]).run().status(1).complained_of("nobody");
}

#[test]
fn a_manifest_that_is_not_there() {
    let place = Place::new();
    place.flowr().args(["nowhere"]).run().status(1).wrote("").complained_of("nowhere");
    place.write("empty/notes.txt", "no flow here");
    place.flowr().args(["empty"]).run().status(1).wrote("").complained_of("empty");
}

#[test]
fn a_manifest_that_is_cut_off() {
    let place = with_fibonacci();
    let whole = place.read("examples/fibonacci/manifest.json");
    for part in [0, 1, whole.len() / 2, whole.len() - 1] {
        place.write("cut/manifest.json", &whole.as_bytes()[..part]);
        place.flowr().args(["cut"]).run().status(1).wrote("").complained_of("manifest.json");
    }
}

#[test]
fn a_manifest_that_contradicts_itself() {
    let place = Place::new();
    for broken in [
        // a connection to a function that is not there
        r#"{"functions": {"1": {"process_id": 1, "parent_id": 0, "implementation_location": "lib://flowstdlib/math/add",
            "inputs": [{"initializer": {"once": 1}}, {"initializer": {"once": 1}}],
            "output_connections": [{"destination_id": 9, "destination_io_number": 0, "destination_parent_id": 0}]}}}"#,
        // a connection to an input that is not there
        r#"{"functions": {"1": {"process_id": 1, "parent_id": 0, "implementation_location": "lib://flowstdlib/math/add",
            "inputs": [{"initializer": {"once": 1}}, {"initializer": {"once": 1}}],
            "output_connections": [{"destination_id": 1, "destination_io_number": 7, "destination_parent_id": 0}]}}}"#,
        // not a flow at all
        "[]",
    ] {
        place.write("broken/manifest.json", broken);
        place.flowr().args(["broken"]).run().status(1).wrote("").complained_of("manifest.json");
    }
}

#[test]
fn the_smallest_manifest_runs() {
    let place = Place::new();
    place.write(
        "small/manifest.json",
        r#"{"metadata": {}, "lib_references": [], "context_references": [], "source_urls": {},
            "functions": {"7": {"process_id": 7, "parent_id": 0,
            "implementation_location": "context://stdio/stdout",
            "inputs": [{"generic": true, "initializer": {"once": "hi"}}]}}}"#,
    );
    place.flowr().args(["small"]).run().status(0).quietly().wrote("hi\n");
}

#[test]
fn metrics_follow_the_output() {
    let place = with_fibonacci();
    let outcome = place.flowr().args(["-m", "-t", "1", "examples/fibonacci"]).run().status(0).quietly();
    let text = outcome.stdout();
    let expected = String::from_utf8(fibonacci()).unwrap();
    let Some(metrics) = text.strip_prefix(&format!("{expected}\nMetrics: \n")) else {
        outcome.fail("should have written the metrics after the output");
    };
    let mut lines = metrics.lines();
    assert_eq!(lines.next(), Some("Number of Functions: 2"));
    assert_eq!(lines.next(), Some("Number of Jobs Created: 183"));
    for label in ["Values sent: ", "Elapsed time(s): ", "Max Jobs in Parallel: "] {
        assert!(lines.next().is_some_and(|line| line.starts_with(label)), "{label} is missing: {text}");
    }
    assert!(lines.next().is_some(), "somebody did the jobs: {text}");
}

#[test]
fn the_compiler_passes_metrics_on() {
    let place = Place::new();
    let folder = place.example("fibonacci");
    place.flowc().args(["-m", &folder]).run().status(0).mentioned("Number of Jobs Created: 183");
}

#[test]
fn a_limit_on_jobs_changes_nothing_but_time() {
    let place = Place::new();
    let example = Example::named("word-count");
    let folder = place.example(&example.name);
    place.flowc().args(["-c", &folder]).run().status(0);
    for limit in ["0", "1", "3"] {
        place
            .flowr()
            .args(["-j", limit, "-t", "4", &folder])
            .with(&example)
            .run()
            .status(0)
            .quietly()
            .wrote(&example.expected);
    }
}

#[test]
fn no_home_directory_is_needed() {
    let place = Place::new();
    let folder = place.example("fibonacci");
    let mut call = place.flowc();
    call.env("HOME", "");
    call.args([&folder]).run().status(0).quietly().wrote(fibonacci());
}

#[test]
fn a_local_run_leaves_nothing_in_the_home_directory() {
    let place = with_fibonacci();
    place.flowr().args(["-t", "2", "examples/fibonacci"]).run().status(0);
    let left: Vec<_> = std::fs::read_dir(place.home()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
