//! The options for what is said and how: `--message-format`, `--deny-warnings`, `-v` and the variable `RUST_LOG`.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const OUT: &str = "[[process]]\nsource = \"context://stdio/stdout\"\ninput.default = {once = 1}\n";

fn project(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn hello(more: &str) -> TempDir {
    project(&[("root.toml", &format!("flow = \"hello\"\n{OUT}{more}"))])
}

fn flowc(directory: &Path) -> Command {
    let mut flowc = Command::new(env!("CARGO_BIN_EXE_flowc"));
    flowc.current_dir(directory).env_remove("HOME").env_remove("FLOW_LIB_PATH").env_remove("RUST_LOG");
    flowc
}

fn run(directory: &TempDir, words: &[&str]) -> Output {
    flowc(directory.path()).args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn json_tells_places_in_lines_characters_and_bytes() {
    let root = "flow = \"é\"\n# ö\nconnection = [{from = \"ü\",\n  to = [\"nöwhere\"]}]\n";
    let directory = project(&[("root.toml", root)]);
    let output = run(&directory, &["-c", "--message-format", "json"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), ""));
    let lines = lines(&output);
    assert_eq!(lines.len(), 3);
    let second = &lines[1];
    assert_eq!(second["kind"], "diagnostic");
    assert_eq!(second["code"], "E020");
    assert_eq!(second["severity"], "error");
    assert_eq!(second["message"], "this flow has no process 'nöwhere'");
    assert_eq!(second["related"], serde_json::json!([]));
    assert_eq!(second["other_uses"], serde_json::json!({"count": 0, "routes": []}));
    let place = &second["place"];
    let url = format!("file://{}/root.toml", directory.path().display());
    let start = root.find("\"nöwhere\"").unwrap();
    let expected = serde_json::json!({
        "file": "root.toml", "url": url,
        "line": 4, "column": 9, "end_line": 4, "end_column": 18,
        "start": start, "end": start + "\"nöwhere\"".len(),
        "text": "  to = [\"nöwhere\"]}]", "label": null,
    });
    assert_eq!(place, &expected);
    assert!(
        second["rendered"].as_str().unwrap().starts_with("error E020: this flow has no process 'nöwhere'\n")
    );
    assert_eq!(lines[2], serde_json::json!({"kind": "summary", "errors": 2, "warnings": 0}));
}

#[test]
fn json_tells_related_places_help_and_other_uses() {
    let sub = "flow = \"sub\"\n[[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i1 = {always = 1}\n\
               input.i2 = {once = 1}\n[[connection]]\nfrom = \"add\"\nto = \"add/i1\"\n";
    let process = |alias: &str| format!("[[process]]\nalias = \"{alias}\"\nsource = \"sub\"\n");
    let root = format!("flow = \"root\"\n{}{}{OUT}", process("a"), process("b"));
    let directory = project(&[("root.toml", &root), ("sub.toml", sub)]);
    let lines = lines(&run(&directory, &["-c", "--message-format=json"]));
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["code"], "E031");
    assert_eq!(lines[0]["place"]["label"], "always this value");
    assert_eq!(lines[0]["related"][0]["file"], "sub.toml");
    assert_eq!(lines[0]["related"][0]["line"], 8);
    assert_eq!(lines[0]["related"][0]["label"], "connected here");
    assert!(lines[0]["help"].as_str().unwrap().contains("'once'"));
    assert_eq!(lines[0]["other_uses"], serde_json::json!({"count": 1, "routes": ["/root/b/add/i1"]}));
}

#[test]
fn json_says_when_there_is_nothing_to_say_and_what_is_in_no_file() {
    let directory = hello("");
    let output = run(&directory, &["-c", "--message-format", "json", "-v", "info"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(lines(&output), [serde_json::json!({"kind": "summary", "errors": 0, "warnings": 0})]);
    assert!(text(&output.stderr).contains("INFO"), "the log goes to standard error");
    let output = run(&directory, &["-c", "--message-format", "json", "-L", "missing"]);
    assert_eq!(output.status.code(), Some(0));
    let lines = lines(&output);
    assert_eq!((&lines[0]["code"], &lines[0]["place"]), (&"W018".into(), &Value::Null));
    assert_eq!(lines[1], serde_json::json!({"kind": "summary", "errors": 0, "warnings": 1}));
}

#[test]
fn json_is_refused_where_the_flow_would_write_to_the_same_place() {
    let directory = hello("");
    let output = run(&directory, &["--message-format", "json"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""));
    assert!(text(&output.stderr).contains("--compile"), "{}", text(&output.stderr));
    assert!(!directory.path().join("manifest.json").exists());
    assert_eq!(run(&directory, &["-c", "--message-format", "human"]).status.code(), Some(0));
}

#[test]
fn all_diagnostics_come_as_json_however_many_there_are() {
    let connection = |number: usize| format!("[[connection]]\nfrom = \"x{number}\"\nto = \"stdout\"\n");
    let directory = hello(&(0..150).map(connection).collect::<String>());
    let output = run(&directory, &["-c", "--message-format", "json"]);
    assert_eq!(lines(&output).len(), 151);
    let output = run(&directory, &["-c"]);
    assert!(text(&output.stderr).ends_with("and 50 more\n150 errors\n"));
}

#[test]
fn denied_warnings_fail_before_anything_is_written_and_are_shown() {
    for verbosity in [&[][..], &["-v", "off"]] {
        let directory = hello("input.colour = {once = 1}\n");
        let output = run(&directory, &[&["-c", "--deny-warnings", "-o", "results"], verbosity].concat());
        assert_eq!(output.status.code(), Some(1));
        let text = text(&output.stderr);
        assert!(text.contains("warning W002: ") && text.contains("error E039: "), "{text}");
        assert!(text.ends_with("1 error, 1 warning\n"), "{text}");
        assert!(!directory.path().join("results").exists());
        // The same without the option.
        assert_eq!(run(&directory, &["-c"]).status.code(), Some(0));
    }
    let directory = hello("");
    let output = run(&directory, &["-c", "--deny-warnings"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

#[test]
fn the_variable_decides_what_is_logged_unless_the_option_does() {
    let directory = hello("");
    let logged = |variable: Option<&str>, words: &[&str]| {
        let mut flowc = flowc(directory.path());
        flowc.arg("-c").args(words).envs(variable.map(|value| ("RUST_LOG", value)));
        let output = flowc.output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        text(&output.stderr).contains("INFO    - compiling")
    };
    assert!(!logged(None, &[]));
    assert!(logged(Some("info"), &[]));
    assert!(logged(Some("flowc=debug"), &[]));
    assert!(!logged(Some("flowcore=debug"), &[]));
    assert!(!logged(Some("info"), &["-v", "warn"]));
    assert!(logged(Some("error"), &["-v", "info"]));
}

#[test]
fn what_a_definition_says_does_not_command_the_terminal() {
    let root = "flow = \"a\\u001b[31m\"\n# \u{9b}31m\n[[output]]\nname = \"\\u001b[2J\"\n";
    let output = run(&project(&[("root.toml", root)]), &["-c"]);
    let text = text(&output.stderr);
    assert!(text.contains("W017") && text.contains("[2J"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{9b}']), "{text}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_definition() {
    let directory = project(&[]);
    assert!(Command::new("mkfifo").arg(directory.path().join("root.toml")).status().unwrap().success());
    let output = run(&directory, &["-c"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("error E059: "), "{}", text(&output.stderr));
}
