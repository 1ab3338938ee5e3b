//! Flows of many shapes: compiled, run, and looked at by what they print.

use flow_tests::Place;

/// Compiles and runs a flow made of these files.
fn prints(files: &[(&str, &str)], args: &[&str], stdin: &str, expected: &str) {
    let place = Place::new();
    for (path, text) in files {
        place.write(&format!("flow/{path}"), text);
    }
    place.flowc().args(["-c", "flow"]).run().status(0).wrote("");
    for threads in ["1", "4"] {
        let call = place.flowr().args(["-t", threads, "flow"]).args(args).stdin(stdin);
        call.run().status(0).quietly().wrote(expected);
    }
}

const TOML: &str = r#"
flow = "sum"
metadata = { name = "A sum", version = "1.2.3", description = "of two", authors = ["nobody"] }

[[process]]
source = "lib://flowstdlib/math/add"
input.i1.once = 2
[process.input.i2]
once = 40

[[process]]
source = "context://stdio/stdout"

[[connection]]
name = "sum"
from = "add"
to = "stdout"
"#;

const YAML: &str = r#"
flow: sum
metadata:
  name: A sum
  version: 1.2.3
  description: of two
  authors: [nobody]
process:
  - source: lib://flowstdlib/math/add
    input:
      i1: { once: 2 }
      i2: { once: 40 }
  - source: context://stdio/stdout
connection:
  - name: sum
    from: add
    to: stdout
"#;

const JSON: &str = r#"
{
  "flow": "sum",
  "metadata": {"name": "A sum", "version": "1.2.3", "description": "of two", "authors": ["nobody"]},
  "process": [
    {"source": "lib://flowstdlib/math/add", "input": {"i1": {"once": 2}, "i2": {"once": 40}}},
    {"source": "context://stdio/stdout"}
  ],
  "connection": [{"name": "sum", "from": "add", "to": ["stdout"]}]
}
"#;

#[test]
fn three_formats_say_the_same() {
    let place = Place::new();
    let mut manifests = Vec::new();
    for (name, text) in [("sum.toml", TOML), ("sum.yaml", YAML), ("sum.json", JSON)] {
        let file = format!("{name}.d/{name}");
        place.write(&file, text);
        place.flowc().args([&file]).run().status(0).quietly().wrote("42\n");
        manifests.push(place.read(&format!("{name}.d/manifest.json")));
    }
    manifests.dedup();
    assert_eq!(manifests.len(), 1, "{manifests:#?}");
}

const STDOUT: &str = "[[process]]\nsource = \"context://stdio/stdout\"\n";

#[test]
fn two_arguments_of_three() {
    let root = format!(
        r#"flow = "double"
[[process]]
source = "context://args/get"
{STDOUT}
[[connection]]
from = "get/string/1"
to = "stdout"
[[connection]]
from = "get/string/3"
to = "stdout"
"#
    );
    prints(&[("root.toml", &root)], &["one", "two", "three"], "", "one\nthree\n");
}

#[test]
fn an_element_of_every_line_that_is_long_enough() {
    let root = format!(
        r#"flow = "element"
[[process]]
source = "context://stdio/readline"
input.prompt = {{ always = "" }}
{STDOUT}
[[connection]]
from = "readline/json/2"
to = "stdout"
"#
    );
    prints(&[("root.toml", &root)], &[], "[1,2,3]\n[1,2]\nword\n[[1],[2],[3]]\n", "3\n[3]\n");
}

#[test]
fn a_sequence_and_what_follows_it() {
    let root = format!(
        r#"flow = "sequence-and-end"
[[process]]
source = "lib://flowstdlib/math/sequence"
input.start = {{ once = 2 }}
input.step = {{ once = 3 }}
input.limit = {{ once = 20 }}
[[process]]
source = "lib://flowstdlib/control/join"
input.data = {{ once = "done" }}
{STDOUT}
[[connection]]
from = "sequence/number"
to = "stdout"
[[connection]]
from = "sequence/last"
to = "join/control"
[[connection]]
from = "join"
to = "stdout"
"#
    );
    prints(&[("root.toml", &root)], &[], "", "2\n5\n8\n11\n14\n17\n20\ndone\n");
}

#[test]
fn a_pipeline_keeps_the_order() {
    let root = format!(
        r#"flow = "pipeline"
[[process]]
source = "lib://flowstdlib/math/sequence"
input.start = {{ once = 1 }}
input.step = {{ once = 1 }}
input.limit = {{ once = 20 }}
[[process]]
alias = "add1"
source = "lib://flowstdlib/math/add"
input.i2 = {{ always = 1 }}
[[process]]
alias = "divide2"
source = "lib://flowstdlib/math/divide"
input.divisor = {{ always = 2 }}
[[process]]
alias = "add2"
source = "lib://flowstdlib/math/add"
input.i2 = {{ always = 2 }}
[[process]]
alias = "divide4"
source = "lib://flowstdlib/math/divide"
input.divisor = {{ always = 4 }}
{STDOUT}
[[connection]]
from = "sequence/number"
to = "add1/i1"
[[connection]]
from = "add1"
to = "divide2/dividend"
[[connection]]
from = "divide2/result"
to = "add2/i1"
[[connection]]
from = "add2"
to = "divide4/dividend"
[[connection]]
from = "divide4/result"
to = "stdout"
"#
    );
    let expected: String =
        (1..=20).map(|number| format!("{:?}\n", (f64::from(number + 1) / 2.0 + 2.0) / 4.0)).collect();
    prints(&[("root.toml", &root)], &[], "", &expected);
}

/// Prints what its input `string` is given.
const PRINTER: &str = r#"flow = "printer"
[[input]]
name = "string"
type = "string"
[[process]]
source = "context://stdio/stdout"
[[connection]]
from = "input/string"
to = "stdout"
"#;

#[test]
fn an_initial_value_goes_down_two_flows() {
    let root = "flow = \"root\"\n[[process]]\nsource = \"middle\"\ninput.string = { once = \"hello\" }\n";
    let middle = r#"flow = "middle"
[[input]]
name = "string"
type = "string"
[[process]]
source = "printer"
[[connection]]
from = "input/string"
to = "printer/string"
"#;
    prints(&[("root.toml", root), ("middle.toml", middle), ("printer.toml", PRINTER)], &[], "", "hello\n");
}

/// Passes its input on.
const WIRE: &str = r#"flow = "wire"
[[input]]
name = "in"
[[output]]
name = "out"
[[connection]]
from = "input/in"
to = "output/out"
"#;

#[test]
fn an_initial_value_goes_through_a_flow_without_functions() {
    let root = format!(
        r#"flow = "root"
[[process]]
source = "wire"
input.in = {{ once = 42 }}
{STDOUT}
[[connection]]
from = "wire/out"
to = "stdout"
"#
    );
    prints(&[("root.toml", &root), ("wire.toml", WIRE)], &[], "", "42\n");
}

#[test]
fn one_flow_is_used_twice() {
    let root = format!(
        r#"flow = "root"
[[process]]
source = "context://args/get"
[[process]]
alias = "left"
source = "parts/wire"
[[process]]
alias = "right"
source = "parts/wire.toml"
{STDOUT}
[[connection]]
from = "get/string/1"
to = "left/in"
[[connection]]
from = "get/string/2"
to = "right/in"
[[connection]]
from = "left/out"
to = "stdout"
[[connection]]
from = "right/out"
to = "stdout"
"#
    );
    prints(&[("root.toml", &root), ("parts/wire.toml", WIRE)], &["a", "b"], "", "a\nb\n");
}

#[test]
fn an_output_may_bring_a_value_of_its_own() {
    let root = format!(
        r#"flow = "root"
[[process]]
source = "greeter"
{STDOUT}
[[connection]]
from = "greeter/greeting"
to = "stdout"
"#
    );
    let greeter = "flow = \"greeter\"\n[[output]]\nname = \"greeting\"\ntype = \"string\"\nvalue = { once = \"Hello\" }\n";
    prints(&[("root.toml", &root), ("greeter.toml", greeter)], &[], "", "Hello\n");
}

#[test]
fn a_part_of_an_array_crosses_a_boundary() {
    let root = format!(
        r#"flow = "root"
[[process]]
source = "first"
input.pair = {{ once = [10, 20] }}
{STDOUT}
[[connection]]
from = "first/first"
to = "stdout"
"#
    );
    let first = r#"flow = "first"
[[input]]
name = "pair"
type = "array/number"
[[output]]
name = "first"
type = "number"
[[connection]]
from = "input/pair/0"
to = "output/first"
"#;
    prints(&[("root.toml", &root), ("first.toml", first)], &[], "", "10\n");
}

#[test]
fn names_and_folders_may_hold_blanks_and_other_letters() {
    let place = Place::new();
    place.write(
        "my flows/größe 100%/root.toml",
        format!("flow = \"größe\"\n{STDOUT}input.default = {{ once = \"✓\" }}\n"),
    );
    place.flowc().args(["my flows/größe 100%"]).run().status(0).quietly().wrote("✓\n");
    place.flowr().args(["my flows/größe 100%"]).run().status(0).quietly().wrote("✓\n");
}
