//! `flowc --watch`, and what becomes of the runner when `flowc` is ended.

use flow_tests::{LINE_LIMIT, Place, RUN_LIMIT, Running};

/// A flow that writes a text.
fn says(text: &str) -> String {
    format!(
        "flow = \"says\"\n[[process]]\nsource = \"context://stdio/stdout\"\ninput.default = {{ once = \"{text}\" }}\n"
    )
}

/// A flow that repeats what it reads.
const ECHO: &str = "flow = \"echo\"\n[[process]]\nsource = \"context://stdio/readline\"\n\
                    input.prompt = { always = \"\" }\n\
                    [[process]]\nsource = \"context://stdio/stdout\"\n\
                    [[connection]]\nfrom = \"readline/string\"\nto = \"stdout\"\n";

fn watch(place: &Place, words: &[&str]) -> Running {
    place.flowc().args([&["--watch"], words].concat()).open_stdin().start()
}

/// Waits until so many lines on standard error contain a text.
fn wait_for(running: &Running, count: usize, what: &str) {
    let found = running.stderr().wait_for(LINE_LIMIT, |lines| {
        let found = lines.iter().filter(|line| line.contains(what)).count();
        (found >= count).then_some(())
    });
    if found.is_none() {
        running.fail(&format!("should have said '{what}' {count} times"));
    }
}

/// Interrupts it, and waits until nothing that it has started is left.
fn interrupt(mut running: Running) {
    running.interrupt();
    running.finish(RUN_LIMIT).interrupted();
}

#[test]
fn a_change_compiles_the_flow_and_runs_it_again() {
    let place = Place::new();
    place.write("f/root.toml", says("one"));
    let running = watch(&place, &["f"]);
    running.wait_for_stdout("one", |line| line == "one");
    wait_for(&running, 1, "the flow ended with status 0; waiting for changes");
    place.replace("f/root.toml", says("two"));
    wait_for(&running, 1, "f/root.toml changed");
    running.wait_for_stdout("two", |line| line == "two");
    // In place, too.
    place.write("f/root.toml", says("three"));
    running.wait_for_stdout("three", |line| line == "three");
    interrupt(running);
}

#[test]
fn a_mistake_is_shown_and_the_old_flow_goes_on_until_it_is_repaired() {
    let place = Place::new();
    place.write("f/root.toml", ECHO);
    let mut running = watch(&place, &["f"]);
    wait_for(&running, 1, "the flow is started");
    let manifest = place.read("f/manifest.json");
    place.replace("f/root.toml", ECHO.replace("to = \"stdout\"", "to = \"stdot\""));
    wait_for(&running, 1, "E020");
    wait_for(&running, 1, "the flow goes on as it was; waiting for changes");
    assert_eq!(place.read("f/manifest.json"), manifest);
    running.enter("still here");
    running.wait_for_stdout("the line", |line| line.contains("still here"));
    place.replace("f/root.toml", says("repaired"));
    running.wait_for_stdout("the new text", |line| line.contains("repaired"));
    interrupt(running);
}

#[test]
fn a_file_that_is_missing_is_waited_for() {
    let place = Place::new();
    let part =
        "[[process]]\nsource = \"parts/deep/sub\"\n[[connection]]\nfrom = \"sub/o\"\nto = \"stdout\"\n";
    place.write(
        "f/root.toml",
        format!("flow = \"f\"\n[[process]]\nsource = \"context://stdio/stdout\"\n{part}"),
    );
    let running = watch(&place, &["f"]);
    wait_for(&running, 1, "E001");
    wait_for(&running, 1, "waiting for changes of 1 file");
    place.write(
        "f/parts/deep/sub.toml",
        "flow = \"sub\"\n[[output]]\nname = \"o\"\nvalue = { once = \"found\" }\n",
    );
    running.wait_for_stdout("found", |line| line == "found");
    interrupt(running);
}

#[test]
fn checking_again_and_again_writes_and_runs_nothing() {
    let place = Place::new();
    place.write("f/root.toml", says("one"));
    let running = watch(&place, &["--check", "f"]);
    wait_for(&running, 1, "no mistakes; waiting for changes of 1 file");
    place.replace("f/root.toml", "flow = 1\n");
    wait_for(&running, 1, "E008");
    place.replace("f/root.toml", says("two"));
    wait_for(&running, 2, "no mistakes; waiting for changes of 1 file");
    assert!(!place.has("f/manifest.json"));
    assert_eq!(running.stdout().text(), "");
    interrupt(running);
}

#[test]
fn the_source_of_a_function_takes_part() {
    let place = Place::new();
    let tag = "function = \"tag\"\nsource = \"tag.rs\"\n[[input]]\n[[output]]\n";
    let root = "flow = \"f\"\n[[process]]\nsource = \"tag\"\ninput.default = { once = 1 }\n\
                [[process]]\nsource = \"context://stdio/stdout\"\n[[connection]]\nfrom = \"tag\"\nto = \"stdout\"\n";
    place.write("f/root.toml", root);
    place.write("f/tag.toml", tag);
    let running = watch(&place, &["--check", "f"]);
    wait_for(&running, 1, "E033");
    place.write("f/tag.rs", "fn tag() {}");
    wait_for(&running, 1, "no mistakes; waiting for changes of 3 files");
    place.write("f/tag.rs", "fn other() {}");
    wait_for(&running, 2, "f/tag.rs changed");
    interrupt(running);
}

#[test]
fn what_is_built_in_cannot_change() {
    let place = Place::new();
    let call = place.flowc().args(["--watch", "--check", "context://stdio/stdout"]);
    call.run().status(1).complained_of("E056");
}

/// Starts a flow that reads, without watching.
fn run(place: &Place) -> Running {
    place.write("f/root.toml", ECHO);
    let mut running = place.flowc().args(["f"]).open_stdin().start();
    running.enter("hello");
    running.wait_for_stdout("the line", |line| line.contains("hello"));
    running
}

#[test]
fn an_interrupt_of_the_compiler_ends_the_flow_it_runs() {
    interrupt(run(&Place::new()));
}

#[test]
fn ending_the_compiler_ends_the_flow_it_runs() {
    let place = Place::new();
    let mut running = run(&place);
    running.terminate();
    let outcome = running.finish(RUN_LIMIT);
    assert_eq!(outcome.stderr(), "");
}

/// Nothing is passed on by a compiler that is killed on the spot: the runner notices by itself.
#[cfg(target_os = "linux")]
#[test]
fn killing_the_compiler_ends_the_flow_it_runs() {
    let place = Place::new();
    let mut running = run(&place);
    running.kill();
    running.finish(RUN_LIMIT);
}

#[test]
fn whatever_a_module_is_built_from_builds_it_again() {
    let place = Place::new();
    if !place.builds("functions that are watched") {
        return;
    }
    place.write(
        "f/root.toml",
        "flow = \"f\"\n[[process]]\nsource = \"double\"\ninput.number = { once = 21 }\n\
         [[process]]\nsource = \"context://stdio/stdout\"\n[[connection]]\nfrom = \"double\"\nto = \"stdout\"\n",
    );
    place.flowc().args(["new", "--function", "double", "f/double"]).run().status(0);
    let source = place.read("f/double/double.rs");
    place.write("f/double/double.rs", source.replace("* 2.0", "* factor::FACTOR") + "\nmod factor;\n");
    place.write("f/double/factor.rs", "pub const FACTOR: f64 = 2.0;\n");
    let running = watch(&place, &["f"]);
    running.wait_for_stdout("42.0", |line| line == "42.0");
    place.replace("f/double/factor.rs", "pub const FACTOR: f64 = 3.0;\n");
    wait_for(&running, 1, "f/double/factor.rs changed");
    wait_for(&running, 1, "error E061");
    let source = place.read("f/double/double.rs").replace("from(42.0)", "from(21.0 * factor::FACTOR)");
    place.replace("f/double/double.rs", source);
    running.wait_for_stdout("63.0", |line| line == "63.0");
    interrupt(running);
}
