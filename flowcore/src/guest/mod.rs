//! What a function that is compiled to a WebAssembly module runs in.
//!
//! Whoever runs a module (its *host*) puts a call into the module's memory and takes an answer out. There are two
//! conventions for that, and every module of ours follows both: the value convention of
//! [`encoding::call`](crate::encoding::call), and one of JSON text that older modules and runners have:
//!
//! | export | type | contract |
//! |---|---|---|
//! | `memory` | memory | where calls and answers lie |
//! | `alloc` | `(size: i32) -> i32` | the offset of a fresh block; the host asks for 262 144 bytes at least |
//! | `run_wasm` | `(offset: i32, length: i32) -> i32` | runs the function; the length of the answer, at the same offset |
//!
//! There a call is a JSON array of the input values, and an answer `{"Ok":[VALUE, RUN_AGAIN]}` or `{"Err":"REASON"}`.
//! No output is null as well, notices are lost, and an answer that is larger than the block is an `Err` that says so.
//!
//! A [`Guest`] does all of this on bytes, wherever it runs; [`export_module!`](crate::export_module) makes exports of
//! its methods.

mod blocks;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod exports;
mod module;
#[cfg(any(target_arch = "wasm32", test))]
mod panics;

use crate::encoding::call::{put_answer, read_call_into};
use crate::encoding::nests_deeper;
use crate::{Implementation, Outcome, Value, notice};
use blocks::Blocks;
use std::mem;

/// The largest module that hosts take, in bytes. Larger ones are no code that a person had compiled for a function.
pub const LARGEST_MODULE: usize = 64 << 20;

/// As much room for answers as is kept from one call to the next.
const KEPT: usize = 1 << 18;

/// How deep a value may nest in an answer of JSON text: what reads it goes 127 levels deep, and the answer has two.
const DEEPEST_IN_TEXT: usize = 125;

/// A module's memory as its host sees it, and what calls use again and again.
#[derive(Default)]
pub struct Guest {
    blocks: Blocks,
    inputs: Vec<Value>,
    answer: Vec<u8>,
}

impl Guest {
    /// One that was never called.
    pub const fn new() -> Guest {
        Guest { blocks: Blocks::new(), inputs: Vec::new(), answer: Vec::new() }
    }

    /// The address of a fresh block of at least so many bytes.
    pub fn allocate(&mut self, size: usize) -> usize {
        self.blocks.allocate(size)
    }

    /// Takes back the block at this address. One that is not there is none of the host's any more, which is no error.
    pub fn free(&mut self, address: usize) {
        self.blocks.free(address);
    }

    /// The bytes of a block from this address on: those which the host writes and reads.
    pub fn block(&mut self, address: usize) -> Option<&mut [u8]> {
        self.blocks.rest(address)
    }

    /// Reads the call of so many bytes at this address.
    ///
    /// # Errors
    ///
    /// What comes of a call that cannot be read.
    pub fn read(&mut self, address: usize, length: usize) -> Result<Vec<Value>, Outcome> {
        let Some(call) = self.blocks.rest(address).and_then(|block| block.get(..length)) else {
            return Err(unreadable(&OUTSIDE));
        };
        let mut inputs = mem::take(&mut self.inputs);
        read_call_into(&mut inputs, call).map_err(|error| unreadable(&error))?;
        Ok(inputs)
    }

    /// The answer to the call that was read, which is valid until the next. The inputs are given back as the function has
    /// left them, for the room that they take.
    pub fn answer(&mut self, mut inputs: Vec<Value>, outcome: &Outcome) -> &[u8] {
        inputs.clear();
        self.inputs = inputs;
        begin(&mut self.answer);
        put_answer(&mut self.answer, outcome, &notice::take());
        &self.answer
    }

    /// Reads the call that is JSON text of so many bytes at this address.
    ///
    /// Hosts of this convention allocate a block for each call and never free it, so the block of the call before this
    /// one, if it was another, is freed here.
    ///
    /// # Errors
    ///
    /// What comes of a call that cannot be read.
    pub fn read_text(&mut self, address: usize, length: usize) -> Result<Vec<Value>, Outcome> {
        self.blocks.in_use(address);
        let text = self.blocks.rest(address).and_then(|block| block.get(..length));
        let text = text.ok_or_else(|| unreadable(&OUTSIDE))?;
        serde_json::from_slice(text).map_err(|error| unreadable(&error))
    }

    /// Writes the answer to the call that was read from this address over it, and gives its length. There is no answer, of
    /// length 0, only where there is no room for any.
    pub fn answer_text(&mut self, address: usize, outcome: &Outcome) -> usize {
        // There is no place for them in this convention, and they must not come with another call.
        notice::take();
        let Guest { blocks, answer, .. } = self;
        let block = blocks.rest(address).unwrap_or_default();
        begin(answer);
        put_text_answer(answer, outcome);
        if answer.len() > block.len() {
            let (size, room) = (answer.len(), block.len());
            begin(answer);
            let reason =
                format!("its result takes {size} bytes, but in the block of the call there are {room}");
            put_text_answer(answer, &Outcome::Failed(reason));
        }
        match block.get_mut(..answer.len()) {
            Some(place) => {
                place.copy_from_slice(answer);
                answer.len()
            }
            None => 0,
        }
    }
}

/// Runs a function on what was read of its call, and gives what came of it and the inputs as it has left them.
pub fn run(function: &dyn Implementation, inputs: Result<Vec<Value>, Outcome>) -> (Outcome, Vec<Value>) {
    match inputs {
        Ok(mut inputs) => (Outcome::from(function.run_owned(&mut inputs)), inputs),
        Err(outcome) => (outcome, Vec::new()),
    }
}

/// What is wrong with a call of which some bytes are in no block.
const OUTSIDE: &str = "it is not inside a block of `alloc`";

#[cold]
fn unreadable(problem: &dyn std::fmt::Display) -> Outcome {
    Outcome::Failed(format!("the call cannot be read: {problem}"))
}

/// Makes ready for another answer. Room that one large answer needed is not kept for ever.
fn begin(answer: &mut Vec<u8>) {
    answer.clear();
    answer.shrink_to(KEPT);
}

fn put_text_answer(text: &mut Vec<u8>, outcome: &Outcome) {
    let answer = match outcome {
        Outcome::Done { output: Some(value), .. } if nests_deeper(value, DEEPEST_IN_TEXT) => {
            Err("its result nests too deep for JSON text")
        }
        Outcome::Done { output, run_again } => Ok((output, run_again)),
        Outcome::Failed(reason) | Outcome::FailedInPassing(reason) => Err(reason.as_str()),
    };
    // Writing values to memory cannot fail; if it did, there would be no answer, which every host notices.
    if serde_json::to_writer(&mut *text, &answer).is_err() {
        text.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::call::{put_call, read_answer};
    use crate::notice::{Notice, NoticeKind};
    use crate::{DONT_RUN_AGAIN, RUN_AGAIN, RunAgain};
    use proptest::prelude::*;

    /// As many bytes as hosts of the JSON convention ask for at least.
    const ROOM: usize = 262_144;

    /// Does what its first input says.
    struct Sample;

    impl Implementation for Sample {
        fn run(&self, inputs: &[Value]) -> crate::Result<(Option<Value>, RunAgain)> {
            notice::leave(NoticeKind::Remark, || "it ran".to_owned());
            let [what, more @ ..] = inputs else { return Err("takes something".into()) };
            match what.as_str() {
                Some("repeat") => Ok((Some(more.iter().cloned().collect()), RUN_AGAIN)),
                Some("nothing") => Ok((None, RUN_AGAIN)),
                Some("stop") => Ok((Some(Value::Null), DONT_RUN_AGAIN)),
                Some("nest") => {
                    let depth = more.first().and_then(Value::as_u64).unwrap_or_default();
                    let value = (0..depth).fold(Value::from(1), |inner, _| Value::from(vec![inner]));
                    Ok((Some(value), RUN_AGAIN))
                }
                Some("letters") => {
                    let count = more.first().and_then(Value::as_u64).unwrap_or_default() as usize;
                    Ok((Some(Value::from("x".repeat(count))), RUN_AGAIN))
                }
                _ => Err(format!("cannot {what}").into()),
            }
        }
    }

    fn answer(guest: &mut Guest, address: usize, length: usize) -> (Outcome, Vec<Notice>) {
        let (outcome, inputs) = run(&Sample, guest.read(address, length));
        read_answer(guest.answer(inputs, &outcome), usize::MAX).unwrap()
    }

    fn text_answer(guest: &mut Guest, address: usize, length: usize) -> usize {
        let (outcome, _) = run(&Sample, guest.read_text(address, length));
        guest.answer_text(address, &outcome)
    }

    fn values(json: &str) -> Vec<Value> {
        serde_json::from_str(json).unwrap()
    }

    /// A call in the value convention, as a host makes it that keeps one block.
    fn call(guest: &mut Guest, block: usize, inputs: &str) -> (Outcome, Vec<Notice>) {
        let mut bytes = Vec::new();
        put_call(&mut bytes, &values(inputs));
        guest.block(block).unwrap()[..bytes.len()].copy_from_slice(&bytes);
        answer(guest, block, bytes.len())
    }

    /// A call in the JSON convention, in this block.
    fn call_text(guest: &mut Guest, block: usize, text: &str) -> String {
        guest.block(block).unwrap()[..text.len()].copy_from_slice(text.as_bytes());
        let length = text_answer(guest, block, text.len());
        String::from_utf8(guest.block(block).unwrap()[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_call_is_answered_with_what_came_of_it_and_its_notices() {
        let mut guest = Guest::new();
        let block = guest.allocate(100);
        let (outcome, notices) = call(&mut guest, block, r#"["repeat", 1, null]"#);
        assert_eq!(outcome, Outcome::Done { output: Some(values("[1, null]").into()), run_again: true });
        assert_eq!(notices.len(), 1);
        let outcomes = [
            (r#"["nothing"]"#, Outcome::Done { output: None, run_again: true }),
            (r#"["stop"]"#, Outcome::Done { output: Some(Value::Null), run_again: false }),
            ("[7]", Outcome::Failed("cannot 7".to_owned())),
        ];
        for (inputs, expected) in outcomes {
            assert_eq!(call(&mut guest, block, inputs), (expected, notices.clone()), "{inputs}");
        }
    }

    #[test]
    fn the_same_in_json_text() {
        let mut guest = Guest::new();
        let block = guest.allocate(ROOM);
        let answers = [
            (r#" ["repeat", 1, null] "#, r#"{"Ok":[[1,null],true]}"#),
            (r#"["nothing"]"#, r#"{"Ok":[null,true]}"#),
            (r#"["stop"]"#, r#"{"Ok":[null,false]}"#),
            (r#"["a \"word\""]"#, r#"{"Err":"cannot \"a \\\"word\\\"\""}"#),
        ];
        for (text, answer) in answers {
            assert_eq!(call_text(&mut guest, block, text), answer);
        }
        assert!(notice::take().is_empty(), "notices of these calls do not come with later ones");
    }

    #[test]
    fn a_bad_call_is_a_failure_and_the_next_one_is_none() {
        let mut guest = Guest::new();
        let block = guest.allocate(10);
        let size = guest.block(block).unwrap().len();
        let mut failure = |address, length| match answer(&mut guest, address, length) {
            (Outcome::Failed(reason), _) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(failure(block, 0), "the call cannot be read: the bytes are cut short");
        assert_eq!(failure(block, 3), "the call cannot be read: there are 2 bytes too many");
        for (address, length) in [(block, size + 1), (block + size, 1), (0, 1), (block, usize::MAX)] {
            assert!(failure(address, length).ends_with("not inside a block of `alloc`"));
        }
        assert!(matches!(call(&mut guest, block, r#"["nothing"]"#).0, Outcome::Done { .. }));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_in_both_conventions(bytes: Vec<u8>) {
            let mut guest = Guest::new();
            let block = guest.allocate(bytes.len());
            guest.block(block).unwrap()[..bytes.len()].copy_from_slice(&bytes);
            answer(&mut guest, block, bytes.len());
            let length = text_answer(&mut guest, block, bytes.len());
            let answer: serde_json::Value = serde_json::from_slice(&guest.block(block).unwrap()[..length]).unwrap();
            prop_assert!(answer.get("Ok").is_some() != answer.get("Err").is_some());
        }
    }

    #[test]
    fn bad_text_is_an_err() {
        let mut guest = Guest::new();
        let block = guest.allocate(ROOM);
        for text in ["", "7", "[1", "[1] 2", "\u{1}"] {
            let answer = call_text(&mut guest, block, text);
            assert!(answer.starts_with(r#"{"Err":"the call cannot be read: "#), "{answer}");
        }
        assert_eq!(text_answer(&mut guest, 8, 1), 0, "there is nowhere to write to");
        let answer = text_answer(&mut guest, block, ROOM + 1);
        assert!(guest.block(block).unwrap()[..answer].starts_with(br#"{"Err":"the call"#));
    }

    #[test]
    fn an_answer_that_is_larger_than_its_block_is_an_err_and_nothing_is_written_beyond() {
        let mut guest = Guest::new();
        let block = guest.allocate(ROOM);
        // Quotes and what is around the value.
        let around = r#"{"Ok":["",true]}"#.len();
        let largest = call_text(&mut guest, block, &format!(r#"["letters", {}]"#, ROOM - around));
        assert_eq!(largest.len(), ROOM);
        assert!(largest.starts_with(r#"{"Ok":["xxx"#));
        assert_eq!(
            call_text(&mut guest, block, &format!(r#"["letters", {}]"#, ROOM - around + 1)),
            r#"{"Err":"its result takes 262145 bytes, but in the block of the call there are 262144"}"#
        );
    }

    #[test]
    fn there_is_always_room_for_an_err() {
        let mut guest = Guest::new();
        let block = guest.allocate(1);
        assert!(call_text(&mut guest, block, r#"["letters", 5000]"#).starts_with(r#"{"Err":"its result"#));
    }

    #[test]
    fn what_nests_deeper_than_can_be_read_is_an_err() {
        let mut guest = Guest::new();
        let block = guest.allocate(ROOM);
        let deepest = call_text(&mut guest, block, &format!(r#"["nest", {DEEPEST_IN_TEXT}]"#));
        assert!(deepest.parse::<Value>().unwrap().get("Ok").is_some());
        let deeper = call_text(&mut guest, block, &format!(r#"["nest", {}]"#, DEEPEST_IN_TEXT + 1));
        assert!(deeper.starts_with(r#"{"Err":"its result nests"#), "{deeper}");
    }

    #[test]
    fn a_host_that_never_frees_costs_no_memory() {
        let mut guest = Guest::new();
        let mut addresses = Vec::new();
        for _ in 0..1000 {
            let block = guest.allocate(ROOM);
            assert_eq!(call_text(&mut guest, block, r#"["nothing"]"#), r#"{"Ok":[null,true]}"#);
            addresses.push(block);
        }
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len(), 2, "two blocks take turns");
    }

    #[test]
    fn room_for_a_large_answer_is_not_kept() {
        let mut guest = Guest::new();
        let block = guest.allocate(100);
        call(&mut guest, block, &format!(r#"["letters", {}]"#, 10 * KEPT));
        call(&mut guest, block, r#"["nothing"]"#);
        assert!(guest.answer.capacity() <= KEPT);
        let place = guest.answer.as_ptr();
        call(&mut guest, block, r#"["letters", 1000]"#);
        assert_eq!(guest.answer.as_ptr(), place, "and smaller room is used again");
    }
}
