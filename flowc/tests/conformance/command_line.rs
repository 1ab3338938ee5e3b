//! The program as a whole: where it looks, what it writes, what it starts, and its status.

use crate::project::{Project, connect, context};
use flowc::command::{Environment, Workshop};
use flowc::web::Limits;
use std::fs;

fn hello() -> Project {
    Project::new(&(context("stdio/stdout") + "input.default = {once = \"hello\"}\n"))
}

fn environment(project: &Project) -> Environment {
    Environment {
        current: project.path().to_owned(),
        home: None,
        library_path: None,
        web: Limits::default(),
        build: Workshop::default(),
    }
}

#[test]
fn a_flow_is_compiled_without_any_set_up() {
    let project = hello();
    assert_eq!(project.execute(&["-c"]), (0, String::new()));
    assert!(project.path().join("manifest.json").is_file());
}

#[test]
fn sources_may_have_names_that_are_no_urls() {
    let project = hello().file("a#b %41?/root.toml", "flow = \"f\"\n").file("sub/x.md", "");
    let (status, text) = project.execute(&["-c", "a#b %41?"]);
    assert_eq!(status, 1);
    assert!(text.contains("E032") && text.contains("a#b %41?"), "{text}");
    assert_eq!(project.execute(&["-c", "sub/.."]), (0, String::new()));
}

#[test]
fn trailing_slashes_mean_nothing() {
    let text = format!("flow = \"f\"\n{}input.default = {{once = 1}}\n", context("stdio/stdout"));
    let project = hello().file("other/f.toml", &text).file("named/named.toml", &text);
    for argument in ["./", "root.toml/", "other/f/", "other/f.toml/", "named//"] {
        assert_eq!(project.execute(&["-c", "-o", "out/", argument]), (0, String::new()), "{argument}");
        let manifest = project.path().join("out/manifest.json");
        fs::remove_file(manifest).unwrap();
    }
}

#[test]
fn a_url_of_a_file_is_a_source_too() {
    let text = format!("flow = \"f\"\n{}input.default = {{once = 1}}\n", context("stdio/stdout"));
    let project = hello().file("a b/f.toml", &text);
    let url = url::Url::from_file_path(project.path().join("a b/f.toml")).unwrap();
    for argument in [url.as_str(), "file:a%20b/f.toml", "file:a%20b/f"] {
        assert_eq!(project.execute(&["-c", argument]), (0, String::new()), "{argument}");
        fs::remove_file(project.path().join("a b/manifest.json")).unwrap();
    }
    assert_eq!(project.execute(&["-c", "file:"]), (0, String::new()));
    assert!(project.path().join("manifest.json").is_file());
}

#[test]
fn places_of_results_and_libraries_may_have_names_that_are_no_urls() {
    let f = "function = \"f\"\nsource = \"x\"\n[[input]]\nvalue = {once = 1}\n[[output]]\n";
    let root = "[[process]]\nsource = \"lib://l/my%20f\"\n".to_owned()
        + &context("stdio/stdout")
        + &connect("f", "stdout");
    let project = Project::new(&root).file("lib s#1?%41/l/my f/my f.toml", f);
    let words = ["-c", "-L", "lib s#1?%41", "-o", "out #1?%41"];
    assert_eq!(project.execute(&words), (0, String::new()));
    assert!(project.path().join("out #1?%41/manifest.json").is_file());
    let url = url::Url::from_directory_path(project.path().join("lib s#1?%41")).unwrap();
    assert_eq!(project.execute(&["-c", "-L", url.as_str()]), (0, String::new()));
}

#[test]
fn a_flow_of_a_library_is_compiled_and_does_not_change_the_library() {
    let text = format!("flow = \"f\"\n{}input.default = {{once = 1}}\n", context("stdio/stdout"));
    let project = hello().file("libs/l/tools/f.toml", &text);
    let (status, said) = project.execute(&["-c", "-L", "libs", "lib://l/tools/f"]);
    assert_eq!(status, 0);
    let (_, path) = said.split_once("W024: the results are in the new directory ").unwrap();
    let directory = std::path::PathBuf::from(path.lines().next().unwrap());
    assert!(directory.join("manifest.json").is_file());
    fs::remove_dir_all(directory).unwrap();
    assert_eq!(fs::read_dir(project.path().join("libs/l/tools")).unwrap().count(), 1);
    assert_eq!(project.execute(&["-c", "-L", "libs", "-o", "out", "lib://l/tools/f"]), (0, String::new()));
    assert!(project.path().join("out/manifest.json").is_file());
    // One that others use has no manifest, and so needs no directory.
    let (status, said) = project.execute(&["-c", "lib://flowstdlib/math/range"]);
    assert!(status == 1 && !said.contains("W024"), "{said}");
}

/// Nobody can make files there, not even those who may do anything.
#[test]
#[cfg(target_os = "linux")]
fn a_directory_that_is_read_only_is_an_error_that_names_it() {
    let project =
        hello().file("l/lib.toml", "").file("l/Cargo.toml", "package.name = \"l\"\n").file("l/src/a.md", "");
    let (status, text) = project.execute(&["-c", "-o", "/proc/self/fd"]);
    assert_eq!(status, 1);
    assert!(text.contains("E034") && text.contains("/proc/self/fd"), "{text}");
    let (status, text) = project.execute(&["-o", "/proc/self/fd/new", "l"]);
    assert_eq!(status, 1);
    assert!(text.contains("E047") && text.contains("/proc/self/fd/new"), "{text}");
}

#[test]
fn the_output_directory_is_made() {
    let project = hello();
    assert_eq!(project.execute(&["-c", "-o", "new/er"]), (0, String::new()));
    assert!(project.path().join("new/er/manifest.json").is_file());
    assert!(!project.path().join("manifest.json").exists());
    // A file stands for its directory.
    assert_eq!(project.execute(&["-c", "-o", "root.toml"]), (0, String::new()));
    assert!(project.path().join("manifest.json").is_file());
}

#[test]
fn without_extension_the_output_goes_beside_the_file_that_was_found() {
    let text = format!("flow = \"f\"\n{}input.default = {{once = 1}}\n", context("stdio/stdout"));
    let project = hello().file("other/f.toml", &text);
    assert_eq!(project.execute(&["-c", "other/f"]), (0, String::new()));
    assert!(project.path().join("other/manifest.json").is_file());
}

#[test]
fn a_directory_that_cannot_be_written_is_an_error() {
    let project = hello().file("taken", "");
    let (status, text) = project.execute(&["-c", "-o", "taken/inside"]);
    assert_eq!(status, 1);
    assert!(text.contains("E034"), "{text}");
}

#[test]
fn a_flow_that_cannot_run_on_its_own_says_so() {
    let project =
        Project::new(&(context("stdio/stdout") + "input.default = {once = 1}\n[[output]]\nname = \"o\"\n"));
    let (status, text) = project.execute(&[]);
    assert_eq!(status, 0);
    assert!(text.contains("W016") && text.contains("no manifest is written"), "{text}");
    assert!(!project.path().join("manifest.json").exists());
    assert_eq!(project.execute(&["-v", "off"]), (0, String::new()));
}

#[test]
fn a_context_root_is_a_directory_with_modules_or_with_context_in_it() {
    let definition = "function = \"out\"\nsource = \"x\"\nimpure = true\n[[input]]\nvalue = {once = 1}\n";
    for directory in ["mine", "mine/context"] {
        let project = Project::new(&context("my/out")).file(&format!("{directory}/my/out.toml"), definition);
        assert_eq!(project.execute(&["-c", "-C", "mine"]), (0, String::new()));
    }
    let (status, text) = hello().execute(&["-c", "-C", "no/where"]);
    assert_eq!(status, 1);
    assert!(text.contains("E038"), "{text}");
}

#[test]
fn names_of_built_in_runners_need_no_directory() {
    for words in [["-C", "flowrcli"], ["-r", "flowrcli"], ["-r", "flowr"]] {
        assert_eq!(hello().execute(&[&["-c"], &words[..]].concat()), (0, String::new()));
    }
    let (status, text) = hello().execute(&["-c", "-r", "nobody"]);
    assert_eq!(status, 1);
    assert!(text.contains("the runner 'nobody' is not installed"), "{text}");
    let project = hello();
    let environment = Environment { home: Some(project.path().join("home")), ..environment(&project) };
    let (_, text) = project.execute_in(&["-c", "-r", "nobody"], &environment);
    assert!(text.contains("would be in <dir>/home/.flow/runner/nobody;"), "{text}");
}

#[test]
fn an_installed_runner_is_used() {
    let definition = "function = \"out\"\nsource = \"x\"\nimpure = true\n[[input]]\nvalue = {once = 1}\n";
    let project = Project::new(&context("my/out")).file("home/.flow/runner/mine/my/out.toml", definition);
    let environment = Environment { home: Some(project.path().join("home")), ..environment(&project) };
    assert_eq!(project.execute_in(&["-c", "-r", "mine"], &environment), (0, String::new()));
}

#[test]
fn libraries_are_looked_for_in_options_then_the_variable_then_the_home() {
    let f = |name: &str| {
        format!("function = \"{name}\"\nsource = \"x\"\n[[input]]\nvalue = {{once = 1}}\n[[output]]\n")
    };
    let root = "[[process]]\nsource = \"lib://l/f\"\n".to_owned()
        + &context("stdio/stdout")
        + "input.default = {once = 1}\n";
    let project = Project::new(&root)
        .file("option/l/f.toml", &f("option"))
        .file("variable/l/f.toml", &f("variable"))
        .file("home/.flow/lib/l/f.toml", &f("home"));
    let compile = |words: &[&str], variable: Option<&str>| {
        let home = Some(project.path().join("home"));
        let library_path = variable.map(str::to_owned);
        let environment = Environment { home, library_path, ..environment(&project) };
        let (status, text) = project.execute_in(&[&["-c", "-d"], words].concat(), &environment);
        assert_eq!(status, 0, "{text}");
        let manifest = fs::read_to_string(project.path().join("manifest.json")).unwrap();
        let name = ["option", "variable", "home"]
            .into_iter()
            .find(|name| manifest.contains(&format!("/root/{name}\"")));
        (name, text.matches("W018").count())
    };
    assert_eq!(compile(&["-L", "option"], Some("variable")), (Some("option"), 0));
    assert_eq!(compile(&["-L", "variable", "-L", "option"], None), (Some("variable"), 0));
    assert_eq!(compile(&[], Some("variable")), (Some("variable"), 0));
    assert_eq!(compile(&["-L", "missing"], Some("gone,variable")), (Some("variable"), 2));
    assert_eq!(compile(&[], Some("")), (Some("home"), 0));
}

/// The names of the files in a directory with one of these extensions, sorted.
fn drawn(directory: &std::path::Path, extensions: &[&str]) -> Vec<String> {
    let names =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_wanted = |name: &String| extensions.iter().any(|extension| name.ends_with(extension));
    let mut names: Vec<String> = names.filter(is_wanted).collect();
    names.sort();
    names
}

const SUB: &str =
    "flow = \"sub\"\n[[process]]\nsource = \"context://stdio/stdout\"\ninput.default = {once = 1}\n";

#[test]
fn every_flow_is_drawn_and_equal_names_do_not_collide() {
    let process =
        |alias: &str, source: &str| format!("[[process]]\nalias = \"{alias}\"\nsource = \"{source}\"\n");
    let root = "flow = \"top\"\n".to_owned() + &process("a b-c", "one") + &process("same", "two");
    let project = Project::new(&root)
        .file("one.toml", &("flow = \"one\"\n".to_owned() + &process("same", "three")))
        .file("two.toml", SUB)
        .file("three.toml", SUB);
    assert_eq!(project.execute(&["-c", "-g", "-o", "new/drawn"]), (0, String::new()));
    let directory = project.path().join("new/drawn");
    let files = ["a b-c.svg", "same.svg", "top.compiled.svg", "top.same.svg", "top.svg"];
    assert_eq!(drawn(&directory, &[".svg"]), files);
    let first: Vec<String> =
        files.iter().map(|file| fs::read_to_string(directory.join(file)).unwrap()).collect();
    assert!(
        first[4].contains("href=\"a%20b-c.svg\"") && first[4].contains("href=\"top.same.svg\""),
        "{}",
        first[4]
    );
    assert!(first[0].contains("href=\"top.svg\"") && first[0].contains("href=\"same.svg\""), "{}", first[0]);
    assert_eq!(project.execute(&["-c", "-g", "-o", "new/drawn"]).0, 0);
    let second: Vec<String> =
        files.iter().map(|file| fs::read_to_string(directory.join(file)).unwrap()).collect();
    assert_eq!(first, second);
}

#[test]
fn drawings_are_written_in_the_languages_that_are_asked_for() {
    let project = hello();
    assert_eq!(project.execute(&["-c", "-g", "--graph-format", "dot,mermaid"]), (0, String::new()));
    let all = [".svg", ".dot", ".mmd"];
    assert_eq!(
        drawn(project.path(), &all),
        ["root.compiled.dot", "root.compiled.mmd", "root.dot", "root.mmd"]
    );
    let words = ["-c", "-g", "--graph-format", "svg", "--graph-format", "dot"];
    assert_eq!(project.execute(&words), (0, String::new()));
    assert_eq!(drawn(project.path(), &[".svg"]), ["root.compiled.svg", "root.svg"]);
    // Without -g there are none.
    let project = hello();
    assert_eq!(project.execute(&["-c", "--graph-format", "dot"]), (0, String::new()));
    assert!(drawn(project.path(), &all).is_empty());
}

#[test]
fn flows_that_cannot_run_are_drawn_too() {
    let add = "[[process]]\nsource = \"lib://flowstdlib/math/add\"\n";
    let connections = "[[connection]]\nfrom = \"input/i\"\nto = [\"add/i1\", \"add/i2\"]\n[[connection]]\nfrom = \"add\"\nto = \"output/o\"\n";
    let ios = "[[input]]\nname = \"i\"\ntype = \"number\"\n[[output]]\nname = \"o\"\ntype = \"number\"\n";
    let project = Project::new(&format!("flow = \"part\"\n{ios}{add}{connections}"));
    let (status, text) = project.execute(&["-c", "-g"]);
    assert!(status == 1 && text.contains("E030"), "{text}");
    assert_eq!(drawn(project.path(), &[".svg"]), ["part.compiled.svg", "part.svg"]);
}

#[test]
fn a_drawing_that_cannot_be_written_is_an_error_that_names_it() {
    let project = hello().file("taken", "").file("there/root.svg/x", "");
    let (status, text) = project.execute(&["-c", "-g", "-o", "taken/inside"]);
    assert!(status == 1 && text.contains("E054"), "{text}");
    let (status, text) = project.execute(&["-c", "-g", "-o", "there"]);
    assert!(status == 1 && text.contains("E054") && text.contains("there/root.svg"), "{text}");
    assert!(!project.path().join("there/manifest.json").exists());
}

/// Programs that stand for a runner are shell scripts.
#[cfg(unix)]
mod runners {
    use super::*;

    const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/runner.sh");

    /// A project with a runner of its own.
    fn with_runner(script: &str) -> Project {
        with_program(PROGRAM).file("script", script)
    }

    fn with_program(program: &str) -> Project {
        let definition = "function = \"out\"\nsource = \"x\"\nimpure = true\n[[input]]\nvalue = {once = 1}\n";
        let project = Project::new(&context("my/out")).file("runner/context/my/out.toml", definition);
        project.file("runner/runner.toml", &format!("name = \"{program}\"\n"))
    }

    fn words(words: &[&str]) -> Vec<String> {
        ["-C", "runner"].iter().chain(words).map(|word| (*word).to_owned()).collect()
    }

    fn run(project: &Project, more: &[&str]) -> (i32, String) {
        let words = words(more);
        project.execute(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    #[test]
    fn the_runner_gets_the_manifest_and_the_arguments() {
        let project = with_runner("echo \"$@\" > got");
        assert_eq!(run(&project, &["-m", ".", "a", "-b"]), (0, String::new()));
        let got = fs::read_to_string(project.path().join("got")).unwrap();
        let manifest = project.path().join("manifest.json");
        assert_eq!(got.trim(), format!("-m -n {} a -b", manifest.display()));
        assert_eq!(run(&project, &["-m", ".", "--", "-5"]), (0, String::new()));
        let got = fs::read_to_string(project.path().join("got")).unwrap();
        assert_eq!(got.trim(), format!("-m -n {} -- -5", manifest.display()));
    }

    #[test]
    fn the_status_of_the_runner_is_passed_on() {
        assert_eq!(run(&with_runner("exit 3"), &[]), (3, String::new()));
    }

    #[test]
    fn a_runner_ended_by_a_signal_is_an_error_that_names_it() {
        let (status, text) = run(&with_runner("kill -9 $$"), &[]);
        assert_eq!(status, 1);
        assert!(text.contains("E036") && text.contains("SIGKILL"), "{text}");
    }

    #[test]
    fn the_input_of_the_runner_may_come_from_a_file() {
        let project = with_runner("cat > got").file("text", "from a file");
        let text = project.path().join("text");
        assert_eq!(run(&project, &["-i", text.to_str().unwrap()]), (0, String::new()));
        assert_eq!(fs::read_to_string(project.path().join("got")).unwrap(), "from a file");
        let (status, text) = run(&project, &["-i", "/missing/file"]);
        assert_eq!(status, 1);
        assert!(text.contains("/missing/file cannot be read"), "{text}");
    }

    #[test]
    fn a_runner_that_is_not_there_is_an_error_and_no_obstacle_to_compiling() {
        let project = with_program("/no/such/runner");
        let (status, text) = run(&project, &[]);
        assert_eq!(status, 1);
        assert!(text.contains("E036"), "{text}");
        assert_eq!(run(&project, &["-c"]), (0, String::new()));
    }
}

#[test]
fn timings_tell_the_stages_and_how_much_there_was() {
    let project = hello();
    assert!(!project.execute(&["-c"]).1.contains("load"));
    let (status, text) = project.execute(&["-c", "--timings", "-O"]);
    assert_eq!(status, 0, "{text}");
    for name in ["load", "connect", "collapse", "check", "analyze", "write", "together"] {
        let line =
            text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} in {text}"));
        assert!(line.ends_with(" ms"), "{line}");
    }
    let functions = text.lines().find(|line| line.starts_with("functions")).unwrap();
    assert_eq!(functions.split_whitespace().last(), Some("1"));
    assert!(text.contains("\nremoved "), "{text}");
}
