//! The function on the page on functions agrees with its definition.

#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flowsource::{Input, Source};

/// What stands in the block after the name of a file.
fn file(page: &str, name: &str) -> String {
    let (_, after) = page.split_once(&format!("\n`{name}`\n\n```")).unwrap();
    let (_, block) = after.split_once('\n').unwrap();
    block.split_once("\n```").unwrap().0.to_owned() + "\n"
}

#[test]
fn the_source_agrees_with_the_definition_and_drafts_it() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/functions.md")).unwrap();
    let source = Source::read(&file(&page, "tag.rs")).unwrap_or_else(|problems| panic!("{problems:?}"));
    let definition = file(&page, "tag.toml");
    // The source does not tell of what type the output is.
    let drafted = definition.replace("[[output]]\ntype = \"string\"\n", "[[output]]\n");
    assert_eq!(source.draft().unwrap().text("tag.rs", None), drafted);
    let inputs = [("prefix", "string"), ("number", "number")]
        .map(|(name, is)| Input { name: name.to_owned(), types: vec![is.to_owned()] });
    assert_eq!(source.check(&inputs, "tag.toml"), Ok(()));
}
