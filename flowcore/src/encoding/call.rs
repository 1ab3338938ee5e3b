//! A call of a function as bytes: what a program and a module that it runs exchange.
//!
//! This is the *value convention* of modules, one of the two that there are. A module that follows it exports
//!
//! | export | type | contract |
//! |---|---|---|
//! | `memory` | memory | where calls and answers lie |
//! | `alloc` | `(size: i32) -> i32` | the offset of a fresh block of `size` bytes; a trap if there is no room for it |
//! | `dealloc` | `(offset: i32, size: i32)` | takes back a block of `alloc`; may be missing |
//! | `flow_run` | `(offset: i32, length: i32) -> i64` | runs the function |
//! | `flow_panic` | `() -> i64` | after a trap: where the message of a panic lies; may be missing |
//!
//! The host puts a [call](put_call) into a block of `alloc`, which stays its own and is used again for the next call.
//! `flow_run` gives back where its [answer](put_answer) lies: the offset in the upper 32 bits, the length in the lower.
//! The answer is the module's, and is valid until the next call. `flow_panic` tells a place in the same way.
//! All these numbers are unsigned.

use super::bytes::{DecodeError, Reader, put_length};
use super::outcome::{put_notices, put_outcome, read_notices, read_outcome};
use super::value::{put_value, read_value};
use crate::notice::Notice;
use crate::{Outcome, Value};

/// Appends the input set of a job.
pub fn put_call(bytes: &mut Vec<u8>, inputs: &[Value]) {
    put_length(bytes, inputs.len());
    inputs.iter().for_each(|value| put_value(bytes, value));
}

/// Reads an input set.
///
/// # Errors
///
/// Fails on anything but exactly one.
pub fn read_call(bytes: &[u8]) -> Result<Vec<Value>, DecodeError> {
    let mut inputs = Vec::new();
    read_call_into(&mut inputs, bytes)?;
    Ok(inputs)
}

/// Reads an input set into a vector that served before, so that reading many small ones costs no memory. What was in it
/// is dropped.
///
/// # Errors
///
/// Fails on anything but exactly one input set; what is in the vector then is of no use.
pub fn read_call_into(inputs: &mut Vec<Value>, bytes: &[u8]) -> Result<(), DecodeError> {
    inputs.clear();
    let mut reader = Reader::new(bytes);
    for _ in 0..reader.count()? {
        inputs.push(read_value(&mut reader)?);
    }
    reader.end()
}

/// Appends what came of a job.
pub fn put_answer(bytes: &mut Vec<u8>, outcome: &Outcome, notices: &[Notice]) {
    put_notices(bytes, notices);
    put_outcome(bytes, outcome);
}

/// Reads what came of a job.
///
/// # Errors
///
/// Fails on anything but exactly one answer, and on one whose values would take more than `room` bytes of memory.
pub fn read_answer(bytes: &[u8], room: usize) -> Result<(Outcome, Vec<Notice>), DecodeError> {
    let mut reader = Reader::within(bytes, room);
    let notices = read_notices(&mut reader)?;
    let outcome = read_outcome(&mut reader)?;
    reader.end()?;
    Ok((outcome, notices))
}

/// Where something lies in a module's memory, as one number.
pub const fn pack(offset: u32, length: u32) -> i64 {
    ((offset as u64) << 32 | length as u64).cast_signed()
}

/// The offset and the length that were packed.
pub const fn unpack(place: i64) -> (u32, u32) {
    let place = place.cast_unsigned();
    ((place >> 32) as u32, place as u32)
}

#[cfg(test)]
mod tests {
    use super::super::TOO_DEEP;
    use super::*;
    use crate::notice::NoticeKind;

    #[test]
    fn calls_survive_the_round_trip() {
        for inputs in [vec![], vec![Value::from(1), Value::Null, Value::from("text")]] {
            let mut bytes = Vec::new();
            put_call(&mut bytes, &inputs);
            assert_eq!(read_call(&bytes).as_ref(), Ok(&inputs));
            let mut others = vec![Value::from("of another call")];
            assert_eq!(read_call_into(&mut others, &bytes), Ok(()));
            assert_eq!(others, inputs);
            bytes.push(0);
            assert_eq!(read_call(&bytes), Err(DecodeError::TrailingBytes(1)));
        }
    }

    #[test]
    fn answers_survive_the_round_trip() {
        let notices = [Notice { kind: NoticeKind::LostValue, text: "too large".into() }];
        for outcome in [
            Outcome::Done { output: Some(Value::Null), run_again: true },
            Outcome::Done { output: None, run_again: false },
            Outcome::Failed("no".into()),
            Outcome::FailedInPassing("not now".into()),
        ] {
            for notices in [&notices[..], &[]] {
                let mut bytes = Vec::new();
                put_answer(&mut bytes, &outcome, notices);
                assert_eq!(read_answer(&bytes, usize::MAX), Ok((outcome.clone(), notices.to_vec())));
                bytes.pop();
                assert!(read_answer(&bytes, usize::MAX).is_err());
            }
        }
    }

    #[test]
    fn a_result_that_nobody_would_read_is_a_failure() {
        let output = Some((0..1000).fold(Value::Null, |inner, _| Value::from(vec![inner])));
        let mut bytes = Vec::new();
        put_answer(&mut bytes, &Outcome::Done { output, run_again: true }, &[]);
        let failed = Outcome::Failed(format!("its result {TOO_DEEP}"));
        assert_eq!(read_answer(&bytes, usize::MAX), Ok((failed, vec![])));
    }

    #[test]
    fn places_are_unsigned() {
        for (offset, length) in [(0, 0), (1, 2), (u32::MAX, 1), (0x8000_0000, u32::MAX)] {
            assert_eq!(unpack(pack(offset, length)), (offset, length));
        }
    }
}
