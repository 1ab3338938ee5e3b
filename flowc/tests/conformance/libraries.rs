//! Building libraries and installing the definitions of runners.

use crate::project::{Project, connect, context};
use crate::s12_provided_functions::module;
use flowc::build::wat::assemble;
use flowc::command::{Environment, Workshop};
use flowc::web::Limits;
use flowcore::manifest::{LibraryManifest, read_flow_manifest, read_library_manifest};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const AREA: &str = "function = \"area\"\nsource = \"area.rs\"\ntype = \"rust\"\n\
    input = [{ name = \"width\", type = \"number\" }, { name = \"height\", type = \"number\" }]\n\
    output = [{ type = \"number\" }]\n";

/// A flow that uses the function, and is used by another flow that comes before it in any walk.
const SQUARE: &str = "flow = \"square\"\ninput = [{ name = \"side\", type = \"number\" }]\noutput = [{ name = \"area\", type = \"number\" }]\n\
    [[process]]\nsource = \"lib://mylib/geo/area\"\n\
    [[connection]]\nfrom = \"input/side\"\nto = [\"area/width\", \"area/height\"]\n\
    [[connection]]\nfrom = \"area\"\nto = \"output/area\"\n";

const CUBE: &str = "flow = \"a_cube\"\ninput = [{ name = \"side\", type = \"number\" }]\noutput = [{ name = \"surface\", type = \"number\" }]\n\
    [[process]]\nsource = \"lib://mylib/geo/square\"\n\
    [[process]]\nsource = \"lib://flowstdlib/math/multiply\"\ninput.i2 = { always = 6 }\n\
    [[connection]]\nfrom = \"input/side\"\nto = \"square/side\"\n\
    [[connection]]\nfrom = \"square/area\"\nto = \"multiply/i1\"\n\
    [[connection]]\nfrom = \"multiply\"\nto = \"output/surface\"\n";

const PACKAGE: &str = "[package]\nname = \"mylib\"\nversion = \"0.2.0\"\ndescription = \"demo\"\nauthors = [\"A\"]\nedition = \"2024\"\n";

/// A library in the directory `shapes`, and a home to install to.
fn library() -> Project {
    Project::new("")
        .file("shapes/lib.toml", "[workspace]\n")
        .file("shapes/Cargo.toml", PACKAGE)
        .file("shapes/src/lib.rs", "")
        .file("shapes/src/geo/area/area.toml", AREA)
        .file("shapes/src/geo/area/area.rs", "")
        .file("shapes/src/geo/area/area.md", "about area")
        .file("shapes/src/geo/area/function.toml", "[package]\n")
        .file("shapes/src/geo/square.toml", SQUARE)
        .file("shapes/src/geo/a_cube.toml", CUBE)
        .file("shapes/src/docs/only/page.md", "about all")
}

fn home(project: &Project) -> Environment {
    let home = Some(project.path().join("home"));
    Environment {
        current: project.path().to_owned(),
        home,
        library_path: None,
        web: Limits::default(),
        build: Workshop::default(),
    }
}

fn build(project: &Project, words: &[&str]) -> (i32, String) {
    project.execute_in(words, &home(project))
}

/// The texts of all files below a directory, by their paths.
fn tree(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

fn manifest(directory: &Path) -> LibraryManifest {
    read_library_manifest(&fs::read_to_string(directory.join("manifest.json")).unwrap()).unwrap()
}

#[test]
fn a_library_is_installed_under_the_name_of_its_package() {
    for argument in ["shapes", "shapes/", "shapes/lib.toml", "./shapes/../shapes/"] {
        let project = library();
        let source = tree(&project.path().join("shapes"));
        assert_eq!(build(&project, &["-n", argument]), (0, String::new()));
        let installed = project.path().join("home/.flow/lib/mylib");
        let files = tree(&installed);
        assert_eq!(
            files.keys().collect::<Vec<_>>(),
            [
                "docs/only/page.md",
                "geo/a_cube.toml",
                "geo/area/area.md",
                "geo/area/area.toml",
                "geo/square.toml",
                "manifest.json"
            ]
        );
        assert_eq!(files["geo/square.toml"], SQUARE);
        assert_eq!(tree(&project.path().join("shapes")), source, "nothing is written to the source");
    }
}

#[test]
fn the_manifest_lists_functions_by_directory_and_flows_by_path() {
    let project = library();
    assert_eq!(build(&project, &["-n", "-o", "out", "shapes"]), (0, String::new()));
    let manifest = manifest(&project.path().join("out"));
    assert_eq!(manifest.lib_url, "lib://mylib");
    assert_eq!(manifest.metadata.version, "0.2.0");
    assert_eq!(manifest.metadata.authors, ["A"]);
    let locators: Vec<_> =
        manifest.locators.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(
        locators,
        [
            ("lib://mylib/geo/a_cube", "geo/a_cube.toml"),
            ("lib://mylib/geo/area", "geo/area/area.wasm"),
            ("lib://mylib/geo/square", "geo/square.toml"),
        ]
    );
    assert_eq!(manifest.source_urls["geo/area/area.wasm"], "lib://mylib/geo/area/area.rs");
    // Built elsewhere, it is the same.
    let elsewhere = library();
    build(&elsewhere, &["-n", "-o", "other", "shapes"]);
    assert_eq!(tree(&project.path().join("out")), tree(&elsewhere.path().join("other")));
}

#[test]
fn an_installed_library_is_used_like_any_other() {
    let root = "[[process]]\nsource = \"lib://mylib/geo/a_cube\"\ninput.side = { once = 2 }\n".to_owned()
        + &context("stdio/stdout")
        + &connect("a_cube/surface", "stdout");
    let project = library().file("flow/root.toml", &format!("flow = \"root\"\n{root}"));
    assert_eq!(build(&project, &["-n", "shapes"]), (0, String::new()));
    assert_eq!(build(&project, &["-c", "flow"]), (0, String::new()));
    assert_eq!(
        project.execute(&["-c", "-L", "home/.flow/lib", "-o", "with-option", "flow"]),
        (0, String::new())
    );
    let text = fs::read_to_string(project.path().join("flow/manifest.json")).unwrap();
    let flow = read_flow_manifest(&text).unwrap();
    let library = manifest(&project.path().join("home/.flow/lib/mylib"));
    let own: Vec<_> = flow.lib_references.iter().filter(|one| one.starts_with("lib://mylib/")).collect();
    assert_eq!(own, ["lib://mylib/geo/area"]);
    assert!(own.iter().all(|reference| library.locators.contains_key(*reference)));
}

/// A function in WebAssembly text, which is built without any tool chain.
fn text(name: &str) -> String {
    AREA.replace("\"area\"", &format!("\"{name}\""))
        .replace("area.rs", "code.wat")
        .replace("\"rust\"", "\"wat\"")
}

#[test]
fn modules_are_built_and_installed_unless_they_are_left_out() {
    let project = library()
        .file("shapes/src/geo/area/area.toml", &text("area"))
        .file("shapes/src/geo/area/code.wat", &module("area"))
        .file("shapes/src/more/more.toml", &text("more"))
        .file("shapes/src/more/code.wat", &module("more"));
    let source = tree(&project.path().join("shapes"));
    assert_eq!(build(&project, &["-o", "out", "shapes"]), (0, String::new()));
    let out = project.path().join("out");
    for (path, name) in [("geo/area/code.wasm", "area"), ("more/code.wasm", "more")] {
        assert_eq!(fs::read(out.join(path)).unwrap(), assemble(&module(name)).unwrap());
    }
    assert_eq!(manifest(&out).locators["lib://mylib/more"], "more/code.wasm");
    assert_eq!(tree(&project.path().join("shapes")), source, "nothing is written to the source");
    assert_eq!(build(&project, &["-n", "-o", "native", "shapes"]), (0, String::new()));
    assert!(!project.path().join("native/more/code.wasm").exists());
    assert_eq!(manifest(&project.path().join("native")), manifest(&out), "it says where they would be");
}

#[test]
fn a_function_that_cannot_be_built_leaves_the_installed_library_as_it_was() {
    let project = library()
        .file("shapes/src/geo/area/area.toml", &text("area"))
        .file("shapes/src/geo/area/code.wat", &module("area"));
    assert_eq!(build(&project, &["-o", "out", "shapes"]), (0, String::new()));
    let out = project.path().join("out/geo/area/code.wasm");
    let before = fs::read(&out).unwrap();
    let project = project.file("shapes/src/geo/area/code.wat", "(module");
    let (status, said) = build(&project, &["-o", "out", "shapes"]);
    assert_eq!(status, 1);
    assert!(said.contains("E060") && said.contains("code.wat:1:"), "{said}");
    assert_eq!(fs::read(&out).unwrap(), before);
    let (status, said) = build(&project, &["--check", "shapes"]);
    assert_eq!(
        (status, said.as_str()),
        (0, ""),
        "nothing is built where mistakes in definitions are looked for"
    );
}

#[test]
fn all_mistakes_of_all_files_are_reported_and_the_installed_library_stays() {
    let project = library();
    assert_eq!(build(&project, &["-n", "-o", "out", "shapes"]), (0, String::new()));
    fs::write(project.path().join("out/mine"), "kept").unwrap();
    let before = tree(&project.path().join("out"));
    let project = project
        .file("shapes/src/geo/square.toml", &SQUARE.replace("area/width", "area/wide"))
        .file("shapes/src/geo/a_cube.toml", &CUBE.replace("square/side", "square/edge"));
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert_eq!(status, 1);
    assert!(text.contains("area/wide") && text.contains("square/edge"), "{text}");
    let project = project
        .file("shapes/src/geo/square.toml", "flow = \"square\"\nproces = []\n")
        .file("shapes/src/geo/area/area.toml", "function = \"area\"\nsauce = 1\n");
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert_eq!(status, 1);
    assert!(text.contains("'proces'") && text.contains("'sauce'"), "{text}");
    assert_eq!(tree(&project.path().join("out")), before);
}

#[test]
fn flows_of_a_library_are_checked_with_inputs_that_get_values() {
    // An input of a function inside that nothing feeds.
    let flow = SQUARE.replace("[\"area/width\", \"area/height\"]", "\"area/width\"");
    let project = library().file("shapes/src/geo/square.toml", &flow);
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert_eq!((status, text.matches("E030").count()), (1, 1), "{text}");
    assert!(text.contains("area/height"), "{text}");
    // A constant that something is connected to.
    let flow = SQUARE.replace("geo/area\"\n", "geo/area\"\ninput.width = { always = 1 }\n");
    let (status, text) =
        build(&library().file("shapes/src/geo/square.toml", &flow), &["-n", "-o", "out", "shapes"]);
    assert_eq!((status, text.matches("E031").count()), (1, 1), "{text}");
    // Types that do not fit at the ends of a chain through flows.
    let generic = SQUARE.replace("\"side\", type = \"number\"", "\"side\"");
    let cube = CUBE.replace("\"side\", type = \"number\"", "\"side\"")
        + "[[process]]\nsource = \"lib://flowstdlib/fmt/to_string\"\ninput.default = { once = 1 }\n"
        + &connect("to_string", "square/side");
    let project =
        library().file("shapes/src/geo/square.toml", &generic).file("shapes/src/geo/a_cube.toml", &cube);
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert_eq!(status, 1);
    assert!(text.contains("E026"), "{text}");
}

#[test]
fn what_was_installed_and_is_no_more_in_the_source_is_removed() {
    let project = library();
    assert_eq!(build(&project, &["-n", "shapes"]), (0, String::new()));
    let installed = project.path().join("home/.flow/lib/mylib");
    fs::create_dir_all(installed.join("geo/own")).unwrap();
    fs::write(installed.join("geo/own/note.md"), "of the user").unwrap();
    for path in ["src/geo/a_cube.toml", "src/docs/only/page.md"] {
        fs::remove_file(project.path().join("shapes").join(path)).unwrap();
    }
    let project = project.file("shapes/src/geo/area/area.md", "changed");
    assert_eq!(build(&project, &["-n", "shapes"]), (0, String::new()));
    let files = tree(&installed);
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["geo/area/area.md", "geo/area/area.toml", "geo/own/note.md", "geo/square.toml", "manifest.json"]
    );
    assert_eq!(files["geo/area/area.md"], "changed");
    assert!(!installed.join("docs").exists());
}

#[test]
fn a_manifest_that_was_tampered_with_removes_nothing_else() {
    let project = library().file("precious", "");
    let text = r#"{"lib_url": "lib://mylib", "metadata": {}, "locators": {}, "source_urls": {"../precious": "lib://x/y", "": "lib://x/y", "geo": "lib://x/y"}}"#;
    let project = project.file("out/manifest.json", text);
    assert_eq!(build(&project, &["-n", "-o", "out", "shapes"]), (0, String::new()));
    assert!(project.path().join("precious").is_file());
    assert!(project.path().join("out/geo/square.toml").is_file());
}

#[test]
fn a_library_needs_a_name_of_its_own() {
    let cases = [
        (PACKAGE.replace("version = \"0.2.0\"", "version.workspace = true"), "E008", "Cargo.toml:3"),
        (PACKAGE.replace("name = \"mylib\"", "name.workspace = true"), "E008", "Cargo.toml:2"),
        ("[lib]\n".to_owned(), "E007", "'package'"),
        ("[package\n".to_owned(), "E005", "Cargo.toml:1"),
        (PACKAGE.replace("mylib", "a/b"), "E046", "'a/b'"),
        (PACKAGE.replace("mylib", ""), "E046", "''"),
    ];
    for (package, code, message) in cases {
        let project = library().file("shapes/Cargo.toml", &package);
        let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
        assert_eq!(status, 1);
        assert!(text.contains(code) && text.contains(message), "{package}: {text}");
        assert!(!project.path().join("out").exists());
    }
    let empty = Project::new("").file("shapes/lib.toml", "");
    let (status, text) = build(&empty, &["shapes"]);
    assert_eq!((status, text.matches("E045").count()), (1, 2), "{text}");
}

#[test]
fn nothing_is_installed_into_the_source_or_nowhere() {
    let project = library();
    for output in ["shapes", "shapes/src", "shapes/src/geo/new", ".", "shapes/../shapes"] {
        let (status, text) = build(&project, &["-n", "-o", output, "shapes"]);
        assert_eq!(status, 1, "{output}");
        assert!(text.contains("E048"), "{text}");
    }
    assert_eq!(build(&project, &["-n", "-o", "shapes/built", "shapes"]), (0, String::new()));
    let (status, text) = project.execute(&["-n", "shapes"]);
    assert_eq!(status, 1);
    assert!(text.contains("E048") && text.contains("HOME"), "{text}");
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_that_names_it() {
    let project = library().file("taken", "");
    let (status, text) = build(&project, &["-n", "-o", "taken/inside", "shapes"]);
    assert_eq!(status, 1);
    assert!(text.contains("E047") && text.contains("taken"), "{text}");
}

#[test]
fn other_files_in_toml_are_left_out_and_mistakes_are_not() {
    let project = library().file("shapes/src/geo/rustfmt.toml", "max_width = 100\n");
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert_eq!(status, 0);
    assert!(text.contains("W023") && text.contains("rustfmt.toml:1:1"), "{text}");
    assert!(!tree(&project.path().join("out")).contains_key("geo/rustfmt.toml"));
    for mistake in ["fluw = \"x\"\n", "= 1\n", "flow = 1\n"] {
        let project = library().file("shapes/src/geo/broken.toml", mistake);
        let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
        assert_eq!(status, 1, "{text}");
        assert!(text.contains("broken.toml:1:"), "{text}");
    }
}

#[test]
fn definitions_that_cannot_be_told_apart_are_warned_of() {
    let other = AREA.replace("function = \"area\"", "function = \"other\"");
    let project = library().file("shapes/src/geo/area/other.toml", &other);
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert_eq!(status, 0);
    assert!(text.contains("W022") && text.contains("'area' and 'other'"), "{text}");
    let locators = manifest(&project.path().join("out")).locators;
    assert!(
        locators.contains_key("lib://mylib/geo/area") && locators.contains_key("lib://mylib/geo/area/other")
    );
    // A flow behind the directory of a function.
    let project = library().file("shapes/src/geo/area.toml", &SQUARE.replace("\"square\"", "\"hidden\""));
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert_eq!(status, 0);
    assert!(text.contains("W022") && text.contains("'hidden' cannot be used"), "{text}");
    assert_eq!(manifest(&project.path().join("out")).locators["lib://mylib/geo/area"], "geo/area/area.wasm");
}

#[test]
fn a_function_in_a_directory_of_another_name_has_both_names() {
    let project = library()
        .file(
            "shapes/src/geo/thing/impl.toml",
            &AREA.replace("\"area\"", "\"impl\"").replace("area.rs", "my code.rs"),
        )
        .file("shapes/src/geo/thing/my code.rs", "");
    assert_eq!(build(&project, &["-n", "-o", "out", "shapes"]), (0, String::new()));
    let locators = manifest(&project.path().join("out")).locators;
    assert_eq!(locators["lib://mylib/geo/thing"], "geo/thing/my%20code.wasm");
    assert_eq!(locators["lib://mylib/geo/thing/impl"], "geo/thing/my%20code.wasm");
}

#[test]
fn flows_of_a_library_refer_to_what_its_users_have_too() {
    let by_path = SQUARE.replace("lib://mylib/geo/area", "area");
    let project = library().file("shapes/src/geo/square.toml", &by_path);
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert_eq!(status, 1);
    assert!(text.contains("E049") && text.contains("'lib://mylib/geo/area'"), "{text}");
    // A flow by its path is found by users too.
    let project =
        library().file("shapes/src/geo/a_cube.toml", &CUBE.replace("lib://mylib/geo/square", "square"));
    assert_eq!(build(&project, &["-n", "-o", "out", "shapes"]), (0, String::new()));
    let outside = CUBE.replace("lib://mylib/geo/square", "../../square");
    let project = library().file("shapes/src/geo/a_cube.toml", &outside).file("shapes/square.toml", SQUARE);
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert_eq!(status, 1);
    assert!(text.contains("E049") && text.contains("not installed with the library"), "{text}");
}

#[test]
fn functions_of_a_library_are_pure_and_have_a_source() {
    let project = library().file("shapes/src/geo/area/area.toml", &format!("impure = true\n{AREA}"));
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert!(status == 1 && text.contains("E016"), "{text}");
    let project = library().file("shapes/src/geo/area/area.toml", &AREA.replace("area.rs", "none.rs"));
    let (status, text) = build(&project, &["-n", "-o", "out", "shapes"]);
    assert!(status == 1 && text.contains("E033"), "{text}");
}

#[test]
fn a_library_without_definitions_has_an_empty_manifest() {
    let project = Project::new("")
        .file("l/lib.toml", "")
        .file("l/Cargo.toml", PACKAGE)
        .file("l/src/page.md", "about nothing");
    assert_eq!(build(&project, &["-o", "out", "l"]), (0, String::new()));
    assert_eq!(manifest(&project.path().join("out")).locators, BTreeMap::new());
}

#[test]
#[cfg(unix)]
fn links_that_lead_in_a_circle_are_not_followed() {
    let project = library();
    std::os::unix::fs::symlink("..", project.path().join("shapes/src/geo/around")).unwrap();
    assert_eq!(build(&project, &["-n", "-o", "out", "shapes"]), (0, String::new()));
    assert_eq!(tree(&project.path().join("out")).len(), 6);
}

mod repository {
    use super::*;

    fn repository() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    #[test]
    fn the_standard_library_can_be_built_and_used() {
        let project = Project::new("");
        let source = repository().join("flowstdlib");
        assert_eq!(
            build(&project, &["-n", "-o", "lib/flowstdlib", source.to_str().unwrap()]),
            (0, String::new())
        );
        let built = manifest(&project.path().join("lib/flowstdlib"));
        assert_eq!(built.name(), "flowstdlib");
        assert_eq!(built.metadata.version, env!("CARGO_PKG_VERSION"), "both versions are written out");
        let functions = built.locators.values().filter(|location| location.ends_with(".wasm")).count();
        let flows = built.locators.values().filter(|location| location.ends_with(".toml")).count();
        assert_eq!(functions + flows, flowstdlib::DEFINITIONS.len());
        assert!(functions > 40 && flows > 3);
        for example in ["word-count", "sequence-of-sequences", "fibonacci"] {
            let example = repository().join("examples").join(example);
            let words = |output| ["-c", "-O", "-L", "lib", "-o", output, example.to_str().unwrap()];
            assert_eq!(project.execute(&words("installed")), (0, String::new()));
            let [_, options @ ..] = words("embedded");
            let without: Vec<&str> =
                options.iter().copied().filter(|word| !["-L", "lib"].contains(word)).collect();
            assert_eq!(project.execute(&[&["-c"], &without[..]].concat()), (0, String::new()));
            let text =
                |output: &str| fs::read_to_string(project.path().join(output).join("manifest.json")).unwrap();
            assert_eq!(text("installed"), text("embedded"));
            for reference in read_flow_manifest(&text("installed")).unwrap().lib_references {
                assert!(built.locators[&reference].ends_with(".wasm"), "{reference}");
            }
        }
    }

    #[test]
    fn the_definitions_of_the_runner_can_be_installed_and_used() {
        let project = Project::new(&(context("stdio/stdout") + "input.default = {once = 1}\n"));
        for argument in ["flowrcli", "flowrcli/", "flowrcli/runner.toml"] {
            let source = repository().join(argument);
            assert_eq!(build(&project, &[source.to_str().unwrap()]), (0, String::new()));
        }
        let installed = project.path().join("home/.flow/runner/flowrcli");
        let context = repository().join("flowrcli/context");
        assert_eq!(tree(&installed), tree(&context));
        fs::rename(installed, project.path().join("home/.flow/runner/mine")).unwrap();
        assert_eq!(build(&project, &["-c", "-r", "mine"]), (0, String::new()));
    }
}

#[test]
fn mistakes_in_the_definitions_of_a_runner_are_reported_and_nothing_is_installed() {
    let good = "function = \"out\"\nsource = \"x\"\nimpure = true\n[[input]]\n";
    let runner = || {
        Project::new("")
            .file("r/runner.toml", "name = \"mine\"\nmore = 1\n")
            .file("r/context/m/out.toml", good)
    };
    assert_eq!(build(&runner(), &["r"]), (0, String::new()));
    let project =
        runner().file("r/context/m/bad.toml", "function = \"bad\"\n").file("r/context/worse.toml", "x =");
    let (status, text) = build(&project, &["r"]);
    assert_eq!(status, 1);
    assert!(text.contains("bad.toml:1") && text.contains("worse.toml:1"), "{text}");
    assert!(!project.path().join("home").exists());
    for (name, code) in [("name = \"../up\"", "E046"), ("nam = \"x\"", "E007"), ("name = \"", "E005")] {
        let project = runner().file("r/runner.toml", name);
        let (status, text) = build(&project, &["-o", "out", "r"]);
        assert!(status == 1 && text.contains(code), "{text}");
    }
    let (status, text) = build(&Project::new("").file("r/runner.toml", "name = \"n\""), &["r"]);
    assert!(status == 1 && text.contains("E045"), "{text}");
    let project = runner();
    assert_eq!(build(&project, &["-o", "here", "r"]), (0, String::new()));
    assert_eq!(tree(&project.path().join("here")).keys().collect::<Vec<_>>(), ["m/out.toml"]);
    let (status, text) = build(&project, &["-o", "r/context/new", "r"]);
    assert!(status == 1 && text.contains("E048"), "{text}");
}

#[test]
fn a_library_wins_over_a_runner_and_both_over_a_flow() {
    let project =
        library().file("shapes/runner.toml", "name = \"r\"").file("shapes/root.toml", "flow = \"f\"\n");
    assert_eq!(build(&project, &["-n", "shapes"]), (0, String::new()));
    assert!(project.path().join("home/.flow/lib/mylib").is_dir());
    assert!(!project.path().join("home/.flow/runner").exists());
}
