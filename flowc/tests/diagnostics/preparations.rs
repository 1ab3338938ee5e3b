//! What the files of a page cannot show: how some examples are prepared.

use crate::web;
use std::fs;
use std::path::Path;

/// The file in which the address of the server is, if there is one.
pub(crate) const ADDRESS: &str = "address";

/// A code, and what to do in the directory of its example before it is run.
type Preparation = (&'static str, fn(&Path));

const PREPARATIONS: &[Preparation] = &[
    ("E003", bytes_of_another_encoding),
    ("E037", more_of_the_same),
    ("E050", the_web),
    ("E051", the_web),
    ("E052", the_web),
    ("E053", more_that_part_and_meet),
    ("E058", a_large_file),
    ("E059", a_device),
    ("W024", the_web),
    ("W035", an_old_module),
];

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

/// The directory `web` is on a server; where that is the files of the page cannot know.
fn the_web(directory: &Path) {
    let address = web::serve(&directory.join("web"));
    fs::write(directory.join(ADDRESS), &address).unwrap();
    for name in ["root.toml", "web/root.toml"] {
        let Ok(text) = fs::read_to_string(directory.join(name)) else { continue };
        fs::write(directory.join(name), text.replace(web::SHOWN, &address)).unwrap();
    }
}

/// The page has the first of a row of flows that each lead to the next one on two paths.
fn more_that_part_and_meet(directory: &Path) {
    let first = fs::read_to_string(directory.join("level1.toml")).unwrap();
    for level in 2..30 {
        let next = format!("level{}", level + 1);
        let text = first
            .replace("level2", "next")
            .replace("level1", &format!("level{level}"))
            .replace("\"next", &format!("\"{next}"));
        fs::write(directory.join(format!("level{level}.toml")), text).unwrap();
    }
    let last = "flow = \"level30\"\n[[input]]\nname = \"text\"\n[[output]]\nname = \"text\"\n\
                [[connection]]\nfrom = \"input/text\"\nto = \"output/text\"\n";
    fs::write(directory.join("level30.toml"), last).unwrap();
}

/// Larger than what is read, without taking room on the disk.
fn a_large_file(directory: &Path) {
    fs::File::create(directory.join("table.json")).unwrap().set_len(100 << 20).unwrap();
}

/// Older than everything else.
fn an_old_module(directory: &Path) {
    let module = fs::File::options().write(true).open(directory.join("double.wasm")).unwrap();
    module.set_modified(std::time::UNIX_EPOCH).unwrap();
}

/// A device in place of the definition.
fn a_device(directory: &Path) {
    std::os::unix::fs::symlink("/dev/null", directory.join("greet.toml")).unwrap();
}
