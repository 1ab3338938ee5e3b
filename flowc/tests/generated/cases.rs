//! The tests: every seed gives a project, and every project is compiled in several ways.

use crate::grow;
use crate::invariants;
use crate::notation::Notation;
use crate::oracle::{Manner, Verdict, judge};
use crate::project::Project;
use crate::shrink::shrink;
use flowc::diagnostics::{Report, Severity};
use flowc::emit::{self, Symbols};
use flowc::{Options, compile, embedded};
use flowcore::content::{Content, LibraryPath};
use flowcore::manifest::read_flow_manifest;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use url::Url;

/// What a compile left behind.
#[derive(PartialEq)]
enum Outcome {
    /// The bytes of the manifest and of the routes beside it.
    Written(String, Option<String>),
    /// It compiles, but cannot run on its own.
    NoManifest,
    /// The codes of the errors.
    Refused(BTreeSet<String>),
}

fn compile_at(directory: &Path, root: &str, manner: Manner) -> Outcome {
    let content = Content::new(LibraryPath::new([embedded::standard_library()]), embedded::context());
    let symbols = if manner.symbols { Symbols::Kept } else { Symbols::Stripped };
    let options = Options { optimize: manner.optimize, symbols, ..Options::default() };
    let mut report = Report::default();
    let url = Url::from_file_path(directory.join(root)).unwrap();
    let Ok(compiled) = compile(&url, &content, &options, &mut report) else {
        let errors = report.diagnostics().iter().filter(|one| one.code.severity() == Severity::Error);
        // Whatever is said about a generated project can be shown.
        report
            .diagnostics()
            .iter()
            .for_each(|one| drop(report.render(one, flowc::diagnostics::Style::Plain)));
        return Outcome::Refused(errors.map(|error| error.code.to_string()).collect());
    };
    let Some(manifest) = compiled.manifest else { return Outcome::NoManifest };
    let path = emit::write(&manifest, compiled.routes, &compiled.output).unwrap();
    let routes = fs::read_to_string(path.with_file_name("manifest.routes.json")).ok();
    Outcome::Written(fs::read_to_string(path).unwrap(), routes)
}

fn compile_in(place: &str, project: &Project, manner: Manner) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    let below = directory.path().join(place);
    project.write(&below);
    compile_at(&below, &project.path(0), manner)
}

fn same(what: &str, one: &Outcome, other: &Outcome) -> Result<(), String> {
    if one == other { Ok(()) } else { Err(format!("{what} is not the same")) }
}

/// Compares what comes of the project with what must.
fn check(project: &Project, manner: Manner) -> Result<Outcome, String> {
    let outcome = compile_in("here", project, manner);
    match (&outcome, judge(project, manner)) {
        (_, Verdict::TooLarge) => return Ok(outcome),
        (Outcome::Refused(found), Verdict::Refused(problems)) => {
            let expected: BTreeSet<String> = problems.iter().map(|problem| problem.code.to_owned()).collect();
            if *found != expected {
                return Err(format!("the errors are {found:?}, but expected are {expected:?}"));
            }
        }
        (Outcome::NoManifest, Verdict::Compiles(None)) => {}
        (Outcome::Written(text, _), Verdict::Compiles(Some(expected))) => {
            let found: Value = serde_json::from_str(text).unwrap();
            if found != expected {
                let expected = serde_json::to_string_pretty(&expected).unwrap();
                let found = serde_json::to_string_pretty(&found).unwrap();
                return Err(format!("expected is\n{expected}\nfound is\n{found}"));
            }
            invariants::check(text)?;
            let read = read_flow_manifest(text).map_err(|error| error.to_string())?;
            if read.to_json().unwrap() != *text {
                return Err("reading and writing the manifest changes it".to_owned());
            }
        }
        (Outcome::Refused(found), _) => return Err(format!("it is refused: {found:?}")),
        (_, Verdict::Refused(problems)) => return Err(format!("it is accepted in spite of {problems:?}")),
        _ => return Err("there is a manifest where none should be, or none where one should be".to_owned()),
    }
    Ok(outcome)
}

/// Everything that must hold for a project.
fn check_all(project: &Project) -> Result<Outcome, String> {
    let plain = Manner { optimize: false, symbols: false };
    let outcome = check(project, plain)?;
    same("a second compile", &outcome, &compile_in("here", project, plain))?;
    same("a compile in another place", &outcome, &compile_in("a b#c/d%20/é", project, plain))?;
    for notation in Notation::ALL {
        let project = project.in_notation(notation);
        same(&format!("the same in {notation:?}"), &outcome, &compile_in("here", &project, plain))?;
    }
    check(project, Manner { symbols: true, ..plain })?;
    let optimized = check(project, Manner { optimize: true, ..plain })?;
    check(project, Manner { optimize: true, symbols: true })?;
    if let (Outcome::Written(whole, _), Outcome::Written(rest, _)) = (&outcome, &optimized) {
        let (whole, rest): (Value, Value) =
            (serde_json::from_str(whole).unwrap(), serde_json::from_str(rest).unwrap());
        if invariants::with_effect(&whole) != invariants::functions(&rest) {
            return Err("-O does not leave exactly the functions that reach an impure one".to_owned());
        }
    }
    Ok(outcome)
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

fn explain(seed: u64, project: &Project, problem: &str) -> String {
    let small = shrink(project, |smaller| check_all(smaller).is_err());
    let again = check_all(&small).err().unwrap_or_default();
    let files: String = small.files().iter().map(|(path, text)| format!("--- {path}\n{text}\n")).collect();
    let first = problem.lines().next().unwrap_or_default();
    format!("seed {seed}: {first}\nthe smallest project that fails so:\n{files}--- {again}")
}

#[test]
fn generated_flows_compile_to_what_the_language_says() {
    let cases = number("FLOW_GENERATED_CASES", 200);
    let next = AtomicU64::new(number("FLOW_GENERATED_SEED", 1));
    let end = next.load(Ordering::Relaxed) + cases;
    let written = AtomicUsize::new(0);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return;
            }
            let project = grow::project(seed);
            match check_all(&project) {
                Ok(Outcome::Written(..)) => drop(written.fetch_add(1, Ordering::Relaxed)),
                Ok(_) => {}
                Err(problem) => panic!("{}", explain(seed, &project, &problem)),
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let written = written.into_inner() as u64;
    assert!(cases < 20 || written * 10 >= cases * 6, "only {written} of {cases} projects compile");
}

/// What the projects are for: everything that a manifest can say, and every refusal that connections and initializers
/// can earn, comes up.
#[test]
fn generated_flows_are_of_all_kinds() {
    let plain = Manner { optimize: false, symbols: false };
    let mut texts = String::new();
    let mut codes = BTreeSet::new();
    for seed in 1..600 {
        match judge(&grow::project(seed), plain) {
            Verdict::Compiles(manifest) => texts.extend(manifest.map(|manifest| manifest.to_string())),
            Verdict::Refused(problems) => codes.extend(problems.iter().map(|problem| problem.code)),
            Verdict::TooLarge => {}
        }
    }
    for part in [
        "\"internal\":true",
        "\"Input\":",
        "\"flow_initializer\":{\"once\"",
        "\"flow_initializer\":{\"always\"",
        "\"initializer\":{\"always\"",
        "\"array_order\":2",
        "\"name\":\"c0\"",
        "/0/1\"",
        "impl.wasm",
        "deep/impl.wasm",
    ] {
        assert!(texts.contains(part), "{part} never comes up");
    }
    for code in ["E021", "E022", "E023", "E024", "E026", "E027", "E028", "E029", "E030", "E031", "E032"] {
        assert!(codes.contains(code), "{code} never comes up");
    }
}
