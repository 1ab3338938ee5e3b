//! What has changed is built again, and nothing else is.

use super::{Watched, double, run, times};
use flow_tests::Place;
use std::fs;
use std::time::SystemTime;

#[test]
fn whatever_a_module_depends_on_builds_it_again() {
    let place = Place::new();
    if !place.builds("what a module depends on") {
        return;
    }
    double(&place);
    let source = "mod factor;\n".to_owned() + &times("double", 2).replace("* 2", "* factor::FACTOR + add()");
    let source = source + "fn add() -> i64 { include_str!(\"add.txt\").trim().parse().unwrap() }\n";
    place.write("flow/double/double.rs", source);
    place.write("flow/double/factor.rs", "pub const FACTOR: i64 = near::FACTOR;\n");
    place.write("flow/double/add.txt", "0");
    let manifest = "[package]\nname = \"double\"\nedition = \"2024\"\n[dependencies]\nflowcore = \"1.0\"\n\
                    flowmacro = { version = \"1.0\" }\nnear = { path = \"../near\" }\n";
    place.write("flow/double/function.toml", manifest);
    place.write("flow/near/Cargo.toml", "[package]\nname = \"near\"\nedition = \"2024\"\n");
    place.write("flow/near/src/lib.rs", "pub const FACTOR: i64 = 2;\n");
    let watched = Watched::new(&place);
    let built = vec!["build".to_owned()];
    let nothing = Vec::<String>::new();
    assert_eq!(watched.calls(&place, &[]), built);
    assert_eq!(watched.calls(&place, &[]), nothing);
    for (file, text, printed) in [
        ("double/factor.rs", "pub const FACTOR: i64 = near::FACTOR + 1;\n", "63\n"),
        ("near/src/lib.rs", "pub const FACTOR: i64 = 3;\n", "84\n"),
        ("double/add.txt", "1", "85\n"),
    ] {
        // With the time of the old one, as when an archive is unpacked.
        let path = place.work().join("flow").join(file);
        let old = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, text).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        assert_eq!(watched.calls(&place, &[]), built, "{file}");
        place.flowr().args(["flow"]).run().status(0).quietly().wrote(printed);
    }
    for file in ["double/double.toml", "double/function.toml"] {
        let path = place.work().join("flow").join(file);
        fs::write(&path, fs::read_to_string(&path).unwrap() + "\n# more\n").unwrap();
        assert_eq!(watched.calls(&place, &[]), built, "{file}");
    }
    assert_eq!(watched.calls(&place, &[]), nothing);
    let rustc = place.read("rust/bin/rustc").replace("exec", "[ \"$1\" = --version ] && echo another\nexec");
    place.write("rust/bin/rustc", rustc);
    assert_eq!(watched.calls(&place, &[]), built, "another compiler");
    let touched = fs::File::options().write(true).open(place.work().join("flow/double/double.rs")).unwrap();
    touched.set_modified(SystemTime::now()).unwrap();
    assert_eq!(watched.calls(&place, &[]), nothing, "times alone change nothing");
}

#[test]
fn what_is_written_while_it_is_built_builds_it_again() {
    let place = Place::new();
    if !place.builds("changes during a build") {
        return;
    }
    double(&place);
    place.write("later.rs", times("double", 3));
    let watched = Watched::new(&place);
    // The compiler has read the source when it is replaced, by an editor or by whatever writes it.
    let cargo = place.read("rust/bin/cargo").replace("exec ", "");
    let (source, later) = (place.work().join("flow/double/double.rs"), place.work().join("later.rs"));
    let swap = format!(
        "status=$?\n[ -e {0} ] && mv {0} {1} && touch {1}\nexit $status\n",
        later.display(),
        source.display()
    );
    place.write("rust/bin/cargo", cargo + &swap);
    assert_eq!(watched.calls(&place, &[]), ["build"]);
    assert_eq!(watched.calls(&place, &[]), ["build"], "what is there now was not compiled");
    place.flowr().args(["flow"]).run().status(0).quietly().wrote("63\n");
    assert_eq!(watched.calls(&place, &[]), Vec::<String>::new());
}

#[test]
fn optimizing_is_another_way_to_build() {
    let place = Place::new();
    if !place.builds("modules with -O") {
        return;
    }
    double(&place);
    let length = |words: &[&str]| {
        let call = place.flowc().args(["-c"]).args(words).args(["flow"]);
        call.build().status(0).quietly();
        place.flowr().args(["flow"]).run().status(0).quietly().wrote("42\n");
        fs::metadata(place.work().join("flow/double.wasm")).unwrap().len()
    };
    let plain = length(&[]);
    let optimized = length(&["-O"]);
    assert!(optimized < plain, "{optimized} is not less than {plain}");
    assert_eq!(length(&[]), plain, "both are kept");
}

#[test]
fn what_was_built_needs_no_tool_chain() {
    let place = Place::new();
    if !place.builds("what was built before") {
        return;
    }
    double(&place);
    run(&place).status(0).quietly().wrote("42\n");
    let mut call = place.flowc().args(["-c", "-o", "out", "flow"]);
    call.env("FLOW_RUST", "/nowhere");
    call.run().status(0).quietly();
    place.flowr().args(["out"]).run().status(0).quietly().wrote("42\n");
}
