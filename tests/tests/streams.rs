//! What flows read and write: the terminal side of a run.

use flow_tests::graph::{Graph, ROOT, always, fed, once};
use flow_tests::{LINE_LIMIT, Place};
use serde_json::json;

const STDERR: &str = "context://stdio/stderr";
const READLINE: &str = "context://stdio/readline";
const STDIN: &str = "context://stdio/stdin";

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
fn every_line_is_read_to_the_end_of_the_input() {
    answers(&echo(), "one\ntwo\nthree\n", "one\ntwo\nthree\n");
}

#[test]
fn a_last_line_needs_no_end() {
    answers(&echo(), "one\ntwo", "one\ntwo\n");
}

#[test]
fn an_empty_line_is_a_line() {
    answers(&echo(), "\none\n\n", "\none\n\n");
}

#[test]
fn blanks_around_a_line_are_left_out() {
    answers(&echo(), "  one  \n\ttwo\r\n", "one\ntwo\n");
}

#[test]
fn any_language_may_be_read_and_written() {
    answers(&echo(), "Grüße\nπ ≈ 3\n流れ\n", "Grüße\nπ ≈ 3\n流れ\n");
}

#[test]
fn no_input_at_all_ends_the_flow() {
    answers(&echo(), "", "");
}

/// A line that cannot be read is a failed job, and those after it are read all the same.
#[test]
fn a_line_that_is_no_text_is_passed_over() {
    let outcome = placed(&echo()).flowr().args(["flow"]).stdin(b"one\n\xff\ntwo\n").run();
    outcome.status(3).wrote("one\ntwo\n").complained_of("not text in UTF-8");
}

#[test]
fn a_prompt_given_once_reads_one_line() {
    let mut graph = Graph::new();
    graph.function(1, ROOT, READLINE, [once("")]).stdout(2).connect(1, "/string", 2, 0);
    answers(&graph, "one\ntwo\n", "one\n");
}

#[test]
fn a_line_is_also_read_as_json_if_it_is_json() {
    let mut graph = Graph::new();
    graph.function(1, ROOT, READLINE, [always("")]).stdout(2).connect(1, "/json", 2, 0);
    answers(
        &graph,
        "7\nseven\n[1, 2]\n{\"b\": 1, \"a\": null}\n1.50\ntrue\n",
        "7\n[1,2]\n{\"a\":null,\"b\":1}\n1.5\ntrue\n",
    );
}

#[test]
fn all_of_the_input_is_read_in_one_piece() {
    let mut graph = Graph::new();
    graph.function(1, ROOT, STDIN, []).stdout(2).connect(1, "/string", 2, 0);
    answers(&graph, "one\ntwo\n", "one\ntwo\n");
    answers(&graph, "", "");
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
