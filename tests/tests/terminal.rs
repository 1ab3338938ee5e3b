//! Flows at a terminal: when somebody is asked for a line, and what stands there then.

use flow_tests::graph::{Graph, ROOT, always, fed, once};
use flow_tests::{LINE_LIMIT, Place};

const READLINE: &str = "context://stdio/readline";

/// Asks for lines and prints them.
fn echo() -> Graph {
    let mut graph = Graph::new();
    graph.function(1, ROOT, READLINE, [always("> ")]).stdout(2).connect(1, "/string", 2, 0);
    graph
}

fn placed(graph: &Graph) -> Place {
    let place = Place::new();
    place.write("flow/manifest.json", graph.manifest());
    place
}

#[test]
fn a_prompt_is_shown_before_each_line() {
    let place = placed(&echo());
    for options in [["-t", "1"], ["-t", "4"], ["-j", "1"]] {
        let mut runner = place.flowr().args(options).args(["flow"]).on_terminal().start();
        runner.wait_until_written("> ");
        runner.enter("hello");
        runner.wait_until_written("> hello\r\nhello\r\n> ");
        runner.enter("bye");
        runner.wait_until_written("> hello\r\nhello\r\n> bye\r\nbye\r\n> ");
        runner.close_stdin();
        runner.finish(LINE_LIMIT).status(0).wrote("> hello\r\nhello\r\n> bye\r\nbye\r\n> ");
    }
}

#[test]
fn no_prompt_is_shown_where_nobody_sits_at_a_keyboard() {
    placed(&echo()).flowr().args(["flow"]).stdin("hello\n").run().status(0).quietly().wrote("hello\n");
}

/// Whoever is asked for the next line has seen all of the answer to the last one, however long it takes and whoever
/// works on it.
#[test]
fn a_prompt_waits_for_the_whole_answer() {
    let mut graph = Graph::new();
    // Counts from 1 to the number that was entered, and gives that number again at the end.
    graph
        .flow(1)
        .function(2, ROOT, READLINE, [always("to? ")])
        .function(3, 1, "lib://flowstdlib/math/series_step", [fed(), fed(), fed()])
        .stdout(4)
        .function(6, ROOT, "lib://flowstdlib/memory/constant", [always(1).generic(), fed().generic()])
        .connect(2, "/json", 3, 1)
        .connect(2, "/json", 6, 1)
        .connect(6, "", 3, 0)
        .connect(6, "", 3, 2)
        .connect(3, "/number", 4, 0)
        .connect(3, "/next", 3, 0)
        .connect(3, "/next-limit", 3, 1)
        .connect(3, "/next-step", 3, 2)
        .connect(3, "/last", 4, 0);
    let place = placed(&graph);
    let _worker = place.worker();
    for threads in ["1", "4", "0"] {
        let mut runner = place.flowr().args(["-t", threads, "flow"]).on_terminal().start();
        let mut shown = "to? ".to_owned();
        runner.wait_until_written(&shown);
        for number in [3, 20, 1] {
            runner.enter(&number.to_string());
            shown.push_str(&format!("{number}\r\n"));
            (1..=number).chain([number]).for_each(|number| shown.push_str(&format!("{number}\r\n")));
            shown.push_str("to? ");
            runner.wait_until_written(&shown);
        }
        runner.close_stdin();
        runner.finish(LINE_LIMIT).status(0).wrote(&shown);
    }
}

/// A terminal goes on after its end was typed, but the input of the flow is over.
#[test]
fn the_end_of_the_input_is_typed_once() {
    for (function, inputs) in [
        ("context://stdio/stdin", vec![]),
        ("context://stdio/lines", vec![always("")]),
        (READLINE, vec![always("")]),
    ] {
        let mut graph = Graph::new();
        graph
            .function(1, ROOT, function, inputs)
            .function(2, ROOT, "lib://flowstdlib/fmt/to_string", [fed().generic()])
            .stdout(3)
            .connect(1, "/string", 2, 0)
            .connect(2, "", 3, 0);
        let place = placed(&graph);
        let mut runner = place.flowr().args(["flow"]).on_terminal().start();
        runner.enter("a line");
        runner.close_stdin();
        let end = if function == READLINE { "" } else { "null\r\n" };
        runner.finish(LINE_LIMIT).status(0).wrote(format!("a line\r\n\"a line\"\r\n{end}"));
    }
}

/// What asks for another line is the prompt: a flow that sends it round can stop asking.
#[test]
fn a_dialogue_ends_when_no_line_is_asked_for() {
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, READLINE, [once("? ")])
        .function(2, ROOT, "lib://flowstdlib/logic/not_equal", [fed().generic(), always("quit").generic()])
        .function(3, ROOT, "lib://flowstdlib/control/tap", [fed().generic(), fed()])
        .function(4, ROOT, "lib://flowstdlib/text/length", [fed()])
        .stdout(5)
        .connect(1, "/string", 2, 0)
        .connect(1, "/string", 4, 0)
        .connect_input(1, 0, 3, 0)
        .connect(2, "", 3, 1)
        .connect(3, "", 1, 0)
        .connect(4, "", 5, 0);
    let place = placed(&graph);
    let mut runner = place.flowr().args(["flow"]).on_terminal().start();
    runner.wait_until_written("? ");
    runner.enter("hello");
    runner.wait_until_written("? hello\r\n5\r\n? ");
    runner.enter("quit");
    runner.finish(LINE_LIMIT).status(0).wrote("? hello\r\n5\r\n? quit\r\n4\r\n");
}
