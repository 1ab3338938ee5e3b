//! Large, deep and endless hierarchies.

use crate::project::{ADD, Project, connect, context};
use flowc::diagnostics::Code::{E018, E027, E037};
use std::time::Instant;

#[test]
fn a_flow_that_contains_itself_is_an_error_that_names_the_circle() {
    assert_eq!(Project::new("[[process]]\nsource = \"\"\n").codes(), [E018]);
    let root = "[[process]]\nsource = \"a\"\n";
    let project = Project::new(root)
        .file("a.toml", "flow = \"a\"\n[[process]]\nsource = \"b\"\n")
        .file("b.toml", "flow = \"b\"\n[[process]]\nsource = \"a\"\n");
    let outcome = project.compile();
    assert_eq!(outcome.codes(), [E018]);
    let message = &outcome.report.diagnostics()[0].message;
    assert!(message.contains("a.toml -> ") && message.ends_with("a.toml"), "{message}");
}

#[test]
fn a_tree_that_grows_without_limit_is_an_error() {
    let mut project = Project::new("[[process]]\nsource = \"f0\"\n");
    for level in 0..40 {
        let next = level + 1;
        let twice = format!(
            "flow = \"f\"\n[[process]]\nalias = \"a\"\nsource = \"f{next}\"\n[[process]]\nalias = \"b\"\nsource = \"f{next}\"\n"
        );
        project = project.file(&format!("f{level}.toml"), &twice);
    }
    assert_eq!(project.file("f40.toml", "flow = \"f\"\n").codes(), [E037]);
}

#[test]
fn flows_may_nest_deeply() {
    const DEPTH: usize = 3000;
    let io = "[[input]]\nname = \"i\"\n[[output]]\nname = \"o\"\n";
    let root = "[[process]]\nsource = \"f0\"\n".to_owned() + &context("args/get") + &context("stdio/stdout");
    let mut project = Project::new(&(root + &connect("get/json", "f/i") + &connect("f/o", "stdout")));
    for level in 0..DEPTH {
        let inner = format!("flow = \"f\"\n{io}[[process]]\nsource = \"f{}\"\n", level + 1);
        let inner = inner + &connect("input/i", "f/i") + &connect("f/o", "output/o");
        project = project.file(&format!("f{level}.toml"), &inner);
    }
    let project = project
        .file(&format!("f{DEPTH}.toml"), &format!("flow = \"f\"\n{io}{}", connect("input/i", "output/o")));
    let manifest = project.manifest();
    assert_eq!(manifest.flows.len(), DEPTH + 2);
    assert_eq!(manifest.functions.values().map(|one| one.output_connections.len()).sum::<usize>(), 1);
    // The same, but the ends meet: a circle as long as the chain.
    let root =
        "[[process]]\nsource = \"f0\"\n".to_owned() + &context("args/get") + &connect("get/json", "f/i");
    let project = project.file("root.toml", &format!("flow = \"root\"\n{root}{}", connect("f/o", "f/i")));
    assert_eq!(project.codes(), [E027]);
}

#[test]
fn ten_thousand_functions_are_compiled_in_a_moment() {
    const FLOWS: usize = 2000;
    let io = "[[input]]\nname = \"i\"\ntype = \"number\"\n[[output]]\nname = \"o\"\ntype = \"number\"\n";
    let mut sub = format!("flow = \"sub\"\n{io}");
    for number in 0..5 {
        sub.push_str(
            &ADD.replace("source", &format!("alias = \"a{number}\"\ninput.i2 = {{once = 1}}\nsource")),
        );
    }
    sub.push_str(&(connect("input/i", "a0/i1") + &connect("a4", "output/o")));
    (0..4).for_each(|number| sub.push_str(&connect(&format!("a{number}"), &format!("a{}/i1", number + 1))));
    let mut root = context("args/get") + &context("stdio/stdout") + &connect("get/json/1", "s0/i");
    for number in 0..FLOWS {
        root.push_str(&format!("[[process]]\nalias = \"s{number}\"\nsource = \"sub{number}\"\n"));
        let next = if number + 1 < FLOWS { format!("s{}/i", number + 1) } else { "stdout".to_owned() };
        root.push_str(&connect(&format!("s{number}/o"), &next));
    }
    let mut project = Project::new(&root);
    for number in 0..FLOWS {
        project = project.file(&format!("sub{number}.toml"), &sub);
    }
    let start = Instant::now();
    let manifest = project.manifest();
    let took = start.elapsed();
    assert_eq!(manifest.functions.len(), FLOWS * 5 + 2);
    // The bound is generous: what is quadratic takes minutes.
    assert!(took.as_secs() < 20, "{took:?}");
    println!("{took:?}");
}
