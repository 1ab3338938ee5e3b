//! Manifests that are broken, malicious or merely strange: an error in one line that names the place, status 1, and no
//! more memory than the text calls for; or a run like any other.
//!
//! * Cut off at every length, and every kind of contradiction: the tests in `flowcore/src/manifest/flow.rs`.
//! * Whatever else may be written in the place of any part: `flowrlib/src/state/tests/any_manifest.rs`.
//! * Files that are none, and places where there is none: `command_line.rs`.
//! * Counts in what comes over the network: `a_count_beyond_the_frame_is_refused` in `flowcore/src/encoding/value.rs`.

use flow_tests::{Outcome, Place, Table};

/// A flow that prints `hi`, with everything that a manifest can have.
const GOOD: &str = r#"{
  "metadata": {}, "lib_references": [], "context_references": [], "source_urls": {},
  "functions": {
    "1": {"name": "say", "route": "/good/say", "process_id": 1, "parent_id": 0,
      "implementation_location": "lib://flowstdlib/control/join",
      "inputs": [{"name": "data", "generic": true, "array_order": 0, "initializer": {"once": "hi"}},
        {"generic": true, "flow_initializer": {"once": 1}}],
      "output_connections": [{"source": {"Output": ""}, "destination_id": 2, "destination_io_number": 0,
        "destination_parent_id": 0, "internal": true}]},
    "2": {"process_id": 2, "parent_id": 0, "implementation_location": "context://stdio/stdout",
      "inputs": [{"generic": true}]}
  },
  "flows": {"0": {"process_id": 0, "parent_id": null, "sub_flow_ids": []}}
}"#;

/// Runs a manifest with little memory: half a gigabyte, of which the program itself takes a good part.
fn run(place: &Place, manifest: &str) -> Outcome {
    place.write("flow/manifest.json", manifest);
    place.shell("ulimit -v 600000; exec flowr -t 1 flow").run()
}

/// The good manifest with one text in it replaced.
fn spoiled(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

/// Whether a terminal would show a text as it is.
fn is_plain(text: &str) -> bool {
    !text.contains(|character: char| character.is_control() && character != '\n')
}

#[test]
fn what_is_wrong_is_told_in_one_line_that_names_the_place() {
    let place = Place::new();
    assert_eq!(run(&place, GOOD).status(0).quietly().stdout(), "hi\n");
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut table = Table::default();
    for (from, to, said) in [
        // Numbers that cannot be.
        (
            r#""process_id": 2,"#,
            r#""process_id": -2,"#,
            "`-2`, expected u64 at line 10 column 26, in functions/2/process_id",
        ),
        (
            r#""process_id": 2,"#,
            r#""process_id": 1e3,"#,
            "expected u64 at line 10 column 27, in functions/2/process_id",
        ),
        (
            r#""parent_id": 0,"#,
            r#""parent_id": "root","#,
            "expected u64 at line 4 column 83, in functions/1/parent_id",
        ),
        (
            r#""array_order": 0"#,
            r#""array_order": 9999999999"#,
            "expected u32 at line 6 column 76, in functions/1/inputs/0/array_order",
        ),
        (
            r#""destination_io_number": 0"#,
            r#""destination_io_number": 1000000000"#,
            "function 1 has a connection to input 1000000000 of function 2, which has 1 inputs",
        ),
        (
            r#""destination_id": 2"#,
            r#""destination_id": 18446744073709551615"#,
            "function 1 has a connection to function 18446744073709551615, which does not exist",
        ),
        // Kinds that cannot be.
        (
            r#""generic": true"#,
            r#""generic": "yes""#,
            r#"string "yes", expected a boolean at line 6 column 50, in functions/1/inputs/0/generic"#,
        ),
        (
            r#"{"once": "hi"}"#,
            r#"{"twice": "hi"}"#,
            "unknown variant `twice`, expected `once` or `always` at line 6 column 92, in functions/1/inputs/0/initializer",
        ),
        (
            r#"{"Output": ""}"#,
            r#"{"Sideways": ""}"#,
            "unknown variant `Sideways`, expected `Output` or `Input` at line 8 column 51, in functions/1/output_connections/0/source",
        ),
        (r#"{"Output": ""}"#, r#"{"Output": "result"}"#, "function 1 has a connection from 'result'"),
        (
            r#"{"Output": ""}"#,
            r#"{"Input": 2}"#,
            "function 1 has a connection that copies its input 2, but it has 2 inputs",
        ),
        (
            r#""inputs": ["#,
            r#""inputs": {}, "x": ["#,
            "expected a sequence at line 6 column 16, in functions/1/inputs",
        ),
        (
            r#""functions": {"#,
            r#""functions": null, "x": {"#,
            "expected an object with ids as keys at line 3 column 19, in functions",
        ),
        // Ids that contradict each other.
        (r#""1": {"#, r#""3": {"#, "the function with key 3 has process_id 1"),
        (r#""2": {"#, r#""1": {"#, "the id 1 is given twice at line 12 column 3, in functions"),
        (
            r#""2": {"#,
            r#""two": {"#,
            "expected key to be a number in quotes at line 10 column 5, in functions",
        ),
        (r#""2": {"#, r#""02": {"#, "at line 10 column"),
        (r#""0": {"process_id": 0"#, r#""1": {"process_id": 1"#, "id 1 names both a function and a flow"),
        (r#""parent_id": null"#, r#""parent_id": 0"#, "flow 0 lies inside itself"),
        (r#""parent_id": null"#, r#""parent_id": 2"#, "flow 0 has parent_id 2, which is a function"),
        (r#""parent_id": 0,"#, r#""parent_id": 2,"#, "function 1 has parent_id 2, which is a function"),
        (
            r#""flows": {"#,
            r#""flows": {"5": {"process_id": 5, "parent_id": 6}, "6": {"process_id": 6, "parent_id": 5}, "#,
            "flow 5 lies inside itself",
        ),
        // Things that are missing or too many.
        (r#""process_id": 2, "#, "", "missing field `process_id` at line 11 column 36, in functions/2"),
        (
            r#""process_id": 2, "#,
            r#""process_id": 2, "process_id": 2, "#,
            "duplicate field `process_id` at line 10",
        ),
        (r#""functions""#, r#""function""#, "missing field `functions` at line 14 column 1"),
        (r#""context://stdio/stdout""#, r#""""#, "function 2 has an empty implementation_location"),
        // Places where there is no code.
        (
            r#""context://stdio/stdout""#,
            r#""gopher://host/f.wasm""#,
            "function 2 has implementation_location 'gopher://host/f.wasm', but there is no code to be had from 'gopher:'",
        ),
        (
            r#""context://stdio/stdout""#,
            r#""http://[/""#,
            "function 2 has implementation_location 'http://[/', which is neither a URL nor a path",
        ),
        // What a terminal would act on.
        ("{\"once\": \"hi\"}", r#"{"\u001b[2J\u0007": 1}"#, r"unknown variant `\u{1b}[2J\u{7}`"),
        ("{\"once\": \"hi\"}", "{\"\u{1b}[2J\": 1}", "control character"),
        (
            r#""context://stdio/stdout""#,
            r#""http://[\u001b[2J\u0000\n""#,
            r"function 2 has implementation_location 'http://[\u{1b}[2J\u{0}\n', which is neither",
        ),
        ("\"hi\"", "\"hi\0\"", "control character"),
        // What is too much.
        (r#""hi""#, &deep, "recursion limit exceeded at line 6"),
    ] {
        let outcome = run(&place, &spoiled(from, to));
        let label = to.get(..80).unwrap_or(to);
        let (stderr, manifest) = (outcome.stderr(), place.work().join("flow/manifest.json"));
        let beginning = format!("ERROR   - the manifest {} is not valid: ", manifest.display());
        let is_told = stderr.lines().count() == 1
            && stderr.starts_with(&beginning)
            && stderr.contains(said)
            && is_plain(stderr)
            && stderr.len() < 1000;
        table.row(label, if is_told { said } else { stderr }, said);
        table.row(label, format!("{:?} {}", outcome.code(), outcome.stdout()), "Some(1) ");
    }
    table.end();
}

/// Names that would do something to a terminal, or pretend to be further lines, do nothing but stand there.
#[test]
fn names_are_shown_as_they_are_and_do_nothing() {
    let place = Place::new();
    let name = r#""/good/\u001b[31msay\r\nERROR   - all is lost\u0000\u202e""#;
    let manifest = spoiled(r#""/good/say""#, name).replace("control/join", "control/nothing");
    let outcome = run(&place, &manifest).status(3);
    assert_eq!(outcome.stderr().lines().count(), 1, "{}", outcome.stderr());
    assert!(is_plain(outcome.stderr()), "{:?}", outcome.stderr());
    outcome.complained_of(r"/good/\u{1b}[31msay\r\nerror   - all is lost\u{0}\u{202e}: job 1 failed");
    // So does what a flow is called on the command line.
    let outcome =
        place.flowr().args(["no\u{1b}[31m\nwhere"]).run().status(1).complained_of(r"no\u{1b}[31m\nwhere");
    assert_eq!(outcome.stderr().lines().count(), 1, "{}", outcome.stderr());
}

/// What is large only in numbers is nothing special, and what is large takes what it is worth.
#[test]
fn what_is_strange_runs_like_any_other() {
    let place = Place::new();
    let million = format!("[{}]", vec!["0"; 1_000_000].join(","));
    let flows: String = (1000..21_000_u32)
        .map(|id| {
            format!(
                r#""{id}": {{"process_id": {id}, "parent_id": {}}}, "#,
                if id == 1000 { 0 } else { id - 1 }
            )
        })
        .collect();
    let mut table = Table::default();
    for (label, manifest, expected) in [
        (
            "huge ids",
            GOOD.replace(
                r#""2": {"process_id": 2"#,
                r#""18446744073709551615": {"process_id": 18446744073709551615"#,
            )
            .replace(r#""destination_id": 2"#, r#""destination_id": 18446744073709551615"#),
            "0: hi",
        ),
        (
            "a thousand million sub-flows, by their number",
            spoiled(r#""sub_flow_ids": []"#, r#""sub_flow_ids": [1000000000]"#),
            "0: hi",
        ),
        (
            "an order that no value has",
            spoiled(r#""generic": true, "array_order": 0"#, r#""array_order": 4294967295"#),
            "0: ",
        ),
        (
            "a million values in one",
            GOOD.replace(r#""hi""#, &million)
                .replace("control/join", "array/push")
                .replace(r#"{"generic": true}]}"#, r#"{"array_order": 4000000000}]}"#),
            "0: ",
        ),
        (
            "twenty thousand flows inside of each other",
            GOOD.replace(r#""flows": {"#, &format!(r#""flows": {{{flows}"#))
                .replace(r#""process_id": 1, "parent_id": 0"#, r#""process_id": 1, "parent_id": 20999"#),
            "0: hi",
        ),
        (
            "a flow that nobody has told of",
            spoiled(r#""process_id": 1, "parent_id": 0"#, r#""process_id": 1, "parent_id": 77"#),
            "0: hi",
        ),
        (
            "keys of the future",
            spoiled(r#""name": "say""#, r#""colour": {"red": [1]}, "name": "say""#),
            "0: hi",
        ),
        ("a byte-order mark", format!("\u{feff}{GOOD}"), "0: hi"),
        ("everything on one line", GOOD.replace('\n', ""), "0: hi"),
    ] {
        let outcome = run(&place, &manifest);
        let found = format!("{}: {}", outcome.code().unwrap_or(-1), outcome.stdout().trim_end());
        table.row(label, format!("{found}{}", outcome.stderr()), expected);
    }
    table.end();
}

/// Claims of more than there can be are failed jobs, not attempts.
#[test]
fn what_a_value_claims_is_not_believed() {
    let place = Place::new();
    let mut table = Table::default();
    for (code, inputs, said) in [
        ("array/range", "0, 1000000000000, 1", "there is no room for 1000000000001 values"),
        ("text/repeat", "\"xx\", 1000000000000", "there is no room for 2000000000000 bytes of text"),
        ("data/duplicate", "1, 1000000000000", "there is no room for 1000000000000 values"),
        ("matrix/duplicate_rows", "[[1]], 1000000000000", "there is no room for 1000000000000 values"),
    ] {
        let inputs: Vec<String> = serde_json::from_str::<Vec<serde_json::Value>>(&format!("[{inputs}]"))
            .unwrap()
            .into_iter()
            .map(|value| format!(r#"{{"generic": true, "initializer": {{"once": {value}}}}}"#))
            .collect();
        let manifest = format!(
            r#"{{"functions": {{"1": {{"process_id": 1, "parent_id": 0, "implementation_location": "lib://flowstdlib/{code}", "inputs": [{}]}}}}}}"#,
            inputs.join(",")
        );
        let outcome = run(&place, &manifest);
        let is_told = outcome.stderr().lines().count() == 1 && outcome.stderr().contains(said);
        table.row(code, if is_told { said } else { outcome.stderr() }, said);
        table.row(code, format!("{:?}", outcome.code()), "Some(3)");
    }
    table.end();
}
