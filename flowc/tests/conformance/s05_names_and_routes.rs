//! Language 5: what is checked about names, and routes.

use crate::project::{Project, connect, context};
use crate::table::Table;

fn printing(more: &str) -> Project {
    Project::new(&format!("{}input.default = {{once = 1}}\n{more}", context("stdio/stdout")))
}

#[test]
fn section_5_1_what_is_numeric_and_where_it_matters() {
    let mut table = Table::default();
    for (name, is_numeric) in [
        ("12", true),
        ("+1", true),
        ("007", true),
        ("0", true),
        ("18446744073709551615", true),
        ("18446744073709551616", false),
        ("-1", false),
        ("1.5", false),
        ("1a", false),
        ("++1", false),
        (" 1", false),
    ] {
        let error = |code| if is_numeric { code } else { "ok" };
        let f = format!(
            "function = \"{name}\"\nsource = \"s\"\ninput = [{{value = {{once = 1}}}}]\noutput = [{{}}]\n"
        );
        let project =
            printing("[[process]]\nsource = \"f\"\n").file("f.toml", &f).file("s", "").file("s.wasm", "");
        table.verdict(&format!("function name {name:?}"), &project, error("E013"));
        let named = format!("{}name = \"{name}\"\n", connect("get/json", "stdout"));
        table.verdict(
            &format!("connection name {name:?}"),
            &printing(&(context("args/get") + &named)),
            error("E013"),
        );
        let missing = |code| if is_numeric { code } else { "E020" };
        let from = context("args/get") + &connect(name, "stdout");
        table.verdict(&format!("from {name:?}"), &printing(&from), missing("E014"));
        let to = context("args/get") + &connect("get/json", name);
        table.verdict(&format!("to {name:?}"), &printing(&to), missing("E014"));
    }
    for (key, connection) in [("from", connect("", "stdout")), ("to", connect("stdout", ""))] {
        table.verdict(&format!("{key} empty"), &printing(&connection), "E014");
    }
    let sub = printing("[[process]]\nsource = \"sub\"\nalias = \"12\"\n[[connection]]\nfrom = \"12/result\"\nto = \"stdout\"\n")
        .flow("sub", "[[output]]\nname = \"result\"\nvalue = {once = 1}\n");
    table.verdict("a numeric alias with something behind it", &sub, "ok W012 W020");
    table.end(47);
}

#[test]
fn section_5_2_routes() {
    let routes = |name: &str, alias: &str, input: &str| {
        let root = format!(
            "flow = \"{name}\"\n[[process]]\nsource = \"sub\"\n{alias}{}{}",
            context("args/get"),
            connect("get/json", &format!("{}/i", if alias.is_empty() { "sub" } else { "s t" }))
        );
        let sub = format!(
            "[[input]]\nname = \"i\"\n[[process]]\nsource = \"f\"\n{}{}",
            connect("input/i", &format!("f/{input}")),
            context("stdio/stdout") + "input.default = {once = 1}\n"
        );
        let project = Project::new(&root)
            .with_symbols()
            .flow("sub", &sub)
            .function("f", &format!("input = [{{name = \"{input}\"}}]\n"));
        let manifest = project.manifest();
        let mut routes: Vec<String> = manifest.functions.values().map(|one| one.route.clone()).collect();
        routes.extend(manifest.functions.values().flat_map(|one| {
            one.output_connections.iter().map(|connection| format!("> {}", connection.destination))
        }));
        routes.join(" ")
    };
    let mut table = Table::default();
    table.row("named", routes("root", "", "in"), "/root/get /root/sub/f /root/sub/stdout > /root/sub/f/in");
    table.row(
        "alias",
        routes("root", "alias = \"s t\"\n", "in"),
        "/root/get /root/s t/f /root/s t/stdout > /root/s t/f/in",
    );
    table.row(
        "default input",
        routes("root", "", ""),
        "/root/get /root/sub/f /root/sub/stdout > /root/sub/f",
    );
    table.row(
        "input with a slash",
        routes("root", "", "a/b"),
        "/root/get /root/sub/f /root/sub/stdout > /root/sub/f/a/b",
    );
    table.row("root without a name", routes("", "", "in"), "//get //sub/f //sub/stdout > //sub/f/in");
    table.end(5);
}

#[test]
fn section_5_2_a_process_without_a_name_has_a_route_of_its_own() {
    let project = Project::new("[[process]]\nsource = \"sub\"\n").with_symbols();
    let project = project
        .file("sub.toml", &format!("flow = \"\"\n{}input.default = {{once = 1}}\n", context("stdio/stdout")));
    let manifest = project.manifest();
    let routes: Vec<&str> = manifest.functions.values().map(|one| one.route.as_str()).collect();
    assert_eq!(routes, ["/root//stdout"]);
}
