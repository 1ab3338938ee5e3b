//! Section 17: the weak points of such a runtime, none of which is to be ours. What shows that is the table
//! `tests/weak-points.md`; here it is seen to that every point has its row and every test that is named exists, also where
//! these files name tests elsewhere.

use flow_tests::{Table, repository};
use std::fs;

/// The weak points, as the specification numbers them.
fn points() -> Vec<String> {
    let numbered = (1..=36).map(|number| format!("W{number}"));
    numbered
        .flat_map(|point| {
            let further = if point == "W16" { &["b", "c", "d"][..] } else { &[] };
            let further: Vec<String> = further.iter().map(|letter| format!("{point}{letter}")).collect();
            std::iter::once(point).chain(further)
        })
        .collect()
}

/// The rows of the table: the point, and what shows that it is none.
fn rows() -> Vec<(String, String)> {
    let page = fs::read_to_string(repository().join("tests/weak-points.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| W"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, point, what, shown, _] = cells[..] else { panic!("not three cells: {row}") };
        assert!(!what.is_empty(), "{row}");
        (point.to_owned(), shown.to_owned())
    })
    .collect()
}

/// What stands between backticks.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a file has a test of that name, perhaps one that a macro makes.
fn has_test(code: &str, name: &str) -> bool {
    let function = code.find(&format!(" fn {name}("));
    function.is_some_and(|place| {
        let before = code[..place].trim_end();
        // A comment may stand in between, and nothing else.
        let last = before.lines().rev().find(|line| !line.trim_start().starts_with("//"));
        last.is_some_and(|line| line.trim() == "#[test]")
    })
}

fn code(path: &str) -> Option<String> {
    // A function at the beginning of a line is found like one in a module.
    Some(fs::read_to_string(repository().join(path)).ok()?.replace("\nfn ", "\n fn "))
}

#[test]
fn every_weak_point_has_its_row() {
    let found: Vec<String> = rows().into_iter().map(|(point, _)| point).collect();
    assert_eq!(found, points());
}

#[test]
fn every_row_names_tests_that_exist() {
    let mut table = Table::default();
    for (point, shown) in rows() {
        let mut file = None;
        let mut tests = 0;
        for name in names(&shown).filter(|name| *name != "open" && !name.starts_with("cargo ")) {
            if name.ends_with(".rs") {
                file = code(name);
                table.row(format!("{point}: {name}"), file.is_some(), true);
            } else {
                let exists = file.as_ref().is_some_and(|code| has_test(code, name));
                table.row(format!("{point}: {name}"), exists, true);
                tests += 1;
            }
        }
        table.row(format!("{point} has tests"), tests > 0, true);
    }
    table.end();
}

#[test]
fn every_conformance_check_has_a_test_of_its_name() {
    let folder = repository().join("tests/tests");
    let folders = [folder.clone(), folder.join("runtime"), folder.join("faults")];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let code: String = files.map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut table = Table::default();
    for check in 1..=12 {
        let name = format!("fn c{check:02}_");
        table.row(&name, code.contains(&format!("#[test]\n{name}")), true);
    }
    table.end();
}

/// The files on sections say where to find what they do not show themselves.
#[test]
fn what_the_sections_refer_to_is_there() {
    let mut table = Table::default();
    let folder = repository().join("tests/tests/runtime");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let page: String = text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let label = path.file_name().unwrap().display().to_string();
        let mut test = None;
        for name in names(&page) {
            if name.contains('/') || name.ends_with(".rs") {
                let place = if name.contains('/') { name.to_owned() } else { format!("tests/tests/{name}") };
                table.row(format!("{label}: {name}"), repository().join(&place).exists(), true);
                if let (Some(test), Some(code)) = (test.take(), code(&place)) {
                    table.row(format!("{label}: {test} in {name}"), has_test(&code, test), true);
                }
            } else if name.matches('_').count() > 2 {
                test = Some(name);
            }
        }
    }
    table.end();
}
