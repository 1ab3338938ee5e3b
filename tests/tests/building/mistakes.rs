//! Functions that cannot be built, and machines that cannot build them: the error says what is wrong, and nothing is left
//! half written.

use super::{definition, double, make_program, root, run, tested, times, tree};
use flow_tests::Place;

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
