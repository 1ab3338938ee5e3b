//! Looking at flows without compiling them: `--check`, `--emit` and `--explain-connection`.

use crate::project::{ADD, Project, connect, context};
use serde_json::Value;
use std::fs;

/// A flow that adds one to its input.
const INCREMENT: &str = "flow = \"increment\"\n[[input]]\nname = \"number\"\ntype = \"number\"\n\
                         [[output]]\nname = \"more\"\ntype = \"number\"\n\
                         [[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i2 = {always = 1}\n";

fn increment(more: &str) -> String {
    INCREMENT.to_owned() + &connect("input/number", "add/i1") + &connect("add", "output/more") + more
}

/// The example of language 18.
fn meter() -> Project {
    let root = "flow = \"meter\"\n\
        [[process]]\nsource = \"context://args/get\"\n\
        [[process]]\nalias = \"conv\"\nsource = \"convert\"\ninput.offset = { always = 3 }\n\
        [[process]]\nsource = \"tag\"\ninput.prefix = { once = \"t=\" }\n\
        [[process]]\nsource = \"context://stdio/stdout\"\n\
        [[connection]]\nname = \"reading\"\nfrom = \"get/json/1\"\nto = \"conv/pair\"\n\
        [[connection]]\nfrom = \"conv/value\"\nto = [\"tag/number\", \"stdout\"]\n\
        [[connection]]\nfrom = \"tag/prefix\"\nto = \"tag/prefix\"\n\
        [[connection]]\nfrom = \"tag/text\"\nto = \"stdout\"\n";
    let convert = "flow = \"convert\"\n\
        [[input]]\nname = \"pair\"\ntype = \"array/number\"\n\
        [[input]]\nname = \"offset\"\ntype = \"number\"\n\
        [[output]]\nname = \"value\"\ntype = \"number\"\n\
        [[process]]\nalias = \"scale\"\nsource = \"lib://flowstdlib/math/multiply\"\n\
        [[process]]\nalias = \"shift\"\nsource = \"lib://flowstdlib/math/add\"\n"
        .to_owned()
        + &connect("input/pair/0", "scale/i1")
        + &connect("input/pair/1", "scale/i2")
        + &connect("scale", "shift/i1")
        + &connect("input/offset", "shift/i2")
        + &connect("shift", "output/value");
    let tag = "function = \"tag\"\nsource = \"tag.rs\"\ntype = \"rust\"\n\
        [[input]]\nname = \"prefix\"\ntype = \"string\"\n[[input]]\nname = \"number\"\ntype = \"number\"\n\
        [[output]]\nname = \"text\"\ntype = \"string\"\n";
    Project::new(root).file("convert.toml", &convert).file("tag/tag.toml", tag).file("tag/tag.rs", "")
}

/// What is in the directory of a project.
fn files(project: &Project) -> Vec<String> {
    let names = fs::read_dir(project.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn checking_writes_nothing_and_needs_no_runner_and_no_modules() {
    let project = meter();
    assert_eq!(project.execute(&["--check"]), (0, String::new()));
    assert_eq!(files(&project), ["convert.toml", "root.toml", "tag"]);
    let project = meter().file("tag/tag.toml", "function = \"tag\"\nsource = \"gone.rs\"\n[[input]]\n");
    let (status, text) = project.execute(&["--check"]);
    assert_eq!(status, 1);
    assert!(text.contains("E021"), "{text}");
}

#[test]
fn checking_says_what_compiling_would_say() {
    let root = context("stdio/stdout") + ADD + &connect("add", "stdout");
    let (status, text) = Project::new(&root).execute(&["--check"]);
    assert_eq!(status, 1);
    assert!(text.contains("E030") && text.contains("'/root/add/i1' gets no values"), "{text}");
    let (_, compiled) = Project::new(&root).execute(&["-c"]);
    assert_eq!(text, compiled);
    let source =
        "[[process]]\nsource = \"f\"\n".to_owned() + &context("stdio/stdout") + &connect("f", "stdout");
    let f = "function = \"f\"\nsource = \"gone.rs\"\n[[output]]\n";
    let (status, text) = Project::new(&source).file("f.toml", f).execute(&["--check"]);
    assert_eq!(status, 1);
    assert!(text.contains("E033"), "{text}");
}

#[test]
fn the_inputs_of_a_flow_count_as_connected_and_its_outputs_as_used() {
    let project = Project::new(&increment(""));
    assert_eq!(project.execute(&["--check"]), (0, String::new()));
    assert_eq!(project.execute(&["--check", "-O"]), (0, String::new()));
    assert_eq!(files(&project), ["root.toml"]);
    let (status, text) = project.execute(&["-c"]);
    assert_eq!(status, 1);
    assert!(text.contains("E030") && text.contains("E032"), "{text}");
}

#[test]
fn what_a_caller_cannot_feed_is_unfed() {
    let other = "[[process]]\nalias = \"other\"\nsource = \"lib://flowstdlib/math/add\"\n";
    let (status, text) = Project::new(&increment(other)).execute(&["--check"]);
    assert_eq!(status, 1);
    assert!(text.contains("'/increment/other/i1' gets no values"), "{text}");
    assert!(!text.contains("/increment/add/i1"), "{text}");
}

#[test]
fn a_caller_feeds_what_it_reaches_through_flows_within() {
    let outer = "flow = \"outer\"\n[[input]]\nname = \"n\"\n[[output]]\nname = \"m\"\n\
                 [[process]]\nsource = \"increment\"\n"
        .to_owned()
        + &connect("input/n", "increment/number")
        + &connect("increment/more", "output/m");
    let project = Project::new(&outer).file("increment.toml", &increment(""));
    assert_eq!(project.execute(&["--check"]), (0, String::new()));
}

#[test]
fn a_caller_must_not_feed_what_always_has_its_value() {
    let root = increment(&connect("input/number", "add/i2"));
    let (status, text) = Project::new(&root).execute(&["--check"]);
    assert_eq!(status, 1);
    assert!(text.contains("E031") && text.contains("connected here"), "{text}");
}

#[test]
fn a_flow_with_inputs_only_needs_an_effect_of_its_own() {
    let sink = "[[input]]\nname = \"n\"\n".to_owned();
    let silent = sink.clone() + ADD + &connect("input/n", "add/i1") + &connect("input/n", "add/i2");
    let (status, text) = Project::new(&silent).execute(&["--check"]);
    assert_eq!(status, 1);
    assert!(text.contains("E032"), "{text}");
    let loud = sink + &context("stdio/stdout") + &connect("input/n", "stdout");
    assert_eq!(Project::new(&loud).execute(&["--check"]), (0, String::new()));
}

#[test]
fn checking_warns_of_what_compiling_warns_of() {
    let starved = "flow = \"root\"\n".to_owned()
        + &context("args/get")
        + &context("stdio/stdout")
        + "[[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i1 = {once = 1}\n"
        + &connect("get/json/1", "stdout")
        + &connect("get/json/1", "stdout")
        + &connect("get/json/2", "add/i2");
    let project = Project::new(&starved);
    let (checked, compiled) = (project.execute(&["--check"]), project.execute(&["-c"]));
    assert!(checked.1.contains("W0"), "{checked:?}");
    assert_eq!(checked, compiled);
    // Of a part only what is certain whatever is around it: the value arrives twice, but its result may be used.
    let tap = "[[process]]\nsource = \"lib://flowstdlib/control/tap\"\ninput.control = {always = true}\n";
    let twice = increment(&(tap.to_owned() + &connect("add", "tap/data") + &connect("add", "tap/data")));
    let (status, text) = Project::new(&twice).execute(&["--check"]);
    assert_eq!(status, 0);
    assert!(text.contains("W028"), "{text}");
}

#[test]
fn a_function_can_be_checked_on_its_own() {
    let f = "function = \"f\"\nsource = \"f.rs\"\n[[input]]\n[[output]]\n";
    let project = Project::new(f).file("f.rs", "");
    assert_eq!(project.execute(&["--check"]), (0, String::new()));
    let (status, text) = Project::new(f).execute(&["--check"]);
    assert_eq!(status, 1);
    assert!(text.contains("E033") && text.contains("looked for"), "{text}");
    let impure = f.replace("source", "impure = true\nsource");
    let (status, text) = Project::new(&impure).file("f.rs", "").execute(&["--check"]);
    assert_eq!(status, 1);
    assert!(text.contains("E016"), "{text}");
    let of_runner =
        Project::new("").file("r/runner.toml", "name = \"r\"\n").file("r/context/m/f.toml", &impure);
    assert_eq!(of_runner.execute(&["--check", "r/context/m/f"]), (0, String::new()));
    for url in ["lib://flowstdlib/math/add", "context://stdio/stdout"] {
        assert_eq!(project.execute(&["--check", url]), (0, String::new()));
    }
}

#[test]
fn a_function_that_somebody_else_supplies_is_no_flow() {
    for url in ["lib://flowstdlib/math/add", "context://stdio/stdout"] {
        let (status, text) = Project::empty().execute(&["-c", url]);
        assert_eq!(status, 1);
        assert!(text.contains("E019") && text.contains("write a flow that has it as a process"), "{text}");
    }
}

#[test]
fn the_tables_have_everything() {
    let (status, text, printed) = meter().execute_printing(&["--emit", "tables"]);
    assert_eq!((status, text), (0, String::new()));
    let tables: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(tables["format"], 1);
    let counts = serde_json::json!({"definitions": 7, "flows": 2, "functions": 5, "removed": 0, "connections": 10,
                                    "edges": 7, "internal_edges": 3});
    assert_eq!(tables["counts"], counts);
    assert_eq!(tables["flows"][1]["route"], "/meter/conv");
    assert_eq!(tables["flows"][1]["parent"], 0);
    assert_eq!(tables["flows"][1]["inputs"][1]["initializer"]["value"]["always"], 3);
    let from = serde_json::json!({"written": "get/json/1", "route": "/meter/get/json", "kind": "function_output",
                                  "selector": "/1", "types": ["generic"]});
    assert_eq!(tables["flows"][0]["connections"][0]["from"], from);
    let functions = tables["functions"].as_array().unwrap();
    let shift = functions.iter().find(|function| function["route"] == "/meter/conv/shift").unwrap();
    assert_eq!(shift["reference"], "lib://flowstdlib/math/add");
    assert_eq!(shift["inputs"][1]["flow_initializer"]["value"]["always"], 3);
    assert_eq!(shift["inputs"][1]["flow_initializer"]["at"]["line"], 7);
    let tag = functions.iter().find(|function| function["route"] == "/meter/tag").unwrap();
    assert_eq!(tag["reference"], Value::Null);
    assert_eq!(tag["inputs"][0]["initializer"]["value"]["once"], "t=");
    assert_eq!(
        tables["context_references"],
        serde_json::json!(["context://args/get", "context://stdio/stdout"])
    );
}

#[test]
fn the_edges_in_the_tables_are_those_of_the_manifest() {
    let project = meter();
    let (_, _, printed) = project.execute_printing(&["--emit", "tables"]);
    let tables: Value = serde_json::from_str(&printed).unwrap();
    let manifest = meter().with_symbols().manifest();
    let mut expected = Vec::new();
    for function in manifest.functions.values() {
        for connection in &function.output_connections {
            let source = serde_json::to_value(&connection.source).unwrap().to_string().to_lowercase();
            let from = function.route.clone();
            expected.push((
                from,
                source,
                connection.destination.clone(),
                connection.internal,
                connection.name.clone(),
            ));
        }
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found: Vec<_> = tables["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| {
            let crossed = edge["hops"].as_array().unwrap().len() > 1;
            assert_eq!(edge["internal"], !crossed);
            let internal = edge["internal"].as_bool().unwrap();
            (
                text(&edge["from_route"]),
                edge["selector"].to_string(),
                text(&edge["to_route"]),
                internal,
                text(&edge["name"]),
            )
        })
        .collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    let hops = &tables["edges"][0]["hops"];
    assert_eq!(hops[0]["from"], "get/json/1");
    assert_eq!(hops[1]["to"], "scale/i1");
    assert_eq!(hops[1]["at"]["line"], 19);
}

#[test]
fn tables_of_an_optimized_flow_tell_what_was_removed() {
    let root = context("stdio/stdout")
        + "input.default = {once = 1}\n"
        + ADD
        + "input = {i1 = {once = 1}, i2 = {once = 2}}\n";
    let (status, _, printed) = Project::new(&root).execute_printing(&["--emit", "tables", "-O"]);
    assert_eq!(status, 0);
    let tables: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(tables["counts"]["removed"], 1);
    assert_eq!(tables["functions"][0]["kept"], false);
    assert_eq!(tables["lib_references"], serde_json::json!([]));
}

#[test]
fn the_old_option_writes_the_tables_beside_the_manifest() {
    let project = meter();
    let (status, _, printed) = project.execute_printing(&["-c", "-p", "-t", "-o", "out"]);
    assert_eq!((status, printed), (0, String::new()));
    assert!(project.path().join("out/manifest.json").is_file());
    let text = fs::read_to_string(project.path().join("out/tables.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_ok());
}

#[test]
fn tables_are_printed_even_where_an_input_gets_no_values() {
    let root = context("stdio/stdout") + ADD + &connect("add", "stdout");
    let (status, text, printed) = Project::new(&root).execute_printing(&["--emit", "tables"]);
    assert_eq!(status, 1);
    assert!(text.contains("E030"), "{text}");
    assert!(serde_json::from_str::<Value>(&printed).is_ok());
}

#[test]
fn an_edge_is_explained_connection_by_connection() {
    let project = meter();
    let (status, text, printed) = project.execute_printing(&["--explain-connection", "/meter/conv/scale/i1"]);
    assert_eq!((status, text), (0, String::new()));
    let expected = "\
/meter/conv/scale/i1: input of a function, number

  edge from /meter/get: part /json/1/0, through 1 boundary (external)
      /meter/get/json               array/
      |  get/json/1 -> conv/pair    <dir>/root.toml:16:6 'reading'
      /meter/conv/pair              array/number                             part /json/1
      |  input/pair/0 -> scale/i1   <dir>/convert.toml:19:6
      /meter/conv/scale/i1          number                                   part /json/1/0
";
    let squeeze = |text: &str| text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    assert_eq!(squeeze(&printed), squeeze(expected));
    for short in ["meter/conv/scale/i1", "conv/scale/i1", "/conv/scale/i1/"] {
        assert_eq!(project.execute_printing(&["--explain-connection", short]).2, printed);
    }
}

#[test]
fn a_process_is_explained_by_all_its_inputs_and_outputs() {
    let (status, _, printed) = meter().execute_printing(&["--explain-connection", "tag"]);
    assert_eq!(status, 0);
    let parts = [
        "/meter/tag: function 'tag', <dir>/tag/tag.toml",
        "starts with once \"t=\"",
        "edge from /meter/tag: a copy of what it took, one connection (internal)",
        "edge from /meter/conv/shift: through 1 boundary (external)",
        "edge to /meter/stdout: part /text, one connection (internal)",
    ];
    for part in parts {
        assert!(printed.contains(part), "{part}\n{printed}");
    }
    let (_, _, printed) = meter().execute_printing(&["--explain-connection", "conv"]);
    assert!(printed.contains("edge from /meter/get to /meter/conv/scale/i2: part /json/1/1"), "{printed}");
    assert!(printed.contains("initial value of a flow: always 3, <dir>/root.toml:7:"), "{printed}");
}

#[test]
fn a_chain_that_leads_nowhere_is_followed_to_its_end() {
    let hole = "flow = \"hole\"\n[[input]]\nname = \"a\"\n[[output]]\nname = \"b\"\n";
    let root = "[[process]]\nsource = \"hole\"\n".to_owned()
        + &context("args/get")
        + &context("stdio/stdout")
        + &connect("get/json", "hole/a")
        + &connect("hole/b", "stdout");
    let explained = |route: &str| {
        let project = Project::new(&root).file("hole.toml", hole);
        let (status, text, printed) = project.execute_printing(&["--explain-connection", route]);
        // What is wrong with the flow is said, and does not keep it from being explained.
        assert_eq!(status, 1);
        assert!(text.contains("E030"), "{text}");
        printed
    };
    let nowhere =
        "leads nowhere: from /root/get/json to /root/hole/a, and nothing inside that flow uses its input";
    assert!(explained("get/json").contains(nowhere), "{}", explained("get/json"));
    assert!(explained("get/string").contains("nobody uses these values"));
    let missing =
        "brings no values: from /root/hole/b to /root/stdout, and nothing inside that flow is connected";
    assert!(explained("stdout").contains(missing), "{}", explained("stdout"));
}

#[test]
fn what_a_caller_gives_and_gets_is_explained_as_that() {
    let project = Project::new(&increment(""));
    let (status, _, printed) = project.execute_printing(&["--explain-connection", "add"]);
    assert_eq!(status, 0);
    assert!(printed.contains("comes from outside the root flow: to /increment/add/i1"), "{printed}");
    assert!(printed.contains("leaves the root flow: from /increment/add"), "{printed}");
}

#[test]
fn connections_in_a_circle_are_explained_and_do_not_hang() {
    let through = "flow = \"through\"\n[[input]]\nname = \"a\"\n[[output]]\nname = \"b\"\n".to_owned()
        + &connect("input/a", "output/b");
    let root = "[[process]]\nsource = \"through\"\n".to_owned() + &connect("through/b", "through/a");
    let project = Project::new(&root).file("through.toml", &through);
    let (status, text, printed) = project.execute_printing(&["--explain-connection", "through/a"]);
    assert_eq!(status, 1);
    assert!(text.contains("W033"), "{text}");
    assert!(printed.contains("leads in a circle"), "{printed}");
}

#[test]
fn long_chains_are_told_to_their_ends() {
    const LENGTH: usize = 1000;
    let through = "flow = \"through\"\n[[input]]\nname = \"a\"\n[[output]]\nname = \"b\"\n".to_owned()
        + &connect("input/a", "output/b");
    let mut root = context("args/get") + &context("stdio/stdout") + &connect("get/json", "p0/a");
    for number in 0..LENGTH {
        root += &format!("[[process]]\nalias = \"p{number}\"\nsource = \"through\"\n");
        let next = if number + 1 == LENGTH { "stdout".to_owned() } else { format!("p{}/a", number + 1) };
        root += &connect(&format!("p{number}/b"), &next);
    }
    let project = Project::new(&root).file("through.toml", &through);
    let (status, text, printed) = project.execute_printing(&["--explain-connection", "stdout"]);
    assert_eq!((status, text), (0, String::new()));
    assert!(
        printed.contains("edge from /root/get: part /json, through 2000 boundaries (external)"),
        "{printed}"
    );
    let (status, _, printed) = project.execute_printing(&["--emit", "tables"]);
    assert_eq!(status, 0);
    let tables: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(tables["edges"][0]["hops"].as_array().unwrap().len(), 2 * LENGTH + 1);
}

#[test]
fn a_part_of_other_flows_loses_no_functions() {
    let (status, _, printed) = Project::new(&increment("")).execute_printing(&["--emit", "tables", "-O"]);
    assert_eq!(status, 0);
    let tables: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(tables["counts"]["removed"], 0);
}

#[test]
fn an_unknown_route_is_an_error_with_the_nearest_one() {
    let explained = |route: &str| {
        let (status, text, printed) = meter().execute_printing(&["--explain-connection", route]);
        assert_eq!((status, printed), (1, String::new()));
        assert!(text.contains("E055"), "{text}");
        text
    };
    assert!(explained("/meter/conv/scal/i1").contains("did you mean '/meter/conv/scale/i1'?"));
    assert!(explained("/meter/konv").contains("did you mean '/meter/conv'?"));
    assert!(explained("/meter/zzz").contains("in '/meter' there are conv, get, stdout, tag"));
}
