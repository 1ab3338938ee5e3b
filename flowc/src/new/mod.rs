//! Makes a folder with a new function or a new flow, which builds, passes its test and runs as it is; or the definition of a
//! function that has only its code.

use crate::diagnostics::{Code, Diagnostic, Failed, Report, shown_path};
use crate::signature;
use clap::{Args, Parser};
use flowcore::span::Span;
use flowsource::Problem;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Makes a new function or a new flow in a folder of its own, or the definition of a function
#[derive(Clone, Debug, Parser)]
#[command(name = "flowc new", bin_name = "flowc new")]
pub struct NewArguments {
    #[command(flatten)]
    what: What,

    /// The folder; without it, one in the current directory that is named like what is made
    directory: Option<PathBuf>,
}

/// What is made.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// The name of a function
    #[arg(long, value_name = "NAME")]
    function: Option<String>,

    /// The name of a flow
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,

    /// The source of a function in Rust: the definition that it suggests is written beside it
    #[arg(long, value_name = "SOURCE", conflicts_with = "directory")]
    definition: Option<PathBuf>,
}

/// The words that tell this from a flow in a folder called `new`.
const WORDS: [&str; 5] = ["--function", "--flow", "--definition", "--help", "-h"];

/// The words behind `new`, if a command line is about making something new.
pub fn words(command_line: &[OsString]) -> Option<&[OsString]> {
    let (first, rest) = command_line.split_first().and_then(|(_, rest)| rest.split_first())?;
    let is_word = |word: &OsString| {
        let word = word.to_string_lossy();
        let name = word.split('=').next().unwrap_or_default();
        WORDS.contains(&name)
    };
    (first == "new" && rest.iter().any(is_word)).then_some(rest)
}

/// What a new folder is made of: names of files and what is in them, with names to be filled in.
type Template = &'static [(&'static str, &'static str)];

const FUNCTION: Template = &[
    ("{file}.toml", include_str!("function/definition.toml")),
    ("{file}.rs", include_str!("function/source.rs.txt")),
    ("{file}.md", include_str!("function/page.md")),
    ("function.toml", include_str!("function/manifest.toml")),
];

const FLOW: Template =
    &[("root.toml", include_str!("flow/root.toml")), ("{file}.md", include_str!("flow/page.md"))];

/// Makes what the arguments ask for in `current`, and tells what was made and what can be done with it.
///
/// # Errors
///
/// Fails if the name cannot be one, if any of the files is there already, and where the file system does; nothing is
/// left behind then.
pub fn make(arguments: &NewArguments, current: &Path, report: &mut Report) -> Result<String, Failed> {
    let What { function, flow, definition } = &arguments.what;
    if let Some(source) = definition {
        return define(source, current, report);
    }
    let (kind, name, template) = match (function, flow) {
        (Some(name), _) => ("function", name, FUNCTION),
        (None, Some(name)) => ("flow", name, FLOW),
        (None, None) => return Err(Failed),
    };
    if let Err(wrong) = check_name(kind, name) {
        report.add(*wrong);
        return Err(Failed);
    }
    let directory = arguments.directory.clone().unwrap_or_else(|| PathBuf::from(name));
    let names = Names::of(name);
    let files: Vec<(PathBuf, String)> =
        template.iter().map(|(file, text)| (directory.join(names.fill(file)), names.fill(text))).collect();
    if let Some((there, _)) = files.iter().find(|(file, _)| current.join(file).symlink_metadata().is_ok()) {
        let message = format!("{} is there already, and nothing is overwritten", there.display());
        let help = format!("name another folder: flowc new --{kind} {name} FOLDER");
        report.add(Diagnostic::new(Code::E067, message).help(help));
        return Err(Failed);
    }
    if let Err((path, error)) = write_all(current, &files) {
        let message = format!("{} cannot be written: {error}", shown_path(&path));
        report.add(Diagnostic::new(Code::E067, message));
        return Err(Failed);
    }
    let made: String = files.iter().map(|(file, _)| format!("made {}\n", file.display())).collect();
    // A folder stands for the definition in it that is named like it.
    let is_named_like_it =
        kind == "flow" || directory.file_name().is_some_and(|folder| folder == name.as_str());
    let it = if is_named_like_it { directory } else { directory.join(name) };
    let it = it.display();
    Ok(match kind {
        "function" => format!(
            "{made}\nflowc {it} builds it and runs its test.\nA flow here uses it with: source = \"{it}\"\n"
        ),
        _ => format!("{made}\nflowc {it} compiles and runs it.\n"),
    })
}

/// Writes the definition that a source suggests beside it.
fn define(source: &Path, current: &Path, report: &mut Report) -> Result<String, Failed> {
    let path = current.join(source);
    let text = fs::read_to_string(&path).map_err(|error| {
        let message = format!("{} cannot be read: {error}", source.display());
        report.add(Diagnostic::new(Code::E067, message));
        Failed
    })?;
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (file, page) = (source.with_extension("toml"), path.with_extension("md"));
    let page = page.is_file().then(|| name(&page));
    let drafted = match signature::draft(&text, &name(source), page.as_deref()) {
        Ok(drafted) => drafted,
        Err(problems) => {
            let at = Url::from_file_path(&path).ok().map(|url| report.sources.add(url, Arc::from(text)));
            for Problem { message, place } in problems {
                let message = format!("{} suggests no definition: {message}", source.display());
                let diagnostic = Diagnostic::new(Code::E067, message);
                report.add(match at {
                    Some(at) if !place.is_empty() => diagnostic.at(at, Span::new(place.start, place.end), ""),
                    _ => diagnostic,
                });
            }
            return Err(Failed);
        }
    };
    match write_all(current, &[(file.clone(), drafted)]) {
        Ok(()) => Ok(format!(
            "made {}\n\nThe types of outputs may have to be added, and those of inputs that take several.\n",
            file.display()
        )),
        Err((path, error)) => {
            let message = format!("{} cannot be written: {error}", shown_path(&path));
            report.add(Diagnostic::new(Code::E067, message));
            Err(Failed)
        }
    }
}

/// Names are such that they can stand in routes, in code and in names of files.
fn check_name(kind: &str, name: &str) -> Result<(), Box<Diagnostic>> {
    let begins = |one: char| one.is_ascii_lowercase();
    let goes_on = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || matches!(one, '_' | '-');
    let message = if !(name.starts_with(begins) && name.chars().all(goes_on)) || name.ends_with(['_', '-']) {
        format!("'{name}' cannot be the name of a new {kind}")
    } else if kind == "function" && is_word_of_rust(name) {
        format!("'{name}' is a word of Rust, and cannot be the name of a new {kind}")
    } else if kind == "function" && TAKEN.contains(&&*Names::of(name).structure) {
        format!(
            "'{name}' means something else in the source of a function, and cannot be the name of a new {kind}"
        )
    } else {
        return Ok(());
    };
    let help = "a name is made of small letters, digits, '_' and '-', and begins with a letter".to_owned();
    Err(Box::new(Diagnostic::new(Code::E067, message).help(help)))
}

/// The types that the source of a new function uses; its own would hide them.
const TAKEN: [&str; 12] = [
    "Err",
    "Implementation",
    "None",
    "Ok",
    "Option",
    "Result",
    "RunAgain",
    "Self",
    "Some",
    "String",
    "Value",
    "Vec",
];

/// Whether the language has taken a name for itself.
fn is_word_of_rust(name: &str) -> bool {
    const WORDS: &str = "as async await box break const continue crate do dyn else enum extern false final fn for gen if impl \
                         in let loop macro match mod move mut override priv pub ref return self static struct super trait \
                         true try type typeof unsafe unsized use virtual where while yield abstract become";
    WORDS.split(' ').any(|word| word == name)
}

/// A name in the forms that files need.
struct Names {
    name: String,
    /// As Rust names functions.
    code: String,
    /// As Rust names types.
    structure: String,
}

impl Names {
    fn of(name: &str) -> Names {
        Names { name: name.to_owned(), code: name.replace('-', "_"), structure: flowsource::type_name(name) }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{name}", &self.name)
            .replace("{file}", &self.name)
            .replace("{code}", &self.code)
            .replace("{structure}", &self.structure)
    }
}

/// Writes files that are not there yet; if one of them cannot be written, none is left.
fn write_all(current: &Path, files: &[(PathBuf, String)]) -> Result<(), (PathBuf, io::Error)> {
    let mut written = Vec::new();
    for (file, text) in files {
        let path = current.join(file);
        let folder = path.parent().unwrap_or(current);
        let made = fs::create_dir_all(folder).and_then(|()| {
            let mut file = fs::File::create_new(&path)?;
            written.push(path.clone());
            file.write_all(text.as_bytes())
        });
        if let Err(error) = made {
            for path in written {
                // The first error is the one to be told.
                fs::remove_file(path).ok();
            }
            return Err((path, error));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make_in(directory: &Path, words: &[&str]) -> Result<String, String> {
        let arguments =
            NewArguments::try_parse_from([&["new"], words].concat()).map_err(|error| error.to_string())?;
        let mut report = Report::default();
        make(&arguments, directory, &mut report).map_err(|Failed| report.diagnostics()[0].message.clone())
    }

    fn is_new(words: &[&str]) -> bool {
        let line: Vec<OsString> = words.iter().map(OsString::from).collect();
        super::words(&line).is_some()
    }

    #[test]
    fn a_flow_in_a_folder_called_new_is_still_compiled() {
        assert!(is_new(&["flowc", "new", "--function", "f"]));
        assert!(is_new(&["flowc", "new", "folder", "--flow=f"]));
        assert!(is_new(&["flowc", "new", "-h"]));
        assert!(!is_new(&["flowc", "new"]));
        assert!(!is_new(&["flowc", "new", "argument"]));
        assert!(!is_new(&["flowc", "-c", "new", "--function"]));
        assert!(!is_new(&["flowc"]));
    }

    #[test]
    fn a_function_is_named_in_all_its_files() {
        let directory = tempfile::tempdir().unwrap();
        make_in(directory.path(), &["--function", "half-life"]).unwrap();
        let read = |name: &str| fs::read_to_string(directory.path().join("half-life").join(name)).unwrap();
        assert!(read("half-life.toml").contains("function = \"half-life\"\nsource = \"half-life.rs\""));
        assert!(read("half-life.rs").contains("fn half_life(") && read("half-life.rs").contains("HalfLife"));
        assert!(read("function.toml").contains("name = \"half-life\""));
        assert!(read("half-life.md").starts_with("# `half-life`"));
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_is_left_behind() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("f")).unwrap();
        fs::write(directory.path().join("f/function.toml"), "mine").unwrap();
        let wrong = make_in(directory.path(), &["--function", "f"]).unwrap_err();
        assert_eq!(wrong, "f/function.toml is there already, and nothing is overwritten");
        let left: Vec<_> = fs::read_dir(directory.path().join("f")).unwrap().collect();
        assert_eq!(left.len(), 1);
        fs::write(directory.path().join("file"), "").unwrap();
        assert!(
            make_in(directory.path(), &["--flow", "g", "file"]).unwrap_err().contains("cannot be written")
        );
    }

    #[test]
    fn a_definition_is_written_beside_its_source() {
        let directory = tempfile::tempdir().unwrap();
        let source = "/// Adds.\n#[flow_function]\nfn add(i1: f64, i2: f64) -> R { flow_output!(\"sum\" => i1 + i2) }\n";
        fs::create_dir(directory.path().join("f")).unwrap();
        fs::write(directory.path().join("f/add.rs"), source).unwrap();
        make_in(directory.path(), &["--definition", "f/add.rs"]).unwrap();
        let made = fs::read_to_string(directory.path().join("f/add.toml")).unwrap();
        assert!(made.contains("source = \"add.rs\"\n") && made.contains("name = \"sum\"\n"), "{made}");
        assert!(
            make_in(directory.path(), &["--definition", "f/add.rs"])
                .unwrap_err()
                .contains("cannot be written")
        );
        assert_eq!(fs::read_to_string(directory.path().join("f/add.toml")).unwrap(), made);
        fs::write(directory.path().join("f/other.rs"), "fn other() {}").unwrap();
        let wrong = make_in(directory.path(), &["--definition", "f/other.rs"]).unwrap_err();
        assert!(wrong.contains("suggests no definition: there is no function"), "{wrong}");
        assert!(
            make_in(directory.path(), &["--definition", "f/none.rs"]).unwrap_err().contains("cannot be read")
        );
    }

    #[test]
    fn names_are_names_everywhere() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["", "1", "Big", "a b", "a/b", "é", "a-", "_a", "fn", "..", "value", "run-again"] {
            assert!(make_in(directory.path(), &["--function", name]).is_err(), "{name}");
        }
        assert!(make_in(directory.path(), &["--flow", "loop"]).is_ok());
        assert!(make_in(directory.path(), &["--flow", "f", "--function", "g"]).is_err());
    }
}
