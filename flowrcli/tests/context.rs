//! The page on context functions is what their definitions and pages say, and every definition has its code.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flowrcli::context::CommandLineContext;
use flowrlib::context::ContextFunctions;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Set to have the page written instead of compared.
const WRITE: &str = "FLOW_WRITE_PAGES";

/// What there is to say about all of them.
const ABOUT: &str = include_str!("about_context.txt");

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> PathBuf {
    here().parent().unwrap().join("docs/context.md")
}

/// A context function, as its definition and its page have it.
struct Function {
    name: String,
    definition: Table,
    page: String,
}

impl Function {
    /// The rest of the line of its page that begins with a word.
    fn line(&self, word: &str) -> &str {
        let mut lines = self.page.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(": "));
        match (lines.next().and_then(|line| line.strip_suffix('.')), lines.next()) {
            (Some(line), None) => line,
            _ => panic!("the page of '{}' has no line '{word}: ….', or several", self.name),
        }
    }
}

/// The functions of each module, by name.
fn modules() -> BTreeMap<String, Vec<Function>> {
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let mut paths: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let function = |path: &PathBuf| Function {
        name: name(path),
        definition: fs::read_to_string(path).unwrap().parse().unwrap(),
        page: fs::read_to_string(path.with_extension("md")).unwrap(),
    };
    let is_definition = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let functions = |module: &Path| entries(module).iter().filter(is_definition).map(function).collect();
    entries(&here().join("context")).iter().map(|module| (name(module), functions(module))).collect()
}

/// What the first line of a module's code says it is about.
fn purpose(module: &str) -> String {
    let code = fs::read_to_string(here().join("src/context").join(module).with_extension("rs")).unwrap();
    let purpose = code.strip_prefix(&format!("//! `context://{module}`: ")).unwrap().lines().next().unwrap();
    let mut letters = purpose.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Inputs or outputs as they are listed: `name` type. The output `error` is told with the errors.
fn ios(definition: &Table, kind: &str) -> String {
    let list = definition.get(kind).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let io = |io: &Value| {
        let io = io.as_table().unwrap();
        let name = match text(io, "name") {
            "" => "(default)".to_owned(),
            name => format!("`{name}`"),
        };
        let type_name = if io.contains_key("type") { text(io, "type") } else { "anything" };
        format!("{name} {type_name}")
    };
    let listed = list.iter().filter(|io| text(io.as_table().unwrap(), "name") != "error");
    listed.map(io).collect::<Vec<_>>().join("<br>")
}

fn has_error_output(definition: &Table) -> bool {
    let outputs = definition.get("output").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    outputs.iter().any(|output| text(output.as_table().unwrap(), "name") == "error")
}

fn written() -> String {
    let mut page = ABOUT.to_owned();
    let modules = modules();
    let links: Vec<String> = modules.keys().map(|module| format!("[{module}](#{module})")).collect();
    writeln!(page, "\nModules: {}.", links.join(", ")).unwrap();
    for (module, functions) in modules {
        writeln!(page, "\n## {module}\n\n{}\n", purpose(&module)).unwrap();
        page.push_str(
            "| name | inputs | outputs | what it does | completed | errors |\n|---|---|---|---|---|---|\n",
        );
        for function in functions {
            let (name, definition) = (&function.name, &function.definition);
            let error = if has_error_output(definition) { " (`error`)" } else { "" };
            writeln!(
                page,
                "| [`{name}`](../flowrcli/context/{module}/{name}.md) | {} | {} | {} | {} | {}{error} |",
                ios(definition, "input"),
                ios(definition, "output"),
                text(definition, "description"),
                function.line("Completed"),
                function.line("Errors"),
            )
            .unwrap();
        }
    }
    page
}

#[test]
fn the_page_on_context_functions_is_what_definitions_and_pages_say() {
    let written = written();
    if std::env::var_os(WRITE).is_some() {
        fs::write(page(), &written).unwrap();
    }
    let found = fs::read_to_string(page()).unwrap_or_default();
    assert!(
        found == written,
        "docs/context.md is not what the definitions say: write it with `{WRITE}=1 cargo test -p flowrcli --test context`"
    );
}

#[test]
fn every_definition_has_its_code_and_its_page_tells_of_all_its_parts() {
    let context = CommandLineContext::new(Vec::new());
    let mut count = 0;
    for (module, functions) in modules() {
        for Function { name, definition, page } in functions {
            count += 1;
            let url = format!("context://{module}/{name}");
            assert!(context.implementation(&url).is_some() && context.traits(&url).is_some(), "{url}");
            assert_eq!(text(&definition, "function"), name);
            assert_eq!(definition.get("impure"), Some(&Value::Boolean(true)), "{url}");
            assert!(page.starts_with(&format!("# `{url}`\n")), "{url}");
            for kind in ["input", "output"] {
                let ios =
                    definition.get(kind).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                for io in ios {
                    let io = io.as_table().unwrap();
                    let name = match text(io, "name") {
                        "" => "(default)".to_owned(),
                        name => format!("`{name}`"),
                    };
                    let type_name = if io.contains_key("type") { text(io, "type") } else { "anything" };
                    assert!(page.contains(&format!("| {name} | {type_name} | ")), "{url}: {kind} {name}");
                }
            }
        }
    }
    assert_eq!(count, 22);
}
