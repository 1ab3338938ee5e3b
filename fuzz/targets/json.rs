//! Definitions in JSON.
#![no_main]

use flowcore::format::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::definition(bytes, Format::Json));
