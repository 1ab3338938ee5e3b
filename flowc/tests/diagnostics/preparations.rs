//! What the files of a page cannot show: how some examples are prepared.

use std::fs;
use std::path::Path;

/// A code, and what to do in the directory of its example before it is run.
type Preparation = (&'static str, fn(&Path));

const PREPARATIONS: &[Preparation] = &[("E003", bytes_of_another_encoding), ("E037", more_of_the_same)];

pub(crate) fn prepare(code: &str, directory: &Path) {
    for (_, prepare) in PREPARATIONS.iter().filter(|(prepared, _)| *prepared == code) {
        prepare(directory);
    }
}

/// An é as a single byte, as in ISO 8859-1.
fn bytes_of_another_encoding(directory: &Path) {
    fs::write(directory.join("root.toml"), b"# Somebody's first flow\nflow = \"caf\xe9\"\n").unwrap();
}

/// The page has the first of a row of flows that each use the next one twice.
fn more_of_the_same(directory: &Path) {
    let first = fs::read_to_string(directory.join("level1.toml")).unwrap();
    for level in 2..20 {
        let text = first.replace("level1", &format!("level{level}"));
        let text = text.replace("\"level2\"", &format!("\"level{}\"", level + 1));
        fs::write(directory.join(format!("level{level}.toml")), text).unwrap();
    }
    fs::write(directory.join("level20.toml"), "flow = \"level20\"\n").unwrap();
}
