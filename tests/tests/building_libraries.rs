//! Libraries with functions in Rust: built, installed, and used by flows as modules.

#[path = "library/cases.rs"]
mod cases;

use flow_tests::{Example, Place, repository};
use std::fs;

const PACKAGE: &str = "[package]\nname = \"shapes\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
    [dependencies]\nflowcore = \"1\"\nflowmacro = \"1\"\n";

/// The definition of the function `area`.
const AREA: &str = "function = \"area\"\nsource = \"area.rs\"\ntype = \"rust\"\n\
    [[input]]\nname = \"width\"\ntype = \"number\"\n[[input]]\nname = \"height\"\ntype = \"number\"\n\
    [[output]]\ntype = \"number\"\n";

/// Its code, with a test.
fn area(product: &str) -> String {
    format!(
        "use flowcore::{{Result, RunAgain, Value, flow_output}};\nuse flowmacro::flow_function;\n\n\
         #[flow_function]\nfn area(width: i64, height: i64) -> Result<(Option<Value>, RunAgain)> {{\n    \
         flow_output!({product})\n}}\n\n\
         #[test]\nfn a_square_is_counted() {{\n    assert_eq!(area(3, 3).unwrap().0, Some(Value::from(9)));\n}}\n"
    )
}

/// A library whose function has everything in its own folder.
fn library(place: &Place) {
    place.write("shapes/lib.toml", "");
    place.write("shapes/Cargo.toml", PACKAGE);
    place.write("shapes/src/geo/area/area.toml", AREA);
    place.write("shapes/src/geo/area/area.rs", area("width * height"));
}

/// A flow that prints an area.
fn user(place: &Place) {
    place.write(
        "user/root.toml",
        "flow = \"user\"\n[[process]]\nsource = \"lib://shapes/geo/area\"\ninput.width = { once = 6 }\n\
         input.height = { once = 7 }\n[[process]]\nsource = \"context://stdio/stdout\"\n\
         [[connection]]\nfrom = \"area\"\nto = \"stdout\"\n",
    );
}

/// Runs the flow with the modules of the library.
fn prints_42(place: &Place) {
    place.flowc().args(["-w", "user"]).build().status(0).quietly().wrote("42\n");
}

#[test]
fn a_library_is_built_installed_and_used() {
    let place = Place::new();
    if !place.builds("a library") {
        return;
    }
    library(&place);
    user(&place);
    place.flowc().args(["shapes"]).build().status(0).quietly().wrote("");
    assert!(place.home().join(".flow/lib/shapes/geo/area/area.wasm").is_file());
    prints_42(&place);
    let module = fs::read(place.home().join(".flow/lib/shapes/geo/area/area.wasm")).unwrap();
    place.write("shapes/src/geo/area/area.rs", area("width + height"));
    place
        .flowc()
        .args(["shapes"])
        .build()
        .status(1)
        .complained_of("E061")
        .complained_of("a_square_is_counted");
    assert_eq!(fs::read(place.home().join(".flow/lib/shapes/geo/area/area.wasm")).unwrap(), module);
    prints_42(&place);
}

#[test]
fn a_library_may_have_a_manifest_for_each_function_in_a_workspace() {
    let place = Place::new();
    if !place.builds("a library with a manifest for each function") {
        return;
    }
    library(&place);
    user(&place);
    place.write(
        "shapes/lib.toml",
        "[workspace]\nmembers = [\"geo/area\"]\n[workspace.package]\nedition = \"2024\"\n\
         [workspace.dependencies]\nflowcore = \"1\"\nflowmacro = \"1\"\n[profile.release]\nopt-level = \"s\"\n",
    );
    place.write(
        "shapes/src/geo/area/function.toml",
        "[package]\nname = \"area\"\nedition.workspace = true\n[lib]\ncrate-type = [\"cdylib\"]\npath = \"area.rs\"\n\
         [dependencies]\nflowcore.workspace = true\nflowmacro.workspace = true\n",
    );
    // The crate with all of them is for runners that have them built in.
    place.write("shapes/src/lib.rs", "#[path = \"geo/area/area.rs\"]\npub mod area;\n");
    place.flowc().args(["shapes"]).build().status(0).quietly().wrote("");
    prints_42(&place);
}

#[test]
fn functions_of_a_library_may_share_code_in_its_crate() {
    let place = Place::new();
    if !place.builds("a library that is a crate") {
        return;
    }
    library(&place);
    user(&place);
    // The attribute looks for the definition beside the file that it is used in, so that file is the module.
    place.write("shapes/src/lib.rs", "mod product;\n#[path = \"geo/mod.rs\"]\npub mod geo;\n");
    place.write("shapes/src/product.rs", "pub(crate) fn of(one: i64, other: i64) -> i64 { one * other }\n");
    place.write("shapes/src/geo/mod.rs", "#[path = \"area/area.rs\"]\npub mod area;\n");
    place.write("shapes/src/geo/area/area.rs", area("crate::product::of(width, height)"));
    place.flowc().args(["shapes"]).build().status(0).quietly().wrote("");
    prints_42(&place);
    place.write("shapes/src/product.rs", "pub(crate) fn of(one: i64, other: i64) -> i64 { one + other }\n");
    place.flowc().args(["shapes"]).build().status(1).complained_of("a test of the library fails");
    place.write("shapes/src/geo/mod.rs", "");
    let outcome = place.flowc().args(["shapes"]).build().status(1);
    outcome.complained_of("E060").complained_of("in the crate of the library, as geo::area::Area");
}

#[test]
fn the_standard_library_is_built_from_its_sources_and_gives_the_same() {
    let place = Place::new();
    if !place.builds("the standard library as modules") {
        return;
    }
    let sources = repository().join("flowstdlib");
    let build = || place.flowc().args([&sources]).build().status(0).quietly().wrote("");
    build();
    let installed = place.home().join(".flow/lib/flowstdlib");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(installed.join("manifest.json")).unwrap()).unwrap();
    let locators = manifest["locators"].as_object().unwrap();
    let mut modules = 0;
    for (url, _) in flowstdlib::implementations() {
        let module = installed.join(locators[*url].as_str().unwrap());
        let content = fs::read(&module).unwrap_or_else(|error| panic!("{}: {error}", module.display()));
        assert!(content.starts_with(b"\0asm"), "{url}");
        modules += 1;
    }
    assert!(modules > 100);
    for name in Example::names() {
        let example = Example::named(&name);
        let Some(folder) = place.compiled_example(&example) else { continue };
        for form in ["-n", "-w"] {
            let call = place.flowr().within(&folder).args([form, "manifest.json"]).with(&example);
            call.run().status(0).quietly().wrote(example.stdout_in(&folder));
            example.take_files_in(&folder);
        }
    }
    // Also where a worker does the jobs.
    let mut worker = place.worker();
    let folder = place.work().join("examples/word-count");
    let example = Example::named("word-count");
    let call = place.flowr().within(&folder).args(["-w", "-t", "0", "manifest.json"]).with(&example);
    call.run().status(0).quietly().wrote(example.stdout_in(&folder));
    worker.wait_until_idle();
    assert!(worker.log().iter().any(|line| line.contains("Waiting for module")));
    drop(worker);
    // And every function, with the values that its results are known for.
    place.write("functions/root.json", format!("{:#}", cases::flow_of(&cases::cases())));
    place.flowc().args(["-c", "functions/root.json"]).run().status(0);
    let printed = |form| {
        let outcome = place.flowr().args([form, "functions"]).run().status(0).quietly();
        let mut lines: Vec<String> = outcome.stdout().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(printed("-w"), printed("-n"));
}
