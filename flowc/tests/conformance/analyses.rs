//! What is found out about graphs that are accepted: for each warning, flows that deserve it and flows that do not.

use crate::project::{ADD, Project, connect, context};
use flowc::diagnostics::{Code, Code::*, Diagnostic};
use flowc::{Options, compile, embedded};
use flowcore::content::{Content, LibraryPath};
use std::path::{Path, PathBuf};
use url::Url;

/// A reference to a function of the standard library, with more about it.
fn library(path: &str, more: &str) -> String {
    format!("[[process]]\nsource = \"lib://flowstdlib/{path}\"\n{more}\n")
}

fn add(alias: &str, more: &str) -> String {
    library("math/add", &format!("alias = \"{alias}\"\n{more}"))
}

fn stdout() -> String {
    context("stdio/stdout")
}

fn only(project: &Project) -> Diagnostic {
    let outcome = project.compile();
    assert!(outcome.is_ok);
    match outcome.report.diagnostics() {
        [one] => one.clone(),
        other => panic!("{other:#?}"),
    }
}

fn none(root: &str) {
    assert_eq!(Project::new(root).compile().report.diagnostics(), []);
}

/// The codes of everything that is said.
fn codes(project: &Project) -> Vec<Code> {
    project.compile().report.diagnostics().iter().map(|diagnostic| diagnostic.code).collect()
}

/// The text at the place of a diagnostic.
fn place(project: &Project, diagnostic: &Diagnostic) -> String {
    let label = diagnostic.label.as_ref().unwrap();
    let url = project.compile().report.sources.url(label.source).unwrap().to_file_path().unwrap();
    let text = std::fs::read_to_string(url).unwrap();
    text[label.span.start..label.span.end].to_owned()
}

#[test]
fn an_initializer_that_brings_no_value_is_reported_at_its_place() {
    let flow = |value: &str| {
        ADD.to_owned()
            + &format!("input.i1 = {{once = 1}}\ninput.i2 = {value}\n")
            + &stdout()
            + &connect("add", "stdout")
    };
    let project = Project::new(&flow("{once = []}"));
    assert_eq!(codes(&project), [W025, W029]);
    let found = project.compile().report.diagnostics()[0].clone();
    assert_eq!(place(&project, &found), "{once = []}");
    assert!(found.message.contains("'/root/add/i2'"), "{}", found.message);
    assert_eq!(codes(&Project::new(&flow("{always = [[]]}"))), [W025, W029]);
    none(&flow("{once = [[], [2]]}"));
    none(&flow("{once = [1]}"));
}

#[test]
fn an_empty_array_is_a_value_for_inputs_that_take_arrays() {
    let accumulate =
        library("data/accumulate", "input.partial = {once = []}\ninput.chunk_size = {always = 2}");
    let partial = connect("accumulate/partial", "accumulate/partial");
    let values = context("args/get") + &connect("get/json/1", "accumulate/values");
    none(&(accumulate + &partial + &values + &stdout() + &connect("accumulate/chunk", "stdout")));
    none(&(stdout() + "input.default = {once = []}\n"));
}

#[test]
fn a_function_that_waits_for_itself_needs_a_first_value() {
    let flow = |more: &str| {
        let parts = [
            context("args/get"),
            ADD.to_owned() + more,
            connect("get/json/1", "add/i1"),
            connect("add", "add/i2"),
        ];
        parts.concat() + &stdout() + &connect("add", "stdout")
    };
    let project = Project::new(&flow(""));
    assert_eq!(codes(&project), [W026, W029]);
    let outcome = project.compile();
    let [circle, effect] = outcome.report.diagnostics() else { panic!() };
    assert!(circle.message.contains("'/root/add/i2' gets values from nothing but '/root/add' itself"));
    assert_eq!(circle.help.as_deref(), Some("give '/root/add/i2' a first value: input.i2 = { once = ... }"));
    assert_eq!(circle.related.len(), 1);
    assert_eq!(place(&project, circle), "\"lib://flowstdlib/math/add\"");
    assert!(effect.message.starts_with("'/root/stdout' can never run"), "{}", effect.message);
    none(&flow("input.i2 = {once = 0}\n"));
}

#[test]
fn a_circle_is_reported_once_however_much_waits_for_it() {
    let mut root = context("args/get") + &add("a", "") + &add("b", "") + &stdout();
    root += &(connect("get/json/1", "a/i1") + &connect("get/json/2", "b/i1"));
    root += &(connect("a", "b/i2") + &connect("b", "a/i2"));
    for number in 0..100 {
        let before = if number == 0 { "b".to_owned() } else { format!("c{}", number - 1) };
        root += &(add(&format!("c{number}"), "input.i2 = {always = 1}")
            + &connect(&before, &format!("c{number}/i1")));
    }
    let project = Project::new(&(root + &connect("c99", "stdout")));
    assert_eq!(codes(&project), [W026, W029]);
    let message = project.compile().report.diagnostics()[0].message.clone();
    assert!(
        message.contains("'/root/b' -> '/root/a'") || message.contains("'/root/a' -> '/root/b'"),
        "{message}"
    );
    assert!(message.ends_with("; 101 more functions wait for them"), "{message}");
}

#[test]
fn a_circle_with_another_feed_is_fine_and_so_is_one_behind_a_flow_that_is_initialized() {
    let fed = [context("args/get"), add("a", "input.i1 = {always = 1}"), add("b", "input.i1 = {always = 1}")]
        .concat()
        + &(connect("a", "b/i2") + &connect("b", "a/i2") + &connect("get/json/1", "a/i2"));
    none(&(fed + &stdout() + &connect("a", "stdout")));
    let series =
        library("math/series", "input.start = {once = 1}\ninput.limit = {once = 5}\ninput.step = {once = 1}");
    none(&(series + &stdout() + &connect("series/number", "stdout")));
}

#[test]
fn a_circle_through_a_library_is_reported_where_the_library_is_used() {
    let series = library("math/series", "input.limit = {once = 5}\ninput.step = {once = 1}");
    let root =
        series + &stdout() + &connect("series/number", "stdout") + &connect("series/last", "series/start");
    let project = Project::new(&root);
    assert_eq!(codes(&project), [W026, W029]);
    let found = project.compile().report.diagnostics()[0].clone();
    assert_eq!(place(&project, &found), "\"lib://flowstdlib/math/series\"");
}

#[test]
fn unrelated_values_that_are_paired_compete() {
    let source = |alias: &str| {
        add(alias, "input.i1 = {once = 0}\ninput.i2 = {once = 1}") + &connect(alias, &format!("{alias}/i2"))
    };
    // What each of the three sends goes on and on, and `f` pairs what comes from two of them with the third.
    let parts = [source("a"), source("b"), source("c"), add("f", "")].concat();
    let same = parts.clone() + &connect("a", "f/i1") + &connect("b", "f/i1") + &connect("c", "f/i2");
    let root = same + &stdout() + &connect("f", "stdout");
    let project = Project::new(&root);
    let found = only(&project);
    assert_eq!((found.code, place(&project, &found)), (W027, "\"f/i1\"".to_owned()));
    assert!(found.message.contains("'/root/a' and '/root/b'"), "{}", found.message);
    assert_eq!(found.related.len(), 1);
    // The same where nothing is paired, and where one function sends to all.
    let prints = connect("a", "stdout") + &connect("b", "stdout");
    none(
        &(parts.clone()
            + &prints
            + &stdout()
            + &connect("c", "f/i1")
            + &connect("c", "f/i2")
            + &connect("f", "stdout")),
    );
    let related = connect("c", "a/i1") + &connect("c", "b/i1") + &connect("c", "f/i2");
    none(
        &(parts
            + &related
            + &connect("a", "f/i1")
            + &connect("b", "f/i1")
            + &stdout()
            + &connect("f", "stdout")),
    );
}

#[test]
fn a_loop_and_what_starts_it_do_not_compete() {
    let parts =
        [context("args/get"), add("sum", ""), add("next", "input.i2 = {always = 1}"), stdout()].concat();
    let start = connect("get/json/1", "sum/i1") + &connect("get/json/2", "next/i1");
    let round = connect("next", "next/i1") + &connect("next", "sum/i2") + &connect("sum", "sum/i1");
    none(&(parts + &start + &round + &connect("sum", "stdout")));
    // A value for the start and a stream.
    let parts = [
        context("args/get"),
        context("stdio/readline"),
        add("sum", ""),
        add("ones", "input.i1 = {once = 0}\ninput.i2 = {once = 1}"),
    ];
    let root = parts.concat() + "[[connection]]\nfrom = \"ones\"\nto = [\"ones/i1\", \"sum/i2\"]\n";
    let root = root.replace("stdio/readline\"", "stdio/readline\"\ninput.prompt = {always = \"\"}");
    let both = connect("get/json/1", "sum/i1") + &connect("readline/json", "sum/i1");
    none(&(root + &both + &stdout() + &connect("sum", "stdout")));
}

#[test]
fn a_value_that_arrives_twice_is_reported_at_the_second_connection() {
    let twice =
        context("args/get") + &stdout() + &connect("get/string", "stdout") + &connect("get/string", "stdout");
    let project = Project::new(&twice);
    let found = only(&project);
    assert_eq!((found.code, found.related.len()), (W028, 1));
    assert!(found.label.unwrap().span.start > found.related[0].span.start);
    none(
        &(context("args/get")
            + &stdout()
            + &connect("get/string/1", "stdout")
            + &connect("get/string/2", "stdout")),
    );
}

#[test]
fn a_value_that_parts_and_meets_again_inside_a_flow_is_reported_where_it_begins() {
    let sub = "flow = \"sub\"\ninput = [{name = \"i\"}]\noutput = [{name = \"o\"}, {name = \"p\"}]\n"
        .to_owned()
        + "[[connection]]\nfrom = \"input/i\"\nto = [\"output/o\", \"output/p\"]\n";
    let root =
        context("args/get") + &stdout() + "[[process]]\nsource = \"sub\"\n" + &connect("get/string", "sub/i");
    let root = root + &connect("sub/o", "stdout") + &connect("sub/p", "stdout");
    let project = Project::new(&root).file("sub.toml", &sub);
    let found = only(&project);
    assert_eq!((found.code, place(&project, &found)), (W028, "\"sub/i\"".to_owned()));
}

#[test]
fn results_that_nobody_uses_are_reported_at_the_last_of_a_chain() {
    let a = add("a", "input.i2 = {always = 1}") + &connect("get/json/1", "a/i1");
    let b = add("b", "input.i2 = {always = 1}") + &connect("a", "b/i1");
    let root = context("args/get") + &stdout() + &connect("get/string/1", "stdout") + &a + &b;
    let project = Project::new(&root);
    let found = only(&project);
    assert_eq!((found.code, place(&project, &found)), (W030, "\"b\"".to_owned()));
    assert_eq!(found.message, "nobody uses what '/root/b' and 1 more compute");
    assert_eq!(Project::new(&root).optimized().compile().report.diagnostics(), []);
    none(&(root.clone() + &connect("b", "stdout")));
    // Round and round for nothing.
    let round = root + &connect("b", "a/i1");
    assert_eq!(codes(&Project::new(&round)), [W030]);
}

#[test]
fn what_is_used_in_one_use_of_a_flow_is_used() {
    let sub = "flow = \"sub\"\ninput = [{name = \"i\"}]\noutput = [{name = \"o\"}]\n".to_owned()
        + &add("a", "input.i2 = {always = 1}")
        + &connect("input/i", "a/i1")
        + &connect("a", "output/o");
    let uses = ["s", "t"].map(|alias| format!("[[process]]\nalias = \"{alias}\"\nsource = \"sub\"\n"));
    let root = context("args/get") + &stdout() + &uses.concat();
    let root = root + &connect("get/json/1", "s/i") + &connect("get/json/2", "t/i");
    let project = Project::new(&(root.clone() + &connect("s/o", "stdout"))).file("sub.toml", &sub);
    assert_eq!(codes(&project), []);
    let project = Project::new(&(root + &connect("get/string", "stdout"))).file("sub.toml", &sub);
    assert_eq!(codes(&project), [W030]);
}

#[test]
fn a_flow_with_inputs_and_outputs_of_its_own_is_not_judged_by_what_is_outside() {
    let root = "input = [{name = \"i\"}]\noutput = [{name = \"o\"}]\n".to_owned()
        + &ADD.replace("source", "input.i2 = {always = 1}\nsource")
        + &stdout()
        + &connect("input/i", "add/i1")
        + &connect("add", "add/i1")
        + &connect("add", "output/o")
        + &connect("add", "stdout");
    assert_eq!(codes(&Project::new(&format!("flow = \"root\"\n{root}"))), [W016]);
}

/// All definitions in a directory and below it.
fn definitions(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn warnings_of(path: &Path) -> Vec<(Code, String)> {
    let content = Content::new(LibraryPath::new([embedded::standard_library()]), embedded::context());
    let options = Options::default();
    let mut report = flowc::diagnostics::Report::default();
    let result = compile(&Url::from_file_path(path).unwrap(), &content, &options, &mut report);
    let found = report.diagnostics().iter().map(|one| (one.code, one.message.clone())).collect();
    assert!(result.is_ok(), "{}: {found:?}", path.display());
    found
}

#[test]
fn nothing_is_wrong_with_the_examples() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let roots: Vec<PathBuf> =
        definitions(&examples).into_iter().filter(|path| path.ends_with("root.toml")).collect();
    assert!(roots.len() >= 7, "{roots:?}");
    for root in roots {
        let found: Vec<_> = warnings_of(&root).into_iter().filter(|(code, _)| *code != W015).collect();
        assert_eq!(found, [], "{}", root.display());
    }
}

#[test]
fn nothing_is_wrong_with_the_flows_of_the_standard_library() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flowstdlib/src");
    let mut flows = 0;
    for path in definitions(&sources) {
        let text = std::fs::read_to_string(&path).unwrap();
        let format = flowcore::format::Format::Toml;
        let definition = flowcore::format::read_definition(&text, format).unwrap();
        if !matches!(definition, flowcore::definition::Definition::Flow(_)) {
            continue;
        }
        flows += 1;
        // A copy that belongs to the project, so that it is judged; each input is fed, each output used.
        let reference: String = "[[process]]\nalias = \"it\"\nsource = \"it\"\n".to_owned();
        let feed =
            |(number, name): (usize, &str)| connect(&format!("get/json/{number}"), &format!("it/{name}"));
        let inputs = definition.inputs().iter().map(|input| input.name.value.as_str()).enumerate();
        let uses =
            definition.outputs().iter().map(|output| connect(&format!("it/{}", output.name.value), "stdout"));
        let root = context("args/get") + &stdout() + &reference + &inputs.map(feed).collect::<String>();
        let project = Project::new(&(root + &uses.collect::<String>())).file("it.toml", &text);
        assert_eq!(project.compile().report.diagnostics(), [], "{}", path.display());
    }
    assert!(flows >= 5, "{flows}");
}
