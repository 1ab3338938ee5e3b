//! One mistake, one message, however often its flow is used.

use crate::project::Project;
use flowc::diagnostics::{Code, Code::*};

const STDOUT: &str = "[[process]]\nsource = \"context://stdio/stdout\"\n";
const ADD: &str = "[[process]]\nsource = \"lib://flowstdlib/math/add\"\n";
const GET: &str = "[[process]]\nsource = \"context://args/get\"\n";

fn connect(from: &str, to: &str) -> String {
    format!("[[connection]]\nfrom = \"{from}\"\nto = \"{to}\"\n")
}

/// A root flow that uses the flow `middle` in `uses` processes, and a middle flow that uses `sub` twice.
fn used(uses: usize, sub: &str) -> Project {
    let middle = "flow = \"middle\"\n[[process]]\nalias = \"left\"\nsource = \"sub\"\n[[process]]\nalias = \"right\"\nsource = \"sub\"\n";
    let process = |number: usize| format!("[[process]]\nalias = \"m{number}\"\nsource = \"middle\"\n");
    let root = "flow = \"root\"\n".to_owned()
        + STDOUT
        + "input.default = {once = 1}\n"
        + &(0..uses).map(process).collect::<String>();
    Project::new(&[("root.toml", &root), ("middle.toml", middle), ("sub.toml", sub)])
}

#[test]
fn a_mistake_in_a_flow_is_said_once_and_names_other_uses() {
    let inner = |name: &str, inner: &str| format!("flow = \"{name}\"\n[[input]]\nname = \"x\"\n{inner}");
    let print = inner("print", &(STDOUT.to_owned() + &connect("input/x", "stdout")));
    let add = inner("sum", &(ADD.to_owned() + "input.i2 = {once = 1}\n" + &connect("input/x", "add/i1")));
    let part = inner("part", &(STDOUT.to_owned() + &connect("input/x/1", "stdout")));
    let both = "flow = \"both\"\ninput = [{name = \"x\"}, {name = \"y\"}]\n".to_owned()
        + STDOUT
        + &connect("input/x", "stdout")
        + &connect("input/y", "stdout");
    let own =
        inner("own", &(STDOUT.to_owned() + "input.default = {once = 1}\n" + &connect("input/x", "stdout")));
    let pass = inner("pass", &("[[output]]\nname = \"x\"\n".to_owned() + &connect("input/x", "output/x")));
    let process = |source: &str, more: &str| format!("[[process]]\nsource = \"{source}\"\n{more}");
    let cases: [(Code, String, &str); 9] = [
        (E026, GET.to_owned() + &process("inner", "") + &connect("get/string/1", "sum/x"), &add),
        (E027, process("inner", "input.x = {once = 1}\n") + &connect("pass/x", "pass/x"), &pass),
        (E028, process("inner", "input.x = {once = 1}\ninput.y = {once = 2}\n"), &both),
        (E029, process("inner", "input.x = {once = \"a\"}\n"), &add),
        (E030, ADD.to_owned() + "input.i1 = {once = 1}\n", &print),
        (
            E031,
            GET.to_owned() + STDOUT + "input.default = {always = 1}\n" + &connect("get/json", "stdout"),
            &print,
        ),
        (W007, process("inner", "input.x = {once = [1]}\n"), &part),
        (
            W008,
            "[[process]]\nsource = \"lib://flowstdlib/control/tap\"\ninput.data = {once = [1]}\ninput.control = {once = true}\n".to_owned()
                + &process("inner", "")
                + &connect("tap/data", "part/x"),
            &part,
        ),
        (W020, process("inner", "input.x = {once = 1}\n"), &own),
    ];
    for (code, sub, inner) in cases {
        let project = used(3, &format!("flow = \"sub\"\n{sub}")).file("inner.toml", inner);
        let found = project.compile();
        let of_code: Vec<_> = found.diagnostics().iter().filter(|one| one.code == code).collect();
        assert_eq!(of_code.len(), 1, "{code}: {:#?}", found.diagnostics());
        let uses = &of_code[0].uses;
        assert_eq!((uses.count, uses.routes.len()), (5, 3), "{code}");
        let text = found.render(of_code[0], flowc::diagnostics::Style::Plain);
        let note = text.lines().last().unwrap();
        assert!(note.starts_with("  note: the same goes for "), "{code}: {text}");
        assert!(note.contains("/root/m0/right/") && note.ends_with(" and 2 more"), "{code}: {text}");
    }
}

#[test]
fn two_mistakes_at_one_place_are_two() {
    let found = used(2, &format!("flow = \"sub\"\n{ADD}")).compile();
    let messages: Vec<&str> = found.diagnostics().iter().map(|one| one.message.as_str()).collect();
    assert_eq!(messages.len(), 2, "{messages:#?}");
    assert!(messages[0].contains("'/root/m0/left/add/i1'") && messages[1].contains("'/root/m0/left/add/i2'"));
}

#[test]
fn a_missing_source_is_missing_once() {
    let sub = "flow = \"sub\"\n[[process]]\nsource = \"f\"\n".to_owned() + STDOUT + &connect("f", "stdout");
    let f = "function = \"f\"\nsource = \"f.rs\"\ninput = [{value = {once = 1}}]\noutput = [{}]\n";
    let found = used(5, &sub).file("f.toml", f).compile();
    assert_eq!(found.diagnostics().iter().map(|one| one.code).collect::<Vec<_>>(), [E033]);
}

#[test]
fn what_is_said_does_not_depend_on_chance() {
    let sub = |name: &str| format!("flow = \"{name}\"\n{ADD}[[process]]\nsource = \"{name}f\"\n");
    let mut project = Project::new(&[]);
    let mut root = "flow = \"root\"\n".to_owned();
    for number in 0..20 {
        let name = format!("s{number}");
        root.push_str(&format!("[[process]]\nsource = \"{name}\"\n"));
        let f = format!(
            "function = \"f\"\nsource = \"{name}.rs\"\ninput = [{{value = {{once = 1}}}}]\noutput = [{{}}]\n"
        );
        project = project.file(&format!("{name}.toml"), &sub(&name)).file(&format!("{name}f.toml"), &f);
        project = project.file(&format!("{name}.rs"), "");
    }
    let root = root + STDOUT + "input.default = {once = 1}\n";
    let project = project.file("root.toml", &root);
    let first = project.compile();
    assert_eq!(first.diagnostics().len(), 40);
    assert_eq!(project.compile().diagnostics(), first.diagnostics());
    // The same where the modules of functions are looked for, one by one.
    let mut project = project;
    for number in 0..20 {
        let name = format!("s{number}");
        project = project.file(
            &format!("{name}.toml"),
            &format!("flow = \"{name}\"\n[[process]]\nsource = \"{name}f\"\n"),
        );
    }
    let first = project.compile();
    assert!(first.diagnostics().len() >= 20, "{:#?}", first.diagnostics());
    assert_eq!(project.compile().diagnostics(), first.diagnostics());
}
