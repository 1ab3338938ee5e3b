//! Flows that contain themselves, connections in circles, and trees without end.

use crate::place::{GOOD, Place};
use std::os::unix::fs::symlink;

fn flow(source: &str) -> String {
    format!("flow = \"f\"\n[[process]]\nalias = \"sub\"\nsource = \"{source}\"\n{GOOD}")
}

#[test]
fn a_flow_that_contains_itself_is_refused_however_it_is_spelled() {
    for source in ["", "root", "./root.toml", "../here/root", "x/../root.toml", "root.toml#part", "."] {
        Place::with("here/root.toml", flow(source)).is_refused("here", &["E018", "root.toml -> "]);
    }
    let place = Place::with("root.toml", flow("a")).file("a.toml", flow("b")).file("b.toml", flow("root"));
    place.is_refused(".", &["E018", "a.toml -> b.toml -> "]);
}

#[test]
fn a_flow_that_contains_itself_through_links_is_refused() {
    let place = Place::with("root.toml", flow("link.toml"));
    symlink("root.toml", place.path().join("link.toml")).unwrap();
    place.is_refused("root.toml", &["E018"]);
    // A directory in which the same directory is found again and again.
    let place = Place::with("root.toml", flow("again/root.toml"));
    symlink(".", place.path().join("again")).unwrap();
    place.is_refused("root.toml", &["E002", "symbolic links"]);
}

#[test]
fn links_that_lead_nowhere_or_in_circles_are_not_found() {
    let place = Place::with("root.toml", flow("one.toml"));
    symlink("two.toml", place.path().join("one.toml")).unwrap();
    symlink("one.toml", place.path().join("two.toml")).unwrap();
    place.is_refused("root.toml", &["E002", "one.toml", "symbolic links", "root.toml:4:10"]);
    let place = Place::with("root.toml", flow("broken.toml"));
    symlink("nothing.toml", place.path().join("broken.toml")).unwrap();
    place.is_refused("root.toml", &["E001", "broken.toml"]);
}

#[test]
fn connections_through_flows_in_a_circle_are_refused() {
    let pass = "flow = \"f\"\n[[input]]\nname = \"i\"\n[[output]]\nname = \"o\"\n[[connection]]\nfrom = \"input/i\"\n\
                to = \"output/o\"\n";
    let root = format!(
        "flow = \"root\"\n{GOOD}[[process]]\nsource = \"context://args/get\"\n[[process]]\nalias = \"a\"\nsource = \
         \"pass\"\n[[process]]\nalias = \"b\"\nsource = \"pass\"\n[[connection]]\nfrom = \"get/json\"\nto = \
         \"a/i\"\n[[connection]]\nfrom = \"a/o\"\nto = \"b/i\"\n[[connection]]\nfrom = \"b/o\"\nto = \"a/i\"\n"
    );
    let place = Place::with("root.toml", root).file("pass.toml", pass);
    place.is_refused("root.toml", &["E027", "output /root/a/o -> input /root/b/i"]);
}

#[test]
fn ten_thousand_flows_inside_each_other_compile_and_a_circle_through_them_is_told_briefly() {
    const DEPTH: usize = 10_000;
    let io = "[[input]]\nname = \"i\"\n[[output]]\nname = \"o\"\n";
    let connect = |from: &str, to: &str| format!("[[connection]]\nfrom = \"{from}\"\nto = \"{to}\"\n");
    let head = "flow = \"root\"\n[[process]]\nsource = \"f0\"\n[[process]]\nsource = \"context://args/get\"\n\
                [[process]]\nsource = \"context://stdio/stdout\"\n";
    let root = format!("{head}{}{}", connect("get/json", "f/i"), connect("f/o", "stdout"));
    let mut place = Place::with("root.toml", root);
    for level in 0..DEPTH {
        let inner = format!("flow = \"f\"\n{io}[[process]]\nsource = \"f{}\"\n", level + 1);
        let inner = inner + &connect("input/i", "f/i") + &connect("f/o", "output/o");
        place = place.file(&format!("f{level}.toml"), inner);
    }
    let last = format!("f{DEPTH}.toml");
    let place = place.file(&last, format!("flow = \"f\"\n{io}{}", connect("input/i", "output/o")));
    let manifest = place.compiles("root.toml");
    assert!(manifest.contains("\"destination_io_number\": 0"), "{}", &manifest[..1000]);
    std::fs::remove_file(place.manifest()).unwrap();
    let root = format!(
        "{head}{}{}{}",
        connect("get/json", "f/i"),
        connect("f/o", "f/i"),
        connect("get/string", "stdout")
    );
    let place = place.file("root.toml", root);
    place.is_refused("root.toml", &["E027", "more) ->"]);
    // And one of files.
    let place = place.file(&last, flow("root"));
    place.is_refused("root.toml", &["E018", "more) ->"]);
}

#[test]
fn a_tree_that_doubles_at_every_level_is_refused() {
    let mut place = Place::with("root.toml", flow("f0"));
    for level in 0..60 {
        let sub = |alias| format!("[[process]]\nalias = \"{alias}\"\nsource = \"f{}\"\n", level + 1);
        place = place.file(&format!("f{level}.toml"), format!("flow = \"f\"\n{}{}", sub("a"), sub("b")));
    }
    place.file("f60.toml", format!("flow = \"f\"\n{GOOD}")).is_refused("root.toml", &["E037"]);
}

#[test]
fn a_hundred_thousand_connections_to_one_input_compile() {
    let mut root = format!("flow = \"root\"\n{GOOD}[[process]]\nsource = \"context://args/get\"\n");
    for number in 0..100_000 {
        root.push_str(&format!("[[connection]]\nfrom = \"get/json/{number}\"\nto = \"stdout\"\n"));
    }
    let manifest = Place::with("root.toml", root).compiles("root.toml");
    assert_eq!(manifest.matches("\"destination_id\"").count(), 100_000);
}
