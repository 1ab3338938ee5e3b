//! What the book's page on the protocol says about tags and bytes is true.

use super::{Announced, FromWorker, Hello, PROTOCOL, ToWorker};
use crate::dispatch::Attempt;
use crate::executor::{JobOrder, JobResult, ModuleLimits};
use crate::machine::Machine;
use crate::modules::Digest;
use crate::program::{ImplementationId, LaneId};
use crate::state::Ticket;
use crate::table::Id;
use flowcore::{Outcome, Value};
use std::collections::BTreeMap;

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md")).unwrap()
}

/// The first two cells of the rows of the table with this heading, after this text.
fn rows(after: &str, heading: &str) -> Vec<(String, String)> {
    let page = page();
    let (_, rest) = page.split_once(after).unwrap();
    let (_, table) = rest.split_once(heading).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches(['|', ' ']).split(" | ");
        (cells.next().unwrap().to_owned(), cells.next().unwrap().to_owned())
    })
    .collect()
}

const RUN: u64 = 7;

/// A number in the session of the page.
fn number(place: u64) -> u64 {
    (1 << 32) + place
}

fn attempt(place: u64, number: u32) -> Attempt {
    Attempt { ticket: Ticket { lane: LaneId::from_index(0), place }, number }
}

fn of_workers() -> Vec<(&'static str, FromWorker)> {
    let hello = Hello {
        protocol: PROTOCOL,
        network: "local".into(),
        name: "w".into(),
        slots: 2,
        libraries: vec![("l".into(), "1".into())],
        version: "1".into(),
        machine: Machine { architecture: "x".into(), system: "y".into(), cores: 4, memory: 0 },
        runs_modules: true,
        labels: vec![],
        runners: vec![],
        number: 9,
        held: vec![],
    };
    let Attempt { ticket, number: first } = attempt(5, 1);
    let outcome = Outcome::Done { output: Some(Value::from(42)), run_again: true };
    let result = JobResult { ticket, attempt: first, outcome, nanos: 100, notices: vec![] };
    vec![
        ("hello", FromWorker::Hello(Box::new(hello))),
        ("fetch", FromWorker::Fetch { run: RUN, number: number(1), module: Digest::from_bytes([0; 32]) }),
        ("ready", FromWorker::Ready { run: RUN, number: number(1) }),
        ("results", FromWorker::Results { run: RUN, number: number(2), window: 4, results: vec![result] }),
        ("returned", FromWorker::Returned { run: RUN, number: number(3), jobs: vec![attempt(6, 2)] }),
        ("worker's heartbeat", FromWorker::Heartbeat { run: RUN, sent: number(3) }),
        ("worker's goodbye", FromWorker::Goodbye { run: RUN }),
    ]
}

fn of_runners() -> Vec<(&'static str, ToWorker)> {
    let Attempt { ticket, number: first } = attempt(5, 1);
    let order = JobOrder {
        ticket,
        attempt: first,
        implementation: ImplementationId::from_index(0),
        inputs: [Value::from(21)].into_iter().collect(),
    };
    let welcome = ToWorker::Welcome {
        run: RUN,
        session: 1,
        runner: "r".into(),
        limit: None,
        module_limits: ModuleLimits { memory: 512, result: 256, time: None, fresh: false },
        implementations: vec![Announced { url: "lib://l/double".into(), module: None }],
    };
    let module = ToWorker::Module {
        run: RUN,
        number: number(1),
        module: Digest::from_bytes([0; 32]),
        bytes: b"\0a".to_vec().into(),
    };
    vec![
        ("welcome", welcome),
        ("refused", ToWorker::Refused { reason: "no".into() }),
        ("module", module),
        ("jobs", ToWorker::Jobs { run: RUN, number: number(2), orders: vec![order] }),
        ("recall", ToWorker::Recall { run: RUN, number: number(3), jobs: vec![attempt(6, 2)] }),
        ("cancel", ToWorker::Cancel { run: RUN, number: number(4), jobs: vec![attempt(5, 1)] }),
        ("stranger", ToWorker::Stranger { run: RUN }),
        ("runner's heartbeat", ToWorker::Heartbeat { run: RUN, sent: number(4) }),
        ("runner's goodbye", ToWorker::Goodbye { run: RUN }),
    ]
}

#[test]
fn the_messages_on_the_page_have_these_bytes() {
    let read = |(name, bytes): (String, String)| {
        let bytes = bytes.trim_matches('`').split(' ');
        (name, bytes.map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect())
    };
    let on_page: BTreeMap<String, Vec<u8>> =
        rows("### Examples", "| message | bytes |").into_iter().map(read).collect();
    for (name, message) in of_workers() {
        assert_eq!(message.encode(), on_page[name], "{name}");
        assert_eq!(FromWorker::decode(&on_page[name]), Ok(message));
    }
    for (name, message) in of_runners() {
        assert_eq!(message.encode(), on_page[name], "{name}");
        assert_eq!(ToWorker::decode(&on_page[name]), Ok(message));
    }
    assert_eq!(on_page.len(), of_workers().len() + of_runners().len());
}

#[test]
fn the_tags_on_the_page_are_those_of_the_messages() {
    let check = |after, messages: Vec<(&str, u8)>| {
        let on_page: Vec<(String, u8)> = rows(after, "| message | tag | after the tag |")
            .into_iter()
            .map(|(name, tag)| (name, tag.parse().unwrap()))
            .collect();
        let short = |name: &str| name.rsplit(' ').next().unwrap().to_owned();
        let messages: Vec<(String, u8)> =
            messages.into_iter().map(|(name, tag)| (short(name), tag)).collect();
        assert_eq!(on_page, messages);
    };
    check(
        "What a worker says:",
        of_workers().into_iter().map(|(name, message)| (name, message.encode()[0])).collect(),
    );
    check(
        "What a runner says:",
        of_runners().into_iter().map(|(name, message)| (name, message.encode()[0])).collect(),
    );
}

#[test]
fn the_version_on_the_page_is_the_one_that_is_spoken() {
    assert!(page().contains(&format!("It is version {PROTOCOL} of the protocol.")));
}
