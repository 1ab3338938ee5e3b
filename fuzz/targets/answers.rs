//! What modules answer, in both conventions, and what they are called with: whatever the bytes, they are that or an error,
//! and what is read can be written and read again as the same.
#![no_main]

use flowcore::encoding::call::{put_answer, put_call, read_answer, read_call};
use flowcore::encoding::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut written = Vec::new();
    match read_answer(bytes, usize::MAX) {
        Ok((outcome, notices)) => {
            put_answer(&mut written, &outcome, &notices);
            let (again, others) = read_answer(&written, usize::MAX).expect("what was written can be read");
            // Numbers that are none are not equal to themselves.
            assert_eq!(format!("{again:?}"), format!("{outcome:?}"));
            assert_eq!(others, notices);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    written.clear();
    if let Ok(inputs) = read_call(bytes) {
        put_call(&mut written, &inputs);
        let again = read_call(&written).expect("what was written can be read");
        assert_eq!(format!("{again:?}"), format!("{inputs:?}"));
    }
    if let Err(reason) = json::read_answer(bytes, 1 << 20) {
        assert!(!reason.is_empty());
    }
});
