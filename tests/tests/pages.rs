//! What the pages say is true.

use flow_tests::{Example, Place, repository};

fn page(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap_or_default()
}

/// The blocks of a page that are marked with this language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    page.split("\n```")
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
        .map(|block| format!("{block}\n"))
        .collect()
}

#[test]
fn the_flow_in_the_readme_is_the_example() {
    let definition = blocks(&page("README.md"), "toml").remove(0);
    let place = Place::new();
    place.write("readme/root.toml", definition);
    place.flowc().args(["readme"]).run().status(0).quietly().wrote(Example::named("fibonacci").expected);
}

#[test]
fn the_first_flow_in_the_book_halves() {
    let definition = blocks(&page("docs/flows.md"), "toml").remove(0);
    let place = Place::new();
    place.write("halves/root.toml", definition);
    place.flowc().args(["halves"]).run().status(0).quietly().wrote("3.5\n");
}

#[test]
fn the_sub_flow_in_the_book_doubles() {
    let book = page("docs/flows.md");
    let double = blocks(&book, "toml").into_iter().find(|block| block.contains("flow = \"double\"")).unwrap();
    let place = Place::new();
    place.write("flow/double.toml", double);
    place.write(
        "flow/root.toml",
        "flow = \"root\"\n[[process]]\nsource = \"double\"\ninput.number = { once = 21 }\n\
         [[process]]\nsource = \"context://stdio/stdout\"\n[[connection]]\nfrom = \"double/doubled\"\nto = \"stdout\"\n",
    );
    place.flowc().args(["flow"]).run().status(0).quietly().wrote("42\n");
}

#[test]
fn the_library_in_the_book_can_be_built_and_used() {
    let book = page("docs/libraries.md");
    let blocks = blocks(&book, "toml");
    let [package, square, sides] = blocks.as_slice() else { panic!("the page has a library and its user") };
    let place = Place::new();
    place.write("shapes/lib.toml", "");
    place.write("shapes/Cargo.toml", package);
    place.write("shapes/src/geo/square.toml", square);
    place.write("sides/root.toml", sides);
    assert!(book.contains("\n```sh\nflowc shapes\n```\n"));
    place.flowc().args(["shapes"]).run().status(0).quietly().wrote("");
    place.flowc().args(["sides"]).run().status(0).quietly().wrote("49\n");
    // The same without a home to install to.
    place.flowc().args(["-o", "libs/shapes", "shapes"]).run().status(0).quietly().wrote("");
    place.flowc().args(["-c", "-L", "libs", "-o", "out", "sides"]).run().status(0).quietly().wrote("");
    assert_eq!(place.read("out/manifest.json"), place.read("sides/manifest.json"));
}

#[test]
fn the_mistake_in_the_book_is_shown_like_that() {
    let shown =
        blocks(&page("docs/flows.md"), "text").into_iter().find(|block| block.contains("stdot")).unwrap();
    let place = Place::new();
    place.write(
        "flow/root.toml",
        "flow = \"mistake\"\nprocess = [\n    { source = \"lib://flowstdlib/math/add\", input = { i1 = { once = 1 }, i2 = { once = 2 } } },\n\
         \x20   { source = \"context://stdio/stdout\" }]\n[[connection]]\nfrom = \"add\"\nto = \"stdot\"\n",
    );
    place.flowc().args(["-c", "flow"]).run().status(1).complained_of(shown.trim_end());
}

/// Every option in the tables of the command lines is one that the program explains.
#[test]
fn the_options_in_the_book_exist() {
    let book = page("docs/command-line.md");
    let place = Place::new();
    for program in ["flowc", "flowr", "flowrex"] {
        let heading = format!("`{program}`\n");
        let (_, chapter) = book.split_once(&heading).unwrap();
        let chapter = chapter.split("\n## ").next().unwrap_or(chapter);
        let help = place.call(program).args(["--help"]).run().status(0);
        let rows = chapter.lines().filter(|line| line.starts_with("| `-"));
        let mut count = 0;
        for option in rows.flat_map(|row| row.split(['`', ' ', ',']).filter(|word| word.starts_with('-'))) {
            count += 1;
            if !help.stdout().contains(option) {
                help.fail(&format!("should have explained {option}"));
            }
        }
        assert!(count >= 4, "the page has options for {program}");
    }
}

/// The terminal of the README shows what really happens, from the first line to the last.
#[test]
fn the_dialogue_in_the_readme_names_what_there_is() {
    let readme = page("README.md");
    let typed: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(
        typed,
        [
            "flowrex -v debug",
            "flowc -c -C flowrcli examples/fibonacci",
            "ls examples/fibonacci/manifest.json",
            "flowr -t 0 examples/fibonacci",
        ]
    );
}
