//! The page of every code shows what the compiler prints, to the letter.
//!
//! `UPDATE_PAGES=1 cargo test -p flowc --test diagnostics` writes what is printed now into the pages.

use crate::page::Page;
use crate::preparations::{ADDRESS, prepare};
use crate::web::SHOWN;
use flowc::build::toolchain::{Compiler, VARIABLE};
use flowc::diagnostics::{Code, Severity};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to do about a page that is not as it should be.
const UPDATE: &str = "UPDATE_PAGES=1 cargo test -p flowc --test diagnostics";

/// What came of a command.
struct Outcome {
    status: Option<i32>,
    /// Both streams, one behind the other.
    printed: String,
}

/// The directory that all tests build in, so that what does not change is compiled once.
fn build_directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("flow-build")
}

/// Whether functions in Rust can be built here. If not, it is said what is left out, also where the output of tests that
/// pass is not shown; where `FLOW_TESTS_NEED_TOOL_CHAIN` is set it is a failure.
fn is_tool_chain_there(code: Code) -> bool {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let found = Compiler::find(named.as_deref()).and_then(Compiler::tool_chain);
    if let Err(missing) = &found {
        assert!(std::env::var_os("FLOW_TESTS_NEED_TOOL_CHAIN").is_none(), "{code}: {missing}");
        writeln!(std::io::stderr(), "left out: the example of {code}: {missing}").unwrap();
    }
    found.is_ok()
}

/// Runs the compiler in a new directory with these files; nothing of this machine takes part. What is new each time is
/// called by the names that the pages have for it.
fn run(code: &str, page: &Page, words: &[String], files: &[&[(String, String)]]) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files.iter().copied().flatten() {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    prepare(code, directory.path());
    let address = fs::read_to_string(directory.path().join(ADDRESS)).unwrap_or_else(|_| SHOWN.to_owned());
    let mut flowc = Command::new(env!("CARGO_BIN_EXE_flowc"));
    for variable in ["HOME", "FLOW_LIB_PATH", "RUST_LOG", "RUST_BACKTRACE"] {
        flowc.env_remove(variable);
    }
    flowc.env("FLOW_BUILD_DIR", build_directory());
    for (name, value) in &page.session.variables {
        flowc.env(name, value);
    }
    let words = words.iter().map(|word| word.replace(SHOWN, &address));
    let output =
        flowc.args(words).env("TMPDIR", directory.path()).current_dir(directory.path()).output().unwrap();
    let printed = String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap();
    let printed = printed.replace(&address, SHOWN);
    Outcome { status: output.status.code(), printed: without_chance(&printed, directory.path()) }
}

/// A text with fixed names in place of what is another one each time: new directories, numbers of threads, and times.
fn without_chance(text: &str, directory: &Path) -> String {
    let (begin, name) = (format!("{}/flow-", directory.display()), "/tmp/flow-a1B2c3");
    let text = match text.split_once(&begin) {
        Some((before, rest)) => format!("{before}{name}{}", &rest[6..]),
        None => text.to_owned(),
    };
    let text = text.replace(&*directory.to_string_lossy(), "/home/me/flow");
    let text = replaced_between(&text, "thread 'tests::a_number_is_doubled' (", ")", "1");
    replaced_between(&text, "finished in ", "s", "0.00")
}

/// The same text with something else between two others, where they stand for the first time.
fn replaced_between(text: &str, before: &str, after: &str, new: &str) -> String {
    let Some((head, rest)) = text.split_once(before) else { return text.to_owned() };
    let Some((_, tail)) = rest.split_once(after) else { return text.to_owned() };
    format!("{head}{before}{new}{after}{tail}")
}

/// Compares what is said about the example of a page with the page; gives what is wrong.
fn differences(code: Code) -> Vec<String> {
    let page = Page::read(code.as_str());
    let mut wrong = Vec::new();
    if page.needs_tool_chain() && !is_tool_chain_there(code) {
        return wrong;
    }
    let title = format!("{code}: ");
    if !page.title.starts_with(&title) {
        wrong.push(format!("the first line is not '# {code}: ' and what it means"));
    }
    if !code.meaning().trim_end_matches('.').eq_ignore_ascii_case(page.title.trim_start_matches(&title)) {
        wrong.push(format!("the title is not the meaning in code.rs: '{}'", code.meaning()));
    }
    let words = &page.session.words;
    let output = run(code.as_str(), &page, words, &[&page.files]);
    let found = output.printed;
    if !found.contains(&format!("{code}: ")) {
        wrong.push(format!("the example does not give {code} but\n{found}"));
    }
    let expected = if code.severity() == Severity::Error { 1 } else { 0 };
    if output.status != Some(expected) {
        wrong.push(format!("the status of the example is {:?}, not {expected}", output.status));
    }
    if found != page.session.printed {
        if std::env::var_os("UPDATE_PAGES").is_some() {
            fs::write(&page.path, page.with_printed(&found)).unwrap();
        } else {
            wrong.push(format!("the example prints something else ({UPDATE}):\n{found}"));
        }
    }
    if !page.mended.is_empty() {
        let words: Vec<String> = words.iter().filter(|word| *word != "--deny-warnings").cloned().collect();
        let output = run("", &page, &words, &[&page.files, &page.mended]);
        let found = output.printed;
        if output.status != Some(0) || found.contains(code.as_str()) {
            wrong.push(format!("the mended example is not right:\n{found}"));
        }
    }
    wrong.iter().map(|what| format!("docs/diagnostics/{code}.md: {what}")).collect()
}

#[test]
fn every_page_shows_what_the_compiler_prints() {
    let wrong: Vec<String> = Code::ALL.iter().flat_map(|code| differences(*code)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_page_has_its_code_and_a_line_in_the_index() {
    let codes: BTreeSet<String> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    let files = fs::read_dir(Page::directory()).unwrap().map(|entry| entry.unwrap().path());
    let names: BTreeSet<String> =
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let pages: BTreeSet<String> = names.into_iter().filter(|name| name != "README").collect();
    assert_eq!(pages, codes, "pages and codes");
    let index = fs::read_to_string(Page::directory().join("README.md")).unwrap();
    for code in Code::ALL {
        let line = format!("| [{code}]({code}.md) | {} |", code.meaning().trim_end_matches('.'));
        assert!(index.contains(&line), "docs/diagnostics/README.md lacks the line\n{line}");
    }
    let listed = index.lines().filter(|line| line.starts_with("| [")).count();
    assert_eq!(listed, codes.len(), "lines of the index");
}

#[test]
fn explain_prints_the_page_whatever_the_case_of_the_letters() {
    let explain = |word: &str| {
        Command::new(env!("CARGO_BIN_EXE_flowc"))
            .args(["--explain", word])
            .current_dir(Path::new("/"))
            .output()
            .unwrap()
    };
    // Pages that are being written are not those that were built in.
    if std::env::var_os("UPDATE_PAGES").is_some() {
        return;
    }
    for code in Code::ALL {
        let page = Page::read(code.as_str()).text;
        assert_eq!(flowc::diagnostics::page(*code), Some(&*page), "{code}");
    }
    for word in ["E020", "e020"] {
        let output = explain(word);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), Page::read("E020").text);
    }
    let listed = Command::new(env!("CARGO_BIN_EXE_flowc")).arg("--explain").output().unwrap();
    assert_eq!(listed.status.code(), Some(0));
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(listed.lines().count(), Code::ALL.len());
    assert!(listed.contains("E020  A connection names a process"), "{listed}");
    let refused = |word: &str| {
        let output = explain(word);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused("E20").contains("did you mean E020?"), "{}", refused("E20"));
    assert!(refused("w0001").contains("did you mean W001?"));
    for word in ["E999", "", "é", "nonsense"] {
        assert!(refused(word).contains("the errors are from E001 to E0"), "{}", refused(word));
    }
}
