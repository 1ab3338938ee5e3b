//! Language 10: finding definitions. Places outside the flow itself are also tested in `command_line`.

use crate::project::{Project, connect, context, function};
use crate::table::Table;
use flowc::command::{Environment, Workshop};
use std::fs;

/// A root flow that uses the process at `source` and prints.
fn using(source: &str) -> Project {
    Project::new(&format!(
        "[[process]]\nsource = \"{source}\"\n{}input.default = {{once = 1}}\n",
        context("stdio/stdout")
    ))
    .with_symbols()
}

/// A flow whose name tells which file it is in.
fn named(name: &str) -> String {
    format!("flow = \"{name}\"\n{}input.default = {{once = 1}}\n", context("stdio/stderr"))
}

/// The flow that was found, or the codes of the errors.
fn found(project: &Project) -> String {
    let outcome = project.compile();
    match &outcome.manifest {
        Some(manifest) => {
            let route = &function(manifest, "stderr").route;
            route.trim_start_matches("/root/").trim_end_matches("/stderr").to_owned()
        }
        None => outcome.verdict(),
    }
}

#[test]
fn section_10_1_sources_are_joined_to_the_file_that_contains_them() {
    let mut table = Table::default();
    let files = |project: Project| {
        project
            .file("sub.toml", &named("beside"))
            .file("d/e/inner.toml", &named("inside"))
            .file("a b.toml", &named("blank"))
    };
    let absolute = tempfile::tempdir().unwrap();
    fs::write(absolute.path().join("abs.toml"), named("absolute")).unwrap();
    let path = absolute.path().display().to_string();
    let rows = [
        ("a name", "sub".to_owned(), "beside"),
        ("with extension", "sub.toml".to_owned(), "beside"),
        ("with a dot", "./sub".to_owned(), "beside"),
        ("a path", "d/e/inner".to_owned(), "inside"),
        ("up and down", "d/../d/./e/inner".to_owned(), "inside"),
        ("an absolute path", format!("{path}/abs"), "absolute"),
        ("a file URL", format!("file://{path}/abs"), "absolute"),
        ("a relative file URL", "file:sub".to_owned(), "beside"),
        ("with a fragment", "sub#part".to_owned(), "beside"),
        ("with a query", "sub?a=b".to_owned(), "beside"),
        ("with a blank", "a b".to_owned(), "blank"),
        ("with a coded blank", "a%20b".to_owned(), "blank"),
        ("another scheme", "ftp://example.com/x".to_owned(), "E002"),
        ("missing", "nothing".to_owned(), "E001"),
        ("no such directory", "no/thing".to_owned(), "E001"),
    ];
    for (label, source, expected) in rows {
        table.row(label, found(&files(using(&source))), expected);
    }
    let nested = using("d/outer")
        .file(
            "d/outer.toml",
            "flow = \"outer\"\n[[process]]\nsource = \"../sub\"\n[[process]]\nsource = \"e/leaf\"\n",
        )
        .file("d/e/leaf.toml", "flow = \"leaf\"\n")
        .file("sub.toml", &named("beside"));
    table.row("relative to the file that was found", found(&nested), "outer/beside");
    table.end(16);
}

#[test]
fn section_10_2_references_of_functions() {
    let mut table = Table::default();
    let location = |source: &str| {
        let root = format!(
            "[[process]]\nsource = \"{source}\"\ninput.i1 = {{once = 1}}\ninput.i2 = {{once = 1}}\n{}{}",
            context("stdio/stdout"),
            connect("add", "stdout")
        );
        let outcome = Project::new(&root).compile();
        outcome.manifest.as_ref().map_or_else(
            || outcome.verdict(),
            |manifest| manifest.functions[&1].implementation_location.clone(),
        )
    };
    let add = "lib://flowstdlib/math/add";
    table.row("as it should be", location(add), add);
    // Published compilers keep these spellings, which no runner can look up.
    table.row("last slash", location("lib://flowstdlib/math/add/"), add);
    table.row("file", location("lib://flowstdlib/math/add/add.toml"), add);
    table.row(
        "file without extension",
        location("lib://flowstdlib/math/add/add"),
        "lib://flowstdlib/math/add/add",
    );
    table.row("letter case of the library", location("lib://FlowStdLib/math/add"), "E001");
    table.row("letter case of the function", location("lib://flowstdlib/math/Add"), "E001");
    table.row("a library without path", location("lib://flowstdlib"), "E001");
    table.row("no such library", location("lib://nolib/math/add"), "E001");
    table.end(8);
}

#[test]
fn section_10_3_the_rule_for_files() {
    let mut table = Table::default();
    type Files = [(&'static str, &'static str)];
    let rows: [(&str, &str, &Files, &str); 15] = [
        ("an existing file", "sub.yaml", &[("sub.yaml", "yaml"), ("sub.toml", "toml")], "yaml"),
        ("a file without extension", "sub", &[("sub", "bare"), ("sub.toml", "toml")], "E004"),
        (
            "a directory: root",
            "sub",
            &[("sub/root.toml", "root"), ("sub/sub.toml", "named"), ("sub.toml", "beside")],
            "root",
        ),
        ("a directory: its name", "sub", &[("sub/sub.toml", "named"), ("sub.toml", "beside")], "named"),
        ("a directory with a last slash", "sub/", &[("sub/sub.toml", "named")], "named"),
        ("a file with a last slash", "sub/", &[("sub.toml", "beside")], "beside"),
        (
            "an extension is replaced",
            "my.sub",
            &[("my.toml", "replaced"), ("my.sub.toml", "added")],
            "replaced",
        ),
        (
            "an extension is replaced in a directory",
            "v1.2",
            &[("v1.2/v1.toml", "replaced"), ("v1.2/v1.2.toml", "added")],
            "replaced",
        ),
        ("nothing implied but toml", "sub", &[("sub.json", "json"), ("sub.yml", "yml")], "E001"),
        ("a missing file with an extension", "sub.json", &[("sub.toml", "replaced")], "replaced"),
        ("nothing at all", "sub", &[], "E001"),
        // Not found by published compilers.
        ("an extension is added", "my.sub", &[("my.sub.toml", "added")], "added"),
        ("an extension is added in a directory", "v1.2", &[("v1.2/v1.2.toml", "added")], "added"),
        (
            "a directory without definition, file beside it",
            "sub",
            &[("sub/x.md", ""), ("sub.toml", "beside")],
            "beside",
        ),
        ("a directory without definition", "sub", &[("sub/x.toml", "x")], "E001"),
    ];
    for (label, source, files, expected) in rows {
        let mut project = using(source);
        for (path, name) in files {
            let text = if path.ends_with(".yaml") {
                format!(
                    "flow: {name}\nprocess:\n - source: context://stdio/stderr\n   input: {{default: {{once: 1}}}}\n"
                )
            } else {
                named(name)
            };
            project = project.file(path, &text);
        }
        table.row(label, found(&project), expected);
    }
    table.end(15);
}

/// A library `l` with a function `f` and a flow that uses a file of its own, at a place below the project.
fn library(project: Project, place: &str) -> Project {
    project
        .file(&format!("{place}/l/f/f.toml"), "function = \"f\"\nsource = \"f.rs\"\ninput = [{value = {once = 1}}]\noutput = [{}]\n")
        .file(&format!("{place}/l/f/f.rs"), "")
        .file(&format!("{place}/l/own.toml"), "flow = \"own\"\noutput = [{name = \"o\"}]\n[[process]]\nsource = \"lib://l/f\"\n[[connection]]\nfrom = \"f\"\nto = \"output/o\"\n")
        .file(&format!("{place}/l/relative.toml"), "flow = \"relative\"\noutput = [{name = \"o\"}]\n[[process]]\nsource = \"f\"\n[[connection]]\nfrom = \"f\"\nto = \"output/o\"\n")
}

fn location(project: &Project, words: &[&str], environment: &Environment) -> String {
    let (status, text) = project.execute_in(&[&["-c", "-p", "-v", "off"], words].concat(), environment);
    if status != 0 {
        return text
            .split_whitespace()
            .find(|word| word.starts_with('E'))
            .unwrap_or_default()
            .trim_end_matches(':')
            .to_owned();
    }
    let manifest = fs::read_to_string(project.path().join("manifest.json")).unwrap();
    let manifest = flowcore::manifest::read_flow_manifest(&manifest).unwrap();
    let sender = manifest.functions.values().find(|one| !one.output_connections.is_empty()).unwrap();
    let references = manifest.lib_references.join(" ");
    format!("{} [{references}]", sender.implementation_location)
}

#[test]
fn section_10_1_and_10_5_libraries() {
    let mut table = Table::default();
    let project = |source: &str, from: &str| {
        let root = format!(
            "[[process]]\nsource = \"{source}\"\n{}{}",
            context("stdio/stdout"),
            connect(from, "stdout")
        );
        library(Project::new(&root), "libs")
    };
    let environment = |project: &Project, variable: Option<&str>, home: Option<&str>| Environment {
        current: project.path().to_owned(),
        home: home.map(|home| project.path().join(home)),
        library_path: variable.map(str::to_owned),
        web: flowc::web::Limits::default(),
        build: Workshop::default(),
    };
    let mut row =
        |label: &str, source: &str, from: &str, words: &[&str], variable: Option<&str>, expected: &str| {
            let project = project(source, from);
            table.row(label, location(&project, words, &environment(&project, variable, None)), expected);
        };
    let f = "lib://l/f [lib://l/f]";
    row("-L", "lib://l/f", "f", &["-L", "libs"], None, f);
    row("-L twice", "lib://l/f", "f", &["-L", "nothing", "-L", "libs"], None, f);
    row("variable", "lib://l/f", "f", &[], Some("libs"), f);
    row("variable with commas", "lib://l/f", "f", &[], Some("nowhere,libs"), f);
    row("an empty variable", "lib://flowstdlib/math/sqrt", "sqrt", &[], Some(""), "E030");
    row("a missing directory", "lib://l/f", "f", &["-L", "nowhere"], Some("libs"), f);
    row("nowhere", "lib://l/f", "f", &[], None, "E001");
    row("a flow of a library refers by lib://", "lib://l/own", "own/o", &["-L", "libs"], None, f);
    row(
        "a flow of a library refers by path: a provided function",
        "lib://l/relative",
        "relative/o",
        &["-L", "libs"],
        None,
        "f.wasm []",
    );
    row("no such process in the library", "lib://l/g", "g", &["-L", "libs"], None, "E001");
    table.end(10);
}

#[test]
fn section_10_6_a_context_flow_that_refers_to_an_impure_function_by_path_is_refused() {
    let out = "function = \"out\"\nsource = \"s\"\nimpure = true\n[[input]]\nvalue = {once = 1}\n";
    let mut table = Table::default();
    for (label, source, expected) in [("by context://", "context://my/out", 0), ("by path", "out", 1)] {
        let project = Project::new(&context("my/flow"))
            .file("c/my/flow.toml", &format!("flow = \"flow\"\n[[process]]\nsource = \"{source}\"\n"))
            .file("c/my/out.toml", out);
        let (status, text) = project.execute(&["-c", "-C", "c"]);
        table.row(
            label,
            format!("{status} {}", text.contains("E016")),
            format!("{expected} {}", expected == 1),
        );
    }
    table.end(2);
}

#[test]
fn the_root_may_be_given_in_every_way() {
    let mut table = Table::default();
    let project = Project::empty().file("f/root.toml", &named("in-directory")).file("g.toml", &named("in-file")).file("h.json", r#"{"flow": "h", "process": [{"source": "context://stdio/stderr", "input": {"default": {"once": 1}}}]}"#);
    let url = format!("file://{}/f", project.path().display());
    for (source, expected) in [
        ("f", 0),
        ("f/", 0),
        ("./f/root.toml", 0),
        ("f/root", 0),
        ("g", 0),
        ("g.toml", 0),
        ("h.json", 0),
        ("h", 1),
        (url.as_str(), 0),
        ("nothing", 1),
    ] {
        let (status, _) = project.execute(&["-c", "-o", "out", source]);
        table.row(source, status.to_string(), expected.to_string());
    }
    table.end(10);
}
