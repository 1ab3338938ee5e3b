//! Functions that come with a flow: from their sources to what the flow prints, and everything that can be wrong with
//! them, their surroundings and this machine.

#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

mod c;
mod mistakes;
mod packages;
mod rebuilding;

use flow_tests::{Outcome, Place, repository};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A flow that prints what each of these functions gives for 21.
fn root(functions: &[&str]) -> String {
    let mut root = "flow = \"root\"\n[[process]]\nsource = \"context://stdio/stdout\"\n".to_owned();
    for (number, source) in functions.iter().enumerate() {
        root += &format!(
            "[[process]]\nalias = \"f{number}\"\nsource = \"{source}\"\ninput.default = {{ once = 21 }}\n\
             [[connection]]\nfrom = \"f{number}\"\nto = \"stdout\"\n"
        );
    }
    root
}

/// The definition of a function from a number to a number.
fn definition(name: &str, source: &str) -> String {
    format!(
        "function = \"{name}\"\nsource = \"{source}\"\ntype = \"rust\"\n\
         [[input]]\nname = \"number\"\ntype = \"number\"\n[[output]]\ntype = \"number\"\n"
    )
}

/// The source of a function that multiplies a number.
fn times(name: &str, factor: u32) -> String {
    format!(
        "use flowcore::{{Result, RunAgain, Value, flow_output}};\nuse flowmacro::flow_function;\n\n\
         #[flow_function]\nfn {name}(number: i64) -> Result<(Option<Value>, RunAgain)> {{\n    \
         flow_output!(number * {factor})\n}}\n"
    )
}

/// The same with a unit test, which passes if the factor is as expected.
fn tested(name: &str, structure: &str, factor: u32, expected: u32) -> String {
    times(name, factor)
        + &format!(
            "\n#[cfg(test)]\nmod tests {{\n    use super::*;\n    use flowcore::Implementation;\n\n    #[test]\n    \
             fn it_multiplies() {{\n        let (output, _) = {structure}.run(&[Value::from(10)]).unwrap();\n        \
             assert_eq!(output, Some(Value::from({})));\n    }}\n}}\n",
            10 * expected
        )
}

/// A flow in `flow` with the function `double` in a folder of its own.
fn double(place: &Place) {
    place.write("flow/root.toml", root(&["double"]));
    place.write("flow/double/double.toml", definition("double", "double.rs"));
    place.write("flow/double/double.rs", times("double", 2));
}

/// Compiles and runs the flow in `flow`.
fn run(place: &Place) -> Outcome {
    place.flowc().args(["flow"]).build()
}

/// All files below a folder, with what is in them.
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

/// A tool chain that writes down what cargo is asked for, and then does it.
struct Watched {
    directory: std::path::PathBuf,
}

impl Watched {
    fn new(place: &Place) -> Watched {
        let real = |program: &str| match std::env::var_os("FLOW_RUST") {
            Some(directory) => Path::new(&directory).join("bin").join(program).display().to_string(),
            None => program.to_owned(),
        };
        place.write("rust/bin/rustc", format!("#!/bin/sh\nexec {} \"$@\"\n", real("rustc")));
        let log = place.work().join("rust/calls");
        place.write(
            "rust/bin/cargo",
            format!("#!/bin/sh\necho \"$1\" >> {}\nexec {} \"$@\"\n", log.display(), real("cargo")),
        );
        let directory = place.work().join("rust");
        for program in ["rustc", "cargo"] {
            make_program(&directory.join("bin").join(program));
        }
        Watched { directory }
    }

    /// Compiles the flow in `flow`, and gives what cargo was asked for.
    fn calls(&self, place: &Place, words: &[&str]) -> Vec<String> {
        let mut call = place.flowc().args(["-c"]).args(words).args(["flow"]);
        call.env("FLOW_RUST", &self.directory);
        call.build().status(0).quietly();
        let log = self.directory.join("calls");
        let calls = fs::read_to_string(&log).unwrap_or_default();
        if log.exists() {
            fs::remove_file(&log).unwrap();
        }
        calls.lines().map(str::to_owned).collect()
    }
}

fn make_program(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_function_is_built_and_runs_with_the_flow() {
    let place = Place::new();
    if !place.builds("functions in Rust") {
        return;
    }
    double(&place);
    let before = tree(&place.work().join("flow"));
    run(&place).status(0).quietly().wrote("42\n");
    let mut after = tree(&place.work().join("flow"));
    for result in ["double.wasm", "manifest.json", "manifest.routes.json"] {
        assert!(after.remove(result).is_some(), "{result}");
    }
    assert_eq!(after, before, "nothing else is written where the sources are");
    assert!(place.read("flow/manifest.json").contains("\"implementation_location\": \"double.wasm\""));
    place.flowr().args(["flow"]).run().status(0).quietly().wrote("42\n");
    let _worker = place.worker();
    place.flowr().args(["-t", "0", "flow"]).run().status(0).quietly().wrote("42\n");
}

#[test]
fn sources_that_cannot_be_written_are_built_elsewhere() {
    let place = Place::new();
    if !place.builds("a flow whose folder cannot be written") {
        return;
    }
    double(&place);
    let read_only = |is_read_only: bool| {
        for folder in ["flow/double", "flow"] {
            let path = place.work().join(folder);
            let mut permissions = fs::metadata(&path).unwrap().permissions();
            permissions.set_readonly(is_read_only);
            fs::set_permissions(&path, permissions).unwrap();
        }
    };
    read_only(true);
    let before = tree(&place.work().join("flow"));
    place.flowc().args(["-o", "out", "flow"]).build().status(0).quietly().wrote("42\n");
    assert_eq!(tree(&place.work().join("flow")), before);
    read_only(false);
}

#[test]
fn all_functions_are_built_in_one_call_of_cargo_and_tested_in_another() {
    let place = Place::new();
    if !place.builds("calls of cargo") {
        return;
    }
    place.write("flow/root.toml", root(&["a", "b", "c"]));
    for (name, factor) in [("a", 2), ("b", 3), ("c", 4)] {
        place.write(&format!("flow/{name}/{name}.toml"), definition(name, &format!("{name}.rs")));
        let source = tested(name, &name.to_uppercase(), factor, factor);
        place.write(&format!("flow/{name}/{name}.rs"), source);
    }
    let watched = Watched::new(&place);
    assert_eq!(watched.calls(&place, &[]), ["build", "test"]);
    assert_eq!(watched.calls(&place, &[]), Vec::<String>::new(), "nothing has changed");
    assert_eq!(watched.calls(&place, &["-o", "elsewhere"]), Vec::<String>::new(), "it is the same there");
    place.flowr().args(["elsewhere"]).run().status(0).quietly().wrote("42\n63\n84\n");
    fs::remove_file(place.work().join("flow/b.wasm")).unwrap();
    fs::write(place.work().join("flow/c.wasm"), "something else").unwrap();
    assert_eq!(watched.calls(&place, &[]), Vec::<String>::new(), "what was built is kept");
    run(&place).status(0).quietly().wrote("42\n63\n84\n");
}

#[test]
fn a_function_without_tests_is_not_compiled_for_them() {
    let place = Place::new();
    if !place.builds("calls of cargo") {
        return;
    }
    double(&place);
    assert_eq!(Watched::new(&place).calls(&place, &[]), ["build"]);
}

#[test]
fn a_new_function_builds_passes_its_test_and_runs() {
    let place = Place::new();
    let made = place.flowc().args(["new", "--function", "half-life"]).run().status(0).quietly();
    made.mentioned("made half-life/half-life.rs").mentioned("source = \"half-life\"");
    place.flowc().args(["new", "--flow", "hello"]).run().status(0).quietly();
    place.flowc().args(["hello"]).run().status(0).quietly().wrote("Hello from hello!\n");
    place.flowc().args(["--check", "--deny-warnings", "half-life"]).run().status(0).quietly();
    place.flowc().args(["new", "--function", "half-life"]).run().status(1).complained_of("E067");
    if !place.builds("a new function") {
        return;
    }
    place.flowc().args(["half-life"]).build().status(0).quietly().wrote("");
    assert!(place.has("half-life/half-life.wasm") && !place.has("half-life/manifest.json"));
    let root = root(&["half-life"]).replace("input.default", "input.number");
    place.write("root.toml", root);
    place.flowc().args(["."]).build().status(0).quietly().wrote("42.0\n");
    let source = place.read("half-life/half-life.rs").replace("42.0", "43.0");
    place.write("half-life/half-life.rs", source);
    place.flowc().args(["half-life"]).build().status(1).complained_of("E061");
}

#[test]
fn the_function_in_the_book_is_built_and_runs() {
    let place = Place::new();
    if !place.builds("the function in the book") {
        return;
    }
    let book = fs::read_to_string(repository().join("docs/functions.md")).unwrap();
    for file in ["tag.toml", "tag.rs", "root.toml"] {
        let (_, rest) = book.split_once(&format!("\n`{file}`\n\n```")).unwrap();
        let text = rest.split_once('\n').unwrap().1.split_once("```\n").unwrap().0;
        place.write(&format!("flow/{file}"), text);
    }
    run(&place).status(0).quietly().wrote("No. 7\nNo. 8\n");
}

#[test]
fn the_module_in_the_book_runs() {
    let place = Place::new();
    let book = fs::read_to_string(repository().join("docs/functions.md")).unwrap();
    let module = book.split_once("```wat\n").unwrap().1.split_once("```\n").unwrap().0;
    place.write("flow/bytes.wat", module);
    place.write(
        "flow/bytes.toml",
        "function = \"bytes\"\nsource = \"bytes.wat\"\ntype = \"wat\"\n[[input]]\n[[output]]\ntype = \"number\"\n",
    );
    for (text, printed) in [("\"\"", "0\n"), ("\"Grüße\"", "7\n"), ("[]", "")] {
        place.write("flow/root.toml", root(&["bytes"]).replace("once = 21", &format!("once = {text}")));
        let outcome = run(&place).wrote(printed);
        if printed.is_empty() {
            outcome.status(3).complained_of("takes a text");
        } else {
            outcome.status(0).quietly();
        }
    }
    let long = format!("once = \"{}\"", "long ".repeat(60_000));
    place.write("flow/root.toml", root(&["bytes"]).replace("once = 21", &long));
    run(&place).status(0).quietly().wrote("300000\n");
}
