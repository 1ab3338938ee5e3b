//! The conformance micro-cases of the language, in their order. Where we accept more than published compilers do, the
//! name of the test says so.

use crate::project::{ADD, Outcome, Project, connect, context, function, pointers};
use flowc::diagnostics::Code::{self, *};
use flowcore::{Initializer, Value};

/// A root flow with `get` and `stdout`, and this in addition.
fn get_to_stdout(more: &str) -> Project {
    Project::new(&format!("{}{}{more}", context("args/get"), context("stdio/stdout")))
}

/// A root flow that sends part of what `get` gives to `stdout`.
fn from_get(from: &str) -> Project {
    get_to_stdout(&connect(from, "stdout"))
}

fn pointer_of(from: &str) -> String {
    pointers(function(&from_get(from).manifest(), "args/get")).concat()
}

/// A root flow with a printing `stdout`, so that it has an effect, and this in addition.
fn with_effect(more: &str) -> Project {
    Project::new(&format!("{}input.default = {{once = 1}}\n{more}", context("stdio/stdout")))
}

const FUNCTION: &str = "function = \"f\"\nsource = \"f.rs\"\n";

/// A root flow that uses a provided function `f`.
fn with_function(definition: &str, more: &str) -> Project {
    let project = with_effect(&format!("[[process]]\nsource = \"f\"\n{more}"));
    project.file("f.toml", &format!("{FUNCTION}{definition}")).file("f.rs", "").file("f.wasm", "")
}

fn sub(definition: &str, reference: &str, more: &str) -> Project {
    let root = format!("[[process]]\nsource = \"sub\"\n{reference}{}{more}", context("stdio/stdout"));
    Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{definition}"))
}

fn assert_errors(outcome: &Outcome, codes: &[Code]) {
    assert!(!outcome.is_ok);
    assert_eq!(outcome.codes(), codes, "{:#?}", outcome.report.diagnostics());
}

#[test]
fn case_01_an_element_of_an_output_is_selected_by_pointer() {
    assert_eq!(pointer_of("get/string/3"), "/string/3");
}

#[test]
fn case_02_nested_elements_are_accepted_by_us() {
    assert_eq!(pointer_of("get/json/0/1"), "/json/0/1");
}

#[test]
fn case_03_keys_are_accepted_by_us_with_a_warning_on_arrays() {
    assert_eq!(pointer_of("get/json/key"), "/json/key");
    assert_eq!(from_get("get/json/key").codes(), [W011]);
}

#[test]
fn case_04_indexes_are_normalized() {
    assert_eq!(pointer_of("get/json/+1"), "/json/1");
    assert_eq!(pointer_of("get/json/007"), "/json/7");
}

#[test]
fn case_05_a_process_and_a_slash_mean_its_default_input() {
    assert!(get_to_stdout(&connect("get/json", "stdout/")).compile().is_ok);
}

#[test]
fn case_06_a_leading_slash_is_an_error() {
    assert_errors(&from_get("/get/json").compile(), &[E022]);
}

#[test]
fn case_07_an_unknown_process_is_an_error() {
    assert_errors(&from_get("blabla").compile(), &[E020]);
}

#[test]
fn case_08_all_bad_connections_of_a_flow_are_reported() {
    let connections =
        connect("bla", "stdout") + &connect("get/json", "stdout") + &connect("get/string", "stdout/x");
    assert_errors(&get_to_stdout(&connections).compile(), &[E020, E021]);
}

#[test]
fn case_09_an_empty_list_of_destinations_makes_nothing() {
    let project = get_to_stdout(&format!(
        "[[connection]]\nfrom = \"get/json\"\nto = []\n{}",
        connect("get/json", "stdout")
    ));
    assert_eq!(function(&project.manifest(), "args/get").output_connections.len(), 1);
}

#[test]
fn case_10_a_destination_given_twice_gets_the_value_twice() {
    let project = get_to_stdout("[[connection]]\nfrom = \"get/json\"\nto = [\"stdout\",\"stdout\"]\n");
    assert_eq!(function(&project.manifest(), "args/get").output_connections.len(), 2);
}

#[test]
fn case_11_an_initializer_is_enough_for_an_input() {
    let manifest = with_effect("").manifest();
    assert_eq!(function(&manifest, "stdout").inputs[0].initializer, Some(Initializer::Once(1.into())));
}

#[test]
fn case_12_an_initializer_for_an_unknown_input_is_a_warning() {
    let project = with_effect("input.nope = {always = 3}\n");
    assert!(project.compile().is_ok);
    assert_eq!(project.codes(), [W002]);
}

#[test]
fn case_13_two_initializers_that_reach_one_input_are_an_error() {
    let add =
        format!("{ADD}input.default = {{once = 1}}\ninput.i1 = {{once = 2}}\ninput.i2 = {{once = 2}}\n");
    assert_errors(&with_effect(&add).compile(), &[E024]);
}

#[test]
fn case_14_default_means_the_first_input() {
    let add = format!("{ADD}input.default = {{once=1}}\ninput.i2 = {{once=2}}\n");
    let manifest = with_effect(&add).manifest();
    assert_eq!(function(&manifest, "add").inputs[0].initializer, Some(Initializer::Once(1.into())));
}

#[test]
fn case_15_always_and_a_connection_are_an_error() {
    let root = format!(
        "{}{}input.default = {{always = 1}}\n{}",
        context("args/get"),
        context("stdio/stdout"),
        connect("get/json", "stdout")
    );
    assert_errors(&Project::new(&root).compile(), &[E031]);
}

#[test]
fn case_16_once_and_a_connection_are_fine() {
    let root = format!(
        "{}{}input.default = {{once = 1}}\n{}",
        context("args/get"),
        context("stdio/stdout"),
        connect("get/json", "stdout")
    );
    assert!(Project::new(&root).compile().is_ok);
}

#[test]
fn case_17_a_flows_input_may_always_have_a_value_and_be_connected() {
    let inside =
        format!("[[input]]\nname = \"i\"\n{}{}", context("stdio/stdout"), connect("input/i", "stdout"));
    let root = format!("{}{}", context("args/get"), connect("get/json", "sub/i"));
    let root = format!("[[process]]\nsource = \"sub\"\ninput.i = {{always = 1}}\n{root}");
    let manifest = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{inside}")).manifest();
    assert_eq!(function(&manifest, "stdout").inputs[0].flow_initializer, Some(Initializer::Always(1.into())));
    assert_eq!(function(&manifest, "get").output_connections.len(), 1);
    assert!(!function(&manifest, "get").output_connections[0].internal);
}

#[test]
fn case_18_two_flow_initializers_for_one_input_are_an_error() {
    let inside = format!(
        "[[input]]\nname = \"a\"\n[[input]]\nname = \"b\"\n{}{}{}",
        context("stdio/stdout"),
        connect("input/a", "stdout"),
        connect("input/b", "stdout")
    );
    let root = "[[process]]\nsource = \"sub\"\ninput.a = {once = 1}\ninput.b = {once = 2}\n";
    let outcome = Project::new(root).file("sub.toml", &format!("flow = \"sub\"\n{inside}")).compile();
    assert_errors(&outcome, &[E028]);
}

#[test]
fn case_19_a_function_and_a_flow_initializer_may_meet_at_one_input() {
    let inside = format!(
        "[[input]]\nname = \"a\"\n{}input.default = {{once = 2}}\n{}",
        context("stdio/stdout"),
        connect("input/a", "stdout")
    );
    let root = "[[process]]\nsource = \"sub\"\ninput.a = {once = 1}\n";
    let manifest = Project::new(root).file("sub.toml", &format!("flow = \"sub\"\n{inside}")).manifest();
    let input = &function(&manifest, "stdout").inputs[0];
    assert_eq!(input.initializer, Some(Initializer::Once(2.into())));
    assert_eq!(input.flow_initializer, Some(Initializer::Once(1.into())));
}

const PAIR: &str = "[[input]]\nname = \"pair\"\n[[output]]\nname = \"out\"\n";

fn initialized(definition: &str, value: &str, more: &str) -> Option<Initializer> {
    let project = sub(definition, &format!("input.pair = {value}\n"), more);
    function(&project.manifest(), "stdout").inputs[0].flow_initializer.clone()
}

#[test]
fn case_20_a_flows_initializer_is_narrowed_by_the_selector_inside() {
    let inside = format!("{PAIR}{}", connect("input/pair/0", "output/out"));
    let found = initialized(&inside, "{once=[10,20]}", &connect("sub/out", "stdout"));
    assert_eq!(found, Some(Initializer::Once(10.into())));
}

#[test]
fn case_21_a_flows_initializer_is_narrowed_on_later_hops_too_by_us() {
    let inside = format!("{PAIR}{}", connect("input/pair", "output/out"));
    let found = initialized(&inside, "{once=[10,20]}", &connect("sub/out/1", "stdout"));
    assert_eq!(found, Some(Initializer::Once(20.into())));
}

#[test]
fn case_22_keys_and_indexes_narrow_alike() {
    let inside = format!("{PAIR}{}", connect("input/pair/b/1", "output/out"));
    let found = initialized(&inside, "{always={a=1,b=[5,6]}}", &connect("sub/out", "stdout"));
    assert_eq!(found, Some(Initializer::Always(6.into())));
}

#[test]
fn case_23_a_selector_that_finds_nothing_leaves_the_value() {
    let inside = format!("{PAIR}{}", connect("input/pair/7", "output/out"));
    let project = sub(&inside, "input.pair = {once=[1,2]}\n", &connect("sub/out", "stdout"));
    let whole: Value = "[1,2]".parse().unwrap();
    let manifest = project.manifest();
    assert_eq!(function(&manifest, "stdout").inputs[0].flow_initializer, Some(Initializer::Once(whole)));
    assert_eq!(project.codes(), [W007]);
}

#[test]
fn case_24_unnamed_inputs_and_outputs_may_be_passed_through() {
    let inside = format!("[[input]]\n[[output]]\n{}", connect("input/", "output/"));
    let root = context("args/get") + &connect("get/json", "sub") + &connect("sub", "stdout");
    let manifest = sub(&inside, "", &root).manifest();
    let connections = &function(&manifest, "get").output_connections;
    assert_eq!(connections.len(), 1);
    assert!(!connections[0].internal);
}

#[test]
fn case_25_input_alone_is_an_error() {
    let inside = format!("[[input]]\n[[output]]\n{}", connect("input", "output/"));
    assert_errors(&sub(&inside, "", "").compile(), &[E022]);
}

#[test]
fn case_26_steps_behind_an_output_are_ignored() {
    let inside = format!("{PAIR}{}", connect("input/pair", "output/out/0"));
    let project = sub(&inside, "input.pair = {once=5}\n", &connect("sub/out", "stdout"));
    let manifest = project.manifest();
    assert_eq!(function(&manifest, "stdout").inputs[0].flow_initializer, Some(Initializer::Once(5.into())));
    assert_eq!(project.codes(), [W010]);
}

#[test]
fn case_27_an_alias_on_a_context_function_is_an_error_even_if_it_is_its_name() {
    let root =
        "[[process]]\nsource = \"context://stdio/stdout\"\nalias = \"stdout\"\ninput.default = {once = 1}\n";
    assert_errors(&Project::new(root).compile(), &[E017]);
}

#[test]
fn case_28_of_two_processes_with_one_name_the_second_wins() {
    let project = with_effect(&format!("{}input.default = {{once = 2}}\n", context("stdio/stdout")));
    let manifest = project.manifest();
    assert_eq!(manifest.functions.len(), 1);
    assert_eq!(function(&manifest, "stdout").inputs[0].initializer, Some(Initializer::Once(2.into())));
    assert_eq!(project.codes(), [W001]);
}

#[test]
fn case_29_a_flow_that_only_reads_has_no_effect() {
    assert_errors(&Project::new(&context("args/get")).compile(), &[E032]);
}

#[test]
fn case_30_unconnected_inputs_are_errors_unless_optimized_away() {
    assert_errors(&with_effect(ADD).compile(), &[E030, E030]);
    assert!(with_effect(ADD).optimized().compile().is_ok);
}

#[test]
fn case_31_a_function_that_only_feeds_itself_is_removed_by_us() {
    let looped = format!("{ADD}{}{}", connect("add", "add/i1"), connect("add", "add/i2"));
    let optimized = with_effect(&looped).optimized().manifest();
    assert_eq!(optimized.functions.len(), 1);
    assert!(optimized.lib_references.is_empty());
    assert_eq!(with_effect(&looped).manifest().functions.len(), 2);
}

#[test]
fn case_32_a_flow_with_an_input_gives_no_manifest() {
    let outcome = with_effect("[[input]]\nname = \"i\"\n").compile();
    assert!(outcome.is_ok && outcome.manifest.is_none());
    assert!(outcome.codes().contains(&W016));
}

/// The names of the flows that were found for a source, told by the routes of the functions in them.
fn found_for_sub(files: &[(&str, &str)]) -> Vec<String> {
    let mut project = Project::new("[[process]]\nsource = \"sub\"\n").with_symbols();
    for (path, name) in files {
        let inside = context("stdio/stdout") + "input.default = {once = 1}\n";
        project = project.file(path, &format!("flow = \"{name}\"\n{inside}"));
    }
    project.manifest().functions.into_values().map(|function| function.route).collect()
}

#[test]
fn case_33_a_directory_with_a_definition_wins_over_a_file() {
    let files = [("sub/root.toml", "in-directory"), ("sub.toml", "in-file")];
    assert_eq!(found_for_sub(&files), ["/root/in-directory/stdout"]);
}

#[test]
fn case_34_a_directory_without_definition_gives_way_to_a_file_with_us() {
    let files = [("sub/other.toml", "in-directory"), ("sub.toml", "in-file")];
    assert_eq!(found_for_sub(&files), ["/root/in-file/stdout"]);
}

#[test]
fn case_35_only_toml_need_not_be_written() {
    let project = with_effect("[[process]]\nsource = \"sub\"\n").file("sub.yaml", "flow: sub\n");
    assert_errors(&project.compile(), &[E001]);
    assert!(
        with_effect("[[process]]\nsource = \"sub.yaml\"\n").file("sub.yaml", "flow: sub\n").compile().is_ok
    );
}

#[test]
fn case_36_a_last_slash_is_harmless() {
    let project = with_effect("[[process]]\nsource = \"sub/\"\n").file("sub/sub.toml", "flow = \"sub\"\n");
    assert!(project.compile().is_ok);
}

#[test]
fn case_37_every_source_type_must_fit() {
    let f = "[[input]]\nvalue = {once = 1}\n[[output]]\ntype = [\"number\", \"string\"]\n";
    let add = format!("{ADD}input.i2 = {{once = 1}}\n{}", connect("f", "add/i1"));
    assert_errors(&with_function(f, &add).compile(), &[E023]);
}

#[test]
fn case_38_the_first_type_decides_whether_an_input_is_generic() {
    let f = "[[input]]\ntype = [\"\", \"number\"]\nvalue = {once = 1}\n[[output]]\n";
    assert!(function(&with_function(f, "").manifest(), "f.wasm").inputs[0].generic);
}

const OF_OBJECT: &str = "[[input]]\nname = \"o\"\ntype = \"object\"\n[[output]]\n";

#[test]
fn case_39_an_object_literal_is_accepted_for_an_object_by_us() {
    assert!(with_function(OF_OBJECT, "input.o = {once = {a = 1}}\n").compile().is_ok);
}

#[test]
fn case_40_empty_literals_are_accepted() {
    assert!(with_function(OF_OBJECT, "input.o = {once = {}}\n").compile().is_ok);
    let add = format!("{ADD}input.i1 = {{once = []}}\ninput.i2 = {{once = 1}}\n");
    assert!(with_effect(&add).compile().is_ok);
}

#[test]
fn case_41_any_name_will_do_for_a_flow() {
    for name in ["context with IO", "12", ""] {
        let root = format!("flow = \"{name}\"\n{}input.default = {{once = 1}}\n", context("stdio/stdout"));
        assert!(Project::new(&root).compile().is_ok, "{name}");
    }
}

#[test]
fn case_42_a_function_must_not_be_named_by_a_number() {
    let project = with_effect("[[process]]\nsource = \"f\"\n");
    assert_errors(
        &project.file("f.toml", "function = \"12\"\nsource = \"f.rs\"\n[[output]]\n").compile(),
        &[E013],
    );
}

#[test]
fn case_43_a_connection_must_not_be_named_by_a_number() {
    let connection = "[[connection]]\nname = \"12\"\nfrom = \"get/json\"\nto = \"stdout\"\n";
    assert_errors(&get_to_stdout(connection).compile(), &[E013]);
}

#[test]
fn case_44_a_flow_has_no_version() {
    let root = format!("version = \"1\"\n{}input.default = {{once = 1}}\n", context("stdio/stdout"));
    assert_errors(&Project::new(&root).compile(), &[E006]);
}

#[test]
fn case_45_metadata_may_have_other_keys() {
    assert!(with_effect("[metadata]\nlicense = \"MIT\"\n").compile().is_ok);
}

#[test]
fn case_46_an_unnamed_input_may_stand_beside_a_named_one() {
    let f = "[[input]]\nvalue = {once = 1}\n[[input]]\nname = \"b\"\nvalue = {once = 1}\n[[output]]\n";
    assert!(with_function(f, "").compile().is_ok);
}

#[test]
fn case_47_of_a_library_flow_only_the_functions_are_referred_to() {
    let root = format!(
        "[[process]]\nsource = \"lib://flowstdlib/math/range\"\ninput.range = {{once = [1, 3]}}\n{}{}",
        context("stdio/stdout"),
        connect("range/number", "stdout")
    );
    let project = Project::new(&root);
    let manifest = project.manifest();
    assert!(!manifest.lib_references.is_empty());
    assert!(!manifest.lib_references.iter().any(|reference| reference.ends_with("range")));
    assert_eq!(project.codes(), []);
}

#[test]
fn case_48_an_alias_replaces_the_name_of_a_library_flow_in_routes() {
    let root = format!(
        "[[process]]\nsource = \"lib://flowstdlib/math/range\"\nalias = \"span\"\ninput.range = {{once = [1, 3]}}\n{}{}",
        context("stdio/stdout"),
        connect("span/number", "stdout")
    );
    let manifest = Project::new(&root).with_symbols().manifest();
    assert!(manifest.functions.values().any(|function| function.route.starts_with("/root/span/")));
    assert!(!manifest.functions.values().any(|function| function.route.starts_with("/root/range")));
}

#[test]
fn case_49_a_context_function_may_be_used_in_several_flows() {
    let inside = format!("{}input.default = {{once = 1}}\n", context("stdio/stdout"));
    let manifest = with_effect("[[process]]\nsource = \"sub\"\n")
        .file("sub.toml", &format!("flow = \"sub\"\n{inside}"))
        .manifest();
    assert_eq!(manifest.functions.len(), 2);
    assert_eq!(manifest.context_references, ["context://stdio/stdout"]);
}

#[test]
fn case_50_names_may_contain_slashes() {
    let f = "[[input]]\nvalue = {once = 1}\n[[output]]\nname = \"a/b\"\n";
    let manifest = with_function(f, &connect("f/a/b/3", "stdout")).manifest();
    assert_eq!(pointers(function(&manifest, "f.wasm")), ["/a/b/3"]);
}
