//! The standard library in real flows: compiled and run by the installed programs.

#![expect(clippy::panic, reason = "the lints exempt tests, but not the functions that several tests share")]

#[path = "library/cases.rs"]
mod cases;

use cases::{cases, flow_of};
use flow_tests::Place;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn every_function_gives_its_results() {
    let cases = cases();
    let place = Place::new();
    place.write("library.json", format!("{:#}", flow_of(&cases)));
    place.flowc().args(["-c", "library.json"]).run().status(0);
    let mut expected: Vec<String> = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        for (output, value) in &case.outputs {
            expected.push(format!("{number} {} {output} {value}", case.route));
        }
    }
    expected.sort();
    for threads in ["1", "2"] {
        let outcome = place.flowr().args(["-t", threads, "."]).run().status(0).quietly();
        let mut lines: Vec<String> = outcome.stdout().lines().map(str::to_owned).collect();
        lines.sort();
        assert_eq!(lines, expected);
    }
}

#[test]
fn no_function_is_left_out() {
    let run: BTreeSet<String> =
        cases().iter().map(|case| format!("lib://flowstdlib/{}", case.route)).collect();
    for (url, _) in flowstdlib::implementations() {
        assert!(run.contains(*url), "{url} has no line in library/functions.txt");
    }
}

#[test]
fn no_flow_is_left_out() {
    for (path, definition) in flowstdlib::DEFINITIONS {
        let route = path.trim_end_matches(".toml");
        let is_run = include_str!("library.rs").contains(&format!("\"{route}\""));
        assert!(!definition.starts_with("flow = ") || is_run, "no flow here uses {route}");
    }
}

/// Compiles and runs a flow, and checks what it prints.
fn prints(place: &Place, name: &str, flow: &str, expected: &str) {
    place.write(&format!("{name}/root.toml"), format!("flow = \"{name}\"\n{flow}"));
    place.flowc().args([name]).run().status(0).quietly().wrote(expected);
}

/// A process of the library with the given inputs.
fn process(alias: &str, route: &str, inputs: &str) -> String {
    let inputs: String = inputs
        .split(';')
        .filter(|one| !one.trim().is_empty())
        .map(|one| format!("input.{}\n", one.trim()))
        .collect();
    format!("[[process]]\nalias = \"{alias}\"\nsource = \"lib://flowstdlib/{route}\"\n{inputs}\n")
}

/// Connections, written `from -> to` and separated by semicolons, and the function that prints.
fn connected(connections: &str) -> String {
    let connection = |one: &str| {
        let (from, to) = one.split_once("->").unwrap_or_else(|| panic!("no arrow in '{one}'"));
        format!("[[connection]]\nfrom = \"{}\"\nto = \"{}\"\n\n", from.trim(), to.trim())
    };
    let connections: String =
        connections.split(';').filter(|one| !one.trim().is_empty()).map(connection).collect();
    format!("[[process]]\nsource = \"context://stdio/stdout\"\n\n{connections}")
}

#[test]
fn sequence_counts_and_starts_again() {
    let place = Place::new();
    let flow = process(
        "sequence",
        "math/sequence",
        "start = { once = [1, 10, 100] }; limit = { once = [3, 12, 102] }; step = { once = [1, 1, 1] }",
    ) + &connected("sequence/number -> stdout");
    prints(&place, "again", &flow, "1\n2\n3\n10\n11\n12\n100\n101\n102\n");
    let flow = process(
        "sequence",
        "math/sequence",
        "start = { once = 2 }; limit = { once = 12 }; step = { once = 3 }",
    ) + &connected("sequence/number -> stdout; sequence/last -> stdout");
    prints(&place, "beyond", &flow, "2\n5\n8\n11\n14\n");
    let flow = process(
        "series",
        "math/series",
        "start = { once = [3, 5] }; limit = { once = [1, 6] }; step = { once = [-1, 1] }",
    ) + &connected("series/number -> stdout; series/last -> stdout");
    prints(&place, "down", &flow, "3\n2\n1\n1\n5\n6\n6\n");
}

/// What a flow that counts prints: its numbers, and then its last.
fn counts(place: &Place, route: &str, [start, limit, step]: [&str; 3], expected: &str) {
    let inputs =
        format!("start = {{ once = {start} }}; limit = {{ once = {limit} }}; step = {{ once = {step} }}");
    let flow = process("count", route, &inputs)
        + &process("label", "data/append", "s1 = { always = \"last \" }")
        + &connected("count/number -> stdout; count/last -> label/s2; label -> stdout");
    prints(place, "counts", &flow, expected);
}

#[test]
fn sequence_ends_at_its_limit_or_beyond() {
    let place = Place::new();
    let sequence = |numbers, expected| counts(&place, "math/sequence", numbers, expected);
    sequence(["1", "3", "1"], "1\n2\n3\nlast 3\n");
    sequence(["5", "3", "1"], "last 5\n");
    sequence(["3", "3", "2"], "3\nlast 3\n");
    sequence(["0", "1.0", "0.5"], "0\n0.5\n1.0\nlast 1.0\n");
    // The sum that is too large for an integer ends it without a last.
    sequence(["9223372036854775806", "9223372036854775807", "5"], "9223372036854775806\n");
}

#[test]
fn series_goes_either_way_and_its_last_is_one_of_its_numbers() {
    let place = Place::new();
    let series = |numbers, expected| counts(&place, "math/series", numbers, expected);
    series(["2", "10", "3"], "2\n5\n8\nlast 8\n");
    series(["1", "0", "-0.5"], "1\n0.5\n0.0\nlast 0.0\n");
    series(["3", "3", "0"], "3\nlast 3\n");
    // The end mark of a series without numbers, joined as the empty text that null is.
    series(["1", "5", "-1"], "last \n");
    series(
        ["9223372036854775806", "9223372036854775807", "5"],
        "9223372036854775806\nlast 9223372036854775806\n",
    );
    let flow =
        process("series", "math/series", "start = { once = 1 }; limit = { once = 2 }; step = { once = 0 }")
            + &connected("series/number -> stdout");
    place.write("nowhere/root.toml", format!("flow = \"nowhere\"\n{flow}"));
    place.flowc().args(["nowhere"]).run().status(3).complained_of("a step of 0 leads from 1 no nearer to 2");
}

#[test]
fn scalars_arrive_as_arrays_of_one_where_arrays_are_taken() {
    let place = Place::new();
    let of = |route: &str, connections: &str| {
        process("function", route, "")
            + TO_STRING
            + &connected(&format!("{connections}; to_string -> stdout"))
    };
    let enumerate = of("data/enumerate", "readline/json -> function; function -> to_string");
    prints_of_lines(
        &place,
        "enumerate",
        &enumerate,
        "5\nnull\n[6,7]\n",
        "[[0,5]]\n[[0,null]]\n[[0,6],[1,7]]\n",
    );
    let zip = of(
        "data/zip",
        "readline/json/0 -> function/left; readline/json/1 -> function/right; function -> to_string",
    );
    prints_of_lines(&place, "zip", &zip, "[1,2]\n[[3,4],[5,6,7]]\n", "[[1,2]]\n[[3,5],[4,6]]\n");
    let sort = of("data/sort", "readline/json -> function; function -> to_string");
    prints_of_lines(&place, "sort", &sort, "null\n7\n[2.5,-1,2]\n", "[null]\n[7]\n[-1,2,2.5]\n");
    place.write(
        "range/root.toml",
        format!(
            "flow = \"range\"\n{READLINE}{}",
            process("range", "math/range", "")
                + &connected("readline/json -> range/range; range/number -> stdout")
        ),
    );
    let outcome = place.flowc().args(["range"]).stdin("7\n[2,2]\n").run().status(3);
    outcome.wrote("2\n").complained_of("an array of two integers");
}

#[test]
fn text_can_be_reversed_and_reversed_again() {
    let place = Place::new();
    let flow = process("there", "fmt/reverse", "")
        + &process("back", "fmt/reverse", "")
        + &connected("readline/string -> there; there -> stdout; there -> back; back -> stdout");
    prints_of_lines(&place, "reverse", &flow, "Grüße 流れ\n", "れ流 eßürG\nGrüße 流れ\n");
}

/// Adds one to what is read, and divides what is read by zero.
fn too_much() -> String {
    READLINE.to_owned()
        + &process("add", "math/add", "i2 = { always = 1 }")
        + &process("divide", "math/divide", "divisor = { always = 0 }")
        + TO_STRING
        + &connected(
            "readline/json -> add/i1; readline/json -> divide/dividend; add -> stdout; divide/result -> to_string; to_string -> stdout",
        )
}

#[test]
fn what_has_no_result_is_told_once_and_is_no_failure() {
    let place = Place::new();
    place.write("much/root.toml", format!("flow = \"much\"\n{}", too_much()));
    place.flowc().args(["-c", "much"]).run().status(0);
    let lines = "9223372036854775807\n1\n9223372036854775807\n";
    let run = |options: &[&str]| place.flowr().args(options).args(["much"]).stdin(lines).run();
    let printed = "null\n2\nnull\nnull\n";
    run(&[]).status(0).quietly().wrote(printed);
    let told = run(&["-v", "warn"]).status(0).wrote(printed);
    for text in [
        "9223372036854775807 + 1 is an integer of more than 64 bits",
        "9223372036854775807 / 0 has no result",
    ] {
        let times = told.stderr().matches(text).count();
        assert_eq!(times, 1, "{}", told.stderr());
    }
    assert_eq!(told.stderr().lines().count(), 2, "{}", told.stderr());
    run(&["-v", "info"]).status(0).complained_of("had no value to send 2 times");
    run(&["-m", "--metrics-format", "json"]).status(0).mentioned("\"values_unsent\":2");
    run(&["--strict"]).status(5).wrote(printed);
}

#[test]
fn range_gives_every_number_once() {
    let place = Place::new();
    let flow =
        process("range", "math/range", "range = { once = [1, 10] }") + &connected("range/number -> stdout");
    prints(&place, "range", &flow, "3\n5\n8\n10\n2\n4\n7\n9\n1\n6\n");
    let flow =
        process("range", "math/range", "range = { once = [5, 4] }") + &connected("range/number -> stdout");
    prints(&place, "empty", &flow, "");
}

/// Reads lines to the end.
const READLINE: &str = "[[process]]
source = \"context://stdio/readline\"
input.prompt = { always = \"\" }

";

/// Compiles and runs a flow whose `readline` gives these lines, and checks what it prints.
fn prints_of_lines(place: &Place, name: &str, flow: &str, lines: &str, expected: &str) {
    place.write(&format!("{name}/root.toml"), format!("flow = \"{name}\"\n{READLINE}{flow}"));
    place.flowc().args([name]).stdin(lines).run().status(0).quietly().wrote(expected);
}

/// A stream of three values and the null that ends it, as JSON lines.
const STREAM: &str = "7\n5.5\n[1,[2]]\nnull\n";

#[test]
fn an_item_of_a_stream_is_selected_by_its_position() {
    let place = Place::new();
    for (select, expected) in [("0", "7\n"), ("2", "[1,[2]]\n"), ("-1", "[1,[2]]\n"), ("9", "")] {
        let flow = READLINE.to_owned()
            + &process("index_f", "control/index_f", &format!("select_index = {{ always = {select} }}"))
            + &connected("readline/json -> index_f/value; index_f/selected_value -> stdout");
        place.write("select/root.toml", format!("flow = \"select\"\n{flow}"));
        place.flowc().args(["select"]).stdin(STREAM).run().status(0).quietly().wrote(expected);
    }
}

#[test]
fn matrices_of_any_shape_are_multiplied() {
    let place = Place::new();
    let products = [
        ("[[1,2],[3,4]]", "[[5,6],[7,8]]", "[[19,22],[43,50]]"),
        ("[[1,2,3]]", "[[4],[5],[6]]", "[[32]]"),
        ("[[1],[2],[3]]", "[[4,5]]", "[[4,5],[8,10],[12,15]]"),
        ("[[0.5,1],[0,-1]]", "[[2,0],[4,0]]", "[[5.0,0.0],[-4,0]]"),
        ("[[0,0],[0,0]]", "[[1,2],[3,4]]", "[[0,0],[0,0]]"),
        ("[[7]]", "[[6]]", "[[42]]"),
    ];
    // All of them in one run, so that sizes follow one another.
    let pairs: String = products.iter().map(|(left, right, _)| format!("[{left},{right}]\n")).collect();
    let flow = READLINE.to_owned()
        + &process("multiply", "matrix/multiply", "")
        + &connected(
            "readline/json/0 -> multiply/a; readline/json/1 -> multiply/b; multiply/product -> stdout",
        );
    let expected: String = products.iter().map(|product| format!("{}\n", product.2)).collect();
    place.write("matrices/root.toml", format!("flow = \"matrices\"\n{flow}"));
    place.flowc().args(["matrices"]).stdin(pairs).run().status(0).quietly().wrote(expected);
}

#[test]
fn matrices_without_a_product_do_not_disturb_the_next() {
    let place = Place::new();
    let flow = process("multiply", "matrix/multiply", "")
        + &connected(
            "readline/json/0 -> multiply/a; readline/json/1 -> multiply/b; multiply/product -> stdout",
        );
    place.write("disturbed/root.toml", format!("flow = \"disturbed\"\n{READLINE}{flow}"));
    let too_large = i64::MAX;
    let pairs = format!(
        "[[[1,2]],[[3],[4]]]\n[[[1,2]],[[3,4]]]\n[[[1],[{too_large}]],[[2,3]]]\n[[[1],[2]],[[3,4]]]\n"
    );
    let outcome = place.flowc().args(["disturbed"]).stdin(pairs).run().status(3);
    outcome.wrote("[[11]]\n[[3,4],[6,8]]\n").complained_of("'a' has 2 columns, and 'b' 1 rows");
}

#[test]
fn arrays_are_collected_whole() {
    let place = Place::new();
    let flow = READLINE.to_owned()
        + &process("accumulate", "data/accumulate", "partial = { once = [] }; chunk_size = { always = 2 }")
        + &connected(
            "readline/json -> accumulate/values; accumulate/partial -> accumulate/partial; accumulate/chunk -> stdout",
        );
    place.write("collect/root.toml", format!("flow = \"collect\"\n{flow}"));
    let lines = "[1]\n[2,[3]]\n4\n[5]\n[6]\nnull\n";
    let expected = "[[1],[2,[3]]]\n[4,[5]]\n[[6]]\n";
    place.flowc().args(["collect"]).stdin(lines).run().status(0).quietly().wrote(expected);
}

#[test]
fn the_end_mark_brings_the_results_of_a_stream() {
    let place = Place::new();
    let flow = READLINE.to_owned()
        + &process("min", "data/min", "partial = { once = 255 }")
        + &process("max", "data/max", "partial = { once = 0 }")
        + &process("avg", "data/avg", "partial_sum = { once = 0 }; partial_count = { once = 0 }")
        + &process("bins", "data/bin_count", "partial = { once = [0, 0, 0, 0, 0, 0] }")
        + &connected(
            "readline/json -> min/value; readline/json -> max/value; readline/json -> avg/value; \
             readline/json -> bins/value; min/partial -> min/partial; max/partial -> max/partial; \
             avg/partial_sum -> avg/partial_sum; avg/partial_count -> avg/partial_count; \
             bins/partial -> bins/partial; min/result -> stdout; max/result -> stdout; avg/result -> stdout; \
             avg/count -> stdout; bins/bins -> stdout",
        );
    place.write("results/root.toml", format!("flow = \"results\"\n{flow}"));
    let expected = "1.0\n5.0\n3.0\n4.0\n[0,1,0,2,0,1]\n";
    let outcome = place.flowc().args(["results"]).stdin("3\n1\n5\n3\nnull\n").run().status(0).quietly();
    outcome.wrote(expected);
}

#[test]
fn split_in_a_loop_finds_every_token() {
    let place = Place::new();
    let flow = process(
        "split",
        "data/split",
        "string = { once = \"the quick brown fox  jümps over\" }; separator = { always = \" \" }",
    ) + &process("outstanding", "math/add", "i1 = { once = 1 }")
        + &connected(
            "split/partial -> split/string; split/token -> stdout; split/delta -> outstanding/i2; \
             outstanding -> outstanding/i1; outstanding -> stdout",
        );
    place.write("split/root.toml", format!("flow = \"split\"\n{flow}"));
    let outcome = place.flowc().args(["split"]).run().status(0).quietly();
    let mut tokens: Vec<String> = outcome.stdout().lines().map(str::to_owned).collect();
    assert_eq!(tokens.last().map(String::as_str), Some("0"), "all work is done in the end");
    tokens.retain(|token| token.parse::<i64>().is_err());
    tokens.sort();
    assert_eq!(tokens, ["brown", "fox", "jümps", "over", "quick", "the"]);
}

#[test]
fn null_is_a_value_that_passes() {
    let place = Place::new();
    place.write(
        "null.json",
        json!({"flow": "null", "process": [
            {"source": "lib://flowstdlib/control/join", "input": {"data": {"once": null}, "control": {"once": null}}},
            {"source": "lib://flowstdlib/control/tap", "input": {"control": {"once": true}}},
            {"source": "lib://flowstdlib/math/add", "input": {"i2": {"once": 1}}},
            {"source": "lib://flowstdlib/fmt/to_string"},
            {"source": "context://stdio/stdout"}],
         "connection": [
            {"from": "join", "to": "tap/data"}, {"from": "tap", "to": "add/i1"},
            {"from": "add", "to": "to_string"}, {"from": "to_string", "to": "stdout"}]})
        .to_string(),
    );
    place.flowc().args(["null.json"]).run().status(0).quietly().wrote("null\n");
}

const TO_STRING: &str = "[[process]]\nsource = \"lib://flowstdlib/fmt/to_string\"\n\n";

#[test]
fn settings_of_stream_flows_come_in_any_way() {
    let place = Place::new();
    let connections =
        "readline/json -> batch/value; batch/batch -> to_string; batch/end -> to_string; to_string -> stdout";
    let lines = "1\n[2]\n3\nnull\n4\n5\n6\n";
    for (name, size, more) in [
        ("always", "size = { always = 2 }", ""),
        ("once", "size = { once = 2 }", ""),
        ("connected", "", "; two -> batch/size"),
    ] {
        let two = process("two", "math/add", "i1 = { once = 1 }; i2 = { once = 1 }");
        let flow = TO_STRING.to_owned()
            + if more.is_empty() { "" } else { &two }
            + &process("batch", "stream/batch", size)
            + &connected(&format!("{connections}{more}"));
        prints_of_lines(&place, name, &flow, lines, "[1,[2]]\n[3]\nnull\n[4,5]\n");
    }
    let flow = process("batch", "stream/batch", "size = { always = 0 }")
        + &connected("readline/json -> batch/value; batch/batch -> stdout");
    prints_of_lines(&place, "all", &flow, lines, "[1,[2],3]\n");
}

#[test]
fn what_is_left_over_of_a_chunk_comes_with_the_null_that_ends_the_stream() {
    let place = Place::new();
    let flow = process("accumulate", "data/accumulate", "partial = { once = [] }; chunk_size = { once = 2 }")
        + TO_STRING
        + &connected(
            "readline/json -> accumulate/values; accumulate/partial -> accumulate/partial; \
             accumulate/chunk_size -> accumulate/chunk_size; accumulate/chunk -> to_string; to_string -> stdout",
        );
    prints_of_lines(&place, "lost", &flow, "1\n2\n3\n", "[1,2]\n");
    prints_of_lines(&place, "flushed", &flow, "1\n2\n3\nnull\n", "[1,2]\n[3]\n");
    prints_of_lines(&place, "even", &flow, "1\n2\nnull\n", "[1,2]\nnull\n");
}

#[test]
fn a_window_moves_over_a_stream() {
    let place = Place::new();
    let connections = connected("readline/json -> window/value; window/window -> stdout");
    let flow = |size: u32, step: u32| {
        let inputs = format!("size = {{ always = {size} }}; step = {{ once = {step} }}");
        process("window", "stream/window", &inputs) + &connections
    };
    let lines = "1\n[2]\n3\n4\n5\nnull\n6\n7\n8\n";
    prints_of_lines(&place, "one", &flow(3, 1), lines, "[1,[2],3]\n[[2],3,4]\n[3,4,5]\n[6,7,8]\n");
    prints_of_lines(&place, "more", &flow(2, 3), lines, "[1,[2]]\n[4,5]\n[6,7]\n");
}

#[test]
fn arrays_become_streams_and_arrays_again() {
    let place = Place::new();
    let flow = process("scatter", "stream/scatter", "")
        + &process("length", "array/length", "")
        + &process("gather", "stream/gather", "")
        + &connected(
            "readline/json -> scatter/array; scatter/value -> length; length -> gather/value; \
             scatter/index -> gather/index; scatter/total -> gather/total; gather/array -> stdout",
        );
    let lines = "[[1, 2], [], [[[3]]]]\n[]\n[[1]]\n[[], [1]]\n";
    prints_of_lines(&place, "scatter", &flow, lines, "[2,0,1]\n[1]\n[0,1]\n");
}

#[test]
fn a_batch_is_flushed_when_told() {
    let place = Place::new();
    let flow = process("flush", "stream/flush", "")
        + &connected("readline/json/0 -> flush/value; readline/json/1 -> flush/flush; flush/batch -> stdout");
    let lines = "[1, false]\n[[2], true]\n[3, true]\n[4, false]\n[null, false]\n";
    prints_of_lines(&place, "flush", &flow, lines, "[1,[2]]\n[3]\n[4]\n");
}

#[test]
fn values_are_kept_and_held_back() {
    let place = Place::new();
    for (name, held, more) in [
        ("once", "held = { once = [7] }", ""),
        ("always", "held = { always = [7] }", ""),
        ("connected", "", "; seven -> hold/held"),
    ] {
        let seven = process("seven", "array/push", "array = { once = [] }; value = { once = 7 }");
        let flow = if more.is_empty() { String::new() } else { seven }
            + &process("hold", "memory/hold", held)
            + &process("pair", "array/push", "")
            + &connected(&format!(
                "readline/json -> hold/value; hold/held -> pair/array; hold/value -> pair/value; pair -> stdout{more}"
            ));
        prints_of_lines(&place, name, &flow, "1\n2\n3\n", "[7,1]\n[7,2]\n[7,3]\n");
    }
    let flow = process("delay", "memory/delay", "initial = { always = 0 }")
        + &connected("readline/json -> delay/value; delay/value -> stdout");
    prints_of_lines(&place, "delay", &flow, "1\n[2]\n3\n", "0\n1\n[2]\n");
    let flow = process("once", "memory/once", "")
        + &process("rest", "data/append", "s1 = { always = \"then \" }")
        + &connected(
            "readline/json -> once/value; once/first -> stdout; once/rest -> rest/s2; rest -> stdout",
        );
    prints_of_lines(&place, "first", &flow, "1\n2\n3\n", "1\nthen 2\nthen 3\n");
}

/// What is kept is replaced when another value comes: here every value is paired with the latest of the other stream.
#[test]
fn a_kept_value_gives_way_to_the_next() {
    let place = Place::new();
    let flow = process("hold", "memory/hold", "")
        + &process("pair", "array/push", "")
        + &process("wrap", "array/push", "array = { always = [] }")
        + &connected(
            "readline/json/value -> hold/value; readline/json/held -> wrap/value; wrap -> hold/held; \
             hold/held -> pair/array; hold/value -> pair/value; pair -> stdout",
        );
    let lines = "{\"held\": \"a\"}\n{\"value\": 1}\n{\"value\": 2}\n{\"held\": \"b\"}\n{\"value\": 3}\n";
    prints_of_lines(&place, "next", &flow, lines, "[\"a\",1]\n[\"a\",2]\n[\"b\",3]\n");
}

#[test]
fn a_condition_that_does_not_hold_costs_its_own_value() {
    let place = Place::new();
    let flow = process("assert", "error/assert", "message = { always = \"not equal\" }")
        + &process("equal", "logic/equal", "right = { always = 1 }")
        + &connected(
            "readline/json -> equal/left; readline/json -> assert/value; equal -> assert/condition; assert -> stdout",
        );
    place.write("assert/root.toml", format!("flow = \"assert\"\n{READLINE}{flow}"));
    let outcome = place.flowc().args(["assert"]).stdin("1\n2\n1.0\n").run().status(3);
    outcome.wrote("1\n1.0\n").complained_of("not equal: 2");
}
