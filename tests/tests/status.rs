//! Asking runners how their runs stand, and workers what they do.

use flow_tests::{LINE_LIMIT, Place, RUN_LIMIT, Running};
use serde_json::{Value, json};
use std::time::Instant;

/// A flow that waits for a line and prints it.
const ECHO: &str = r#"flow = "echo"

[[process]]
source = "context://stdio/readline"
input.prompt = { once = "" }

[[process]]
source = "context://stdio/stdout"
input.default = { once = "here" }

[[connection]]
from = "readline/string"
to = "stdout"
"#;

#[test]
fn a_run_that_is_asked_tells_how_it_stands_and_goes_on() {
    let place = Place::new();
    place.write("flow/root.toml", ECHO);
    place.flowc().args(["-c", "flow"]).run().status(0);
    let call = place.flowr().args([
        "-t",
        "1",
        "--no-workers",
        "--status-json",
        "status.json",
        "--name",
        "nightly",
        "flow",
    ]);
    let mut runner = call.open_stdin().start();
    runner.wait_for_stdout("that it runs", |line| line == "here");
    for times in 1..=2 {
        ask(&mut runner, times);
    }
    let status = place.read("status.json");
    assert!(status.contains("\"is_over\":false") && status.contains("\"runner\":\"nightly\""), "{status}");
    runner.enter("still here");
    runner.close_stdin();
    runner.finish(RUN_LIMIT).status(0).wrote("here\nstill here\n");
    let status = place.read("status.json");
    assert!(status.contains("\"is_over\":true") && status.contains("\"jobs_failed\":0"), "{status}");
}

/// Asks how it stands, and waits until it has told that so many times.
fn ask(program: &mut Running, times: usize) {
    program.ask();
    let found = program.stderr().wait_for(LINE_LIMIT, |lines| {
        let told = lines.iter().filter(|line| line.starts_with("Status after"));
        (told.count() >= times).then_some(())
    });
    assert!(found.is_some(), "it tells each time");
}

/// A flow that has a text turned round by whoever does its jobs, and waits for a line.
const TURNED: &str = r#"flow = "turned"

[[process]]
source = "context://stdio/readline"
input.prompt = { once = "" }

[[process]]
source = "lib://flowstdlib/fmt/reverse"
input.default = { once = "here" }

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "reverse"
to = "stdout"

[[connection]]
from = "readline/string"
to = "stdout"
"#;

#[test]
fn what_a_worker_does_is_told_by_its_runner_and_by_itself() {
    let place = Place::new();
    place.write("flow/root.toml", TURNED);
    place.flowc().args(["-c", "flow"]).run().status(0);
    let mut worker = place.worker();
    ask(worker.program(), 1);
    let call = place.flowr().args(["-t", "0", "--status-json", "status.json", "--name", "nightly", "flow"]);
    let mut runner = call.open_stdin().start();
    runner.wait_for_stdout("what was turned round", |line| line == "ereh");
    ask(&mut runner, 1);
    let status = place.read_json("status.json");
    let executor = &status["executors"][0];
    assert_eq!((&executor["place"], &executor["is_attached"]), (&"worker".into(), &true.into()), "{status}");
    assert_eq!(
        (&executor["jobs"], &executor["running"], &executor["lost"]),
        (&1.into(), &0.into(), &0.into())
    );
    for member in ["bytes_sent", "bytes_received", "mean_nanoseconds"] {
        assert!(executor[member].as_u64() > Some(0), "{member}: {status}");
    }
    ask(worker.program(), 2);
    worker.program().wait_for_stderr("whom it serves", |line| line.starts_with("  \"nightly\" (run "));
    let told = worker.log().join("\n");
    assert!(told.contains(": 0 jobs done; runners served: 0"), "{told}");
    assert!(told.contains(": 1 jobs done; runners served: 1\n  \"nightly\" (run "), "{told}");
    runner.close_stdin();
    runner.finish(RUN_LIMIT).status(0);
}

#[test]
fn a_list_shows_how_many_work_together_and_who_does_rests_where_there_is_nothing_to_do() {
    let place = Place::new();
    place.write("flow/root.toml", TURNED);
    place.flowc().args(["-c", "flow"]).run().status(0);
    let mut worker = place.worker();
    let mut runner = place.flowr().args(["-t", "0", "flow"]).open_stdin().start();
    runner.wait_for_stdout("what was turned round", |line| line == "ereh");
    // A change is told after some seconds.
    let deadline = Instant::now() + LINE_LIMIT;
    loop {
        let told = place.call("flowrex").args(["--list", "--json"]).run().status(0).quietly().stdout();
        let listed: Value = serde_json::from_str(&told).unwrap();
        if (&listed["runners"][0]["workers"], &listed["workers"][0]["runners"]) == (&json!(1), &json!(1)) {
            break;
        }
        assert!(Instant::now() < deadline, "{listed}");
    }
    #[cfg(target_os = "linux")]
    for program in [worker.program(), &mut runner] {
        program.comes_to_rest();
    }
    runner.close_stdin();
    runner.finish(RUN_LIMIT).status(0);
    worker.wait_until_waiting();
}
