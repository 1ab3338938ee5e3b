//! Functions that come with a flow: from their sources to what the flow prints, and everything that can be wrong with
//! them, their surroundings and this machine.

#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flow_tests::{BUILD_LIMIT, Outcome, Place, repository, tool_chain};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

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
fn whatever_a_module_depends_on_builds_it_again() {
    let place = Place::new();
    if !place.builds("what a module depends on") {
        return;
    }
    double(&place);
    let source = "mod factor;\n".to_owned() + &times("double", 2).replace("* 2", "* factor::FACTOR + add()");
    let source = source + "fn add() -> i64 { include_str!(\"add.txt\").trim().parse().unwrap() }\n";
    place.write("flow/double/double.rs", source);
    place.write("flow/double/factor.rs", "pub const FACTOR: i64 = near::FACTOR;\n");
    place.write("flow/double/add.txt", "0");
    let manifest = "[package]\nname = \"double\"\nedition = \"2024\"\n[dependencies]\nflowcore = \"1.0\"\n\
                    flowmacro = { version = \"1.0\" }\nnear = { path = \"../near\" }\n";
    place.write("flow/double/function.toml", manifest);
    place.write("flow/near/Cargo.toml", "[package]\nname = \"near\"\nedition = \"2024\"\n");
    place.write("flow/near/src/lib.rs", "pub const FACTOR: i64 = 2;\n");
    let watched = Watched::new(&place);
    let built = vec!["build".to_owned()];
    let nothing = Vec::<String>::new();
    assert_eq!(watched.calls(&place, &[]), built);
    assert_eq!(watched.calls(&place, &[]), nothing);
    for (file, text, printed) in [
        ("double/factor.rs", "pub const FACTOR: i64 = near::FACTOR + 1;\n", "63\n"),
        ("near/src/lib.rs", "pub const FACTOR: i64 = 3;\n", "84\n"),
        ("double/add.txt", "1", "85\n"),
    ] {
        // With the time of the old one, as when an archive is unpacked.
        let path = place.work().join("flow").join(file);
        let old = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, text).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        assert_eq!(watched.calls(&place, &[]), built, "{file}");
        place.flowr().args(["flow"]).run().status(0).quietly().wrote(printed);
    }
    for file in ["double/double.toml", "double/function.toml"] {
        let path = place.work().join("flow").join(file);
        fs::write(&path, fs::read_to_string(&path).unwrap() + "\n# more\n").unwrap();
        assert_eq!(watched.calls(&place, &[]), built, "{file}");
    }
    assert_eq!(watched.calls(&place, &[]), nothing);
    let rustc = place.read("rust/bin/rustc").replace("exec", "[ \"$1\" = --version ] && echo another\nexec");
    place.write("rust/bin/rustc", rustc);
    assert_eq!(watched.calls(&place, &[]), built, "another compiler");
    let touched = fs::File::options().write(true).open(place.work().join("flow/double/double.rs")).unwrap();
    touched.set_modified(SystemTime::now()).unwrap();
    assert_eq!(watched.calls(&place, &[]), nothing, "times alone change nothing");
}

#[test]
fn what_is_written_while_it_is_built_builds_it_again() {
    let place = Place::new();
    if !place.builds("changes during a build") {
        return;
    }
    double(&place);
    place.write("later.rs", times("double", 3));
    let watched = Watched::new(&place);
    // The compiler has read the source when it is replaced, by an editor or by whatever writes it.
    let cargo = place.read("rust/bin/cargo").replace("exec ", "");
    let (source, later) = (place.work().join("flow/double/double.rs"), place.work().join("later.rs"));
    let swap = format!(
        "status=$?\n[ -e {0} ] && mv {0} {1} && touch {1}\nexit $status\n",
        later.display(),
        source.display()
    );
    place.write("rust/bin/cargo", cargo + &swap);
    assert_eq!(watched.calls(&place, &[]), ["build"]);
    assert_eq!(watched.calls(&place, &[]), ["build"], "what is there now was not compiled");
    place.flowr().args(["flow"]).run().status(0).quietly().wrote("63\n");
    assert_eq!(watched.calls(&place, &[]), Vec::<String>::new());
}

#[test]
fn optimizing_is_another_way_to_build() {
    let place = Place::new();
    if !place.builds("modules with -O") {
        return;
    }
    double(&place);
    let length = |words: &[&str]| {
        let call = place.flowc().args(["-c"]).args(words).args(["flow"]);
        call.build().status(0).quietly();
        place.flowr().args(["flow"]).run().status(0).quietly().wrote("42\n");
        fs::metadata(place.work().join("flow/double.wasm")).unwrap().len()
    };
    let plain = length(&[]);
    let optimized = length(&["-O"]);
    assert!(optimized < plain, "{optimized} is not less than {plain}");
    assert_eq!(length(&[]), plain, "both are kept");
}

#[test]
fn code_that_does_not_compile_is_shown_as_the_compiler_shows_it() {
    let place = Place::new();
    if !place.builds("errors of the compiler") {
        return;
    }
    double(&place);
    place.flowc().args(["-c", "flow"]).build().status(0);
    let before = tree(&place.work().join("flow"));
    let broken = times("double", 2).replace("number * 2", "nunber * 2");
    place.write("flow/double/double.rs", &broken);
    let outcome = place.flowc().args(["-c", "flow"]).build().status(1).wrote("");
    let outcome = outcome
        .complained_of("error E060: the function 'double' cannot be compiled")
        .complained_of("flow/double/double.toml:2:10")
        .complained_of("error[E0425]: cannot find value `nunber` in this scope")
        .complained_of("flow/double/double.rs:6:18");
    assert!(!outcome.stderr().contains('\u{1b}'), "there are no colours in a pipe");
    place.write("flow/double/double.rs", times("double", 2));
    assert_eq!(tree(&place.work().join("flow")), before, "module and manifest stay");
    place.write("flow/double/double.rs", broken);
    let outcome = place.flowc().args(["-c", "--message-format", "json", "flow"]).build().status(1).quietly();
    let lines: Vec<serde_json::Value> =
        outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [error, summary] = lines.as_slice() else { panic!("one diagnostic and a summary: {lines:?}") };
    assert_eq!(error["code"], "E060");
    assert!(error["quoted"].as_str().unwrap().contains("cannot find value `nunber`"));
    assert_eq!(summary["errors"], 1);
}

#[test]
fn every_broken_function_is_told_with_its_own_errors() {
    let place = Place::new();
    if !place.builds("errors of the compiler") {
        return;
    }
    place.write("flow/root.toml", root(&["a", "b", "c"]));
    for name in ["a", "b", "c"] {
        place.write(&format!("flow/{name}.toml"), definition(name, &format!("{name}.rs")));
        place.write(
            &format!("flow/{name}.rs"),
            times(name, 2).replace("number *", &format!("unknown_{name} *")),
        );
    }
    place.write("flow/b.rs", times("b", 2));
    let outcome = place.flowc().args(["-c", "flow"]).build().status(1);
    let text = outcome.stderr();
    let parts: Vec<&str> = text.split("error E060: ").skip(1).collect();
    let [a, c] = parts.as_slice() else { outcome.fail("should have told of two functions") };
    assert!(a.contains("'a'") && a.contains("`unknown_a`") && !a.contains("`unknown_c`"), "{text}");
    assert!(c.contains("'c'") && c.contains("`unknown_c`") && c.ends_with("2 errors\n"), "{text}");
}

#[test]
fn a_test_that_fails_fails_the_compile() {
    let place = Place::new();
    if !place.builds("tests of functions") {
        return;
    }
    double(&place);
    place.write("flow/double/double.rs", tested("double", "Double", 2, 3));
    let outcome = run(&place).status(1).wrote("");
    outcome
        .complained_of("error E061: a test of the function 'double' fails")
        .complained_of("it_multiplies ... FAILED");
    assert!(!place.has("flow/manifest.json") && !place.has("flow/double.wasm"));
    place.write("flow/double/double.rs", tested("double", "Double", 3, 3));
    run(&place).status(0).quietly().wrote("63\n");
    place.write("flow/double/double.rs", tested("double", "Double", 3, 3).replace("run(&[", "walk(&["));
    run(&place).status(1).complained_of("has tests that cannot be compiled").complained_of("walk");
}

#[test]
fn tests_run_where_the_function_is() {
    let place = Place::new();
    if !place.builds("tests of functions") {
        return;
    }
    double(&place);
    let test = "\n#[test]\nfn data_is_found() {\n    assert_eq!(std::fs::read_to_string(\"data.txt\").unwrap(), \"here\");\n}\n";
    place.write("flow/double/double.rs", times("double", 2) + test);
    place.write("flow/double/data.txt", "here");
    run(&place).status(0).quietly().wrote("42\n");
}

#[test]
fn manifests_of_functions_need_not_be_there_but_say_what_else_is_used() {
    let place = Place::new();
    if !place.builds("manifests of functions") {
        return;
    }
    double(&place);
    let source = times("double", 2)
        .replace("Value, flow", "flow")
        .replace("use flowmacro", "use serde_json::Value;\nuse flowmacro");
    place.write("flow/double/double.rs", source);
    run(&place).status(1).complained_of("E0432").complained_of("named in a file function.toml beside it");
    // As functions are that were written for other runners.
    let manifest = "[package]\nname = \"double\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\
                    [lib]\nname = \"double\"\ncrate-type = [\"cdylib\"]\npath = \"double.rs\"\n\
                    [dependencies]\nflowcore = { version = \"1.0.0\", default-features = false }\nflowmacro = \"1.0.0\"\n\
                    serde_json = { version = \"1.0\", default-features = false }\n\
                    [profile.release]\nlto = true\nopt-level = \"s\"\n[workspace]\n";
    place.write("flow/double/function.toml", manifest);
    run(&place).status(0).quietly().wrote("42\n");
    fs::rename(place.work().join("flow/double/function.toml"), place.work().join("flow/double/Cargo.toml"))
        .unwrap();
    run(&place).status(0).quietly().wrote("42\n");
    assert_eq!(place.read("flow/double/Cargo.toml"), manifest, "it is the author's, and stays");
    place.write("flow/double/Cargo.toml", "[package");
    run(&place).status(1).complained_of("error E065").complained_of("flow/double/Cargo.toml:1:");
}

#[test]
fn what_a_manifest_inherits_and_a_build_script_finds_is_as_it_was() {
    let place = Place::new();
    if !place.builds("build scripts and workspaces") {
        return;
    }
    double(&place);
    place.write(
        "flow/Cargo.toml",
        "[workspace]\nmembers = []\n[workspace.package]\nedition = \"2024\"\n\
                 [workspace.dependencies]\nflowcore = \"1\"\nflowmacro = \"1\"\n",
    );
    place.write(
        "flow/double/function.toml",
        "[package]\nname = \"double\"\nedition.workspace = true\n\
                 [dependencies]\nflowcore.workspace = true\nflowmacro.workspace = true\n",
    );
    place.write("flow/double/factor.txt", "5");
    place.write(
        "flow/double/build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=factor.txt\");\n    \
                 let folder = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap();\n    \
                 let factor = std::fs::read_to_string(format!(\"{folder}/factor.txt\")).unwrap();\n    \
                 println!(\"cargo::rustc-env=FACTOR={factor}\");\n}\n",
    );
    place.write(
        "flow/double/double.rs",
        times("double", 2).replace("* 2", "* env!(\"FACTOR\").parse::<i64>()?"),
    );
    run(&place).status(0).quietly().wrote("105\n");
    place.write("flow/double/factor.txt", "6");
    run(&place).status(0).quietly().wrote("126\n");
}

#[test]
fn names_that_are_the_same_or_unusual_do_not_mix() {
    let place = Place::new();
    if !place.builds("functions of the same name") {
        return;
    }
    place.write("my flow/root.toml", root(&["a", "b", "half-life"]));
    for (folder, factor) in [("a", 2), ("b", 3)] {
        place.write(&format!("my flow/{folder}/{folder}.toml"), definition("same", "impl.rs"));
        // The attribute looks for the definition beside the source, by the source's name.
        place.write(&format!("my flow/{folder}/impl.toml"), definition("same", "impl.rs"));
        place.write(&format!("my flow/{folder}/impl.rs"), times("same", factor));
        place.write(
            &format!("my flow/{folder}/function.toml"),
            "[package]\nname = \"same\"\nedition = \"2024\"\n\
                     [dependencies]\nflowcore = \"1\"\nflowmacro = \"1\"\n",
        );
    }
    place.write("my flow/half-life/half-life.toml", definition("half-life", "half-life.rs"));
    place.write("my flow/half-life/half-life.rs", tested("half_life", "HalfLife", 4, 4));
    place.flowc().args(["my flow"]).build().status(0).quietly().wrote("42\n63\n84\n");
    for module in ["a/impl.wasm", "b/impl.wasm", "half-life.wasm"] {
        assert!(place.has(&format!("my flow/{module}")), "{module}");
    }
}

#[test]
fn code_that_is_no_function_is_refused_before_it_runs() {
    let place = Place::new();
    if !place.builds("what modules export") {
        return;
    }
    double(&place);
    place.write("flow/double/double.rs", "pub fn double(number: i64) -> i64 { number * 2 }\n");
    run(&place)
        .status(1)
        .wrote("")
        .complained_of("error E064")
        .complained_of("mark the function that does the work");
}

#[test]
fn a_sum_that_is_too_large_fails_its_job_with_and_without_optimizing() {
    let place = Place::new();
    if !place.builds("overflow in functions") {
        return;
    }
    double(&place);
    place.write("flow/double/double.rs", times("double", 2).replace("* 2", "+ i64::MAX"));
    for words in [&["flow"][..], &["-O", "flow"]] {
        let outcome = place.flowc().args(words).build().status(3).wrote("");
        outcome.complained_of("overflow").complained_of("double.rs:6:");
    }
}

#[test]
fn without_a_tool_chain_it_is_said_what_to_install() {
    let place = Place::new();
    place.write("flow/root.toml", root(&["a", "b"]));
    for name in ["a", "b"] {
        place.write(&format!("flow/{name}.toml"), definition(name, &format!("{name}.rs")));
        place.write(&format!("flow/{name}.rs"), times(name, 2));
    }
    let without = |name: &str, value: &str| {
        let mut call = place.flowc().args(["-c", "flow"]);
        call.env("FLOW_RUST", "").env(name, value);
        let outcome = call.run().status(1).wrote("").complained_of("error E062: 'a', 'b' cannot be built");
        assert!(outcome.stderr().ends_with("\n1 error\n"), "{}", outcome.stderr());
        assert!(!place.has("flow/manifest.json"));
        outcome
    };
    without("PATH", "/nowhere").complained_of("Rust is not installed").complained_of("https://rustup.rs");
    without("FLOW_RUST", "/nowhere").complained_of("FLOW_RUST names /nowhere");
    // One that compiles for this machine only.
    place.write("bin/rustc", "#!/bin/sh\necho 'host: here'\necho /nowhere\n");
    place.write("bin/cargo", "#!/bin/sh\n");
    for program in ["rustc", "cargo"] {
        make_program(&place.work().join("bin").join(program));
    }
    let path = place.work().join("bin").display().to_string();
    without("PATH", &path).complained_of("rustup target add wasm32-unknown-unknown");
    place.flowc().args(["-c", "-p", "flow"]).build().status(0).complained_of("W015");
    place.flowc().args(["--check", "flow"]).run().status(0).quietly();
}

#[test]
fn what_was_built_needs_no_tool_chain() {
    let place = Place::new();
    if !place.builds("what was built before") {
        return;
    }
    double(&place);
    run(&place).status(0).quietly().wrote("42\n");
    let mut call = place.flowc().args(["-c", "-o", "out", "flow"]);
    call.env("FLOW_RUST", "/nowhere");
    call.run().status(0).quietly();
    place.flowr().args(["out"]).run().status(0).quietly().wrote("42\n");
}

#[test]
fn without_a_place_to_build_in_it_is_said_how_to_give_one() {
    let place = Place::new();
    double(&place);
    let mut call = place.flowc().args(["-c", "flow"]);
    call.env("HOME", "").env("FLOW_BUILD_DIR", "");
    call.run().status(1).complained_of("error E066").complained_of("FLOW_BUILD_DIR");
    let mut call = place.flowc().args(["-c", "flow"]);
    call.env("FLOW_BUILD_DIR", "flow/root.toml");
    call.run().status(1).complained_of("error E066").complained_of("flow/root.toml");
}

#[test]
fn flows_may_be_built_at_the_same_time() {
    let place = Place::new();
    if !place.builds("two at once") {
        return;
    }
    double(&place);
    place.write("other/root.toml", root(&["double"]));
    place.write("other/double.toml", definition("double", "double.rs"));
    place.write("other/double.rs", tested("double", "Double", 3, 3));
    let start = |flow: &str, out: &str| place.flowc().args(["-o", out, flow]).start();
    let running = [
        (start("flow", "out1"), "42\n"),
        (start("flow", "out2"), "42\n"),
        (start("other", "out3"), "63\n"),
        (start("other", "out4"), "63\n"),
    ];
    for (running, printed) in running {
        running.finish(BUILD_LIMIT).status(0).quietly().wrote(printed);
    }
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

/// Takes numbers apart, and gives texts and objects back.
const IN_C: &str = r#"#include "flow.h"
#include "factor.h"

FLOW_FUNCTION(inputs, count) {
    double number;
    if (count != 1 || !flow_as_float(inputs[0], &number)) return flow_error("the input must be a number");
    return flow_output(flow_float(number * FACTOR));
}
"#;

#[test]
fn a_function_in_c_is_built_and_runs() {
    let place = Place::new();
    if !tool_chain::is_clang_there("functions in C") {
        return;
    }
    place.write("flow/root.toml", root(&["double"]));
    place.write("flow/double.toml", definition("double", "double.c").replace("\"rust\"", "\"c\""));
    place.write("flow/double.c", IN_C);
    place.write("flow/factor.h", "#define FACTOR 2\n");
    run(&place).status(0).quietly().wrote("42.0\n");
    place.write("flow/factor.h", "#define FACTOR 3\n");
    run(&place).status(0).quietly().wrote("63.0\n");
    place.flowc().args(["-O", "flow"]).build().status(0).quietly().wrote("63.0\n");
    place.write("flow/double.c", IN_C.replace("FACTOR", "factor"));
    let outcome = run(&place).status(1).wrote("");
    outcome
        .complained_of("error E060: the function 'double' cannot be compiled")
        .complained_of("double.c:7:");
    place.write("flow/double.c", IN_C.replace("flow_float(number * FACTOR)", "flow_float(strange(number))"));
    run(&place).status(1).complained_of("strange");
    let mut call = place.flowc().args(["-c", "flow"]);
    call.env("PATH", "/nowhere");
    call.run().status(1).complained_of("error E062").complained_of("clang is not installed");
}

#[test]
fn values_of_all_kinds_go_through_a_function_in_c() {
    let place = Place::new();
    if !tool_chain::is_clang_there("values in C") {
        return;
    }
    let echo = "#include \"flow.h\"\n\nFLOW_FUNCTION(inputs, count) {\n    \
                if (count == 1 && inputs[0].kind == FLOW_STRING && inputs[0].length == 0) return flow_error(\"empty\");\n    \
                if (flow_get(inputs[0], \"stop\")) return flow_no_output(true);\n    return flow_output(inputs[0]);\n}\n";
    place.write("flow/echo.c", echo);
    place.write(
        "flow/echo.toml",
        "function = \"echo\"\nsource = \"echo.c\"\ntype = \"c\"\n[[input]]\n[[output]]\n",
    );
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let long = "é🙂".repeat(5_000);
    let values = [
        "true",
        "false",
        "0",
        "5",
        "300",
        "18446744073709551615",
        "-1",
        "-300",
        "-9223372036854775808",
        "2.5",
        "1e+300",
        "\"é!\"",
        "[]",
        "[1,[true,{}],null]",
        "{\"a\":1,\"bc\":null}",
        &deep,
        &format!("\"{long}\""),
    ];
    let input = values.join("\n");
    place.write("flow/root.toml", "flow = \"root\"\n[[process]]\nsource = \"context://stdio/readline\"\ninput.prompt = { always = \"\" }\n\
        [[process]]\nsource = \"echo\"\n[[process]]\nalias = \"again\"\nsource = \"echo\"\n\
        [[process]]\nsource = \"context://stdio/stdout\"\n\
        [[connection]]\nfrom = \"readline/json\"\nto = \"echo\"\n\
        [[connection]]\nfrom = \"echo\"\nto = \"again\"\n[[connection]]\nfrom = \"again\"\nto = \"stdout\"\n");
    let expected: String = values
        .iter()
        .map(|value| {
            let shown = value.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(value);
            format!("{shown}\n")
        })
        .collect();
    place.flowc().args(["flow"]).stdin(format!("{input}\n")).build().status(0).quietly().wrote(expected);
    let outcome =
        place.flowc().args(["flow"]).stdin("\"\"\n{\"stop\": 1}\n7\n").build().status(3).wrote("7\n");
    outcome.complained_of("empty");
}
