//! Whatever is misspelt is answered with what was meant, or with what there is.

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const OUT: &str = "[[process]]\nsource = \"context://stdio/stdout\"\n";
const GET: &str = "[[process]]\nsource = \"context://args/get\"\n";
const ADD: &str = "[[process]]\nsource = \"lib://flowstdlib/math/add\"\n";

fn write(directory: &Path, path: &str, text: &str) {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A root flow beside other things that can be referred to.
fn project(root: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write(path, "root.toml", &format!("flow = \"root\"\n{root}"));
    let sub = "flow = \"convert\"\n[[input]]\nname = \"number\"\n[[output]]\nname = \"result\"\n\
               [[connection]]\nfrom = \"input/number\"\nto = \"output/result\"\n";
    write(path, "convert.toml", sub);
    write(path, "parts/double.toml", "flow = \"double\"\n");
    write(path, "other.yaml", "flow: other\n");
    write(
        path,
        "function.toml",
        "function = \"f\"\nsource = \"fnction.rs\"\ninput = [{value = {once = 1}}]\noutput = [{}]\n",
    );
    write(path, "function.rs", "");
    let definition = "function = \"write\"\nsource = \"x\"\nimpure = true\ninput = [{}]\n";
    write(path, "libraries/tools/shape/round.toml", "flow = \"round\"\n");
    write(path, "home/.flow/runner/desktop/window/write.toml", definition);
    write(path, "mine/window/write.toml", definition);
    directory
}

/// What is advised about a command line in a project.
fn helps(root: &str, words: &[&str]) -> String {
    let directory = project(root);
    let mut flowc = Command::new(env!("CARGO_BIN_EXE_flowc"));
    flowc.current_dir(directory.path()).env("HOME", directory.path().join("home"));
    flowc.env_remove("FLOW_LIB_PATH").env_remove("RUST_LOG");
    let output = flowc.args(words).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let helps: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("help: ")).collect();
    if helps.is_empty() { text } else { helps.join("\n") }
}

fn help(root: &str) -> String {
    helps(root, &["-c", "-L", "libraries"])
}

fn source(source: &str) -> String {
    help(&format!("[[process]]\nsource = \"{source}\"\n"))
}

fn connect(from: &str, to: &str) -> String {
    let convert = "[[process]]\nsource = \"convert\"\n";
    help(&format!("{OUT}{GET}{ADD}{convert}[[connection]]\nfrom = \"{from}\"\nto = \"{to}\"\n"))
}

#[test]
fn misspelt_sources() {
    for (written, meant) in [
        ("convrt", "convert"),
        ("convrt.toml", "convert.toml"),
        ("./parts/duoble", "parts/double"),
        ("prts/double", "parts/double"),
        ("othr.yaml", "other.yaml"),
        ("lib://flowstlib/math/add", "lib://flowstdlib/math/add"),
        ("lib://flowstdlib/math/ad", "lib://flowstdlib/math/add"),
        ("lib://tool/shape/round", "lib://tools/shape/round"),
        ("lib://tools/shape/ruond", "lib://tools/shape/round"),
        ("lib://tools/shpe/round", "lib://tools/shape/round"),
        ("context://stdio/stdot", "context://stdio/stdout"),
        ("context://stdi/stdout", "context://stdio/stdout"),
        ("contxt://stdio/stdout", "context://stdio/stdout"),
        ("libs://flowstdlib/math/add", "lib://flowstdlib/math/add"),
    ] {
        assert_eq!(source(written), format!("did you mean '{meant}'?"), "{written}");
    }
    assert_eq!(source("nothing/like/it"), "looked for nothing/like/it.toml");
    let function =
        format!("{OUT}[[process]]\nsource = \"function\"\n[[connection]]\nfrom = \"f\"\nto = \"stdout\"\n");
    assert_eq!(help(&function), "did you mean 'function.rs'?");
    assert!(source("lib://zzz/f").starts_with("searched "));
    let words = ["-c", "-C", "mine"];
    let help = helps("[[process]]\nsource = \"context://window/wriet\"\n", &words);
    assert_eq!(help, "did you mean 'context://window/write'?");
}

#[test]
fn misspelt_words_of_the_command_line() {
    for (words, meant) in [
        (["-c", "convrt"].as_slice(), "convert"),
        (&["-c", "./rot.toml"], "root.toml"),
        (&["-c", "-r", "flowrcl"], "flowrcli"),
        (&["-c", "-r", "desktp"], "desktop"),
        (&["-c", "-C", "flwrcli"], "flowrcli"),
        (&["-c", "-C", "./mien"], "mine"),
        (&["-c", "-L", "librares", "."], "libraries"),
    ] {
        let root = format!("{OUT}input.default = {{once = 1}}\n");
        assert_eq!(helps(&root, words), format!("did you mean '{meant}'?"), "{words:?}");
    }
}

#[test]
fn misspelt_ends_of_connections() {
    for (from, to, meant) in [
        ("gett/json", "stdout", "get"),
        ("get/jsn", "stdout", "get/json"),
        ("get/jsn/1/2", "stdout", "get/json/1/2"),
        ("get/json", "stdot", "stdout"),
        ("get/json", "add/i1x", "add/i1"),
        ("get/json", "convert/numbr", "convert/number"),
        ("convert/reslt", "stdout", "convert/result"),
    ] {
        assert_eq!(connect(from, to), format!("did you mean '{meant}'?"), "{from} -> {to}");
    }
    assert_eq!(connect("get/json", "stdout/text"), "the only one has no name: write 'stdout'");
    assert_eq!(connect("get/zzz", "stdout"), "outputs: 'string', 'json'");
    assert_eq!(connect("zzz", "stdout"), "processes: 'add', 'convert', 'get', 'stdout'");
    assert_eq!(
        connect("get/json", "get/string"),
        "it has an output of that name, but connections end at inputs"
    );
    let own = |from: &str, to: &str| {
        let ios = "[[input]]\nname = \"first\"\n[[output]]\nname = \"second\"\n";
        help(&format!("{ios}{OUT}{GET}[[connection]]\nfrom = \"{from}\"\nto = \"{to}\"\n"))
    };
    assert!(own("input/frst", "stdout").contains("did you mean 'input/first'?"));
    assert!(own("get/json", "output/scnd").contains("did you mean 'output/second'?"));
    assert!(own("inptu/first", "stdout").contains("did you mean 'input/first'?"));
    assert!(own("get/json", "ouput/second").contains("did you mean 'output/second'?"));
}

#[test]
fn misspelt_keys_types_and_initializers() {
    let used = "[[connection]]\nfrom = \"add\"\nto = \"stdout\"\n";
    let add = |input: &str| help(&format!("{OUT}{ADD}{input}{used}"));
    for (help, meant) in [
        (help("descripton = \"x\"\n"), "did you mean 'description'?"),
        (help("[[process]]\nsorce = \"x\"\n"), "did you mean 'source'?"),
        (help("[[connection]]\nform = \"x\"\nto = \"y\"\n"), "did you mean 'from'?"),
        (help("[[input]]\nname = \"x\"\ntpye = \"number\"\n"), "did you mean 'type'?"),
        (help("[[input]]\nname = \"x\"\ntype = \"nubmer\"\n"), "did you mean 'number'?"),
        (help("[[input]]\nname = \"x\"\ntype = \"array/objects\"\n"), "did you mean 'object'?"),
        (add("input.i1 = {onec = 1}\n"), "did you mean 'once' by 'onec'?"),
        (add("input.i1 = {allways = 1}\n"), "did you mean 'always' by 'allways'?"),
    ] {
        assert_eq!(help, meant);
    }
    let both = "input.i1 = {once = 1}\ninput.i2 = {once = 1}\n";
    assert_eq!(add(&format!("{both}input.i22 = {{once = 1}}\n")), "did you mean 'i2'?");
    assert_eq!(add(&format!("{both}input.zzz = {{once = 1}}\n")), "the inputs of 'add' are 'i1', 'i2'");
    let stdout = help(&format!("{OUT}input.default = {{once = 1}}\ninput.zzz = {{once = 1}}\n"));
    assert_eq!(stdout, "its input has no name: write input.default");
}
