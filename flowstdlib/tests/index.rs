//! The index page of the library is what its definitions say.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Set to have the page written instead of compared.
const WRITE: &str = "FLOW_WRITE_PAGES";

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> PathBuf {
    here().parent().unwrap().join("docs/library.md")
}

/// The definitions of each module, by path below the library's root.
fn modules() -> BTreeMap<&'static str, Vec<(&'static str, Table)>> {
    let mut modules: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (path, text) in flowstdlib::DEFINITIONS {
        let (module, _) = path.split_once('/').unwrap();
        modules.entry(module).or_default().push((*path, text.parse().unwrap()));
    }
    modules
}

fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Inputs or outputs as they are listed: `name` type.
fn ios(definition: &Table, kind: &str) -> String {
    let list = definition.get(kind).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let io = |io: &Value| {
        let io = io.as_table().unwrap();
        let name = match text(io, "name") {
            "" => "(default)".to_owned(),
            name => format!("`{name}`"),
        };
        let types = match io.get("type") {
            Some(Value::Array(types)) => {
                types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
            }
            Some(one) => one.as_str().unwrap().to_owned(),
            None => "anything".to_owned(),
        };
        format!("{name} {types}")
    };
    list.iter().map(io).collect::<Vec<_>>().join("<br>")
}

/// What the first line of a module's code says it is about.
fn purpose(module: &str) -> String {
    let code = fs::read_to_string(here().join("src").join(module).join("mod.rs")).unwrap();
    code.lines()
        .next()
        .and_then(|line| line.strip_prefix("//! "))
        .expect("a module says what it is about")
        .to_owned()
}

/// Whether a function is only there for a flow of the library, as its page says.
fn is_part(path: &str) -> bool {
    let page = fs::read_to_string(here().join("src").join(path.replace(".toml", ".md"))).unwrap();
    page.contains("Use it by the flow")
}

fn written() -> String {
    let mut page = String::from(
        "# The standard library\n\n\
         A process of a flow uses one of these as `source = \"lib://flowstdlib/module/name\"`.\n\
         Each name leads to a page that says more.\n\
         \"(default)\" is the input or output that has no name.\n",
    );
    let modules = modules();
    let links: Vec<String> = modules.keys().map(|module| format!("[{module}](#{module})")).collect();
    writeln!(page, "\nModules: {}.", links.join(", ")).unwrap();
    for (module, definitions) in modules {
        writeln!(page, "\n## {module}\n\n{}\n", purpose(module)).unwrap();
        page.push_str("| name | inputs | outputs | what it gives |\n|---|---|---|---|\n");
        let (parts, whole): (Vec<_>, Vec<_>) = definitions.into_iter().partition(|(path, _)| is_part(path));
        let link = |path: &str| {
            let name = path.rsplit('/').next().unwrap().trim_end_matches(".toml");
            format!("[`{name}`](../flowstdlib/src/{})", path.replace(".toml", ".md"))
        };
        for (path, definition) in whole {
            let kind = if definition.contains_key("flow") { " (flow)" } else { "" };
            writeln!(
                page,
                "| {}{kind} | {} | {} | {} |",
                link(path),
                ios(&definition, "input"),
                ios(&definition, "output"),
                text(&definition, "description"),
            )
            .unwrap();
        }
        if !parts.is_empty() {
            let links: Vec<String> = parts.iter().map(|(path, _)| link(path)).collect();
            writeln!(page, "\nFunctions that only serve its flows: {}.", links.join(", ")).unwrap();
        }
    }
    page
}

#[test]
fn the_index_page_is_what_the_definitions_say() {
    let written = written();
    if std::env::var_os(WRITE).is_some() {
        fs::write(page(), &written).unwrap();
    }
    let found = fs::read_to_string(page()).unwrap_or_default();
    assert!(
        found == written,
        "docs/library.md is not what the definitions say: write it with `{WRITE}=1 cargo test -p flowstdlib --test index`"
    );
}
