//! Larger flows, and the manifests that the rules make of them.
//!
//! The expected manifests were worked out from the rules by other means than this compiler, and are compared as JSON;
//! `source_urls` tells about the machine and is left out. A file `options` beside a flow has the options it is compiled
//! with.

use crate::project::{Outcome, compile_files, json_of};
use crate::table::Table;
use flowc::emit::Symbols;
use std::fs;
use std::path::{Path, PathBuf};

fn flows() -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut flows: Vec<PathBuf> = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    flows.sort();
    flows
}

fn compile(flow: &Path) -> Outcome {
    let options = fs::read_to_string(flow.join("options")).unwrap_or_default();
    let symbols = if options.contains("-d") { Symbols::Kept } else { Symbols::Stripped };
    compile_files(flow, options.contains("-O"), symbols)
}

/// The manifest as text with one entry a line, so that two of them can be compared by eye.
fn lines(manifest: &serde_json::Value) -> String {
    let mut lines = Vec::new();
    for (key, value) in manifest.as_object().unwrap() {
        match value.as_object().filter(|_| matches!(key.as_str(), "functions" | "flows")) {
            Some(entries) => lines.extend(entries.iter().map(|(id, entry)| format!("{key} {id} {entry}"))),
            None => lines.push(format!("{key} {value}")),
        }
    }
    lines.join("\n")
}

#[test]
fn every_flow_gives_its_manifest() {
    let mut table = Table::default();
    for flow in flows() {
        let name = flow.file_name().unwrap().to_string_lossy().into_owned();
        let expected: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(flow.join("expected.json")).unwrap()).unwrap();
        let outcome = compile(&flow);
        let Some(manifest) = &outcome.manifest else {
            table.outcome(&name, &outcome, "ok");
            continue;
        };
        let mut found = json_of(manifest);
        found.as_object_mut().unwrap().remove("source_urls").unwrap();
        if found == expected {
            table.row(&name, "", "");
        } else {
            table.row(&name, lines(&found), lines(&expected));
        }
    }
    table.end(29);
}

#[test]
fn manifests_are_the_same_bytes_every_time() {
    for flow in flows() {
        let text = || compile(&flow).manifest.unwrap().to_json().unwrap();
        let first = text();
        for _ in 0..5 {
            assert_eq!(text(), first, "{}", flow.display());
        }
    }
}
