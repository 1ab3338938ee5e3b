//! Context functions in whole runs: the end of streams, errors that a flow deals with or does not, files, pictures and
//! the exit status.

use flow_tests::graph::{Graph, ROOT, always, fed, once};
use flow_tests::{LINE_LIMIT, Outcome, Place};
use serde_json::json;
use std::fs;

const READLINE: &str = "context://stdio/readline";
const LINES: &str = "context://stdio/lines";
const STDERR: &str = "context://stdio/stderr";
const READ_TEXT: &str = "context://file/read_text";
const TO_STRING: &str = "lib://flowstdlib/fmt/to_string";

fn place(graph: &Graph) -> Place {
    let place = Place::new();
    place.write("flow/manifest.json", graph.manifest());
    place
}

fn run(place: &Place, threads: &str) -> Outcome {
    place.flowr().args(["-t", threads, "flow"]).run()
}

/// Runs a graph on this input, on one thread and on several, and expects this output and nothing else.
fn answers(graph: &Graph, input: &[u8], output: &str) {
    let place = place(graph);
    for threads in ["1", "4"] {
        let call = place.flowr().args(["-t", threads, "flow"]).stdin(input);
        call.run().status(0).quietly().wrote(output);
    }
}

/// Prints what comes out of one output of a function, as JSON, so that nulls are seen.
fn shows(url: &str, inputs: Vec<flow_tests::graph::Input>, pointer: &str) -> Graph {
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, url, inputs)
        .function(2, ROOT, TO_STRING, [fed().generic()])
        .stdout(3)
        .connect(1, pointer, 2, 0)
        .connect(2, "", 3, 0);
    graph
}

#[test]
fn lines_end_with_null() {
    let lines = |pointer| shows(LINES, vec![always("")], pointer);
    answers(
        &lines("/string"),
        b"one\n\n  2 \nnull\nlast",
        "\"one\"\n\"\"\n\"2\"\n\"null\"\n\"last\"\nnull\n",
    );
    answers(&lines("/json"), b"one\n2\n[3]\n", "2\n[3]\nnull\n");
    answers(&lines("/string"), b"", "null\n");
}

#[test]
fn lines_that_are_asked_for_singly_have_an_end_as_well() {
    let line = shows(LINES, vec![once("")], "/string");
    answers(&line, b"one\ntwo\n", "\"one\"\n");
    answers(&line, b"", "null\n");
}

#[test]
fn all_of_the_input_ends_with_null() {
    let stdin = |pointer| shows("context://stdio/stdin", vec![], pointer);
    answers(&stdin("/string"), b" one\ntwo \n", "\"one\\ntwo\"\nnull\n");
    answers(&stdin("/string"), b" \n\t", "\"\"\nnull\n");
    answers(&stdin("/json"), b" [1,\n2] ", "[1,2]\nnull\n");
    answers(&stdin("/json"), b"no json", "null\n");
    answers(&stdin("/json"), b"", "null\n");
}

#[test]
fn input_that_is_no_text_is_an_error_and_not_its_end() {
    let place = place(&shows("context://stdio/stdin", vec![], "/string"));
    let outcome = place.flowr().args(["flow"]).stdin(b"a\xff".as_slice()).run();
    outcome.status(3).wrote("").complained_of("not text in UTF-8");
}

/// Lines that come in one piece are read where they are found, others by the thread of the stream: nobody can tell.
#[test]
fn two_readers_take_lines_in_turn() {
    let mut graph = Graph::new();
    for (id, label) in [(1, "a"), (2, "b")] {
        graph
            .function(id, ROOT, READLINE, [always("")])
            .function(id + 2, ROOT, "lib://flowstdlib/data/append", [always(label), fed()])
            .connect(id, "/string", id + 2, 1)
            .connect(id + 2, "", 5, 0);
    }
    graph.stdout(5);
    let place = place(&graph);
    let lines: String = (0..5000).map(|number| format!("{number}\n")).collect();
    let expected: String =
        (0..5000).map(|number| format!("{}{number}\n", if number % 2 == 0 { "a" } else { "b" })).collect();
    for options in [["-t", "1"], ["-t", "4"], ["-j", "1"]] {
        let call = place.flowr().args(options).args(["flow"]).stdin(lines.as_str());
        call.run().status(0).quietly().wrote(&expected);
    }
}

/// A line that has begun to come is no reason to wait for its end.
#[test]
fn half_a_line_holds_nothing_up() {
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, READLINE, [always("")])
        .function(2, ROOT, STDERR, [fed().generic()])
        .function(3, ROOT, "lib://flowstdlib/array/range", [once(1), once(10_000), once(1)])
        .function(4, ROOT, "lib://flowstdlib/math/negate", [fed()])
        .stdout(5)
        .connect(1, "/string", 2, 0)
        .connect(3, "", 4, 0)
        .connect(4, "", 5, 0);
    let place = place(&graph);
    let mut runner = place.flowr().args(["-t", "1", "flow"]).open_stdin().start();
    runner.enter("a line, and then\nhalf");
    runner.wait_for_stdout("the last number", |line| line == "-10000");
    runner.wait_for_stderr("the line", |line| line == "a line, and then");
    runner.close_stdin();
    let outcome = runner.finish(LINE_LIMIT).status(0);
    assert_eq!(outcome.stderr(), "a line, and then\nhalf\n");
}

/// Input, output and files wait for nobody but themselves.
#[test]
fn a_file_that_is_slow_holds_up_neither_lines_nor_output() {
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, READ_TEXT, [once("pipe")])
        .function(2, ROOT, STDERR, [fed().generic()])
        .function(3, ROOT, READLINE, [always("")])
        .stdout(4)
        .connect(1, "/text", 2, 0)
        .connect(3, "/string", 4, 0);
    let place = place(&graph);
    place.shell("mkfifo pipe").run().status(0);
    let mut runner = place.flowr().args(["-t", "1", "flow"]).open_stdin().start();
    for line in ["one", "two"] {
        runner.enter(line);
        runner.wait_for_stdout(line, |answer| answer == line);
    }
    // The pipe is open for as long as it takes to write this.
    fs::write(place.work().join("pipe"), "at last").unwrap();
    runner.wait_for_stderr("what came through the pipe", |line| line == "at last");
    runner.close_stdin();
    runner.finish(LINE_LIMIT).status(0).wrote("one\ntwo\n");
}

/// Reads files, prints their texts, and says on standard error why it could not, if the flow is to deal with it.
fn reads(paths: &[&str], deals_with_errors: bool) -> Graph {
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, "lib://flowstdlib/control/join", [once(json!(paths)).generic(), once(0).generic()])
        .function(2, ROOT, READ_TEXT, [fed()])
        .stdout(3)
        .connect(1, "", 2, 0)
        .connect(2, "/text", 3, 0);
    if deals_with_errors {
        graph.connect(2, "/error", 3, 0);
    }
    graph
}

#[test]
fn a_file_that_cannot_be_read_is_a_failed_job_with_its_path_and_a_reason() {
    let place = place(&reads(&["here", "none", "binary", "here"], false));
    place.write("here", "text");
    place.write("binary", b"\xff");
    for threads in ["1", "4"] {
        let outcome = run(&place, threads).status(3).wrote("text\ntext\n");
        let outcome = outcome.complained_of("cannot read 'none': No such file");
        outcome.complained_of("cannot read 'binary': it is not text in UTF-8");
    }
}

#[test]
fn a_flow_can_deal_with_what_fails() {
    let place = place(&reads(&["here", "none", "here"], true));
    place.write("here", "text");
    for threads in ["1", "4"] {
        let outcome = run(&place, threads).status(0).quietly();
        outcome.wrote("text\ncannot read 'none': No such file or directory (os error 2)\ntext\n");
    }
    place.flowr().args(["--fail-fast", "flow"]).run().status(0).quietly();
}

#[test]
fn a_flow_can_deal_with_what_fails_at_its_client() {
    let place = place(&reads(&["none", "here"], true));
    place.write("here", "text");
    let server = place.server(&["-t", "2"]);
    let outcome = place.client().args(["--connect", server.address(), "flow"]).run().status(0).quietly();
    outcome.wrote("cannot read 'none': No such file or directory (os error 2)\ntext\n");
    server.end();
}

#[test]
fn errors_are_connected_like_any_output() {
    let place = Place::new();
    place.write(
        "flow/root.toml",
        r#"flow = "flow"

[[process]]
source = "context://file/write_text"
input.path = { once = "none/file" }
input.text = { once = "text" }

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "write_text/path"
to = "stdout"

[[connection]]
from = "write_text/error"
to = "stdout"
"#,
    );
    place.flowc().args(["flow"]).run().status(0).quietly().mentioned("cannot write 'none/file': ");
    place.write("none/other", "");
    place.flowc().args(["flow"]).run().status(0).quietly().wrote("none/file\n");
    assert_eq!(place.read("none/file"), "text");
}

#[test]
fn a_write_that_fails_is_a_failed_job() {
    let mut graph = Graph::new();
    graph.function(1, ROOT, "context://file/file_write", [once("none/f"), once(json!([1])).order(1)]);
    run(&place(&graph), "1").status(3).complained_of("cannot write 'none/f': ");
}

#[test]
fn bytes_are_read_whatever_they_are() {
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, "context://file/file_read", [once("binary")])
        .stdout(2)
        .connect(1, "/bytes", 2, 0)
        .connect(1, "/string", 2, 0)
        .connect(1, "/path", 2, 0);
    let place = place(&graph);
    place.write("binary", b"a\xff\x00");
    run(&place, "1").status(0).quietly().wrote("[97,255,0]\nbinary\n");
}

#[test]
fn a_file_is_read_line_by_line_to_its_end() {
    let place = place(&shows("context://file/read_line", vec![always("file")], "/line"));
    let lines: String = (0..3000).map(|number| format!(" {number}\n")).collect();
    place.write("file", &lines);
    let quoted: String = (0..3000).map(|number| format!("\" {number}\"\n")).collect();
    for threads in ["1", "4"] {
        run(&place, threads).status(0).quietly().wrote(format!("{quoted}null\n"));
    }
}

#[test]
fn files_are_found_by_a_pattern_and_read() {
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, "context://file/glob", [always("notes/*.txt")])
        .function(2, ROOT, READ_TEXT, [fed()])
        .stdout(3)
        .connect(1, "/paths", 2, 0)
        .connect(2, "/text", 3, 0);
    let place = place(&graph);
    for (name, text) in [("b.txt", "second"), ("a.txt", "first"), ("c.md", "not this")] {
        place.write(&format!("notes/{name}"), text);
    }
    run(&place, "4").status(0).quietly().wrote("first\nsecond\n");
}

/// A picture of one pixel, and a line that is waited for.
fn picture() -> Graph {
    let mut graph = Graph::new();
    let pixel = |numbers| once(numbers).order(1);
    graph
        .function(
            1,
            ROOT,
            "context://image/image_buffer",
            [pixel(json!([0, 0])), pixel(json!([1, 2, 3])), pixel(json!([1, 1])), once("dot.png")],
        )
        .function(2, ROOT, READLINE, [once("")])
        .stdout(3)
        .connect(2, "/string", 3, 0);
    graph
}

#[test]
fn a_picture_is_written_when_the_run_is_interrupted() {
    let place = place(&picture());
    let mut runner = place.flowr().args(["flow"]).open_stdin().start();
    assert!(runner.goes_on(), "a line is waited for");
    runner.interrupt();
    runner.finish(LINE_LIMIT).interrupted();
    assert!(place.has("dot.png"));
}

#[test]
fn a_picture_is_written_when_a_job_fails() {
    let mut graph = picture();
    graph.function(4, ROOT, "lib://flowstdlib/math/sqrt", [fed()]).connect(2, "/string", 4, 0);
    let place = place(&graph);
    let call = place.flowr().args(["--fail-fast", "flow"]).stdin("no number\n");
    call.run().status(3);
    assert!(place.has("dot.png"));
}

#[test]
fn a_pixel_outside_of_its_picture_is_a_failed_job_and_the_others_are_drawn() {
    let mut graph = picture();
    let pixel = |numbers| once(numbers).order(1);
    graph.function(
        4,
        ROOT,
        "context://image/image_buffer",
        [pixel(json!([1, 0])), pixel(json!([1, 2, 3])), pixel(json!([9, 9])), once("dot.png")],
    );
    let place = place(&graph);
    run(&place, "1").status(3).complained_of("[1,0] lies outside of the picture 'dot.png' of 1 x 1");
    assert!(place.has("dot.png"));
}

/// Ends with these statuses, and may have a job that fails.
fn ends_with(statuses: &[i64], fails: bool) -> Graph {
    let mut graph = Graph::new();
    for (id, status) in (1..).zip(statuses) {
        graph.function(id, ROOT, "context://run/exit_status", [once(*status)]);
    }
    if fails {
        graph.function(9, ROOT, "lib://flowstdlib/math/sqrt", [once("no number")]);
    }
    graph
}

#[test]
fn a_flow_chooses_its_exit_status() {
    let chosen = place(&ends_with(&[7, 42, 0], false));
    for threads in ["1", "4"] {
        run(&chosen, threads).status(42).quietly();
    }
    run(&place(&ends_with(&[0], false)), "1").status(0).quietly();
    run(&place(&ends_with(&[42], true)), "1").status(3).complained_of("sqrt");
    run(&place(&ends_with(&[42, 256], false)), "1").status(3).complained_of("from 0 to 255");
}

#[test]
fn a_client_ends_with_the_status_that_its_flow_chooses() {
    let place = place(&ends_with(&[7], false));
    let server = place.server(&["-t", "1"]);
    place.client().args(["--connect", server.address(), "flow"]).run().status(7).quietly();
    server.end();
}

#[test]
fn the_compiler_passes_the_chosen_status_on() {
    let place = Place::new();
    place.write(
        "flow/root.toml",
        "flow = \"flow\"\n[[process]]\nsource = \"context://run/exit_status\"\ninput.status = { once = 9 }\n",
    );
    place.flowc().args(["flow"]).run().status(9).quietly();
}

/// The example on the page of the function that sends null at the end is what the page says.
#[test]
fn the_flow_on_the_page_of_lines_gives_the_maximum() {
    let page = fs::read_to_string(flow_tests::repository().join("flowrcli/context/stdio/lines.md")).unwrap();
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (flow, _) = rest.split_once("```").unwrap();
    let place = Place::new();
    place.write("flow/root.toml", format!("flow = \"flow\"\n{flow}"));
    place.flowc().args(["flow"]).stdin("3\nx\n17\n5\n").run().status(0).quietly().wrote("17.0\n");
}
