//! Provided functions: what is built, when, and where it goes. The functions here are in WebAssembly text, which takes no
//! tool chain; those in Rust and C are in the tests of the installed programs.

use crate::project::{Project, connect, context};
use crate::table::Table;
use flowc::build::wat::assemble;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The text of a module that can be run; its name makes it another one.
pub(crate) fn module(name: &str) -> String {
    format!(
        "(module (memory (export \"memory\") 1) (global (export \"{name}\") i32 (i32.const 0))
            (func (export \"alloc\") (param i32) (result i32) (i32.const 1024))
            (func (export \"flow_run\") (param i32 i32) (result i64) (i64.const 0)))"
    )
}

/// The definition of a function with this source, and what else is said about it.
fn function(name: &str, source: &str, more: &str) -> String {
    format!(
        "function = \"{name}\"\nsource = \"{source}\"\n{more}\n[[input]]\nvalue = {{once = 1}}\n[[output]]\n"
    )
}

/// A flow that prints what the functions in these files give.
fn prints(functions: &[&str]) -> Project {
    let mut root = context("stdio/stdout");
    for (number, path) in functions.iter().enumerate() {
        root += &format!("[[process]]\nalias = \"f{number}\"\nsource = \"{path}\"\n");
        root += &connect(&format!("f{number}"), "stdout");
    }
    Project::new(&root)
}

/// A flow with one function, in `f.toml` and `f.wat`.
fn one() -> Project {
    prints(&["f"]).file("f.toml", &function("f", "f.wat", "type = \"wat\"")).file("f.wat", &module("one"))
}

/// All files below a directory, with what is in them.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The modules below a directory: their places, and which of the texts they were made from.
fn modules(root: &Path, names: &[&str]) -> String {
    let which = |content: &Vec<u8>| {
        names.iter().find(|name| assemble(&module(name)).unwrap() == *content).copied().unwrap_or("?")
    };
    let modules = tree(root).into_iter().filter(|(name, _)| name.ends_with(".wasm"));
    modules.map(|(name, content)| format!("{name}={}", which(&content))).collect::<Vec<_>>().join(" ")
}

/// The codes that are said when a project is compiled with these words, behind the status.
fn said(project: &Project, words: &[&str]) -> String {
    let (status, text) = project.execute(&[&["-c"], words].concat());
    let mut said = status.to_string();
    for line in text.lines() {
        let code = ["error ", "warning "].iter().find_map(|kind| line.strip_prefix(kind)?.get(..4));
        said.extend(code.map(|code| format!(" {code}")));
    }
    said
}

#[test]
fn modules_go_to_the_output_directory() {
    let mut table = Table::default();
    let names = ["one", "two"];
    let built = |project: &Project, words: &[&str], place: &str| {
        let said = said(project, words);
        format!("{said}: {}", modules(&project.path().join(place), &names))
    };
    let project = one();
    table.row("the flow's own without -o", built(&project, &[], ""), "0: f.wasm=one");
    table.row("one that is not there yet", built(&one(), &["-o", "new/out"], "new/out"), "0: f.wasm=one");
    let apart = prints(&["a", "b"])
        .file("a/a.toml", &function("a", "f.wat", ""))
        .file("a/f.wat", &module("one"))
        .file("b/b.toml", &function("b", "f.wat", ""))
        .file("b/f.wat", &module("two"));
    table.row(
        "sources of the same name",
        built(&apart, &["-o", "out"], "out"),
        "0: a/f.wasm=one b/f.wasm=two",
    );
    let below =
        prints(&["f"]).file("f.toml", &function("f", "impl/g.wat", "")).file("impl/g.wat", &module("one"));
    table.row("a source in a folder", built(&below, &["-o", "out"], "out"), "0: impl/g.wasm=one");
    let shared = prints(&["a", "b"])
        .file("a.toml", &function("a", "f.wat", ""))
        .file("b.toml", &function("b", "f.wat", ""))
        .file("f.wat", &module("one"));
    table.row("a source of two functions", built(&shared, &["-o", "out"], "out"), "0: f.wasm=one");
    let outside =
        prints(&["d/f"]).file("d/f.toml", &function("f", "../g.wat", "")).file("g.wat", &module("two"));
    table.row(
        "a source outside of the definition's folder",
        built(&outside, &["-o", "out"], "out"),
        "0: g.wasm=two",
    );
    let blank = prints(&["my fn"])
        .file("my fn.toml", &function("f", "my-fn 1.wat", ""))
        .file("my-fn 1.wat", &module("one"));
    table.row("blanks and hyphens", built(&blank, &["-o", "out"], "out"), "0: my-fn 1.wasm=one");
    table.end(7);
}

#[test]
fn types_say_how_functions_are_built() {
    let mut table = Table::default();
    let row = |build_type: &str, source: &str, content: &[u8]| {
        let definition = function("f", source, build_type);
        prints(&["f"]).file("f.toml", &definition).bytes(source, content)
    };
    let (text, binary) = (module("one"), assemble(&module("one")).unwrap());
    let built = |project: Project| {
        format!("{}: {}", said(&project, &["-o", "out"]), {
            let out = project.path().join("out");
            if out.is_dir() { modules(&out, &["one"]) } else { String::new() }
        })
    };
    table.row("text", built(row("type = \"wat\"", "f.wat", text.as_bytes())), "0: f.wasm=one");
    table.row(
        "text of another extension",
        built(row("type = \"wat\"", "f.txt", text.as_bytes())),
        "0: f.wasm=one",
    );
    table.row("a module", built(row("type = \"wasm\"", "f.wasm", &binary)), "0: f.wasm=one");
    table.row("by extension", built(row("", "f.wat", text.as_bytes())), "0: f.wasm=one");
    table.row("a module by extension", built(row("", "f.wasm", &binary)), "0: f.wasm=one");
    table.row("unknown", built(row("type = \"basic\"", "f.wat", text.as_bytes())), "1 E063: ");
    table.row("nothing said", built(row("", "f.txt", text.as_bytes())), "1 E063: ");
    table.row("no text", built(row("type = \"wat\"", "f.wat", b"\xff")), "1 E060: ");
    table.row(
        "broken text",
        built(row("type = \"wat\"", "f.wat", b"(module (func $f (call $g)))")),
        "1 E060: ",
    );
    table.row("no module", built(row("type = \"wasm\"", "f.wasm", b"text")), "1 E064: ");
    table.row("nothing to run", built(row("type = \"wat\"", "f.wat", b"(module)")), "1 E064: ");
    let import = module("one").replacen("(memory", "(import \"env\" \"now\" (func)) (memory", 1);
    table.row("it imports something", built(row("type = \"wat\"", "f.wat", import.as_bytes())), "1 E064: ");
    table.end(12);
}

#[test]
fn an_error_in_text_points_at_its_place() {
    let project = one().file("f.wat", "(module\n  (func $f (call $g)))\n");
    let (status, text) = project.execute(&["-c"]);
    assert_eq!(status, 1);
    assert!(text.contains("f.wat:2:18") && text.contains("failed to find name `$g`"), "{text}");
}

#[test]
fn a_type_that_was_probably_meant_is_named() {
    let project = one().file("f.toml", &function("f", "f.wat", "type = \"wad\""));
    let (_, text) = project.execute(&["-c"]);
    assert!(text.contains("f.toml:3:8") && text.contains("did you mean 'wat'?"), "{text}");
}

#[test]
fn nothing_is_built_with_the_option_for_it() {
    let mut table = Table::default();
    let names = |project: &Project| modules(project.path(), &["one"]);
    let project = one();
    table.row("missing", said(&project, &["-p"]), "0 W015");
    table.row("none is written", names(&project), "");
    table.row("the manifest is", project.path().join("manifest.json").is_file().to_string(), "true");
    table.row("missing is denied", said(&one(), &["-p", "--deny-warnings"]), "1 W015 E039");
    let project = one().file("f.wasm", "module");
    table.row("younger than the source", said(&project, &["-p"]), "0");
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    let file = fs::File::options().write(true).open(project.path().join("f.wasm")).unwrap();
    file.set_modified(old).unwrap();
    table.row("older than the source", said(&project, &["-p"]), "0 W035");
    table.row(
        "it is left as it is",
        String::from_utf8(fs::read(project.path().join("f.wasm")).unwrap()).unwrap(),
        "module",
    );
    table.row("without the option", format!("{} {}", said(&project, &[]), names(&project)), "0 f.wasm=one");
    table.row(
        "an unknown type",
        said(&one().file("f.toml", &function("f", "f.wat", "type = \"x\"")), &["-p"]),
        "0 W015",
    );
    let missing = one().file("f.toml", &function("f", "g.wat", ""));
    table.row("no source", said(&missing, &["-p"]), "1 E033");
    table.row("no source, but a module", said(&missing.file("g.wasm", ""), &[]), "1 E033");
    table.row("-n is for libraries", format!("{} {}", said(&one(), &["-n"]), names(&one())), "0 ");
    table.end(12);
}

#[test]
fn looking_for_mistakes_builds_nothing() {
    let project = one().file("f.wat", "(module");
    assert_eq!(project.execute(&["--check"]), (0, String::new()));
    assert_eq!(project.execute(&["--check", "f.toml"]), (0, String::new()));
    assert_eq!(modules(project.path(), &[]), "");
}

#[test]
fn a_module_that_is_what_would_be_built_is_left_alone() {
    let project = one();
    assert_eq!(said(&project, &[]), "0");
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    let path = project.path().join("f.wasm");
    fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
    assert_eq!(said(&project, &[]), "0");
    assert_eq!(path.metadata().unwrap().modified().unwrap(), old);
    let project = project.file("f.wat", &module("two"));
    assert_eq!(said(&project, &[]), "0");
    assert_eq!(modules(project.path(), &["one", "two"]), "f.wasm=two");
}

#[test]
fn a_failed_build_leaves_manifest_and_modules_as_they_were() {
    let project = prints(&["f", "g"])
        .file("f.toml", &function("f", "f.wat", ""))
        .file("f.wat", &module("one"))
        .file("g.toml", &function("g", "g.wat", ""))
        .file("g.wat", &module("two"));
    assert_eq!(said(&project, &["-o", "out"]), "0");
    let before = tree(&project.path().join("out"));
    let project = project.file("f.wat", &module("three")).file("g.wat", "(module");
    assert_eq!(said(&project, &["-o", "out"]), "1 E060");
    assert_eq!(tree(&project.path().join("out")), before);
    let project = project.file("f.wat", "(modul)");
    assert_eq!(said(&project, &["-o", "out"]), "1 E060 E060", "the errors of all functions are told");
}

#[test]
fn only_results_are_written_where_the_sources_are() {
    let project = one();
    let before = tree(project.path());
    assert_eq!(said(&project, &["-o", "out"]), "0");
    let mut after = tree(project.path());
    after.retain(|name, _| !name.starts_with("out/"));
    assert_eq!(after, before);
    assert_eq!(said(&project, &[]), "0");
    let new: Vec<String> =
        tree(project.path()).into_keys().filter(|name| !before.contains_key(name)).collect();
    let expected = ["f.wasm", "manifest.json", "manifest.routes.json"];
    let result = |name: &String| !name.starts_with("out/");
    assert_eq!(new.into_iter().filter(result).collect::<Vec<_>>(), expected);
}

#[test]
fn a_function_is_built_by_itself() {
    let mut table = Table::default();
    let names = |place: &Path| modules(place, &["one"]);
    let project = one();
    table.row(
        "by its file",
        format!("{} {}", said(&project, &["f.toml"]), names(project.path())),
        "0 f.wasm=one",
    );
    let project = one();
    table.row(
        "-o",
        format!("{} {}", said(&project, &["-o", "out", "f"]), names(&project.path().join("out"))),
        "0 f.wasm=one",
    );
    table.row("there is no manifest", project.path().join("out/manifest.json").exists().to_string(), "false");
    table.row("-p", said(&one(), &["-p", "f"]), "0 W015");
    table.row("broken", said(&one().file("f.wat", ")"), &["f"]), "1 E060");
    table.row("no source", said(&one().file("f.toml", &function("f", "g.wat", "")), &["f"]), "1 E033");
    table.row(
        "impure",
        said(&one().file("f.toml", &function("f", "f.wat", "impure = true")), &["f"]),
        "1 E016",
    );
    let in_folder =
        one().file("d/d.toml", &function("d", "sub/g.wat", "")).file("d/sub/g.wat", &module("one"));
    table.row(
        "by its folder",
        format!("{} {}", said(&in_folder, &["d"]), names(&in_folder.path().join("d"))),
        "0 g.wasm=one",
    );
    table.row("without -c nothing runs", format!("{:?}", one().execute(&["f"])), "(0, \"\")");
    table.end(9);
}

#[test]
fn a_flow_that_cannot_run_on_its_own_still_has_its_functions_built() {
    let project =
        prints(&["f"]).file("f.toml", &function("f", "f.wat", "")).file("f.wat", &module("one")).file(
            "root.toml",
            &format!(
                "flow = \"root\"\noutput = [{{name = \"o\"}}]\n[[process]]\nsource = \"f\"\n{}{}",
                context("stdio/stdout"),
                connect("f", "stdout") + &connect("f", "output/o")
            ),
        );
    assert_eq!(said(&project, &[]), "0 W016");
    assert_eq!(modules(project.path(), &["one"]), "f.wasm=one");
}
