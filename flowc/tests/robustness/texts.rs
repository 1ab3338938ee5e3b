//! Files that are no text, and text that is hard to show.

use crate::place::{GOOD, Place};

fn utf_16(text: &str) -> Vec<u8> {
    let units = [0xfeff].into_iter().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[test]
fn what_is_no_utf_8_is_refused() {
    for name in ["root.toml", "root.yaml", "root.json"] {
        Place::with(name, b"flow = \"\xff\"").is_refused(name, &["E003", name]);
        Place::with(name, utf_16("flow = \"r\"\n")).is_refused(name, &["E003", name]);
        Place::with(name, [0; 1000]).is_refused(name, &["E0"]);
        Place::with(name, "").is_refused(name, &["E0"]);
    }
    Place::with("root.toml", b"flow = 'r'\n\0").is_refused("root.toml", &["E005", "root.toml:2:1"]);
}

#[test]
fn the_place_in_an_endless_line_is_shown_in_a_short_one() {
    let long = "y".repeat(10_000_000);
    let place = Place::with("root.toml", format!("flow = 'r'\nx = '{long}' # {long}\n"));
    place.is_refused("root.toml", &["E006", "root.toml:2:1", "x = 'yyy"]);
    let place = Place::with("root.json", format!("{{\"flow\": \"r\",{}\"x\": 1}}", " ".repeat(10_000_000)));
    place.is_refused("root.json", &["E006", "root.json:1:10000014", "\"x\": 1"]);
}

#[test]
fn long_names_are_shown_by_their_ends() {
    let long = "y".repeat(1_000_000);
    let texts = [
        ("E030", format!("flow = '{long}'\n[[process]]\nsource = 'context://stdio/stdout'\n")),
        ("E002", format!("flow = 'r'\n[[process]]\nsource = '{long}'\n")),
        ("E020", format!("flow = 'r'\n{GOOD}[[connection]]\nfrom = '{long}'\nto = 'stdout'\n")),
        ("E011", format!("flow = 'r'\n{GOOD}[[input]]\ntype = '{long}'\n")),
        ("E006", format!("flow = 'r'\n{long} = 1\n")),
    ];
    for (code, text) in texts {
        Place::with("root.toml", text).is_refused("root.toml", &[code, "yyy ... yyy"]);
    }
}

#[test]
fn names_do_not_reach_the_terminal_as_commands() {
    let texts = [
        "flow = \"r\\u001b[2J\\u0007\"\n[[process]]\nsource = 'context://stdio/stdout'\n".to_owned(),
        "flow = 'r'\n\"\\u001b[2J\" = 1\n".to_owned(),
        format!("flow = 'r'\n{GOOD}[[connection]]\nfrom = \"\\u001b]0;x\\u0007\"\nto = 'stdout'\n"),
        "flow = 'r'\n[[process]]\nsource = \"a\\u001b[31m\\nb\"\n".to_owned(),
        "flow = 'r' # \u{9b}31m \u{202e}\nx = 1\n".to_owned(),
        "flow = 'r' # \u{1b}[31m\nx = 1\n".to_owned(),
    ];
    for text in texts {
        let messages = Place::with("root.toml", text).is_refused("root.toml", &["E0"]);
        assert!(!messages.contains('\u{202e}'), "{messages:?}");
    }
    // The name of the file itself.
    let place = Place::with("a\u{1b}[2J.toml", "flow = 'r'\nx = 1\n");
    place.is_refused("a\u{1b}[2J.toml", &["E006", "a\\u{1b}[2J.toml:2:1"]);
}

#[test]
fn names_with_slashes_quotes_and_newlines_are_told_apart_in_the_manifest() {
    let function = |name: &str| {
        format!(
            "[[process]]\nalias = {name}\nsource = 'lib://flowstdlib/math/add'\ninput.i1 = {{ always = 1 }}\n\
                 input.i2 = {{ once = 1 }}\n"
        )
    };
    let names = [r#""a/b""#, r#""a\"b""#, r#""a\nb""#, r#""""#, r#"" ""#, r#""\\""#, r#""é\u0000""#];
    let aliases: String = names.map(function).concat();
    let place = Place::with("root.toml", format!("flow = \"r\\n\\\"\"\n{GOOD}{aliases}"));
    let outcome = place.run_after("", &["-c", "-d", "root.toml"]);
    assert_eq!(outcome.status, Some(0), "{}", outcome.messages);
    let text = std::fs::read_to_string(place.manifest()).unwrap();
    let manifest = flowcore::manifest::read_flow_manifest(&text).unwrap();
    let found: Vec<&str> = manifest.functions.values().map(|function| function.name.as_str()).collect();
    // An empty alias is none.
    for name in ["a/b", "a\"b", "a\nb", "add", " ", "\\", "é\0", "stdout"] {
        assert!(found.contains(&name), "{name:?} is not in {found:?}");
    }
}
