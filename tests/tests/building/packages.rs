//! The packages of functions: with and without a manifest of their own, of the same name, and built at the same time.

use super::{definition, double, root, run, tested, times};
use flow_tests::{BUILD_LIMIT, Place};
use std::fs;

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
