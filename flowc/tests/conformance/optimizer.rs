//! What `-O` may leave out: what nobody could ever observe.

use crate::project::{ADD, Project, connect, context, function};
use flowcore::manifest::FlowManifest;

/// A root flow whose `add` gets a value of the arguments twice.
fn twice(add: &str) -> String {
    let root = context("args/get") + ADD + add + &context("stdio/stdout");
    root + &connect("get/json/1", "add/i1") + &connect("get/json/1", "add/i1") + &connect("add", "stdout")
}

fn edges(manifest: &FlowManifest) -> usize {
    function(manifest, "args/get").output_connections.len()
}

#[test]
fn a_value_that_arrives_twice_at_a_function_that_runs_once_is_sent_once() {
    let root = twice("input.i2 = {once = 1}\n");
    assert_eq!(edges(&Project::new(&root).manifest()), 2);
    assert_eq!(edges(&Project::new(&root).optimized().manifest()), 1);
}

#[test]
fn a_value_that_arrives_twice_is_kept_where_the_function_may_run_twice() {
    let more = [
        // A constant, and an array that is delivered element by element.
        "input.i2 = {always = 1}\n".to_owned(),
        "input.i2 = {once = [1, 2]}\n".to_owned(),
        // Something else leads to the other input.
        format!("input.i2 = {{once = 1}}\n{}", connect("get/json/2", "add/i2")),
        format!("input.i2 = {{once = 1}}\n{}", connect("add", "add/i2")),
    ];
    for more in more {
        let manifest = Project::new(&twice(&more)).optimized().manifest();
        let to_first = function(&manifest, "args/get").output_connections.iter();
        assert_eq!(to_first.filter(|connection| connection.destination_io_number == 0).count(), 2, "{more}");
    }
}

#[test]
fn a_value_that_arrives_on_different_ways_is_kept() {
    let through = "flow = \"through\"\ninput = [{name = \"i\"}]\noutput = [{name = \"o\"}]\n".to_owned()
        + &connect("input/i", "output/o");
    let root = context("args/get") + ADD + "input.i2 = {once = 1}\n" + &context("stdio/stdout");
    let root = root + "[[process]]\nsource = \"through\"\n" + &connect("get/json/1", "add/i1");
    let root = root
        + &connect("get/json/1", "through/i")
        + &connect("through/o", "add/i1")
        + &connect("add", "stdout");
    assert_eq!(edges(&Project::new(&root).file("through.toml", &through).optimized().manifest()), 2);
}

#[test]
fn different_parts_of_a_result_are_all_sent() {
    let root = twice("input.i2 = {once = 1}\n").replacen("json/1", "json/2", 1);
    assert_eq!(edges(&Project::new(&root).optimized().manifest()), 2);
}

#[test]
fn the_numbers_of_what_is_left_do_not_change() {
    let dead = ADD.replace("source", "alias = \"aaa\"\ninput.i1 = {once = 1}\ninput.i2 = {once = 1}\nsource");
    let root = dead + &twice("input.i2 = {once = 1}\n");
    let (all, kept) = (Project::new(&root).manifest(), Project::new(&root).optimized().manifest());
    let mut ids: Vec<u64> = all.functions.keys().copied().collect();
    ids.remove(0);
    assert_eq!(kept.functions.into_keys().collect::<Vec<_>>(), ids);
}

#[test]
fn a_chain_of_functions_without_effect_is_left_out_whatever_its_length() {
    const LENGTH: usize = 100_000;
    let mut root = context("args/get") + &context("stdio/stdout") + &connect("get/json/1", "stdout");
    root += &connect("get/json/1", "d0/i1");
    for number in 0..LENGTH {
        root += &ADD.replace("source", &format!("alias = \"d{number}\"\ninput.i2 = {{always = 1}}\nsource"));
        if number > 0 {
            root += &connect(&format!("d{}", number - 1), &format!("d{number}/i1"));
        }
    }
    assert_eq!(Project::new(&root).optimized().manifest().functions.len(), 2);
    assert_eq!(Project::new(&root).manifest().functions.len(), LENGTH + 2);
}
