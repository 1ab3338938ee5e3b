//! Large, deep and endless hierarchies.

use crate::project::{ADD, Project, connect, context, function, pointers};
use flowc::diagnostics::Code::{E018, E026, E027, E028, E037, E053};

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
fn thousands_of_flows_with_files_of_their_own_are_compiled() {
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
    assert_eq!(project.manifest().functions.len(), FLOWS * 5 + 2);
}

/// Flows in which the value of an input takes two ways to the next flow, so many times; a last one does with it whatever
/// is said.
fn doubled(levels: usize, last: &str) -> Project {
    let root = context("args/get") + "[[process]]\nsource = \"f0\"\n" + &connect("get/json", "f/i");
    let mut project = Project::new(&(root + &context("stdio/stdout") + &connect("get/string/1", "stdout")));
    for level in 0..levels {
        let next = format!("[[process]]\nsource = \"f{}\"\n", level + 1);
        let twice = connect("input/i", "f/i") + &connect("input/i/0", "f/i");
        project = project.file(
            &format!("f{level}.toml"),
            &format!("flow = \"f\"\n[[input]]\nname = \"i\"\n{next}{twice}"),
        );
    }
    project.file(&format!("f{levels}.toml"), &format!("flow = \"f\"\n[[input]]\nname = \"i\"\n{last}"))
}

#[test]
fn connections_that_part_and_meet_again_are_followed_along_every_path_as_each_is_an_edge() {
    let last = context("stdio/stdout") + &connect("input/i", "stdout");
    let manifest = doubled(3, &last).manifest();
    let mut pointers = pointers(function(&manifest, "args/get"));
    assert_eq!(pointers.pop().as_deref(), Some("/string/1"));
    let all = ["", "/0", "/0", "/0/0", "/0", "/0/0", "/0/0", "/0/0/0"];
    assert_eq!(pointers, all.map(|steps| format!("/json{steps}")));
}

#[test]
fn any_number_of_paths_may_lead_nowhere() {
    let manifest = doubled(200, "").manifest();
    assert_eq!(function(&manifest, "args/get").output_connections.len(), 1);
}

#[test]
fn more_edges_than_there_can_be_are_an_error_before_memory_is_used_up() {
    let last = context("stdio/stdout") + &connect("input/i", "stdout");
    for levels in [24, 200] {
        let outcome = doubled(levels, &last).compile();
        assert_eq!(outcome.codes(), [E053]);
        assert!(outcome.report.diagnostics().last().unwrap().label.is_some());
    }
}

#[test]
fn a_mistake_at_the_end_of_many_paths_is_told_once() {
    let last = "[[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i2 = {once = 1}\n".to_owned()
        + &connect("input/i", "add/i1");
    let project = doubled(16, &last);
    let root = "[[process]]\nsource = \"f0\"\ninput.i = {once = 1}\n".to_owned() + &context("stdio/stdout");
    let initialized = project.file("root.toml", &format!("flow = \"root\"\n{root}"));
    assert_eq!(initialized.codes(), [E028]);
    let root = context("args/get") + "[[process]]\nsource = \"f0\"\n" + &connect("get/string", "f/i");
    let misfit = initialized.file("root.toml", &format!("flow = \"root\"\n{root}"));
    assert_eq!(misfit.codes(), [E026]);
}

#[test]
fn a_process_may_have_very_many_inputs_and_outputs() {
    const MANY: usize = 40_000;
    let io = |direction: &str| -> String {
        (0..MANY)
            .map(|number| format!("[[{direction}]]\nname = \"n{number}\"\ntype = \"number\"\n"))
            .collect()
    };
    let wide = format!("flow = \"wide\"\n{}{}", io("input"), io("output"));
    let through: String =
        (0..MANY).map(|n| connect(&format!("input/n{n}"), &format!("output/n{n}"))).collect();
    let around: String = (0..MANY)
        .map(|n| {
            connect(&format!("get/json/{n}"), &format!("wide/n{n}"))
                + &connect(&format!("wide/n{n}"), "stdout")
        })
        .collect();
    let root = context("args/get") + &context("stdio/stdout") + "[[process]]\nsource = \"wide\"\n" + &around;
    let project = Project::new(&root).file("wide.toml", &(wide + &through));
    let outcome = project.compile();
    assert_eq!(outcome.codes(), []);
    let manifest = outcome.manifest.unwrap();
    assert_eq!(function(&manifest, "args/get").output_connections.len(), MANY);
}
