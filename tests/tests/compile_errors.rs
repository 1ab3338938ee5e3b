//! Wrong definitions: one clear error that names the file and the place, status 1, and no manifest.

use flow_tests::{Outcome, Place};

const STDOUT: &str = "[[process]]\nsource = \"context://stdio/stdout\"\n";

/// Compiles a flow made of this text and expects it to be refused.
fn refused(root: &str) -> Outcome {
    let place = Place::new();
    place.write("flow/root.toml", root);
    let outcome = place.flowc().args(["-c", "flow"]).run().status(1).wrote("");
    assert!(!place.has("flow/manifest.json"), "a refused flow leaves no manifest");
    outcome
}

/// Checks that an error points at this line of the definition, 1 being the first.
#[track_caller]
fn points_at(outcome: &Outcome, file: &str, line: usize) {
    let place = format!("{file}:{line}");
    if !outcome.stderr().contains(&place) {
        outcome.fail(&format!("should have pointed at {place}"));
    }
}

#[test]
fn a_flow_that_is_not_there() {
    let place = Place::new();
    place.flowc().args(["-c", "nowhere"]).run().status(1).wrote("").complained_of("nowhere");
}

#[test]
fn a_folder_without_a_definition() {
    let place = Place::new();
    place.write("empty/notes.txt", "nothing here");
    place.flowc().args(["-c", "empty"]).run().status(1).wrote("").complained_of("empty");
    assert!(!place.has("empty/manifest.json"));
}

#[test]
fn a_definition_that_breaks_the_rules_of_its_format() {
    let outcome = refused("flow = \"broken\"\n[[process]\nsource = \"context://stdio/stdout\"\n");
    points_at(&outcome, "root.toml", 2);
}

#[test]
fn a_misspelled_key() {
    let outcome = refused("flow = \"typo\"\n[[process]]\nsorce = \"context://stdio/stdout\"\n");
    points_at(&outcome, "root.toml", 3);
    outcome.complained_of("sorce");
}

#[test]
fn a_definition_without_a_name() {
    refused(STDOUT).complained_of("root.toml");
}

#[test]
fn a_sub_flow_that_is_not_there() {
    let outcome = refused(&format!("flow = \"lost\"\n{STDOUT}\n[[process]]\nsource = \"elsewhere\"\n"));
    points_at(&outcome, "root.toml", 6);
    outcome.complained_of("elsewhere");
}

#[test]
fn a_mistake_in_a_sub_flow_names_the_file_of_the_sub_flow() {
    let place = Place::new();
    place.write("flow/root.toml", format!("flow = \"outer\"\n[[process]]\nsource = \"inner\"\n{STDOUT}"));
    place.write(
        "flow/inner.toml",
        "flow = \"inner\"\n\n[[connection]]\nfrom = \"nobody\"\nto = \"output/x\"\n",
    );
    let outcome = place.flowc().args(["-c", "flow"]).run().status(1).wrote("").complained_of("nobody");
    points_at(&outcome, "inner.toml", 4);
    assert!(!place.has("flow/manifest.json"));
}

#[test]
fn an_unknown_library_function() {
    let outcome = refused(&format!(
        "flow = \"unknown\"\n[[process]]\nsource = \"lib://flowstdlib/math/guess\"\n{STDOUT}"
    ));
    points_at(&outcome, "root.toml", 3);
    outcome.complained_of("lib://flowstdlib/math/guess");
}

#[test]
fn an_unknown_library() {
    let outcome =
        refused(&format!("flow = \"unknown\"\n[[process]]\nsource = \"lib://nobody/math/add\"\n{STDOUT}"));
    points_at(&outcome, "root.toml", 3);
    outcome.complained_of("lib://nobody/math/add");
}

#[test]
fn an_unknown_context_function() {
    let outcome = refused("flow = \"unknown\"\n[[process]]\nsource = \"context://stdio/shout\"\n");
    points_at(&outcome, "root.toml", 3);
    outcome.complained_of("context://stdio/shout");
}

#[test]
fn a_connection_from_an_unknown_process() {
    let outcome = refused(&format!(
        "flow = \"unknown\"\n{STDOUT}\n[[connection]]\nfrom = \"ghost\"\nto = \"stdout\"\n"
    ));
    points_at(&outcome, "root.toml", 6);
    outcome.complained_of("ghost");
}

#[test]
fn a_connection_to_an_unknown_process() {
    let outcome = refused(&format!(
        "flow = \"nowhere\"\n{STDOUT}\n[[process]]\nsource = \"context://args/get\"\n\n[[connection]]\nfrom = \"get/json/1\"\nto = \"ghost\"\n"
    ));
    points_at(&outcome, "root.toml", 10);
    outcome.complained_of("ghost");
}

#[test]
fn a_connection_to_an_unknown_input() {
    let outcome = refused(&format!(
        "flow = \"nowhere\"\n{STDOUT}\n[[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i1 = {{ once = 1 }}\ninput.i2 = {{ once = 2 }}\n\n[[connection]]\nfrom = \"add\"\nto = \"add/i3\"\n"
    ));
    points_at(&outcome, "root.toml", 12);
    outcome.complained_of("i3");
}

#[test]
fn a_connection_between_types_that_do_not_fit() {
    let outcome = refused(&format!(
        "flow = \"types\"\n{STDOUT}\n[[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i1 = {{ once = 1 }}\ninput.i2 = {{ once = 2 }}\n\n[[process]]\nsource = \"lib://flowstdlib/control/tap\"\ninput.data = {{ once = 1 }}\n\n[[connection]]\nfrom = \"add\"\nto = \"tap/control\"\n"
    ));
    // Either end of the connection is a good place to point at.
    if !outcome.stderr().contains("root.toml:14") && !outcome.stderr().contains("root.toml:15") {
        outcome.fail("should have pointed at the connection");
    }
    outcome.complained_of("number").complained_of("boolean");
}

#[test]
fn an_initial_value_of_the_wrong_type() {
    let outcome = refused(&format!(
        "flow = \"types\"\n{STDOUT}\n[[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i1 = {{ once = \"one\" }}\ninput.i2 = {{ once = 2 }}\n\n[[connection]]\nfrom = \"add\"\nto = \"stdout\"\n"
    ));
    points_at(&outcome, "root.toml", 7);
}

#[test]
fn an_input_nobody_feeds() {
    refused(&format!(
        "flow = \"hungry\"\n{STDOUT}\n[[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i1 = {{ once = 1 }}\n\n[[connection]]\nfrom = \"add\"\nto = \"stdout\"\n"
    ))
    .complained_of("root.toml")
    .complained_of("i2");
}

#[test]
fn a_flow_that_does_nothing_anybody_can_see() {
    refused(
        "flow = \"silent\"\n[[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i1 = { once = 1 }\ninput.i2 = { once = 2 }\n",
    );
}

#[test]
fn a_flow_that_contains_itself() {
    refused(&format!(
        "flow = \"mirror\"\n{STDOUT}\n[[process]]\nalias = \"again\"\nsource = \"root.toml\"\n"
    ))
    .complained_of("root.toml");
}

#[test]
fn an_alias_on_a_context_function() {
    let outcome = refused(
        "flow = \"alias\"\n[[process]]\nalias = \"out\"\nsource = \"context://stdio/stdout\"\ninput.default = { once = 1 }\n",
    );
    points_at(&outcome, "root.toml", 3);
}

#[test]
fn every_wrong_connection_is_reported_at_once() {
    refused(&format!(
        "flow = \"many\"\n{STDOUT}\n[[connection]]\nfrom = \"ghost\"\nto = \"stdout\"\n\n[[connection]]\nfrom = \"spirit\"\nto = \"stdout\"\n"
    ))
    .complained_of("ghost")
    .complained_of("spirit");
}

/// A manifest of an earlier compile may stay as it was or go away, but is never left half written.
#[test]
fn an_earlier_manifest_survives_whole_or_not_at_all() {
    let place = Place::new();
    let folder = place.example("hello-world");
    place.flowc().args(["-c", &folder]).run().status(0);
    let before = place.read("examples/hello-world/manifest.json");
    place.write("examples/hello-world/root.toml", "flow = \"broken\n");
    place.flowc().args(["-c", &folder]).run().status(1);
    if place.has("examples/hello-world/manifest.json") {
        assert_eq!(place.read("examples/hello-world/manifest.json"), before);
    }
}

#[test]
fn a_flow_is_not_run_after_an_error() {
    let place = Place::new();
    place.write("flow/root.toml", format!("flow = \"no\"\n{STDOUT}\n[[process]]\nsource = \"elsewhere\"\n"));
    place.flowc().args(["flow"]).run().status(1).wrote("");
}

#[test]
fn a_place_that_cannot_be_written_to() {
    let place = Place::new();
    let folder = place.example("hello-world");
    place.write("taken", "a file where the folder of the result should be");
    place.flowc().args(["-c", "-o", "taken/below", &folder]).run().status(1).complained_of("taken");
}
