//! The examples of the repository, with what their folders say about testing them.

use crate::programs::repository;
use std::fs;
use std::path::Path;

/// An example: what it is given and what it must write.
#[derive(Debug)]
pub struct Example {
    /// The name of its folder.
    pub name: String,
    /// `test.args`: one argument a line.
    pub args: Vec<String>,
    /// `test.stdin`: what it reads.
    pub stdin: Option<Vec<u8>>,
    /// `expected.stdout`: what it writes, byte for byte.
    pub expected: Vec<u8>,
}

impl Example {
    /// Reads an example's folder.
    pub fn named(name: &str) -> Self {
        let folder = repository().join("examples").join(name);
        let args = optional(&folder.join("test.args"))
            .map(|args| String::from_utf8(args).expect("arguments are text"))
            .map(|args| args.lines().map(str::to_owned).collect())
            .unwrap_or_default();
        let stdin = optional(&folder.join("test.stdin"));
        let expected = optional(&folder.join("expected.stdout"))
            .unwrap_or_else(|| panic!("examples/{name} has no expected.stdout"));
        Example { name: name.to_owned(), args, stdin, expected }
    }

    /// The names of all examples, sorted.
    pub fn names() -> Vec<String> {
        let entries = fs::read_dir(repository().join("examples")).expect("the examples are there");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("a folder can be listed").path())
            .filter(|path| path.is_dir())
            .filter_map(|path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned))
            .collect();
        names.sort();
        names
    }
}

fn optional(path: &Path) -> Option<Vec<u8>> {
    fs::read(path).ok()
}
