//! `context://file`: files and folders.

use super::pattern::find;
use super::{inputs, text_of};
use flowcore::authoring::wrong_kind;
use flowcore::value::literal;
use flowcore::{
    DONT_RUN_AGAIN, FunctionError, Implementation, RUN_AGAIN, Result, RunAgain, Value, flow_output,
};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What could not be done with a file, in words.
fn failure(doing: &str, path: &str, error: impl Display) -> String {
    format!("cannot {doing} '{path}': {error}")
}

fn read(path: &str) -> Result<Vec<u8>> {
    Ok(fs::read(path).map_err(|error| failure("read", path, error))?)
}

fn read_as_text(path: &str) -> Result<String> {
    String::from_utf8(read(path)?).map_err(|_| failure("read", path, "it is not text in UTF-8").into())
}

/// Writes a file that is complete when it appears, so that whoever reads it meanwhile reads the old one.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What is no plain file, such as a terminal or a pipe, is written to and not replaced.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return fs::write(path, bytes);
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = target.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = fs::write(&unfinished, bytes).and_then(|()| {
        if let Ok(old) = fs::metadata(&target) {
            fs::set_permissions(&unfinished, old.permissions())?;
        }
        fs::rename(&unfinished, &target)
    });
    if written.is_err() {
        // What is left of it is of no use to anybody; the error to report is the first one.
        fs::remove_file(&unfinished).ok();
    }
    written
}

/// `file/file_read`: all of a file.
pub(super) struct FileRead;

impl Implementation for FileRead {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [path] = inputs(values)?;
        let path: &str = text_of("path", path)?;
        let bytes = read(path)?;
        let numbers: Value = bytes.iter().map(|&byte| Value::from(i64::from(byte))).collect();
        match String::from_utf8(bytes) {
            Ok(text) => flow_output!("bytes" => numbers, "string" => text, "path" => path),
            Err(_) => flow_output!("bytes" => numbers, "path" => path),
        }
    }
}

/// `file/file_write`: all of a file, as bytes.
pub(super) struct FileWrite;

impl Implementation for FileWrite {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [filename, numbers] = inputs(values)?;
        let filename: &str = text_of("filename", filename)?;
        let elements = numbers.as_array().ok_or_else(|| wrong_kind("bytes", "an array", numbers))?;
        let bytes = elements.iter().map(byte).collect::<Result<Vec<u8>>>()?;
        write_whole(Path::new(filename), &bytes).map_err(|error| failure("write", filename, error))?;
        Ok((None, RUN_AGAIN))
    }
}

/// The lowest eight bits of a number; a negative one is 0.
fn byte(value: &Value) -> Result<u8> {
    match value.as_u64() {
        Some(number) => Ok(u8::try_from(number % 256).unwrap_or_default()),
        None if value.as_i64().is_some() => Ok(0),
        None => Err(wrong_kind("bytes", "an array of whole numbers", value)),
    }
}

/// `file/read_text`: a file as text.
pub(super) struct ReadText;

impl Implementation for ReadText {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [path] = inputs(values)?;
        let path: &str = text_of("path", path)?;
        flow_output!("text" => read_as_text(path)?, "path" => path)
    }
}

/// `file/read_lines`: a file line by line.
pub(super) struct ReadLines;

impl Implementation for ReadLines {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [path] = inputs(values)?;
        let path: &str = text_of("path", path)?;
        let text = read_as_text(path)?;
        let lines: Vec<Value> = text.lines().map(Value::from).collect();
        let with_end: Value = lines.iter().cloned().chain([Value::Null]).collect();
        flow_output!("lines" => lines, "lines_eof" => with_end, "path" => path)
    }
}

/// `file/read_line`: the next line of a file, and null at its end.
#[derive(Default)]
pub(super) struct ReadLine {
    /// The files that were begun and not read to their ends.
    begun: Mutex<BTreeMap<String, BufReader<File>>>,
}

impl ReadLine {
    /// The next line, without its end; none at the end of the file, which begins anew then.
    fn next(&self, path: &str) -> Result<Option<String>> {
        let fail = |error| failure("read", path, error);
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match begun.get_mut(path) {
            Some(file) => file,
            None => {
                let file = BufReader::new(File::open(path).map_err(fail)?);
                begun.entry(path.to_owned()).or_insert(file)
            }
        };
        let mut line = Vec::new();
        if file.read_until(b'\n', &mut line).map_err(fail)? == 0 {
            begun.remove(path);
            return Ok(None);
        }
        let text = String::from_utf8(line).map_err(|_| {
            FunctionError::Passing(failure("read", path, "a line of it is not text in UTF-8"))
        })?;
        Ok(Some(text.lines().next().unwrap_or_default().to_owned()))
    }
}

impl Implementation for ReadLine {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [path] = inputs(values)?;
        let path: &str = text_of("path", path)?;
        let line = self.next(path)?;
        let run_again = if line.is_some() { RUN_AGAIN } else { DONT_RUN_AGAIN };
        let line = line.map_or(Value::Null, Value::from);
        let output = Value::object([(literal!("line"), line), (literal!("path"), Value::from(path))]);
        Ok((Some(output), run_again))
    }
}

/// `file/write_text`: all of a file, as text.
pub(super) struct WriteText;

impl Implementation for WriteText {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [path, text] = inputs(values)?;
        let (path, text): (&str, &str) = (text_of("path", path)?, text_of("text", text)?);
        write_whole(Path::new(path), text.as_bytes()).map_err(|error| failure("write", path, error))?;
        flow_output!("path" => path)
    }
}

/// `file/append_text`: more text for a file.
pub(super) struct AppendText;

impl Implementation for AppendText {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [path, text] = inputs(values)?;
        let (path, text): (&str, &str) = (text_of("path", path)?, text_of("text", text)?);
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .map_err(|error| failure("write", path, error))?;
        file.write_all(text.as_bytes()).map_err(|error| failure("write", path, error))?;
        flow_output!("path" => path)
    }
}

/// `file/exists`: whether there is something.
pub(super) struct Exists;

impl Implementation for Exists {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [path] = inputs(values)?;
        let path: &str = text_of("path", path)?;
        let exists = fs::exists(path).map_err(|error| failure("look for", path, error))?;
        flow_output!("exists" => exists, "path" => path)
    }
}

/// `file/list`: what is in a folder.
pub(super) struct List;

impl Implementation for List {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [path] = inputs(values)?;
        let path: &str = text_of("path", path)?;
        let name = |entry: io::Result<fs::DirEntry>| {
            let name = entry.map_err(|error| failure("list", path, error))?.file_name();
            name.into_string().map_err(|name| {
                failure("list", path, format_args!("{} is not a name in UTF-8", name.display()))
            })
        };
        let entries = fs::read_dir(path).map_err(|error| failure("list", path, error))?;
        let mut names = entries.map(name).collect::<std::result::Result<Vec<String>, String>>()?;
        names.sort();
        flow_output!("names" => names, "path" => path)
    }
}

/// `file/glob`: what there is of a pattern.
pub(super) struct Glob;

impl Implementation for Glob {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [pattern] = inputs(values)?;
        let pattern: &str = text_of("pattern", pattern)?;
        let path = |path: PathBuf| {
            path.into_os_string().into_string().map_err(|path| {
                failure("look for", pattern, format_args!("{} is not a name in UTF-8", path.display()))
            })
        };
        let found = find(pattern).map_err(|error| failure("look for", pattern, error))?;
        let paths = found.into_iter().map(path).collect::<std::result::Result<Vec<String>, String>>()?;
        flow_output!("paths" => paths, "pattern" => pattern)
    }
}

/// `file/remove`: one file less.
pub(super) struct Remove;

impl Implementation for Remove {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [path] = inputs(values)?;
        let path: &str = text_of("path", path)?;
        fs::remove_file(path).map_err(|error| failure("remove", path, error))?;
        flow_output!("path" => path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(function: &dyn Implementation, inputs: &[Value]) -> String {
        match function.run(inputs) {
            Ok((Some(output), _)) => output.to_string(),
            Ok((None, _)) => "nothing".to_owned(),
            Err(error) => format!("error: {error}"),
        }
    }

    fn text(text: &str) -> Value {
        Value::from(text)
    }

    #[test]
    fn bytes_are_read_whatever_they_are_and_text_where_it_is_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f").display().to_string();
        fs::write(&path, b"a\xff").unwrap();
        let shown = format!(r#"{{"bytes":[97,255],"path":"{path}"}}"#);
        assert_eq!(run(&FileRead, &[text(&path)]), shown);
        fs::write(&path, "é").unwrap();
        let shown = format!(r#"{{"bytes":[195,169],"path":"{path}","string":"é"}}"#);
        assert_eq!(run(&FileRead, &[text(&path)]), shown);
        let missing = folder.path().join("none").display().to_string();
        assert!(run(&FileRead, &[text(&missing)]).starts_with(&format!("error: cannot read '{missing}': ")));
    }

    #[test]
    fn bytes_that_are_written_keep_their_lowest_bits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f").display().to_string();
        let numbers: Value = "[65, 300, -1]".parse().unwrap();
        assert_eq!(run(&FileWrite, &[text(&path), numbers]), "nothing");
        assert_eq!(fs::read(&path).unwrap(), [65, 44, 0]);
        assert!(run(&FileWrite, &[text(&path), "[1.5]".parse().unwrap()]).contains("whole numbers"));
        assert!(run(&FileWrite, &[text(&path), text("x")]).contains("must be an array"));
        assert_eq!(fs::read(&path).unwrap(), [65, 44, 0], "a failed write leaves the file as it was");
        let nowhere = folder.path().join("none/f").display().to_string();
        let error = run(&FileWrite, &[text(&nowhere), "[1]".parse().unwrap()]);
        assert!(error.starts_with("error: cannot write"), "{error}");
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 1, "nothing half written is left behind");
    }

    #[test]
    fn text_is_written_added_to_and_read_line_by_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f").display().to_string();
        let done = format!(r#"{{"path":"{path}"}}"#);
        assert_eq!(run(&WriteText, &[text(&path), text("one\r\ntwo")]), done);
        assert_eq!(run(&AppendText, &[text(&path), text("\nthree\n")]), done);
        let lines = r#"["one","two","three""#;
        assert_eq!(
            run(&ReadLines, &[text(&path)]),
            format!(r#"{{"lines":{lines}],"lines_eof":{lines},null],"path":"{path}"}}"#)
        );
        assert!(run(&ReadText, &[text(&path)]).contains(r#""text":"one\r\ntwo\nthree\n""#));
        fs::write(&path, b"\xff").unwrap();
        assert!(run(&ReadText, &[text(&path)]).ends_with("it is not text in UTF-8"));
    }

    #[test]
    fn a_file_is_read_line_by_line_and_null_is_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f").display().to_string();
        fs::write(&path, b" one\r\n\n\xff\nfour").unwrap();
        let lines = ReadLine::default();
        let line = |line: &str| format!(r#"{{"line":{line},"path":"{path}"}}"#);
        assert_eq!(run(&lines, &[text(&path)]), line(r#"" one""#));
        assert_eq!(run(&lines, &[text(&path)]), line(r#""""#));
        let failed = lines.run(&[text(&path)]).unwrap_err();
        assert!(matches!(failed, FunctionError::Passing(_)), "the lines behind it can be read: {failed}");
        assert_eq!(run(&lines, &[text(&path)]), line(r#""four""#));
        let end = lines.run(&[text(&path)]).unwrap();
        assert_eq!((end.0.unwrap().to_string(), end.1), (line("null"), DONT_RUN_AGAIN));
        assert_eq!(run(&lines, &[text(&path)]), line(r#"" one""#), "it begins anew");
        let missing = folder.path().join("none").display().to_string();
        assert!(run(&lines, &[text(&missing)]).starts_with("error: cannot read"));
    }

    #[test]
    fn paths_are_found_by_a_pattern() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.txt"), "").unwrap();
        let root = folder.path().display().to_string();
        let shown = format!(r#"{{"paths":["{root}/a.txt"],"pattern":"{root}/*.txt"}}"#);
        assert_eq!(run(&Glob, &[text(&format!("{root}/*.txt"))]), shown);
        assert!(
            run(&Glob, &[text("a**b")]).starts_with("error: cannot look for 'a**b': the pattern is wrong")
        );
    }

    #[test]
    fn folders_are_looked_at_and_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "").unwrap();
        fs::write(folder.path().join("a"), "").unwrap();
        let (path, a) = (folder.path().display().to_string(), folder.path().join("a").display().to_string());
        assert!(run(&List, &[text(&path)]).starts_with(r#"{"names":["a","b"]"#));
        assert!(run(&Exists, &[text(&a)]).starts_with(r#"{"exists":true"#));
        assert_eq!(run(&Remove, &[text(&a)]), format!(r#"{{"path":"{a}"}}"#));
        assert!(run(&Exists, &[text(&a)]).starts_with(r#"{"exists":false"#));
        assert!(run(&Remove, &[text(&a)]).starts_with("error: cannot remove"));
        assert!(run(&List, &[text(&a)]).starts_with("error: cannot list"));
    }

    #[test]
    fn a_written_file_keeps_its_permissions_and_stays_where_a_link_leads() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
