//! Asking a runner how its run stands.

use flow_tests::{LINE_LIMIT, Place, RUN_LIMIT};

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
        runner.ask();
        let found = runner.stderr().wait_for(LINE_LIMIT, |lines| {
            let told = lines.iter().filter(|line| line.starts_with("Status after"));
            (told.count() >= times).then_some(())
        });
        assert!(found.is_some(), "it tells each time");
    }
    let status = place.read("status.json");
    assert!(status.contains("\"is_over\":false") && status.contains("\"runner\":\"nightly\""), "{status}");
    runner.enter("still here");
    runner.close_stdin();
    runner.finish(RUN_LIMIT).status(0).wrote("here\nstill here\n");
    let status = place.read("status.json");
    assert!(status.contains("\"is_over\":true") && status.contains("\"jobs_failed\":0"), "{status}");
}
