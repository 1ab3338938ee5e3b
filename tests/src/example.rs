//! The examples of the repository, with what their folders say about testing them.

use crate::programs::repository;
use std::fs;
use std::io::Cursor;
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
    /// Whether it brings functions along, which have to be built.
    pub has_functions: bool,
    /// `expected.stdout`: what it writes; `<folder>` stands for the address of its folder.
    pub expected: Vec<u8>,
    /// The other files `expected.NAME`: what it writes to the file `NAME`.
    files: Vec<(String, Vec<u8>)>,
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
        Example {
            name: name.to_owned(),
            args,
            stdin,
            has_functions: has_functions(&folder),
            expected,
            files: expected_files(&folder),
        }
    }

    /// What it writes to standard output, byte for byte, when it lies in this folder.
    pub fn stdout_in(&self, folder: &Path) -> String {
        let expected = String::from_utf8_lossy(&self.expected);
        expected.replace("<folder>", &format!("file://{}", folder.display()))
    }

    /// Checks the files it has written to this folder, and removes them, so that the next run has to write them anew.
    #[track_caller]
    pub fn take_files_in(&self, folder: &Path) {
        for (name, expected) in &self.files {
            let path = folder.join(name);
            let written = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            if name.ends_with(".png") {
                check_picture(&path, &written, expected);
            } else if written != *expected {
                panic!("{} is not as expected", path.display());
            }
            fs::remove_file(&path).expect("a file that was written can be removed");
        }
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

/// Functions have folders of their own, with a manifest for cargo.
fn has_functions(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).expect("an example's folder can be listed");
    entries
        .into_iter()
        .any(|entry| entry.expect("a folder can be listed").path().join("function.toml").is_file())
}

fn expected_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("an example's folder can be listed");
    let paths = entries.map(|entry| entry.expect("a folder can be listed").path());
    let mut files: Vec<(String, Vec<u8>)> = paths
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.strip_prefix("expected.")?.to_owned();
            (name != "stdout").then(|| (name, fs::read(&path).expect("a file can be read")))
        })
        .collect();
    files.sort();
    files
}

/// Compares pictures pixel by pixel: the same picture can be written in many ways.
#[track_caller]
fn check_picture(path: &Path, written: &[u8], expected: &[u8]) {
    let [(width, height, found), (wanted_width, wanted_height, wanted)] =
        [written, expected].map(|file| pixels(path, file));
    assert_eq!((width, height), (wanted_width, wanted_height), "{}", path.display());
    if let Some(place) = found.iter().zip(&wanted).position(|(one, other)| one != other) {
        let (column, row) = (place % width, place / width);
        let (found, wanted) = (found.get(place), wanted.get(place));
        panic!("{}: {found:?} in place of {wanted:?} at ({column}, {row})", path.display());
    }
}

/// Width, height, and red, green and blue of each pixel.
#[track_caller]
fn pixels(path: &Path, file: &[u8]) -> (usize, usize, Vec<Vec<u8>>) {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let fail = |error: png::DecodingError| -> ! { panic!("{}: {error}", path.display()) };
    let mut reader = decoder.read_info().unwrap_or_else(|error| fail(error));
    let mut bytes = vec![0; reader.output_buffer_size().expect("a picture of bearable size")];
    let frame = reader.next_frame(&mut bytes).unwrap_or_else(|error| fail(error));
    let colours = |pixel: &[u8]| match pixel {
        [grey] | [grey, _] => vec![*grey; 3],
        colours => colours.iter().copied().take(3).collect(),
    };
    let size = frame.color_type.samples();
    let pixels = bytes.chunks_exact(size).take((frame.width * frame.height) as usize).map(colours).collect();
    (frame.width as usize, frame.height as usize, pixels)
}

fn optional(path: &Path) -> Option<Vec<u8>> {
    fs::read(path).ok()
}
