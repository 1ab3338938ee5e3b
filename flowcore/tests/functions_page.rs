//! What the page on functions says about bytes is true.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flowcore::encoding::call::{put_answer, put_call, read_answer, read_call};
use flowcore::encoding::{Reader, put_value, read_value};
use flowcore::notice::{Notice, NoticeKind};
use flowcore::{Outcome, Value};

/// The rows of the table with this heading.
fn rows(heading: &str) -> Vec<(String, Vec<u8>)> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/functions.md")).unwrap();
    let (_, table) = page.split_once(&format!("\n| {heading} | bytes |\n|---|---|\n")).unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let [what, bytes] = cells[..] else { panic!("{row}") };
        let bytes = bytes.trim_matches('`').split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap());
        (what.to_owned(), bytes.collect())
    })
    .collect()
}

/// The JSON text between backticks.
fn value(text: &str) -> Value {
    text.split('`').nth(1).unwrap().parse().unwrap()
}

#[test]
fn the_values_on_the_page_have_these_bytes() {
    let rows = rows("value");
    assert!(rows.len() > 10);
    for (text, expected) in rows {
        let value = value(&text);
        let mut bytes = Vec::new();
        put_value(&mut bytes, &value);
        assert_eq!(bytes, expected, "{text}");
        assert_eq!(read_value(&mut Reader::new(&expected)), Ok(value), "{text}");
    }
}

#[test]
fn the_calls_and_answers_on_the_page_have_these_bytes() {
    let rows = rows("call or answer");
    assert_eq!(rows.len(), 6);
    for (text, expected) in rows {
        let mut bytes = Vec::new();
        if text.starts_with("call ") {
            let inputs = value(&text).as_array().unwrap().to_vec();
            put_call(&mut bytes, &inputs);
            assert_eq!(read_call(&expected), Ok(inputs));
        } else {
            let (outcome, notices) = answer(&text);
            put_answer(&mut bytes, &outcome, &notices);
            assert_eq!(read_answer(&expected, usize::MAX), Ok((outcome, notices)));
        }
        assert_eq!(bytes, expected, "{text}");
    }
}

fn answer(text: &str) -> (Outcome, Vec<Notice>) {
    let quoted = |number: usize| text.split('`').nth(2 * number + 1).unwrap_or_default().to_owned();
    if text == "answer nothing" {
        (Outcome::Done { output: None, run_again: true }, Vec::new())
    } else if text.starts_with("answer error ") {
        (Outcome::Failed(quoted(0)), Vec::new())
    } else {
        let remark = Notice { kind: NoticeKind::Remark, text: quoted(1) };
        let notices = if text.contains("remark") { vec![remark] } else { Vec::new() };
        (Outcome::Done { output: Some(value(text)), run_again: true }, notices)
    }
}
