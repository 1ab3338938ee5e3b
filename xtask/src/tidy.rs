//! The rules of the house, as far as a program can check them.

use crate::{Result, repository};
use std::fs;
use std::path::{Path, PathBuf};

/// File names that say nothing about what is inside.
const VAGUE: [&str; 5] = ["utils", "util", "helpers", "common", "misc"];

/// Which of our crates a crate may depend on. Arrows point one way only.
const ARROWS: [(&str, &[&str]); 10] = [
    ("flowcore", &[]),
    ("flowsource", &[]),
    ("flowmacro", &["flowsource"]),
    ("flowstdlib", &["flowcore", "flowmacro"]),
    ("flowc", &["flowcore", "flowsource", "flowstdlib"]),
    ("flowrlib", &["flowcore"]),
    ("flowrcli", &["flowcore", "flowrlib", "flowstdlib"]),
    ("flowrex", &["flowcore", "flowrlib", "flowstdlib"]),
    ("tests", &["flowcore", "flowrlib", "flowrcli", "flowstdlib"]),
    ("xtask", &[]),
];

pub(crate) fn tidy() -> Result<()> {
    let findings = findings(&repository())?;
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("one thing is not as it should be".into()),
        count => Err(format!("{count} things are not as they should be").into()),
    }
}

/// Everything that breaks a rule; each finding says what to do.
fn findings(root: &Path) -> Result<Vec<String>> {
    let files = files(root)?;
    let mut findings = Vec::new();
    findings.extend(vague_names(&files));
    findings.extend(undocumented_functions(&files));
    findings.extend(wrong_arrows(root)?);
    findings.extend(unknown_chores(root, &files)?);
    findings.extend(broken_links(root, &files)?);
    findings.extend(incomplete_examples(root)?);
    findings.extend(impure_machines(root, &files)?);
    findings.extend(clocks_that_jump(root, &files)?);
    findings.extend(sockets_that_wait(root, &files)?);
    findings.extend(unsafe_code(root, &files)?);
    findings.extend(stale_map(root, &files)?);
    Ok(findings)
}

/// All files of the source tree, relative to its top; nothing that was built.
fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = folder.join(&name);
            if !entry.file_type()?.is_dir() {
                found.push(path);
            } else if name != "target" && name != ".git" {
                folders.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn vague_names(files: &[PathBuf]) -> Vec<String> {
    files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| {
            let folders = path.parent().into_iter().flat_map(Path::iter);
            folders.chain(path.file_stem()).any(|name| VAGUE.iter().any(|vague| name == *vague))
        })
        .map(|path| format!("{}: name the file for its role", path.display()))
        .collect()
}

/// Every definition of a library or context function, or of a library flow, has a page beside it.
fn undocumented_functions(files: &[PathBuf]) -> Vec<String> {
    files
        .iter()
        .filter(|path| path.starts_with("flowstdlib/src") || path.starts_with("flowrcli/context"))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| path.file_name().is_some_and(|name| name != "function.toml"))
        .filter(|path| !files.contains(&path.with_extension("md")))
        .map(|path| format!("{}: write the page {}", path.display(), path.with_extension("md").display()))
        .collect()
}

fn wrong_arrows(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for (name, allowed) in ARROWS {
        let manifest = root.join(name).join("Cargo.toml");
        let text =
            fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
        for dependency in dependencies(&text) {
            let ours = ARROWS.iter().any(|(crate_name, _)| *crate_name == dependency);
            if ours && !allowed.contains(&dependency) {
                findings.push(format!("{name}/Cargo.toml: {name} must not depend on {dependency}"));
            }
        }
    }
    Ok(findings)
}

/// The names in the tables `[dependencies]` and `[build-dependencies]`; what tests alone use is free.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            inside = table == "dependencies" || table == "build-dependencies";
            let own_table = table.strip_prefix("dependencies.").or(table.strip_prefix("build-dependencies."));
            names.extend(own_table);
        } else if inside && !line.starts_with('#') {
            let end = line.find(['.', '=', ' ']).unwrap_or(0);
            names.extend(line.get(..end).filter(|name| !name.is_empty()));
        }
    }
    names
}

/// A chore that a page or a script calls exists.
fn unknown_chores(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in files.iter().filter(|path| is_page(path) || path.starts_with(".ci")) {
        let text = fs::read_to_string(root.join(path))?;
        for rest in text.split("cargo xtask ").skip(1) {
            let name: String =
                rest.chars().take_while(|one| one.is_ascii_lowercase() || *one == '-').collect();
            if !name.is_empty() && !crate::CHORES.iter().any(|chore| chore.name == name) {
                findings.push(format!("{}: there is no chore `cargo xtask {name}`", path.display()));
            }
        }
    }
    Ok(findings)
}

/// A link from a page to a file of the repository leads somewhere.
fn broken_links(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in files.iter().filter(|path| is_page(path)) {
        let text = fs::read_to_string(root.join(path))?;
        for link in links(&text) {
            let folder = path.parent().unwrap_or(path);
            if !root.join(folder).join(link).exists() {
                findings.push(format!("{}: the link to {link} leads nowhere", path.display()));
            }
        }
    }
    Ok(findings)
}

/// The targets of links like `[text](target)` and of images, without those to other places and inside the same page.
fn links(page: &str) -> Vec<&str> {
    page.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .filter_map(|(target, _)| target.split('#').next())
        .filter(|target| {
            !target.is_empty() && !target.contains("://") && !target.contains(char::is_whitespace)
        })
        .collect()
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// The code that only computes: what follows from a result, who gets which job, and which worker is which.
const PURE: [&str; 5] = [
    "flowrlib/src/silence.rs",
    "flowrlib/src/state",
    "flowrlib/src/dispatch",
    "flowrlib/src/distribution.rs",
    "flowrlib/src/transport/service/roster.rs",
];

/// What such code has no business with.
const IMPURE: [&str; 11] = [
    "std::thread",
    "std::net",
    "std::fs",
    "std::io",
    "std::sync",
    "::now()",
    "SystemTime",
    "log::",
    "crossbeam",
    "getrandom",
    "zmq",
];

fn impure_machines(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in files.iter().filter(|path| PURE.iter().any(|folder| path.starts_with(folder))) {
        if path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let text = fs::read_to_string(root.join(path))?;
        let code = without_tests(&text);
        for word in IMPURE.iter().filter(|word| code.contains(**word)) {
            findings.push(format!("{}: a pure machine has no use for {word}", path.display()));
        }
    }
    Ok(findings)
}

/// The Rust files in these folders, but for some.
fn sources<'all>(
    files: &'all [PathBuf],
    folders: &'all [&str],
    others: &'all [&str],
) -> impl Iterator<Item = &'all PathBuf> {
    files.iter().filter(move |path| {
        path.extension().is_some_and(|extension| extension == "rs")
            && folders.iter().any(|folder| path.starts_with(folder))
            && others.iter().all(|other| path.as_path() != Path::new(other))
    })
}

/// Tests stand last in a file, and may do as they like.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

/// The file that frames get in and out by.
const SOCKETS: &str = "flowrlib/src/transport/socket.rs";

/// What only tests use sockets in.
const SOCKETS_OF_TESTS: [&str; 2] = ["flowrlib/src/channel/by_hand.rs", "flowrlib/src/transport/tests.rs"];

/// How sockets of ZeroMQ are written to and read from, and no channel of ours is.
const SOCKET_CALLS: [&str; 10] = [
    "socket.send(",
    ".send_multipart(",
    ".send_msg(",
    ".send_str(",
    "socket.recv(",
    ".recv_msg(",
    ".recv_bytes(",
    ".recv_multipart(",
    ".recv_into(",
    ".recv_string(",
];

/// Whoever waits at a socket is not there for anybody else.
fn sockets_that_wait(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in sources(files, &["flowrlib/src"], &SOCKETS_OF_TESTS) {
        let text = fs::read_to_string(root.join(path))?;
        for line in without_tests(&text).lines() {
            let is_call = SOCKET_CALLS.iter().any(|call| line.contains(call));
            if is_call && !(path == Path::new(SOCKETS) && line.contains("DONTWAIT")) {
                let what = line.trim();
                findings.push(format!("{}: use {SOCKETS}, which never waits: {what}", path.display()));
            }
        }
    }
    Ok(findings)
}

/// The part of the runtime that asks for the time of day: how old files are that it keeps.
const TIME_OF_DAY: [&str; 1] = ["flowrlib/src/modules/store.rs"];

/// Leases and limits are none of the business of a clock that somebody can set.
fn clocks_that_jump(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in sources(files, &["flowrlib/src", "flowrex/src"], &TIME_OF_DAY) {
        if fs::read_to_string(root.join(path))?.contains("SystemTime") {
            findings.push(format!("{}: the time of day may jump; use Instant", path.display()));
        }
    }
    Ok(findings)
}

/// The files that may have unsafe code, each because of the boundary between a program and a module it runs: what a module
/// exports, and compiled modules that are read back from a cache.
const UNSAFE: [&str; 2] = ["flowcore/src/guest/module.rs", "flowrlib/src/executor/wasm/compiled.rs"];

/// What unsafe code cannot do without: that the lint is expected, since the workspace denies it; in macros, where it says
/// nothing, the words themselves. Taken apart, for this is one of the files that are searched.
const SIGNS: [&str; 3] =
    [concat!("expect(", "unsafe_code"), concat!("#[", "unsafe("), concat!("unsafe", " {")];

fn unsafe_code(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in sources(files, &[""], &UNSAFE) {
        let text = fs::read_to_string(root.join(path))?;
        if SIGNS.iter().any(|sign| text.contains(sign)) {
            findings.push(format!("{}: unsafe code belongs in {}", path.display(), UNSAFE.join(" or ")));
        }
    }
    Ok(findings)
}

/// The files and tests that ARCHITECTURE.md names are there.
fn stale_map(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let map = fs::read_to_string(root.join("ARCHITECTURE.md"))?;
    let code: Vec<String> = files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(root.join(path)))
        .collect::<std::io::Result<_>>()?;
    let mut findings = Vec::new();
    for name in code_spans(&map) {
        let is_path = name.contains('/') && !name.contains("://") && !name.contains(' ');
        if is_path && !root.join(name).exists() {
            findings.push(format!("ARCHITECTURE.md: there is no {name}"));
        }
        let is_test = name.matches('_').count() > 2 && !is_path;
        if is_test && !code.iter().any(|text| text.contains(&format!("fn {name}()"))) {
            findings.push(format!("ARCHITECTURE.md: there is no test {name}"));
        }
    }
    Ok(findings)
}

/// What stands between backticks, outside of blocks.
fn code_spans(page: &str) -> impl Iterator<Item = &str> {
    let outside_blocks = page.split("```").step_by(2);
    outside_blocks.flat_map(|text| text.split('`').skip(1).step_by(2))
}

/// An example has a page of its own, says what it prints, and is in the index.
fn incomplete_examples(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let index = fs::read_to_string(root.join("examples/README.md"))?;
    for entry in fs::read_dir(root.join("examples"))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_dir()) else {
            continue;
        };
        for file in ["root.toml".to_owned(), "expected.stdout".to_owned(), format!("{name}.md")] {
            if !path.join(&file).exists() {
                findings.push(format!("examples/{name}: {file} is missing"));
            }
        }
        if !index.contains(&format!("({name}/{name}.md)")) {
            findings.push(format!("examples/README.md: {name} is not listed"));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        assert_eq!(findings(&repository()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn dependencies_are_found_however_they_are_written() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\n# b = \"1\"\nc = \"1\"\n\
                        [dev-dependencies]\nd = \"1\"\n[dependencies.e]\nversion = \"1\"\n[build-dependencies]\nf={}\n";
        assert_eq!(dependencies(manifest), ["a", "c", "e", "f"]);
    }

    #[test]
    fn unsafe_code_is_found_outside_of_the_files_that_may_have_it() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["one.rs", "other.rs", UNSAFE[0]].map(PathBuf::from);
        fs::create_dir_all(folder.path().join(UNSAFE[0]).parent().unwrap()).unwrap();
        for (file, text) in files.iter().zip([SIGNS[0], "// nothing is unsafe here", SIGNS[1]]) {
            fs::write(folder.path().join(file), text).unwrap();
        }
        let findings = unsafe_code(folder.path(), &files).unwrap();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].starts_with("one.rs: "));
    }

    #[test]
    fn a_socket_that_waits_is_found_wherever_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["flowrlib/src/here.rs", SOCKETS, SOCKETS_OF_TESTS[0]].map(PathBuf::from);
        let text = "socket.send(frame, DONTWAIT);\nsocket.send(frame, 0);\nsocket::send(&socket, frame);\n";
        for file in &files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let findings = sockets_that_wait(folder.path(), &files).unwrap();
        assert_eq!(findings.len(), 3, "{findings:?}");
        assert!(findings[2].starts_with(SOCKETS) && findings[2].ends_with(": socket.send(frame, 0);"));
    }

    #[test]
    fn links_to_files_are_found() {
        let page = "[a](b.md) ![c](d/e.svg) [f](#g) [h](i.md#j) [k](https://example.org)";
        assert_eq!(links(page), ["b.md", "d/e.svg", "i.md"]);
    }

    #[test]
    fn code_spans_are_found_outside_of_blocks() {
        let page = "a `b/c.rs` d\n```\n`e`\n```\nf `g_h_i_j`";
        assert_eq!(code_spans(page).collect::<Vec<_>>(), ["b/c.rs", "g_h_i_j"]);
    }

    #[test]
    fn a_vague_name_is_found_wherever_it_stands() {
        let files = ["a/utils.rs", "a/common/b.rs", "a/role.rs", "a/utils.md"].map(PathBuf::from);
        assert_eq!(vague_names(&files).len(), 2);
    }
}
