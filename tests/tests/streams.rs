//! What flows read and write: the terminal side of a run. What becomes of each kind of input is a table in
//! `runtime/s10_context_functions.rs`.

use flow_tests::graph::{Graph, ROOT, always, fed, once};
use flow_tests::{LINE_LIMIT, Place};
use serde_json::json;

const STDERR: &str = "context://stdio/stderr";
const READLINE: &str = "context://stdio/readline";

/// Reads lines as texts and prints them again.
fn echo() -> Graph {
    let mut graph = Graph::new();
    graph.function(1, ROOT, READLINE, [always("")]).stdout(2).connect(1, "/string", 2, 0);
    graph
}

fn placed(graph: &Graph) -> Place {
    let place = Place::new();
    place.write("flow/manifest.json", graph.manifest());
    place
}

/// Runs a graph with this input and expects this output, on one thread and on several.
fn answers(graph: &Graph, input: &str, output: &str) {
    let place = placed(graph);
    for threads in ["1", "4"] {
        place.flowr().args(["-t", threads, "flow"]).stdin(input).run().status(0).quietly().wrote(output);
    }
}

#[test]
fn any_language_may_be_read_and_written() {
    answers(&echo(), "Grüße\nπ ≈ 3\n流れ\n", "Grüße\nπ ≈ 3\n流れ\n");
}

/// A line that cannot be read is a failed job, and those after it are read all the same.
#[test]
fn a_line_that_is_no_text_is_passed_over() {
    let outcome = placed(&echo()).flowr().args(["flow"]).stdin(b"one\n\xff\ntwo\n").run();
    outcome.status(3).wrote("one\ntwo\n").complained_of("not text in UTF-8");
}

#[test]
fn every_kind_of_value_is_one_line() {
    let values = json!(["text", "with \"quotes\"", 7, -1.5, 2.0, true, null, {"b": [1, "x"], "a": {}}]);
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, "lib://flowstdlib/control/join", [once(values).generic(), once(0).generic()])
        .function(2, ROOT, "context://stdio/stdout", [fed()])
        .connect(1, "", 2, 0);
    answers(&graph, "", "text\nwith \"quotes\"\n7\n-1.5\n2.0\ntrue\n{\"a\":{},\"b\":[1,\"x\"]}\n");
}

#[test]
fn an_array_is_one_line() {
    let mut graph = Graph::new();
    graph.function(1, ROOT, "context://stdio/stdout", [once(json!([1, [2, "three"], null])).generic()]);
    answers(&graph, "", "[1,[2,\"three\"],null]\n");
}

#[test]
fn standard_error_belongs_to_the_flow_too() {
    let mut graph = Graph::new();
    graph.function(1, ROOT, STDERR, [once("aside").generic()]).function(
        2,
        ROOT,
        "context://stdio/stdout",
        [once("aloud").generic()],
    );
    let outcome = placed(&graph).flowr().args(["flow"]).run().status(0).wrote("aloud\n");
    assert_eq!(outcome.stderr(), "aside\n");
}

/// An answer is there before the next line is entered, on any number of threads, on workers, and one job at a time.
#[test]
fn a_conversation_goes_to_and_fro() {
    let place = placed(&echo());
    let _worker = place.worker();
    for options in [["-t", "1"], ["-t", "4"], ["-t", "0"], ["-j", "1"]] {
        let mut runner = place.flowr().args(options).args(["flow"]).open_stdin().start();
        for line in ["hello", "is anybody there?", "good-bye"] {
            runner.enter(line);
            runner.wait_for_stdout(line, |answer| answer == line);
        }
        runner.close_stdin();
        runner.finish(LINE_LIMIT).status(0).quietly();
    }
}

/// Who closes the other end of the pipe has seen enough; that is no error, and nothing hangs.
#[test]
fn a_reader_may_leave() {
    let place = Place::new();
    place.write(
        "flow/root.toml",
        r#"flow = "long"

[[process]]
source = "lib://flowstdlib/math/sequence"
input.start = { once = 1 }
input.limit = { once = 100000 }
input.step = { once = 1 }

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "sequence/number"
to = "stdout"
"#,
    );
    place.flowc().args(["-c", "flow"]).run().status(0);
    for options in ["", "-m"] {
        let line = format!("flowr -t 1 {options} flow | head -n 3");
        place.shell(&line).run().status(0).quietly().wrote("1\n2\n3\n");
    }
}
